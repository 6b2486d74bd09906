// SPDX-License-Identifier: GPL-2.0-or-later
/* Multithreading suits I/O-bound work: work/net.c, load.c, sqlite.c, postgres.c, file.c. */
#include <math.h>
#include <stdio.h>

#include "../stats.h"
#include "experiments.h"

#define TRIES		3	/* that find a server's capacity */

/* Enough that some are always ready, while most are blocked; to start them takes time. */
static void several_a_cpu(const struct machine *machine, bool quick, char *text, size_t size)
{
	snprintf(text, size, "%u", (quick ? 2 : 4) * machine->n_cpus);
}

static const struct sweep io_sweeps[] = {
	{ .name = "workload", .help = "what the workers wait for",
	  .values = "net,sqlite,postgres,file", .choices = "net,sqlite,postgres,file" },
	{ .name = "workers", .help = "how many, each with a connection, database or file",
	  .default_values = several_a_cpu, .min = 1, .max = 4096 },
	{ .name = "service_us", .help = "how long a request keeps its worker blocked",
	  .values = "0,1000,10000", .quick_values = "0,1000", .min = 0, .max = 60000000,
	  .when = "workload=net" },
	{ .name = "load", .help = "closed: a new request when the last is answered; a number: "
				  "requests arrive at random, at that percentage of the rate "
				  "at which the slower arm is always busy",
	  .values = "closed,50,80", .quick_values = "closed", .choices = "closed,50,80",
	  .when = "workload=net", .aside = "workload=net,service_us=1000" },
	{ .name = "db", .help = "a database for each worker, or one for all",
	  .values = "own,shared", .choices = "own,shared", .when = "workload=sqlite" },
	{ .name = "file", .help = "written with O_DIRECT and fsync, or to the page cache",
	  .values = "direct,cached", .choices = "direct,cached", .when = "workload=file" },
	{ .name = NULL },
};

static const struct variant io_variants[] = {
	{ ARM_PROCESS, NULL }, { ARM_THREAD, NULL }, { ARM_OTHER, "epoll" },
};

static const struct metric io_metrics[] = {
	{ .name = "throughput", .unit = "1/s",
	  .help = "requests or transactions a second, all workers together" },
	{ .name = "latency_p50", .unit = "ns", .optional = true,
	  .help = "from when a request arrived to its answer, median" },
	{ .name = "latency_p99", .unit = "ns", .optional = true,
	  .help = "the same, 99th percentile; none of fewer than 100 requests" },
	{ .name = "rate", .unit = "1/s", .optional = true,
	  .help = "at which requests arrive" },
	{ .name = "worker_min", .unit = "1/s", .optional = true,
	  .help = "transactions a second of the worker that did fewest" },
	{ .name = "worker_max", .unit = "1/s", .optional = true,
	  .help = "… and of the one that did most" },
	{ .name = "on_cpu", .unit = "1", .optional = true,
	  .help = "share of the workers' time on a CPU" },
	{ .name = "runnable", .unit = "1", .optional = true,
	  .help = "share waiting for one" },
	{ .name = "blocked", .unit = "1", .optional = true,
	  .help = "share waiting for anything else" },
	{ .name = "load_on_cpu", .unit = "1", .optional = true,
	  .help = "share of its time that the load was on its CPU: near 1, the load limits" },
};

static const char *const io_arguments[] = { "pin=0", "start=steady", NULL };

/* A loop is an answer to requests, not to transactions. */
static bool io_has(const struct variant *variant, const struct params *params)
{
	return variant->arm != ARM_OTHER || params_is(params, "workload", "net");
}

/* The load has a CPU for itself if there are two: the last. */
static unsigned int io_cpus(const struct params *params, const struct machine *machine)
{
	if (params_is(params, "workload", "net") && machine->n_cpus > 1)
		return machine->n_cpus - 1;
	return machine->n_cpus;
}

static const char *io_companion(const struct params *params)
{
	return params_is(params, "workload", "net") ? "load" : NULL;
}

/* ---- the rate of an open load ---- */

/* Median of some closed-loop runs: the point has no rate yet. 0: a run failed. */
static double capacity(struct experiment_run *run, size_t point, size_t variant)
{
	static struct worker_result result;
	double value[TRIES];

	for (int i = 0; i < TRIES; i++) {
		const struct worker_number *throughput;

		if (!experiment_try(run, point, variant, 1, &result))
			return 0;
		throughput = worker_metric(&result, "throughput");
		if (!throughput || !throughput->denominator)
			return 0;
		value[i] = (double)throughput->numerator / (double)throughput->denominator;
	}
	return stats_median(value, TRIES);
}

/* The same for all arms, fixed before the first trial: a share of what the slower can do. */
static void set_rate(struct experiment_run *run, size_t p)
{
	struct point *point = &run->points[p];
	long percent = params_number(&point->params, "load");
	double slower = INFINITY;

	if (percent < 0)
		return;
	for (size_t v = 0; v < run->experiment->n_variants && slower > 0; v++)
		if (run->experiment->variants[v].arm != ARM_OTHER)
			slower = fmin(slower, capacity(run, p, v));
	snprintf(point->argument, sizeof(point->argument), "rate=%.0f",
		 fmax(1, slower * (double)percent / 100));
}

/* ---- the claim ---- */

static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return !params_is(params, "workload", "net") || params_is(params, "load", "closed");
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_RATIO,
		.metric = "throughput",
		.of = ARM_PROCESS, .to = ARM_THREAD,
		.side = CLAIM_BELOW,
		.names = named,
		.unfit = not_io_bound,
		.what = "throughput, process/thread",
	},
};

static const struct claim claim = {
	.id = "io-bound",
	.text = "multithreading suits I/O-bound work",
	.rule = "throughput, process / thread, below 1/1.05: network requests under a closed "
		"load, SQLite, PostgreSQL if --db names a server, and files, where workers of "
		"both arms are blocked for at least half of their time (what is not is not "
		"I/O-bound here and does not decide)",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "threads get more done",
	.fails = "processes get as much done, or more",
	.rests_on_time = true,
};

const struct experiment io_bound = {
	.name = "io-bound",
	.help = "how much work gets done when it is mostly waiting",
	.sweeps = io_sweeps,
	.variants = io_variants, .n_variants = COUNT(io_variants),
	.metrics = io_metrics, .n_metrics = COUNT(io_metrics),
	.pace = PACE_DURATION,
	.duration_factor = 4,
	.min_iterations = 1,
	.has = io_has,
	.files = true,
	.cpus = io_cpus,
	.arguments = io_arguments,
	.companion = io_companion,
	.prepare = set_rate,
	.claim = &claim,
};
