// SPDX-License-Identifier: GPL-2.0-or-later
/* Something to be done every so often, and input to be heard meanwhile. */
#include <errno.h>
#include <time.h>

#include "pace.h"

#define S	1000000000

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * S + (uint64_t)now.tv_nsec;
}

void pace_start(struct pace *pace, uint64_t delay_ns)
{
	pace->delay_ns = delay_ns;
	pace->next_ns = now_ns() + delay_ns;
}

int pace_wait(struct pace *pace, struct pollfd *fds, nfds_t n, const sigset_t *mask)
{
	uint64_t now = now_ns(), left = pace->next_ns > now ? pace->next_ns - now : 0;
	struct timespec timeout = { .tv_sec = (time_t)(left / S), .tv_nsec = (long)(left % S) };
	int ret = ppoll(fds, n, &timeout, mask);

	if (ret < 0)
		return -errno;
	if (ret)
		return ret;
	now = now_ns();
	while (pace->next_ns <= now)
		pace->next_ns += pace->delay_ns;
	return 0;
}
