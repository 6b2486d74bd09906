/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's command: started, held at a gate, let go, waited for. */
#ifndef SCHEDSPLIT_CHILD_H
#define SCHEDSPLIT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct session;
struct signals;

struct child {
	pid_t	pid;		/* 0: none */
	int	pidfd;		/* readable once it has ended */
	int	gate;
	int	report;
};

/**
 * child_start() - create the process that will become the command
 * @session: closed in it, so that watches end with the tool; may be NULL
 * @signals: whose mask from before it gets
 *
 * When this returns it sleeps at the gate, having run no code of the command.
 * If the tool dies now, so does it.
 *
 * Return: 0, or -errno with a sentence in @err.
 */
int child_start(struct child *child, char *const argv[], const struct session *session,
		struct signals *signals, char *err, size_t size);

/**
 * child_release() - open the gate and wait for the exec
 *
 * Return: 0, or -errno of the exec with a sentence in @err; child_wait() then
 * returns the status that a shell would: 127 or 126.
 */
int child_release(struct child *child, char *const argv[], char *err, size_t size);

/* Wait until it has ended and reap it. Returns its status, 128+N by signal N. */
int child_wait(struct child *child);

/* End and reap it, wherever it is. Does nothing if there is none. */
void child_abandon(struct child *child);

#endif
