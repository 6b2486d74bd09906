// SPDX-License-Identifier: GPL-2.0-or-later
/* Switching between threads is cheaper: work/switch.c. */
#include <math.h>
#include <stdio.h>

#include "experiments.h"

/* Half of each cache, so that one worker's fits; all of the last, and four times that. */
static void working_sets(const struct machine *machine, bool quick, char *text, size_t size)
{
	long kib[] = { machine->l1_kib / 2, machine->l2_kib / 2, machine->llc_kib / 2,
		       machine->llc_kib, 4 * machine->llc_kib };
	long largest = 0;
	size_t at;

	if (quick || !machine->llc_kib) {
		snprintf(text, size, "0,%ld%s", machine->l2_kib ? machine->l2_kib / 2 : 256,
			 quick ? "" : ",4096,65536");
		return;
	}
	at = (size_t)snprintf(text, size, "0");
	for (size_t i = 0; i < COUNT(kib) && at < size; i++) {
		if (kib[i] <= largest)
			continue;
		largest = kib[i];
		at += (size_t)snprintf(text + at, size - at, ",%ld", largest);
	}
}

static const struct sweep switch_sweeps[] = {
	{ .name = "method", .help = "how the turn is handed over",
	  .values = "futex,futex-private,pipe,eventfd,sched_yield",
	  .quick_values = "futex,pipe,sched_yield",
	  .choices = "futex,futex-private,pipe,eventfd,sched_yield" },
	CPU_SWEEP("one CPU for all workers, or two in turn"),
	{ .name = "stride", .help = "bytes from one touched word of the working set to the next",
	  .values = "64,4096", .quick_values = "64", .min = 1, .max = 1 << 30 },
	{ .name = "working_set_kib", .help = "memory of its own, KiB, that each worker reads "
					     "and writes when it has the turn",
	  .default_values = working_sets, .min = 0, .max = 1 << 30,
	  .aside = "method=pipe,cpu=same" },
	{ .name = "ring", .help = "workers that hand the turn round",
	  .values = "2,4,8,16,32", .quick_values = "2", .min = 2, .max = 4096,
	  .aside = "method=pipe,cpu=same" },
	/*
	 * Measured apart from the others: the hook makes each switch a little
	 * longer, in all arms alike, so that their ratio would come closer to 1.
	 */
	{ .name = "costs", .help = "whether the module measures inside the kernel what each switch "
				   "costs, which makes it longer",
	  .values = "off,on", .choices = "off,on", .aside = "method=pipe,cpu=same" },
	{ .name = NULL },
};

enum { SWITCH, TOUCH, DIRECT, REST };

static const struct metric switch_metrics[] = {
	[SWITCH] = { .name = "switch", .unit = "ns",
	  .help = "worker 0's time over the switches that all workers made, as counted "
		  "by the kernel (nvcsw + nivcsw); touching the working set is part of it" },
	[TOUCH] = { .name = "touch", .unit = "ns", .optional = true,
	  .help = "to touch the working set again and again without a switch" },
	[DIRECT] = { .name = "direct_cost", .unit = "ns", .derived = true, .optional = true,
	  .help = "with costs=on, of this the switch of address space, stack and registers "
		  "inside the kernel (from sched_switch to finish_task_switch()), mean, by the "
		  "module" },
	[REST] = { .name = "rest", .unit = "ns", .derived = true, .optional = true,
	  .help = "what is left: system calls, waking the next, queueing, choosing it, our "
		  "counting, and refilling caches and TLB" },
};

static bool switch_derive(const struct experiment_run *run, const struct trial *trial,
			  size_t metric, double *value)
{
	double direct = tally_mean_cost(trial->tally), all;

	if (isnan(direct) || !trial_value(run, trial, SWITCH, &all))
		return false;
	*value = metric == DIRECT ? direct : all - direct;
	return true;
}

static const char *const switch_arguments[] = { "pin=1", "start=steady", NULL };

static const char *switch_left_out(const struct params *params, const struct machine *machine)
{
	int64_t sets = params_number(params, "working_set_kib") * 1024;

	if (params_is(params, "method", "sched_yield") && params_is(params, "cpu", "other"))
		return "on a CPU of its own a worker has nobody to yield to";
	if (machine->memory && sets > machine->memory / 2 / params_number(params, "ring"))
		return "the workers' memory would take more than half of what is available";
	return needs_two_cpus(params, machine);
}

/*
 * Processes share no private futex. Without a working set the stride is no
 * factor: one of the two is enough.
 */
static bool switch_has(const struct variant *variant, const struct params *params)
{
	if (params_is(params, "method", "futex-private") && variant->arm == ARM_PROCESS)
		return false;
	return !params_is(params, "stride", "4096") || !params_is(params, "working_set_kib", "0");
}

/*
 * With a CPU for each, a worker that waits switches to idle and back: no
 * switch from worker to worker takes place, and none can be cheaper. A working
 * set and a longer ring add to a switch what other workers left behind: shown
 * beside, for the folklore is about the switch.
 */
static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "cpu", "same") && params_is(params, "working_set_kib", "0") &&
	       params_is(params, "ring", "2") && params_is(params, "costs", "off");
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
		"eventfd and sched_yield, two workers without a working set on the same CPU (on "
		"two, each switches with idle and not with the other)",
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
	/* Few, for a turn with a working set of four times the last cache is a long one. */
	.min_iterations = 10,
	.left_out = switch_left_out,
	.has = switch_has,
	.derive = switch_derive,
	.cpus = one_or_two_cpus,
	.arguments = switch_arguments,
	.claim = &claim,
};
