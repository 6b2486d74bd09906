/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was counted for the tasks of a trial, added up over trials. Comes from
 * the module, or for the classes alone from the workers' own readings.
 */
#ifndef SCHEDSPLIT_TALLY_H
#define SCHEDSPLIT_TALLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../kmod/uapi/schedsplit.h"
#include "machine.h"

enum tally_counter {
	TALLY_TASKS, TALLY_VOLUNTARY, TALLY_INVOLUNTARY, TALLY_MIGRATIONS, TALLY_WAKEUPS,
	TALLY_RUN_NS, TALLY_WAIT_NS, TALLY_FORKS, TALLY_EXITS,
	TALLY_COUNTERS,
};

enum tally_space { TALLY_LAZY, TALLY_SAME, TALLY_CROSS, TALLY_SAME_GROUP, TALLY_SPACES };

struct tally {
	unsigned int	trials;		/* added up here; 0: nothing is known */
	bool		module;		/* all fields known; else those in @known */
	/* Bit n: counter n of the class was read. */
	unsigned int	known[SCHEDSPLIT_CLASSES];
	int64_t		counter[SCHEDSPLIT_CLASSES][TALLY_COUNTERS];
	int64_t		space[TALLY_SPACES];
	/* By the first three of these: switches whose direct cost was measured, and all it was. */
	int64_t		costed[TALLY_SAME_GROUP];
	double		cost_ns[TALLY_SAME_GROUP];
	int64_t		moved[SCHEDSPLIT_DISTANCES];	/* migrations, by how far */
	/* While several tasks of one group ran: all that time, and that on one core's threads. */
	int64_t		beside_ns;
	int64_t		shared_core_ns;
	/* Medians of this trial, NaN where there was none; never of a sum. */
	double		life_ns[SCHEDSPLIT_LIVES];
	double		signal_ns[SCHEDSPLIT_SIGNAL_TOS];	/* the system's, if asked for */
	/* Every task, from its birth: events against the kernel's own counts. */
	int64_t		tasks_checked;
	int64_t		tasks_mismatched;
	int64_t		lost;			/* tasks without a record */
	int64_t		untraced;		/* switches without a tracepoint */
	unsigned int	concurrency_max;	/* highest k that can be */
	/* Time with exactly k of the trial's tasks on CPUs. Last: see tally_clone(). */
	int64_t		concurrency[MACHINE_CPUS_MAX + 1];
};

/* A copy to be freed, with room for no more concurrency than there is. NULL: no memory. */
struct tally *tally_clone(const struct tally *tally);

/* Takes "CLASS.COUNTER" as a worker reports it. False if it is not one. */
bool tally_set(struct tally *tally, const char *name, int64_t value);

/* *@sum += @part, within what a number can be. */
void tally_sum(int64_t *sum, int64_t part);

/* @sum += @part, one more trial. A counter unknown in a part is so in the sum. */
void tally_add(struct tally *sum, const struct tally *part);

/* Sum over classes; -1 if none knows it. */
int64_t tally_total(const struct tally *tally, enum tally_counter counter);

extern const char *const tally_counter_name[TALLY_COUNTERS];

/* The contract's "kernel": null for the parts that only the module knows. */
json_t *tally_json(const struct tally *tally);

/* The direct cost of a switch, mean of all that were measured, in ns; NaN. */
double tally_mean_cost(const struct tally *tally);

/*
 * Of one trial, NaN if the module has not told: the median time of one stage of
 * its tasks' lives, and of all signals from their sending until they are taken.
 */
double tally_life(const struct tally *tally, enum schedsplit_life stage);
double tally_signal(const struct tally *tally, enum schedsplit_signal_to to);

/*
 * Of the time in which several tasks of a thread group ran, the part in which
 * two were on hardware threads of one core, 0 to 1; NaN.
 */
double tally_shared_core(const struct tally *tally);

/* The mean number of tasks on CPUs while any was, from @concurrency; NaN. */
double tally_mean_running(const struct tally *tally);

#endif
