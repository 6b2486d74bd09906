// SPDX-License-Identifier: GPL-2.0-or-later
/* The same claims as a Python program sees them: work/python.py. */
#include "experiments.h"

static const struct sweep python_sweeps[] = {
	{ .name = "work", .help = "cpu: arithmetic in as many workers as CPUs, 2 at least; "
				  "io: blocking calls of 10 ms in 4 workers a CPU; "
				  "signals: SIGINT and terminate() with 3 workers",
	  .values = "cpu,io,signals", .choices = "cpu,io,signals" },
	/* Starting an interpreter is most of what a trial of the other two takes. */
	{ .name = "start_method", .help = "of multiprocessing; threads are always alike",
	  .values = "fork,spawn,forkserver", .quick_values = "fork",
	  .choices = "fork,spawn,forkserver" },
	{ .name = NULL },
};

enum { PYTHON_THROUGHPUT, PYTHON_OVERLAP };

static const struct metric python_metrics[] = {
	[PYTHON_THROUGHPUT] = { .name = "throughput", .unit = "1/s", .optional = true,
				.help = "units of work a second, all workers together" },
	[PYTHON_OVERLAP] = { .name = "overlap", .unit = "1", .derived = true, .optional = true,
			     .help = "share of the time with tasks of the program on CPUs in "
				     "which two or more were" },
	{ .name = "on_cpu", .unit = "1", .optional = true,
	  .help = "share of the workers' time that they ran" },
	{ .name = "runnable", .unit = "1", .optional = true,
	  .help = "… that they waited for a CPU" },
	{ .name = "blocked", .unit = "1", .optional = true,
	  .help = "… that they waited for anything else: the interpreter lock, too" },
	{ .name = "main_only", .unit = "bool", .optional = true,
	  .help = "SIGINT to the program: KeyboardInterrupt in its main thread only" },
	{ .name = "one_interrupted", .unit = "bool", .optional = true,
	  .help = "SIGINT to one worker: KeyboardInterrupt in this one only" },
	{ .name = "one_ended", .unit = "bool", .optional = true,
	  .help = "terminate() of one worker ended this one only; 0 also if it has none" },
};

/* By the module's concurrency; nothing else knows it. */
static bool python_derive(const struct experiment_run *run, const struct trial *trial,
			  size_t metric, double *value)
{
	const struct tally *tally = trial->tally;
	double busy = 0, overlap = 0;

	(void)metric;
	if (!tally->module || params_is(&run->points[trial->point].params, "work", "signals"))
		return false;
	for (unsigned int k = 1; k <= tally->concurrency_max; k++) {
		busy += (double)tally->concurrency[k];
		overlap += k > 1 ? (double)tally->concurrency[k] : 0;
	}
	*value = overlap / busy;
	return busy > 0;
}

static bool is_cpu(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "work", "cpu");
}

static bool is_cpu_on_two(const struct params *params, const struct machine *machine)
{
	return is_cpu(params, machine) && machine->n_cpus > 1;
}

static bool is_io(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "work", "io");
}

static bool is_signals(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "work", "signals");
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "throughput",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_ABOVE,
		.names = is_cpu,
		.what = "CPU-bound throughput, process/thread",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "overlap",
		.of = ARM_PROCESS,
		.lo = 0.6, .hi = 1,
		.names = is_cpu_on_two,
		.what = "time with two processes or more on CPUs",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "overlap",
		.of = ARM_THREAD,
		.lo = 0, .hi = 0.1,
		.names = is_cpu_on_two,
		.what = "time with two threads or more",
	},
	{
		.figure = FIGURE_RATIO,
		.metric = "throughput",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_BELOW,
		.names = is_io,
		.unfit = not_io_bound,
		.what = "I/O-bound throughput, process/thread",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "main_only",
		.of = ARM_THREAD,
		.lo = 1, .hi = 1,
		.names = is_signals,
		.what = "KeyboardInterrupt in the main thread only",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "one_interrupted",
		.of = ARM_PROCESS,
		.lo = 1, .hi = 1,
		.names = is_signals,
		.what = "one process can be interrupted",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "one_interrupted",
		.of = ARM_THREAD,
		.lo = 0, .hi = 0,
		.names = is_signals,
		.what = "one thread can",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "one_ended",
		.of = ARM_PROCESS,
		.lo = 1, .hi = 1,
		.names = is_signals,
		.what = "terminate() ends one process",
	},
	{
		.figure = FIGURE_FACT,
		.metric = "one_ended",
		.of = ARM_THREAD,
		.lo = 0, .hi = 0,
		.names = is_signals,
		.what = "one thread",
	},
};

static const struct claim claim = {
	.id = "python",
	.text = "as a Python program sees it: multiprocessing suits CPU-bound work, threads suit "
		"I/O-bound work, and only processes can be interrupted",
	.rule = "throughput, process / thread, above 1.05 if CPU-bound and below 1/1.05 if "
		"I/O-bound (at least half of it blocked); with the module, two or more at once "
		"on CPUs for at least 60 % of the busy time of CPU-bound processes and at most "
		"10 % of that of threads; in every trial KeyboardInterrupt and terminate() reach "
		"one process alone and no thread but the main one",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "all of it is so",
	.fails = "nothing of it is so",
	.rests_on_time = true,
};

const struct experiment python = {
	.name = "python",
	.help = "what threading and multiprocessing do for a Python program",
	.program = "python.py",
	.sweeps = python_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = python_metrics, .n_metrics = COUNT(python_metrics),
	.calibrated_by = "work",
	/* The interpreter lets another thread have its turn after 5 ms. */
	.duration_factor = 6,
	/* So many calls of 10 ms; and a slow machine computes for longer than 5 ms, too. */
	.min_iterations = 16,
	.python = true,
	.cpus = all_cpus,
	.derive = python_derive,
	.claim = &claim,
};
