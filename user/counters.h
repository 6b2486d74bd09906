/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of a class, a CPU, a group or a task, and the names of classes. */
#ifndef SCHEDSPLIT_COUNTERS_H
#define SCHEDSPLIT_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "../kmod/uapi/schedsplit.h"

struct nlattr;

struct counters {
	uint64_t tasks;		/* distinct tasks seen */
	uint64_t voluntary;	/* switches, as nvcsw counts them */
	uint64_t involuntary;	/* switches, as nivcsw counts them */
	uint64_t migrations;
	uint64_t wakeups;
	uint64_t run_ns;	/* on a CPU */
	uint64_t wait_ns;	/* runnable, not running */
	uint64_t forks;		/* by the child's class at birth */
	uint64_t exits;
};

/* By enum schedsplit_class: "idle", "kthread", … */
extern const char *const class_name[SCHEDSPLIT_CLASSES];

/* @sum += @part */
void counters_add(struct counters *sum, const struct counters *part);

/*
 * @later -= @earlier, of all classes of one CPU. False if a count would go below
 * zero, or the time of all classes together.
 */
bool counters_subtract(struct counters later[SCHEDSPLIT_CLASSES],
		       const struct counters earlier[SCHEDSPLIT_CLASSES]);

static inline uint64_t counters_switches(const struct counters *counters)
{
	return counters->voluntary + counters->involuntary;
}

/*
 * From a nest of counters; absent ones are 0. Returns 0, or -EBADMSG if an
 * attribute has the wrong size or a needed one is missing.
 */
int counters_parse(struct counters *counters, const struct nlattr *nest);

#endif
