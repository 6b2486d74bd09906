/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT, SIGTERM and SIGHUP as a request to end soon. They stay blocked and
 * are let in only where the program waits, so none can slip in between. Once
 * one came they are let in everywhere, and the next one ends the program at
 * once.
 */
#ifndef SCHEDSPLIT_INTERRUPT_H
#define SCHEDSPLIT_INTERRUPT_H

#include <poll.h>
#include <signal.h>

/*
 * Blocks the signals and sets their handler; SIGPIPE is ignored, so that a
 * write to a program that died fails instead. Returns 0 or -errno.
 */
int interrupt_catch(void);

/*
 * What is to be done before a second signal ends the program: async-signal-safe,
 * see signal-safety(7).
 */
void interrupt_at_once(void (*clean_up)(void));

/*
 * Around what takes long and does not wait: signals are let in between. A first
 * one is noted only, a second ends the program.
 */
void interrupt_let_in(void);
void interrupt_hold(void);

/* In a child, before exec: the mask and dispositions from before. */
void interrupt_restore(void);

/* The signal that came, 0 if none did. Looks for pending ones too. */
int interrupt_signal(void);

/* poll(), during which the signals are let in: -EINTR once one came. */
int interrupt_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

#endif
