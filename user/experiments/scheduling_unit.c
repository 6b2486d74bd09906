// SPDX-License-Identifier: GPL-2.0-or-later
/* The scheduler selects among processes, or among tasks: work/share.c. */
#include "experiments.h"

static const struct sweep unit_sweeps[] = {
	{ .name = NULL },
};

static const struct metric unit_metrics[] = {
	{ .name = "share_ratio", .unit = "1",
	  .help = "CPU time of the group of four over that of the single process: 1 if "
		  "each process gets the same, 4 if each thread does" },
	{ .name = "single_share", .unit = "1",
	  .help = "the single process's share of the CPU" },
};

static const char *const unit_arguments[] = { "workers=4", "pin=0", "start=steady", NULL };

/*
 * The bound is the geometric middle of 1 and 4. Arm process is no condition:
 * four processes get four shares by either account, and show that the trial
 * can tell.
 */
static const struct condition conditions[] = {
	{
		.figure = FIGURE_MEDIAN,
		.metric = "share_ratio",
		.of = ARM_THREAD,
		.lo = 0, .hi = 2,
		.what = "CPU time, a process of four threads over a process of one",
	},
};

static const struct claim claim = {
	.id = "scheduling-unit",
	.text = "the scheduler selects among, and switches between, processes",
	.rule = "share_ratio at most 2 in arm thread: on one CPU, a process with four busy "
		"threads gets about as much CPU time as a process with one, and not four "
		"times as much",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "processes get equal shares, however many threads they have",
	.fails = "threads get equal shares: the scheduler selects among threads",
	.rests_on_time = true,
};

const struct experiment scheduling_unit = {
	.name = "scheduling-unit",
	.help = "what shares a CPU: processes or threads",
	.program = "share",
	.sweeps = unit_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = unit_metrics, .n_metrics = COUNT(unit_metrics),
	.pace = PACE_DURATION,
	/*
	 * A slice lasts 3 or 4 ms on most kernels, so that each of the five has
	 * 15 or more in 300 ms, and one more or less tells 1 from 4 apart.
	 */
	.duration_factor = 15,
	.min_iterations = 1,
	.cpus = first_cpu,
	.arguments = unit_arguments,
	.claim = &claim,
};
