// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes start slower than threads: work/start.c. */
#include "experiments.h"

static const struct sweep start_sweeps[] = {
	CPU_SWEEP("where the worker first runs, seen from its creator"),
	{ .name = "rss_mib", .help = "private dirty memory of the creator, MiB",
	  .values = "0,16", .min = 0, .max = 1 << 20 },
	{ .name = NULL },
};

static const struct variant start_variants[] = {
	{ ARM_PROCESS, "fork" },
	{ ARM_PROCESS, "vfork-exec" },
	{ ARM_PROCESS, "posix-spawn" },
	{ ARM_OTHER, "clone-vm" },
	{ ARM_THREAD, "pthread-cold" },
	{ ARM_THREAD, "pthread-cached" },
};

static const struct metric start_metrics[] = {
	{ .name = "first_instruction", .unit = "ns",
	  .help = "from before the creation to the first statement of the work function" },
	{ .name = "joined", .unit = "ns",
	  .help = "from before the creation to the return of the call that joined it" },
};

/*
 * Against a cold stack, which is what a program's first threads get: if
 * processes are slower than that, they are slower than cached ones too.
 */
static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "rss_mib", "0") && params_is(params, "to_method", "pthread-cold");
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "first_instruction",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_ABOVE,
		.names = named,
		.what = "time to first instruction, process/thread",
	},
};

static const struct claim claim = {
	.id = "start-time",
	.text = "processes start slower than threads",
	.rule = "time to first instruction, process / thread, above 1.05: fork, vfork-exec "
		"and posix-spawn, each against pthread_create on a cold stack, on the same "
		"CPU and on another, creator without extra memory (rss_mib=0)",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "processes start slower",
	.fails = "processes do not start slower",
	.rests_on_time = true,
};

const struct experiment start_time = {
	.name = "start-time",
	.help = "how long a worker takes to start",
	.program = "start",
	.sweeps = start_sweeps,
	.variants = start_variants, .n_variants = COUNT(start_variants),
	.metrics = start_metrics, .n_metrics = COUNT(start_metrics),
	.min_iterations = 9,
	.left_out = needs_two_cpus,
	.cpus = one_or_two_cpus,
	.claim = &claim,
};
