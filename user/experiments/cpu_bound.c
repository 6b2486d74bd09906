// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multiprocessing suits CPU-bound work: work/matrix.c, primes.c, zstd.c,
 * memory-churn.c.
 *
 * The first three only compute: if one arm is to be better at that, then with
 * them. memory-churn keeps changing its address space, which threads share and
 * processes do not.
 */
#include <math.h>

#include "experiments.h"

static const struct sweep cpu_sweeps[] = {
	{ .name = "workload", .help = "the work", .values = "matrix,primes,zstd,memory-churn",
	  .choices = "matrix,primes,zstd,memory-churn" },
	{ .name = "start", .help = "steady: measured from when all workers are ready; "
				   "created: their creation and joining included",
	  .values = "steady,created", .quick_values = "steady", .choices = "steady,created" },
	{ .name = "workers", .help = "how many, each with the same work",
	  .default_values = worker_steps, .min = 1, .max = 4096 },
	{ .name = NULL },
};

enum { CPU_THROUGHPUT, CPU_EFFICIENCY, CPU_RUNNING, CPU_BLOCKED };

static const struct metric cpu_metrics[] = {
	[CPU_THROUGHPUT] = { .name = "throughput", .unit = "1/s",
			     .help = "units of work a second, all workers together" },
	[CPU_EFFICIENCY] = { .name = "efficiency", .unit = "1", .derived = true,
			     .help = "throughput over that of one worker in the same block, "
				     "over the CPUs that so many workers can use" },
	[CPU_RUNNING] = { .name = "running", .unit = "1", .derived = true, .optional = true,
			  .help = "concurrency: how many of the trial's tasks were on CPUs, on "
				  "average over the time in which any was; from the module" },
	[CPU_BLOCKED] = { .name = "blocked", .unit = "1", .optional = true,
			  .help = "share of the workers' time in which they were neither on a "
				  "CPU nor waiting for one" },
};

static const char *const cpu_arguments[] = { "pin=0", NULL };

static bool efficiency(const struct experiment_run *run, const struct trial *trial, double *value)
{
	struct params params = run->points[trial->point].params;
	const struct trial *one;
	long workers = params_number(&params, "workers");
	long cpus = (long)run->plan->machine->n_cpus;
	double all, single;

	params_set(&params, "workers", "1");
	one = experiment_find_trial(run, trial, &params);
	if (!one || !trial_value(run, trial, CPU_THROUGHPUT, &all) ||
	    !trial_value(run, one, CPU_THROUGHPUT, &single))
		return false;
	*value = all / single / (double)(workers < cpus ? workers : cpus);
	return true;
}

static bool cpu_derive(const struct experiment_run *run, const struct trial *trial,
		       size_t metric, double *value)
{
	if (metric == CPU_EFFICIENCY)
		return efficiency(run, trial, value);
	*value = tally_mean_running(trial->tally);
	return !isnan(*value);
}

static bool named(const struct params *params, const struct machine *machine)
{
	return params_is(params, "start", "steady") &&
	       params_number(params, "workers") == (long)machine->n_cpus;
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "throughput",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_ABOVE,
		.names = named,
		.what = "throughput, process/thread",
	},
};

static const struct claim claim = {
	.id = "cpu-bound",
	.text = "multiprocessing suits CPU-bound work",
	.rule = "throughput, process / thread, above 1.05: matrix, primes, zstd and "
		"memory-churn in steady state with as many workers as CPUs",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "processes get more done",
	.fails = "threads get as much done, or more",
	.rests_on_time = true,
};

const struct experiment cpu_bound = {
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
	.claim = &claim,
};
