// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes are large, threads small: work/footprint.c. */
#include <stdio.h>

#include "experiments.h"

#define WORKERS_MAX	4096

/*
 * More than eight a CPU, up to which glibc's malloc has an arena for each
 * thread: beyond that threads share them.
 */
static bool enough(long workers, const struct machine *machine)
{
	return workers > 8 * (long)machine->n_cpus;
}

static void default_workers(const struct machine *machine, bool quick, char *text, size_t size)
{
	unsigned int workers = (quick ? 12 : 32) * machine->n_cpus;

	if (workers < 16)
		workers = 16;
	snprintf(text, size, "%u", workers < WORKERS_MAX ? workers : WORKERS_MAX);
}

static const struct sweep sweeps[] = {
	{ .name = "state", .help = "idle; malloc: 256 KiB each, in pieces of 4 KiB; dirty: each "
				   "has written to 256 KiB that its creator had written to",
	  .values = "idle,malloc,dirty", .choices = "idle,malloc,dirty" },
	{ .name = "workers", .help = "how many are created, in 8 steps",
	  .default_values = default_workers, .min = 16, .max = WORKERS_MAX },
	{ .name = NULL },
};

static const struct metric metrics[] = {
	{ .name = "total", .unit = "B",
	  .help = "what a worker takes: pss + page_tables + kernel_stacks" },
	{ .name = "pss", .unit = "B", .help = "Pss a worker, shared pages divided" },
	{ .name = "pss_anon", .unit = "B",
	  .help = "of it anonymous memory; the rest are pages of files, in memory once" },
	{ .name = "page_tables", .unit = "B", .help = "VmPTE a worker" },
	{ .name = "kernel_stacks", .unit = "B", .help = "kernel stack a worker" },
	{ .name = "knee", .unit = "1",
	  .help = "workers at which the slope of total changes by more than 20 %; 0: none" },
};

static bool named(const struct params *params, const struct machine *machine)
{
	return enough(params_number(params, "workers"), machine);
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "total",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_ABOVE,
		.names = named,
		.what = "memory a worker, process/thread",
	},
};

static const struct claim claim = {
	.id = "memory-footprint",
	.text = "processes large, threads small",
	.rule = "memory that one more worker takes (Pss + page tables + kernel stack), process / "
		"thread, above 1.05: idle, after malloc, and after dirtying inherited pages, "
		"with more than 8 workers a CPU",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "a process takes more memory",
	.fails = "a process takes no more memory",
};

const struct experiment memory_footprint = {
	.name = "memory-footprint",
	.help = "how much memory a worker takes",
	.program = "footprint",
	.sweeps = sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = metrics, .n_metrics = COUNT(metrics),
	.pace = PACE_ONCE,
	.min_iterations = 1,
	.cpus = all_cpus,
	.claim = &claim,
};
