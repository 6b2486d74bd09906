// SPDX-License-Identifier: GPL-2.0-or-later
/* The experiments. Adding one is an entry here and a workload in work/. */
#include <stdio.h>
#include <string.h>

#include "experiment.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* ---- shared by several ---- */

#define CPU_SWEEP(what) \
	{ .name = "cpu", .help = what, .values = "same,other", .choices = "same,other" }

static unsigned int one_or_two_cpus(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "cpu", "other") ? 2 : 1;
}

static unsigned int all_cpus(const struct params *params, const struct machine *machine)
{
	(void)params;
	return machine->n_cpus;
}

static const char *needs_two_cpus(const struct params *params, const struct machine *machine)
{
	if (params_is(params, "cpu", "other") && machine->n_cpus < 2)
		return "only one CPU may be used";
	return NULL;
}

/* ---- start-time ---- */

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

/* ---- switch-cost ---- */

static const struct sweep switch_sweeps[] = {
	{ .name = "method", .help = "how the turn is handed over",
	  .values = "futex,pipe,eventfd,sched_yield",
	  .choices = "futex,pipe,eventfd,sched_yield" },
	CPU_SWEEP("one CPU for both workers, or one for each"),
	{ .name = NULL },
};

static const struct variant three_arms[] = {
	{ ARM_PROCESS, NULL }, { ARM_OTHER, NULL }, { ARM_THREAD, NULL },
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

/* ---- cpu-bound ---- */

/* Powers of two up to twice the CPUs, the number of CPUs, and twice that. */
static void worker_steps(const struct machine *machine, char *text, size_t size)
{
	unsigned int cpus = machine->n_cpus;
	size_t at = 0;

	text[0] = '\0';
	for (unsigned int n = 1; n <= 2 * cpus && at < size; n++)
		if (!(n & (n - 1)) || n == cpus || n == 2 * cpus)
			at += (size_t)snprintf(text + at, size - at, "%s%u", at ? "," : "", n);
}

static const struct sweep cpu_sweeps[] = {
	{ .name = "workload", .help = "the work", .values = "matrix,primes,zstd",
	  .choices = "matrix,primes,zstd" },
	{ .name = "start", .help = "steady: measured from when all workers are ready; "
				   "created: their creation and joining included",
	  .values = "steady,created", .choices = "steady,created" },
	{ .name = "workers", .help = "how many, each with the same work",
	  .default_values = worker_steps, .min = 1, .max = 4096 },
	{ .name = NULL },
};

static const struct variant two_arms[] = {
	{ ARM_PROCESS, NULL }, { ARM_THREAD, NULL },
};

enum { CPU_THROUGHPUT, CPU_EFFICIENCY };

static const struct metric cpu_metrics[] = {
	[CPU_THROUGHPUT] = { .name = "throughput", .unit = "1/s",
			     .help = "units of work a second, all workers together" },
	[CPU_EFFICIENCY] = { .name = "efficiency", .unit = "1", .derived = true,
			     .help = "throughput over that of one worker in the same block, "
				     "over the CPUs that so many workers can use" },
};

static const char *const cpu_arguments[] = { "pin=0", NULL };

/* The trial of one worker, else alike, in the same block. */
static const struct trial *alone(const struct experiment_run *run, const struct trial *trial)
{
	struct params params = run->points[trial->point].params;

	params_set(&params, "workers", "1");
	for (size_t i = 0; i < run->n_trials; i++) {
		const struct trial *other = &run->trials[i];

		if (other->variant == trial->variant && other->block == trial->block &&
		    other->warmup == trial->warmup &&
		    params_equal(&run->points[other->point].params, &params))
			return other;
	}
	return NULL;
}

static bool cpu_derive(const struct experiment_run *run, const struct trial *trial,
		       size_t metric, double *value)
{
	const struct trial *one = alone(run, trial);
	long workers = params_number(&run->points[trial->point].params, "workers");
	long cpus = (long)run->plan->machine->n_cpus;
	double all, single;

	(void)metric;
	if (!one || !trial_value(run, trial, CPU_THROUGHPUT, &all) ||
	    !trial_value(run, one, CPU_THROUGHPUT, &single))
		return false;
	*value = all / single / (double)(workers < cpus ? workers : cpus);
	return true;
}

/* ---- the table ---- */

const struct experiment experiments[] = {
	{
		.name = "start-time",
		.help = "how long a worker takes to start",
		.program = "start",
		.sweeps = start_sweeps,
		.variants = start_variants, .n_variants = COUNT(start_variants),
		.metrics = start_metrics, .n_metrics = COUNT(start_metrics),
		.min_iterations = 9,
		.left_out = needs_two_cpus,
		.cpus = one_or_two_cpus,
	},
	{
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
	},
	{
		.name = "cpu-bound",
		.help = "how much work gets done when it is nothing but computing",
		.sweeps = cpu_sweeps,
		.variants = two_arms, .n_variants = COUNT(two_arms),
		.metrics = cpu_metrics, .n_metrics = COUNT(cpu_metrics),
		.calibrated_by = "workload",
		.min_iterations = 1,
		.cpus = all_cpus,
		.arguments = cpu_arguments,
		.derive = cpu_derive,
	},
};

const size_t n_experiments = COUNT(experiments);
