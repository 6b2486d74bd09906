// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes start slower than threads: work/start.c. */
#include <math.h>

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

enum { FIRST_INSTRUCTION, JOINED, REWRITE, TO_WAKEUP, TO_RUN, REST };

static const struct metric start_metrics[] = {
	[FIRST_INSTRUCTION] = { .name = "first_instruction", .unit = "ns",
	  .help = "from before the creation to the first statement of the work function" },
	[JOINED] = { .name = "joined", .unit = "ns",
	  .help = "from before the creation to the return of the call that joined it" },
	[REWRITE] = { .name = "creator_rewrite", .unit = "ns", .optional = true,
	  .help = "to write a word in each page of the creator's memory while a new worker "
		  "lives: after fork every write is a page copied" },
	[TO_WAKEUP] = { .name = "to_wakeup", .unit = "ns", .derived = true, .optional = true,
	  .help = "of first_instruction, from the worker's birth, when all that it gets was "
		  "copied or shared, until it was made runnable; median of a histogram of the "
		  "module, as exact as its buckets" },
	[TO_RUN] = { .name = "to_run", .unit = "ns", .derived = true, .optional = true,
	  .help = "... from that until a CPU was given to it" },
	[REST] = { .name = "rest", .unit = "ns", .derived = true, .optional = true,
	  .help = "what is left: the call and its copying before the birth; after it the "
		  "switch, page faults, exec and the dynamic loader" },
};

/* The kernel's stages are of all creations, those on the creator's own CPU among them. */
static bool start_derive(const struct experiment_run *run, const struct trial *trial,
			 size_t metric, double *value)
{
	double to_wakeup = tally_life(trial->tally, SCHEDSPLIT_LIFE_WAKEUP);
	double to_run = tally_life(trial->tally, SCHEDSPLIT_LIFE_RUN), all;

	if (metric == REST) {
		if (!trial_value(run, trial, FIRST_INSTRUCTION, &all))
			return false;
		*value = all - to_wakeup - to_run;
	} else {
		*value = metric == TO_WAKEUP ? to_wakeup : to_run;
	}
	return !isnan(*value);
}

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
	.derive = start_derive,
	.cpus = one_or_two_cpus,
	.claim = &claim,
};
