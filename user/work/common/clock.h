/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of every workload: CLOCK_MONOTONIC, in ns. */
#ifndef SCHEDSPLIT_WORK_CLOCK_H
#define SCHEDSPLIT_WORK_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
