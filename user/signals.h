/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT, SIGTERM and SIGHUP as something to poll for, for loops that go on
 * after one came and want to know who sent it. Loops that simply end use
 * interrupt.h.
 */
#ifndef SCHEDSPLIT_SIGNALS_H
#define SCHEDSPLIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
	int	 fd;		/* readable when one came */
	sigset_t before;	/* the mask that a command gets */
};

/* Block them and open the descriptor. Return: 0 or -errno. */
int signals_open(struct signals *signals);

/* Back to the mask from before; in a child too, before exec. */
void signals_close(struct signals *signals);

/*
 * Take one signal that came. Return: its number, 0 if there is none.
 * @from_terminal: the terminal sent it, to a command in its foreground too
 */
int signals_take(const struct signals *signals, bool *from_terminal);

#endif
