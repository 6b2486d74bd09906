// SPDX-License-Identifier: GPL-2.0-or-later
/* Multiprocessing suits CPU-bound work: work/matrix.c, primes.c, zstd.c. */
#include "experiments.h"

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

enum { CPU_THROUGHPUT, CPU_EFFICIENCY };

static const struct metric cpu_metrics[] = {
	[CPU_THROUGHPUT] = { .name = "throughput", .unit = "1/s",
			     .help = "units of work a second, all workers together" },
	[CPU_EFFICIENCY] = { .name = "efficiency", .unit = "1", .derived = true,
			     .help = "throughput over that of one worker in the same block, "
				     "over the CPUs that so many workers can use" },
};

static const char *const cpu_arguments[] = { "pin=0", NULL };

static bool cpu_derive(const struct experiment_run *run, const struct trial *trial,
		       size_t metric, double *value)
{
	struct params params = run->points[trial->point].params;
	const struct trial *one;
	long workers = params_number(&run->points[trial->point].params, "workers");
	long cpus = (long)run->plan->machine->n_cpus;
	double all, single;

	(void)metric;
	params_set(&params, "workers", "1");
	one = experiment_find_trial(run, trial, &params);
	if (!one || !trial_value(run, trial, CPU_THROUGHPUT, &all) ||
	    !trial_value(run, one, CPU_THROUGHPUT, &single))
		return false;
	*value = all / single / (double)(workers < cpus ? workers : cpus);
	return true;
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
	.rule = "throughput, process / thread, above 1.05: matrix, primes and zstd in steady "
		"state with as many workers as CPUs",
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
