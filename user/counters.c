// SPDX-License-Identifier: GPL-2.0-or-later
/* The counters of a class, a CPU, a group or a task. */
#include <errno.h>
#include <string.h>

#include "attr.h"
#include "counters.h"

const char *const class_name[SCHEDSPLIT_CLASSES] = {
	[SCHEDSPLIT_CLASS_IDLE]		= "idle",
	[SCHEDSPLIT_CLASS_KTHREAD]	= "kthread",
	[SCHEDSPLIT_CLASS_WORKER]	= "worker",
	[SCHEDSPLIT_CLASS_PROCESS]	= "process",
	[SCHEDSPLIT_CLASS_LEADER]	= "leader",
	[SCHEDSPLIT_CLASS_THREAD]	= "thread",
};

void counters_add(struct counters *sum, const struct counters *part)
{
	sum->tasks += part->tasks;
	sum->voluntary += part->voluntary;
	sum->involuntary += part->involuntary;
	sum->migrations += part->migrations;
	sum->wakeups += part->wakeups;
	sum->run_ns += part->run_ns;
	sum->wait_ns += part->wait_ns;
	sum->forks += part->forks;
	sum->exits += part->exits;
}

/*
 * A reading gives the stay that goes on to the class that the task has then.
 * If it becomes a leader in that stay, its next switch gives all of it to the
 * new class: what one class of a CPU has lost, another one has gained.
 */
static bool subtract_times(uint64_t *const later[SCHEDSPLIT_CLASSES],
			   const uint64_t earlier[SCHEDSPLIT_CLASSES])
{
	uint64_t moved = 0;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		if (*later[class] < earlier[class]) {
			moved += earlier[class] - *later[class];
			*later[class] = 0;
		} else {
			*later[class] -= earlier[class];
		}
	}
	while (moved) {
		int most = 0;
		uint64_t part;

		for (int class = 1; class < SCHEDSPLIT_CLASSES; class++)
			if (*later[class] > *later[most])
				most = class;
		part = moved < *later[most] ? moved : *later[most];
		if (!part)
			return false;
		*later[most] -= part;
		moved -= part;
	}
	return true;
}

static bool subtract_counts(struct counters *later, const struct counters *earlier)
{
	if (later->tasks < earlier->tasks || later->voluntary < earlier->voluntary ||
	    later->involuntary < earlier->involuntary ||
	    later->migrations < earlier->migrations || later->wakeups < earlier->wakeups ||
	    later->forks < earlier->forks || later->exits < earlier->exits)
		return false;
	later->tasks -= earlier->tasks;
	later->voluntary -= earlier->voluntary;
	later->involuntary -= earlier->involuntary;
	later->migrations -= earlier->migrations;
	later->wakeups -= earlier->wakeups;
	later->forks -= earlier->forks;
	later->exits -= earlier->exits;
	return true;
}

bool counters_subtract(struct counters later[SCHEDSPLIT_CLASSES],
		       const struct counters earlier[SCHEDSPLIT_CLASSES])
{
	uint64_t *run[SCHEDSPLIT_CLASSES], *wait[SCHEDSPLIT_CLASSES];
	uint64_t earlier_run[SCHEDSPLIT_CLASSES], earlier_wait[SCHEDSPLIT_CLASSES];

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		if (!subtract_counts(&later[class], &earlier[class]))
			return false;
		run[class] = &later[class].run_ns;
		wait[class] = &later[class].wait_ns;
		earlier_run[class] = earlier[class].run_ns;
		earlier_wait[class] = earlier[class].wait_ns;
	}
	return subtract_times(run, earlier_run) && subtract_times(wait, earlier_wait);
}

int counters_parse(struct counters *counters, const struct nlattr *nest)
{
	uint64_t *field[SCHEDSPLIT_COUNTERS_MAX + 1] = {
		[SCHEDSPLIT_COUNTERS_TASKS]		= &counters->tasks,
		[SCHEDSPLIT_COUNTERS_VOLUNTARY]		= &counters->voluntary,
		[SCHEDSPLIT_COUNTERS_INVOLUNTARY]	= &counters->involuntary,
		[SCHEDSPLIT_COUNTERS_MIGRATIONS]	= &counters->migrations,
		[SCHEDSPLIT_COUNTERS_WAKEUPS]		= &counters->wakeups,
		[SCHEDSPLIT_COUNTERS_RUN_NS]		= &counters->run_ns,
		[SCHEDSPLIT_COUNTERS_WAIT_NS]		= &counters->wait_ns,
		[SCHEDSPLIT_COUNTERS_FORKS]		= &counters->forks,
		[SCHEDSPLIT_COUNTERS_EXITS]		= &counters->exits,
	};
	/* A switch count that is silently 0 would be the worst of answers. */
	unsigned int needed = 1u << SCHEDSPLIT_COUNTERS_VOLUNTARY |
			      1u << SCHEDSPLIT_COUNTERS_INVOLUNTARY |
			      1u << SCHEDSPLIT_COUNTERS_MIGRATIONS |
			      1u << SCHEDSPLIT_COUNTERS_WAKEUPS |
			      1u << SCHEDSPLIT_COUNTERS_RUN_NS |
			      1u << SCHEDSPLIT_COUNTERS_WAIT_NS;
	unsigned int seen = 0;
	const struct nlattr *attr;

	memset(counters, 0, sizeof(*counters));
	if (!attr_is_nest(nest))
		return -EBADMSG;
	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);

		/* a newer module may know more */
		if (type > SCHEDSPLIT_COUNTERS_MAX || !field[type])
			continue;
		if (!attr_u64(attr, field[type]))
			return -EBADMSG;
		seen |= 1u << type;
	}
	return (seen & needed) == needed ? 0 : -EBADMSG;
}
