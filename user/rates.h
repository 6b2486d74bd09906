/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tasks and groups did between two readings of a watch. Pure.
 *
 * The counts of an interval are exact differences, so those of all intervals add
 * up to the last reading's. A task that died in an interval is in it.
 */
#ifndef SCHEDSPLIT_RATES_H
#define SCHEDSPLIT_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reading.h"

/* A task, or a group. */
struct rate {
	uint32_t	tgid;
	uint32_t	tid;		/* 0: a group */
	uint32_t	group_id;	/* tgids are reused */
	char		comm[TASK_COMM_SIZE];
	char		group_comm[TASK_COMM_SIZE];
	enum schedsplit_class class;	/* of a task, at its last event */
	bool		dead;		/* a group: none of it is alive */
	struct counters	counts;		/* of the interval; .tasks: lived in it */
	struct concurrency concurrency;	/* of a group, in the interval */
};

struct rates {
	uint64_t	 start_ns;	/* as the readings have it */
	uint64_t	 end_ns;
	uint64_t	 lost;		/* tasks without a record, since the watch began */
	size_t		 alive;		/* tasks, at the end */
	struct counters	 total;
	struct rate	*group;
	size_t		 groups;
	struct rate	*task;
	size_t		 tasks;
};

/**
 * rates_between() - what happened between two readings of one watch
 * @earlier: with time_ns 0, @rates begin with the watch itself
 *
 * Return: 0, with @rates to be freed; or -ENOMEM.
 */
int rates_between(struct rates *rates, const struct reading *earlier,
		  const struct reading *later);
void rates_free(struct rates *rates);

/* It did not run, wait, move, nor was it woken. */
bool rate_is_quiet(const struct rate *rate);

/* Of @rates' time: a count by the second, a time in percent. */
double rate_per_second(const struct rates *rates, uint64_t count);
double rate_percent(const struct rates *rates, uint64_t ns);

/* Mean time on a CPU to a switch; NaN where there was no switch. */
double rate_slice_ns(const struct rate *rate);

/* Mean number of a group's tasks on CPUs while any was; NaN where none was. */
double rate_parallelism(const struct rate *rate);

#endif
