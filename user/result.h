/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `stat` has measured, ready to be written. */
#ifndef SCHEDSPLIT_RESULT_H
#define SCHEDSPLIT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groups.h"
#include "info.h"
#include "snapshot.h"
#include "stat_options.h"
#include "tasks.h"
#include "watch.h"

/* Counts of one interval of -I; times are ns since the measurement began. */
struct interval {
	uint64_t	start_ns;
	uint64_t	end_ns;
	struct counters	class[SCHEDSPLIT_CLASSES];
};

/* Switches by event, and what /proc/stat said around them. */
struct ctxt {
	bool		known;
	uint64_t	low;		/* at least so many switches happened */
	uint64_t	counted;
	uint64_t	high;		/* at most so many */
};

/* The figures of one run that -r compares with those of others. */
struct run {
	uint64_t	duration_ns;
	int		exit_status;
	struct counters	class[SCHEDSPLIT_CLASSES];
	/* Tasks by the classes that they were seen in, as a bit mask; not of the system. */
	uint64_t	seen[1 << SCHEDSPLIT_CLASSES];
	struct space_counts space;
	double		mean_running;	/* tasks on CPUs on average; -1 not known */
	struct proof	proof;
};

struct result {
	enum scope	 scope;
	char		**command;	/* NULL: none */
	bool		 has_status;
	int		 exit_status;	/* of the first run that failed, else 0 */
	uint64_t	 duration_ns;	/* of all runs together */
	struct snapshot	 counts;	/* sum.class[].tasks is filled in */
	bool		 watched;	/* tasks, groups and proof are there */
	struct concurrency concurrency;	/* empty for SCOPE_SYSTEM */
	struct group_list groups;
	struct task_list tasks;
	size_t		 alive;		/* records alive when counting ended */
	struct proof	 proof;
	bool		 adds_up;	/* classes, handoff, space and tasks agree */
	struct ctxt	 ctxt;
	struct interval	*interval;
	size_t		 intervals;
	struct run	*run;		/* one at least */
	size_t		 runs;
	struct info	 info;		/* bounds of the histograms */
};

void result_init(struct result *result, const struct stat_options *options);
void result_free(struct result *result);

/**
 * result_append() - add one run's result to that of those before it
 *
 * Takes over what @run holds, which is freed. Return: 0 or -ENOMEM.
 */
int result_append(struct result *result, struct result *run);

/* Another interval. Return: 0 or -ENOMEM. */
int result_add_interval(struct result *result, const struct interval *interval);

/**
 * result_close() - once all readings of a run are in: derive the rest
 *
 * Counts the tasks of each class, proves the records, checks the sums and sets
 * the only @run. Return: 0 or -ENOMEM.
 */
int result_close(struct result *result, uint64_t lost);

/* Nothing lost, no mismatch, all adds up, and /proc/stat agrees. */
bool result_is_proved(const struct result *result);

/* Sum over classes. */
void counters_total(const struct counters class[SCHEDSPLIT_CLASSES], struct counters *total);

/* Is there anything but zeroes? */
bool counters_any(const struct counters *counters);

/* Mean and standard deviation of a counter over runs: */
struct spread {
	double	mean;
	double	deviation;	/* of the sample: over n - 1; 0 for one run */
};

typedef double (*run_value_fn)(const struct run *run, const void *data);
struct spread result_spread(const struct result *result, run_value_fn value, const void *data);

#endif
