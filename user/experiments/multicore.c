// SPDX-License-Identifier: GPL-2.0-or-later
/* One core runs one at a time, n cores truly run n: work/multicore.c. */
#include <math.h>
#include <stdio.h>

#include "experiments.h"

static const struct sweep core_sweeps[] = {
	{ .name = "workload", .help = "handoff: two workers that pass a turn to and fro in busy "
				      "loops; arithmetic: as many workers as the machine has CPUs",
	  .values = "handoff,arithmetic", .choices = "handoff,arithmetic" },
	ON_SWEEP,
	{ .name = NULL },
};

enum { HANDOFFS, WORK, HANDOFF_SPEEDUP, WORK_SPEEDUP, RUNNING, RUNNING_PER_CPU, SHARED_CORE };

static const struct metric core_metrics[] = {
	[HANDOFFS] = { .name = "handoffs", .unit = "1/s", .optional = true,
		       .help = "turns passed between two workers" },
	[WORK] = { .name = "work", .unit = "1/s", .optional = true,
		   .help = "units of work (1000 steps of arithmetic), all workers together" },
	[HANDOFF_SPEEDUP] = { .name = "handoff_speedup", .unit = "1",
			      .derived = true, .optional = true,
			      .help = "handoffs over those on one CPU in the same block" },
	[WORK_SPEEDUP] = { .name = "work_speedup", .unit = "1", .derived = true, .optional = true,
			   .help = "work over that on one CPU in the same block, a CPU: 1 if n "
				   "CPUs do n times as much" },
	[RUNNING] = { .name = "running", .unit = "1", .derived = true, .optional = true,
		      .help = "workers on CPUs, mean over the time when any was" },
	[RUNNING_PER_CPU] = { .name = "running_per_cpu", .unit = "1",
			      .derived = true, .optional = true,
			      .help = "running over the CPUs that so many workers can use" },
	[SHARED_CORE] = { .name = "shared_core", .unit = "1", .derived = true, .optional = true,
			  .help = "threads only: of the time in which several ran, the part in "
				  "which two were on hardware threads of one core, which do not do "
				  "twice the work of one" },
};

/* A worker that moves could run where another does, which is not asked here. */
static const char *const core_arguments[] = { "pin=1", "start=steady", NULL };

static unsigned int workers_at(const struct params *params, const struct machine *machine)
{
	return params_is(params, "workload", "handoff") ? 2 : machine->n_cpus;
}

static unsigned int core_cpus(const struct params *params, const struct machine *machine)
{
	return params_is(params, "on", "all") ? workers_at(params, machine) : 1;
}

static void core_prepare(struct experiment_run *run, size_t p)
{
	struct point *point = &run->points[p];

	snprintf(point->argument, sizeof(point->argument), "workers=%u",
		 workers_at(&point->params, run->plan->machine));
}

/* Of @metric, on all CPUs over on one. */
static bool speedup(const struct experiment_run *run, const struct trial *trial, size_t metric,
		    double *value)
{
	struct params params = run->points[trial->point].params;
	const struct trial *one;
	double all, single;

	if (!params_is(&params, "on", "all"))
		return false;
	params_set(&params, "on", "one");
	one = experiment_find_trial(run, trial, &params);
	if (!one || !trial_value(run, trial, metric, &all) ||
	    !trial_value(run, one, metric, &single) || single <= 0)
		return false;
	*value = all / single;
	return true;
}

static bool core_derive(const struct experiment_run *run, const struct trial *trial,
			size_t metric, double *value)
{
	unsigned int cpus = core_cpus(&run->points[trial->point].params, run->plan->machine);

	switch (metric) {
	case HANDOFF_SPEEDUP:
		return speedup(run, trial, HANDOFFS, value);
	case WORK_SPEEDUP:
		if (!speedup(run, trial, WORK, value))
			return false;
		*value /= cpus;
		return true;
	case SHARED_CORE:
		*value = tally_shared_core(trial->tally);
		return !isnan(*value);
	case RUNNING_PER_CPU:
		*value = tally_mean_running(trial->tally) / cpus;
		return !isnan(*value);
	default:
		*value = tally_mean_running(trial->tally);
		return !isnan(*value);
	}
}

static bool handoff_on_all(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "workload", "handoff") && params_is(params, "on", "all");
}

static bool arithmetic_on_all(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "workload", "arithmetic") && params_is(params, "on", "all");
}

static bool on_one(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "on", "one");
}

/*
 * 100 hand-offs at least: one CPU makes one a slice, some hundreds a second,
 * where two make millions.
 *
 * Work need not grow by all of n: with all CPUs busy they are clocked lower, by
 * a fifth or so, and what else runs on the machine gets its share.
 *
 * Tasks on CPUs at a time: on one CPU it can be 1 only, with a hundredth for
 * the clocks' sake. On n, workers start one after another, end one after
 * another, and while one is held up by other work the rest go on: 0.75 as for
 * the work.
 */
static const struct condition conditions[] = {
	{
		.figure = FIGURE_MEDIAN,
		.metric = "handoff_speedup",
		.each_arm = true,
		.lo = 100, .hi = INFINITY,
		.names = handoff_on_all,
		.what = "hand-offs, two CPUs over one",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "work_speedup",
		.each_arm = true,
		.lo = 0.75, .hi = INFINITY,
		.names = arithmetic_on_all,
		.what = "work, a CPU",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "running_per_cpu",
		.each_arm = true,
		.lo = 1, .hi = 1.01,
		.names = on_one,
		.what = "running at a time on one CPU",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "running_per_cpu",
		.each_arm = true,
		.lo = 0.75, .hi = 1.01,
		.names = arithmetic_on_all,
		.what = "running on all, a CPU",
	},
};

static const struct claim claim = {
	.id = "multicore",
	.text = "one core runs one at a time; n cores truly run n",
	.rule = "in both arms: handoff_speedup at least 100 with workload=handoff, work_speedup "
		"at least 0.75 with workload=arithmetic, both on all CPUs; and with the module, "
		"running_per_cpu at most 1.01 on one CPU, at least 0.75 with "
		"workload=arithmetic on all",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "workers take turns on one CPU and run at once on several",
	.fails = "workers do not run at once on several CPUs",
	.rests_on_time = true,
};

const struct experiment multicore = {
	.name = "multicore",
	.help = "whether tasks run at once",
	.program = "multicore",
	.sweeps = core_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = core_metrics, .n_metrics = COUNT(core_metrics),
	.pace = PACE_DURATION,
	/* On one CPU a turn lasts a slice, 4 ms or so: 25 of them in 100 ms. */
	.duration_factor = 5,
	.min_iterations = 1,
	.left_out = needs_two_cpus,
	.cpus = core_cpus,
	.arguments = core_arguments,
	.prepare = core_prepare,
	.derive = core_derive,
	.also = KERNEL_GROUPS,
	.claim = &claim,
};
