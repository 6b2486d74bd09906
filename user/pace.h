/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Something to be done every so often, and input to be heard meanwhile. */
#ifndef SCHEDSPLIT_PACE_H
#define SCHEDSPLIT_PACE_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

struct pace {
	uint64_t	delay_ns;
	uint64_t	next_ns;	/* CLOCK_MONOTONIC */
};

void pace_start(struct pace *pace, uint64_t delay_ns);

/**
 * pace_wait() - until the next beat, or until there is input
 * @mask: signals blocked meanwhile; NULL: as they are
 *
 * Return: 0 at a beat, where those that were missed are not made up for; > 0 for
 * input; -EINTR for a signal; or -errno.
 */
int pace_wait(struct pace *pace, struct pollfd *fds, nfds_t n, const sigset_t *mask);

#endif
