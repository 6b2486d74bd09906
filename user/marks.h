/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may have disturbed a trial. A mark leaves the sample where it is: it is
 * said, and the ratio without marked trials is computed too.
 */
#ifndef SCHEDSPLIT_MARKS_H
#define SCHEDSPLIT_MARKS_H

#include <stddef.h>
#include <stdint.h>

enum mark {
	MARK_MIGRATED,	/* a pinned worker changed CPU */
	MARK_THROTTLED,	/* the CPU controller of our cgroup, or one above, throttled */
	MARK_FREQUENCY,	/* clock more than 5 % from the experiment's median, or the CPU
			 * throttled itself for heat
			 */
	MARK_SHORT,	/* lasted less than 1,000 clock resolutions */
	MARKS,
};

extern const char *const mark_name[MARKS];

/* Readings before and after a trial; -1 where this machine has none. */
struct disturbance {
	int64_t	throttled;	/* sum of nr_throttled */
	int64_t	hot;		/* sum of core_throttle_count */
	int64_t	frequency_khz;	/* highest scaling_cur_freq among the CPUs */
};

void disturbance_read(struct disturbance *disturbance, const int *cpus, size_t n_cpus);

#endif
