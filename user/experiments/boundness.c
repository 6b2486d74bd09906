// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the text's examples are CPU-bound and which I/O-bound: one worker of
 * each, alone. work/matrix.c, primes.c, x264.c, stream.c with receiver.c; net.c
 * with load.c, sqlite.c, file.c.
 *
 * The question is what a worker does while nobody is in its way, hence one
 * worker, free to run on any CPU; that one arm should be more CPU-bound than the
 * other is no part of the claim, and both must show what is claimed.
 */
#include <math.h>

#include "experiments.h"

static const struct sweep bound_sweeps[] = {
	{ .name = "workload", .help = "the text's examples: the first four are to be CPU-bound, "
				      "the others I/O-bound",
	  .values = "matrix,primes,x264,stream,net,sqlite,file",
	  .choices = "matrix,primes,x264,stream,net,sqlite,file" },
	{ .name = NULL },
};

static const struct metric bound_metrics[] = {
	{ .name = "on_cpu", .unit = "1",
	  .help = "share of the worker's time in which it ran" },
	{ .name = "runnable", .unit = "1",
	  .help = "share in which it waited for a CPU" },
	{ .name = "blocked", .unit = "1",
	  .help = "the rest: asleep, until something else than a CPU was there" },
};

/*
 * A workload takes from these what it knows. A server that answers after 1 ms,
 * a database of the worker's own, files past the page cache: each as the text
 * has it, a request that is waited for.
 */
static const char *const bound_arguments[] = {
	"workers=1", "pin=0", "start=steady", "service_us=1000", "db=own", "file=direct", NULL,
};

static const char *bound_companion(const struct params *params)
{
	if (params_is(params, "workload", "stream"))
		return "receiver";
	return params_is(params, "workload", "net") ? "load" : NULL;
}

static bool io_example(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "workload", "net") || params_is(params, "workload", "sqlite") ||
	       params_is(params, "workload", "file");
}

static bool cpu_example(const struct params *params, const struct machine *machine)
{
	return !io_example(params, machine);
}

/*
 * A share lies in [0, 1] but for what two clocks differ by (see crew.h): bounds
 * there would have a worker that never blocks miss the range by a millionth.
 */
static const struct condition conditions[] = {
	{
		.figure = FIGURE_MEDIAN,
		.metric = "blocked",
		.each_arm = true,
		.lo = -INFINITY, .hi = 0.5,
		.names = cpu_example,
		.what = "share blocked, to be CPU-bound:",
	},
	{
		.figure = FIGURE_MEDIAN,
		.metric = "blocked",
		.each_arm = true,
		.lo = 0.5, .hi = INFINITY,
		.names = io_example,
		.what = "share blocked, to be I/O-bound:",
	},
};

static const struct claim claim = {
	.id = "boundness",
	.text = "matrix multiplication, primes, video compression and streaming are CPU-bound; "
		"network, database and file requests are I/O-bound",
	.rule = "median share of a worker's time blocked, as a process and as a thread: at most "
		"0.5 for matrix, primes, x264 and stream, at least 0.5 for net, sqlite and file",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "each example is bound as claimed",
	.fails = "no example is bound as claimed",
	.rests_on_time = true,
};

const struct experiment boundness = {
	.name = "boundness",
	.help = "whether each of the text's examples computes or waits",
	.sweeps = bound_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = bound_metrics, .n_metrics = COUNT(bound_metrics),
	.min_iterations = 1,
	.files = true,
	.cpus = all_cpus,
	.arguments = bound_arguments,
	.companion = bound_companion,
	.claim = &claim,
};
