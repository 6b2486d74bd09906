// SPDX-License-Identifier: GPL-2.0-or-later
/* A process is an instance of a program, a thread a unit within it: work/instances.c. */
#include "experiments.h"

/* What the rule counts on. An interpreter takes long to start: fewer of those. */
#define OWN_INSTANCES		8
#define PYTHON_INSTANCES	3

#define TEXT_(number)	#number
#define TEXT(number)	TEXT_(number)

static const struct sweep sweeps[] = {
	{ .name = "program", .help = "what is run: a program of our own, or python3 with "
				     "three assignments in app.py",
	  .values = "own,python", .choices = "own,python",
	  .aside = "instances=" TEXT(PYTHON_INSTANCES) },
	{ .name = "instances", .help = "how often it is run; how many threads it starts",
	  .values = TEXT(OWN_INSTANCES), .min = 1, .max = 256 },
	{ .name = NULL },
};

enum { TGIDS, TIDS, EXECUTABLES, CODE, LEADERS, THREADS };

static const struct metric metrics[] = {
	[TGIDS] = { .name = "tgids", .unit = "1", .help = "distinct thread groups among them" },
	[TIDS] = { .name = "tids", .unit = "1",
		   .help = "distinct tasks among them, the program's first included" },
	[EXECUTABLES] = { .name = "executables", .unit = "1",
			  .help = "distinct files that they execute" },
	[CODE] = { .name = "text", .unit = "1",
		   .help = "Pss of the executable's code, all instances together, over the Rss "
			   "of one: 1 or less if it is in memory once, their number if not" },
	[LEADERS] = { .name = "leaders", .unit = "1", .derived = true,
		      .help = "tasks seen in class leader (without the module: processes "
			      "with more than one thread)" },
	[THREADS] = { .name = "threads", .unit = "1", .derived = true,
		      .help = "tasks seen in class thread (without the module: threads "
			      "beside the leader)" },
};

/* A thread of a Python program is no other thread; experiment python has those. */
static bool has(const struct variant *variant, const struct params *params)
{
	return variant->arm == ARM_PROCESS || params_is(params, "program", "own");
}

/* The worker program counts these too, from /proc; the module's word replaces that. */
static bool derive(const struct experiment_run *run, const struct trial *trial, size_t metric,
		   double *value)
{
	int class = metric == LEADERS ? SCHEDSPLIT_CLASS_LEADER : SCHEDSPLIT_CLASS_THREAD;
	const struct tally *tally = trial->tally;

	(void)run;
	if (!tally->module && !(tally->known[class] & 1u << TALLY_TASKS))
		return false;
	*value = (double)tally->counter[class][TALLY_TASKS];
	return true;
}

static bool own(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "program", "own") &&
	       params_number(params, "instances") == OWN_INSTANCES;
}

static bool run_by_python(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "program", "python") &&
	       params_number(params, "instances") == PYTHON_INSTANCES;
}

static bool either(const struct params *params, const struct machine *machine)
{
	return own(params, machine) || run_by_python(params, machine);
}

/* A count, and no other, in every trial. */
#define COUNTED(arm, name, number, at, words) \
	{ .figure = FIGURE_FACT, .metric = (name), .of = (arm), .lo = (number) - 0.5, \
	  .hi = (number) + 0.5, .names = (at), .what = (words) }

static const struct condition conditions[] = {
	COUNTED(ARM_PROCESS, "tgids", OWN_INSTANCES, own, "run 8 times, thread groups"),
	COUNTED(ARM_PROCESS, "tgids", PYTHON_INSTANCES, run_by_python,
		"app.py run 3 times, thread groups"),
	COUNTED(ARM_PROCESS, "tids", OWN_INSTANCES, own, "tasks"),
	COUNTED(ARM_PROCESS, "tids", PYTHON_INSTANCES, run_by_python, "tasks of app.py"),
	COUNTED(ARM_PROCESS, "executables", 1, either, "executables"),
	{
		/*
		 * No lower bound: whoever else runs the program takes a share of
		 * its code (of `own`, the worker program itself).
		 */
		.figure = FIGURE_MEDIAN,
		.metric = "text",
		.of = ARM_PROCESS,
		.lo = 0, .hi = 1.5,
		.names = either,
		.what = "code in memory over that of one",
	},
	COUNTED(ARM_PROCESS, "leaders", 0, own, "in class leader"),
	COUNTED(ARM_PROCESS, "threads", 0, own, "in class thread"),
	COUNTED(ARM_THREAD, "tgids", 1, own, "with 8 threads, thread groups"),
	COUNTED(ARM_THREAD, "tids", OWN_INSTANCES + 1, own, "tasks"),
	COUNTED(ARM_THREAD, "executables", 1, own, "executables"),
	COUNTED(ARM_THREAD, "leaders", 1, own, "in class leader"),
	COUNTED(ARM_THREAD, "threads", OWN_INSTANCES, own, "in class thread"),
};

static const struct claim claim = {
	.id = "instances",
	.text = "a process is an instance of a program, a thread a unit of execution within a "
		"process; one program can have many processes, one process many threads",
	.rule = "in every trial: a program run 8 times (python3 app.py: 3 times) is as many "
		"thread groups of one task each, with one executable, none in class leader or "
		"thread, and its code in memory (Pss of all / Rss of one) at most 1.5 times; "
		"a program that starts 8 threads is one thread group of 9 tasks, with one "
		"executable, one task in class leader and 8 in class thread",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "each run of the program is a process, all threads are in one",
	.fails = "neither runs are processes nor are threads within one",
};

const struct experiment instances = {
	.name = "instances",
	.help = "what runs of a program, and threads in it, are to the kernel",
	.program = "instances",
	.sweeps = sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = metrics, .n_metrics = COUNT(metrics),
	.pace = PACE_ONCE,
	.min_iterations = 1,
	.has = has,
	.cpus = all_cpus,
	.derive = derive,
	.claim = &claim,
};
