// SPDX-License-Identifier: GPL-2.0-or-later
/* It switches about every 1 ms, so fast that all seem to run at once: work/slice.c. */
#include <stdio.h>

#include "experiments.h"

static const struct sweep slice_sweeps[] = {
	ON_SWEEP,
	{ .name = "per_cpu", .help = "busy workers for each of these CPUs",
	  .values = "1,2,3,4", .quick_values = "2,4", .min = 1, .max = 64 },
	{ .name = NULL },
};

enum { SLICE, SLICE_MEAN, WAIT_P999, WAIT_MEAN, WORK_PER_SLICE, RUN_QUEUE };

static const struct metric slice_metrics[] = {
	[SLICE] = { .name = "slice", .unit = "ns",
		    .help = "uninterrupted stay on a CPU, median over all workers' in a trial" },
	[SLICE_MEAN] = { .name = "slice_mean", .unit = "ns", .help = "its mean" },
	[WAIT_P999] = { .name = "wait_p999", .unit = "ns",
			.help = "99.9th percentile of the waits between slices in a trial; of fewer "
				"than 1000 waits, which is the rule, the longest" },
	[WAIT_MEAN] = { .name = "wait_mean", .unit = "ns", .help = "their mean" },
	[WORK_PER_SLICE] = { .name = "work_per_slice", .unit = "1",
			     .help = "units of work (16 steps of arithmetic and a reading of the "
				     "clock) done in a slice, mean" },
	[RUN_QUEUE] = { .name = "run_queue", .unit = "1", .derived = true, .optional = true,
			.help = "length of the run queue that a worker stands in, itself "
				"included: 1 + wait_mean / slice_mean" },
};

/*
 * Not pinned: which CPU a worker runs on, and whom it waits for there, is part
 * of what the scheduler does.
 */
static const char *const slice_arguments[] = { "pin=0", "start=steady", NULL };

/* So many as there are, for the trial's argument. */
static void slice_prepare(struct experiment_run *run, size_t p)
{
	struct point *point = &run->points[p];

	snprintf(point->argument, sizeof(point->argument), "workers=%ld",
		 params_number(&point->params, "per_cpu") *
		 (long)cpus_by_on(&point->params, run->plan->machine));
}

static bool slice_derive(const struct experiment_run *run, const struct trial *trial,
			 size_t metric, double *value)
{
	double wait, slice;

	(void)metric;
	if (!trial_value(run, trial, WAIT_MEAN, &wait) ||
	    !trial_value(run, trial, SLICE_MEAN, &slice))
		return false;
	*value = 1 + wait / slice;
	return true;
}

static bool contended(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_number(params, "per_cpu") > 1;
}

/*
 * The waits are a fact, as every trial must show it: the longest wait of one
 * short trial is no 99.9th percentile, but if the longest of each is below the
 * bound, then so is any percentile of all.
 */
static const struct condition conditions[] = {
	{
		.figure = FIGURE_MEDIAN,
		.metric = "slice",
		.each_arm = true,
		.lo = 0.5e6, .hi = 2e6,
		.names = contended,
		.what = "median slice",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "wait_p999",
		.each_arm = true,
		.lo = 0, .hi = 100e6,
		.names = contended,
		.what = "longest waits",
	},
};

static const struct claim claim = {
	.id = "timeslice",
	.text = "the scheduler switches about every 1 ms, so fast that all seem to run at once",
	.rule = "\"1 ms\": slice, median, from 0.5 to 2 ms; \"seem to run at once\": wait_p999 at "
		"most 100 ms in every trial; both arms, on one CPU and on all, wherever workers "
		"are more than CPUs (per_cpu 2 and more)",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "slices are of about 1 ms, and nobody waits long",
	.fails = "slices are not of about 1 ms, and waits are long",
	.rests_on_time = true,
};

const struct experiment timeslice = {
	.name = "timeslice",
	.help = "how long a busy task stays on a CPU, and how long it then waits",
	.program = "slice",
	.sweeps = slice_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = slice_metrics, .n_metrics = COUNT(slice_metrics),
	.pace = PACE_DURATION,
	/* Four workers a CPU with slices of 4 ms have seven or so in 120 ms. */
	.duration_factor = 6,
	.min_iterations = 1,
	.left_out = needs_two_cpus,
	.cpus = cpus_by_on,
	.arguments = slice_arguments,
	.prepare = slice_prepare,
	.derive = slice_derive,
	.claim = &claim,
};
