// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two commands of the user's as arms: work/vs.c. Not in the table of
 * experiments: there is nothing to run without commands, and no claim.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments.h"

static const struct sweep vs_sweeps[] = { { .name = NULL } };

static const struct variant vs_variants[] = { { ARM_A, NULL }, { ARM_B, NULL } };

enum {
	VS_ELAPSED, VS_CPU, VS_USER, VS_SYSTEM, VS_VOLUNTARY, VS_INVOLUNTARY, VS_MAX_RSS,
	VS_MINOR_FAULTS, VS_MAJOR_FAULTS, VS_FORKS, VS_MIGRATIONS, VS_WAKEUPS, VS_WAIT, VS_SAME,
	VS_CROSS, VS_RUNNING,
};

static const struct metric vs_metrics[] = {
	[VS_ELAPSED] = { .name = "elapsed", .unit = "ns",
			 .help = "from the shell's start to its end" },
	[VS_CPU] = { .name = "cpu", .unit = "ns", .help = "user and system time together" },
	[VS_USER] = { .name = "user", .unit = "ns",
		      .help = "CPU time in user mode (most kernels tell it from system by ticks)" },
	[VS_SYSTEM] = { .name = "system", .unit = "ns", .help = "CPU time in the kernel" },
	[VS_VOLUNTARY] = { .name = "switches_voluntary", .unit = "1", .help = "nvcsw of rusage" },
	[VS_INVOLUNTARY] = { .name = "switches_involuntary", .unit = "1",
			     .help = "nivcsw of rusage" },
	[VS_MAX_RSS] = { .name = "max_rss", .unit = "B",
			 .help = "resident memory of the largest process at its peak" },
	[VS_MINOR_FAULTS] = { .name = "minor_faults", .unit = "1",
			      .help = "page faults without I/O" },
	[VS_MAJOR_FAULTS] = { .name = "major_faults", .unit = "1",
			      .help = "page faults that waited for I/O" },
	[VS_FORKS] = { .name = "forks", .unit = "1", .derived = true,
		       .help = "tasks that the command created (module)" },
	[VS_MIGRATIONS] = { .name = "migrations", .unit = "1", .derived = true,
			    .help = "from CPU to CPU (module)" },
	[VS_WAKEUPS] = { .name = "wakeups", .unit = "1", .derived = true,
			 .help = "of its tasks (module)" },
	[VS_WAIT] = { .name = "wait", .unit = "ns", .derived = true,
		      .help = "runnable and not running, all tasks together (module)" },
	[VS_SAME] = { .name = "same", .unit = "1", .derived = true,
		      .help = "switches that kept the address space (module)" },
	[VS_CROSS] = { .name = "cross", .unit = "1", .derived = true,
		       .help = "switches to another address space (module)" },
	[VS_RUNNING] = { .name = "running", .unit = "1", .derived = true,
			 .help = "tasks on CPUs, mean while there was any (module)" },
};

static bool vs_derive(const struct experiment_run *run, const struct trial *trial,
		      size_t metric, double *value)
{
	static const enum tally_counter counter[] = {
		[VS_FORKS] = TALLY_FORKS, [VS_MIGRATIONS] = TALLY_MIGRATIONS,
		[VS_WAKEUPS] = TALLY_WAKEUPS, [VS_WAIT] = TALLY_WAIT_NS,
	};
	const struct tally *tally = trial->tally;

	(void)run;
	if (!tally->module)
		return false;
	if (metric == VS_RUNNING)
		*value = tally_mean_running(tally);
	else if (metric == VS_SAME)
		*value = (double)tally->space[TALLY_SAME];
	else if (metric == VS_CROSS)
		*value = (double)tally->space[TALLY_CROSS];
	else
		*value = (double)tally_total(tally, counter[metric]);
	return true;
}

/* The words that every trial of an arm gets: they live as long as the program. */
static char *argument[3];
static const char *variant_argument[2];
static const char *arguments[2];

static struct experiment vs = {
	.name = "vs",
	.help = "two commands",
	.program = "vs",
	.sweeps = vs_sweeps,
	.variants = vs_variants, .n_variants = COUNT(vs_variants),
	.variant_arguments = variant_argument,
	.metrics = vs_metrics, .n_metrics = COUNT(vs_metrics),
	.pace = PACE_ONCE,
	.min_iterations = 1,
	.cpus = all_cpus,
	.arguments = arguments,
	.user_environment = true,
	.derive = vs_derive,
};

static int set_argument(size_t i, const char *name, const char *value)
{
	free(argument[i]);
	if (asprintf(&argument[i], "%s=%s", name, value) >= 0)
		return 0;
	argument[i] = NULL;
	return -ENOMEM;
}

const struct experiment *vs_experiment(const struct vs_commands *commands)
{
	if (set_argument(0, "command", commands->a) || set_argument(1, "command", commands->b) ||
	    (commands->prepare && set_argument(2, "prepare", commands->prepare)))
		return NULL;
	variant_argument[0] = argument[0];
	variant_argument[1] = argument[1];
	arguments[0] = commands->prepare ? argument[2] : NULL;
	return &vs;
}
