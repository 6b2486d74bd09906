// SPDX-License-Identifier: GPL-2.0-or-later
/* Switching between threads is cheaper: work/switch.c. */
#include "experiments.h"

static const struct sweep switch_sweeps[] = {
	{ .name = "method", .help = "how the turn is handed over",
	  .values = "futex,pipe,eventfd,sched_yield",
	  .choices = "futex,pipe,eventfd,sched_yield" },
	CPU_SWEEP("one CPU for both workers, or one for each"),
	{ .name = NULL },
};

static const struct metric switch_metrics[] = {
	{ .name = "switch", .unit = "ns",
	  .help = "worker 0's time over the switches that both workers made, as counted "
		  "by the kernel (nvcsw + nivcsw)" },
};

static const char *const switch_arguments[] = { "workers=2", "pin=1", "start=steady", NULL };

static const char *switch_left_out(const struct params *params, const struct machine *machine)
{
	if (params_is(params, "method", "sched_yield") && params_is(params, "cpu", "other"))
		return "on a CPU of its own a worker has nobody to yield to";
	return needs_two_cpus(params, machine);
}

/*
 * With a CPU for each, a worker that waits switches to idle and back: no
 * switch from worker to worker takes place, and none can be cheaper.
 */
static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "cpu", "same");
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "switch",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_ABOVE,
		.names = named,
		.what = "time per measured switch, process/thread",
	},
};

static const struct claim claim = {
	.id = "switch-cost",
	.text = "switching between threads is cheaper than between processes "
		"(folklore, not in the text)",
	.rule = "time per measured switch, process / thread, above 1.05: futex, pipe, "
		"eventfd and sched_yield, both workers on the same CPU (on two, each "
		"switches with idle and not with the other)",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "a switch between threads is cheaper",
	.fails = "a switch between threads is not cheaper",
	.rests_on_time = true,
};

const struct experiment switch_cost = {
	.name = "switch-cost",
	.help = "how long a context switch takes",
	.program = "switch",
	.sweeps = switch_sweeps,
	.variants = three_arms, .n_variants = COUNT(three_arms),
	.metrics = switch_metrics, .n_metrics = COUNT(switch_metrics),
	.min_iterations = 50,
	.left_out = switch_left_out,
	.cpus = one_or_two_cpus,
	.arguments = switch_arguments,
	.claim = &claim,
};
