// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes start slower than threads: work/start.c. */
#include "experiments.h"

static const struct sweep start_sweeps[] = {
	CPU_SWEEP("where the worker first runs, seen from its creator"),
	{ .name = "rss_mib", .help = "private dirty memory of the creator, MiB",
	  .values = "0,16,256,1024", .quick_values = "0", .min = 0, .max = 1 << 20,
	  .aside = "cpu=same,huge_pages=off" },
	{ .name = "huge_pages", .help = "whether that memory may be in huge pages",
	  .values = "off,on", .quick_values = "off", .choices = "off,on",
	  .aside = "cpu=same,rss_mib=256" },
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
	{ .name = "creator_rewrite", .unit = "ns", .optional = true,
	  .help = "to write a word in each page of the creator's memory while a new worker "
		  "lives: after fork every write is a page copied" },
};

/*
 * A fork's creator that writes to all of its memory has it twice, and not only
 * it uses the machine.
 */
static const char *start_left_out(const struct params *params, const struct machine *machine)
{
	int64_t size = (int64_t)params_number(params, "rss_mib") << 20;

	if (machine->memory && 2 * size > machine->memory / 4 * 3)
		return "the creator's memory, and a copy of it, would take more than three "
		       "quarters of what is available";
	if (params_is(params, "huge_pages", "on") && machine->no_huge_pages)
		return "this kernel gives no transparent huge pages";
	if (params_is(params, "huge_pages", "on") && !size)
		return "without memory of its own the creator has no huge pages";
	return needs_two_cpus(params, machine);
}

/*
 * Against a cold stack, which is what a program's first threads get: if
 * processes are slower than that, they are slower than cached ones too.
 */
static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "rss_mib", "0") && params_is(params, "huge_pages", "off") &&
	       params_is(params, "to_method", "pthread-cold");
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
	.min_iterations = 5,
	.left_out = start_left_out,
	.cpus = one_or_two_cpus,
	.claim = &claim,
};
