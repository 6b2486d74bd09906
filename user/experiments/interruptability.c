// SPDX-License-Identifier: GPL-2.0-or-later
/* Child processes are interruptible, threads are not: work/signals.c. */
#include <math.h>
#include <string.h>

#include "experiments.h"

static const struct sweep interrupt_sweeps[] = {
	{ .name = "action", .help = "what one worker of four is asked to do: die or stop by a "
				    "signal's default action, run a handler of SIGINT, or end by "
				    "cancellation (a process: by SIGTERM), busy or blocked",
	  .values = "SIGKILL,SIGSTOP,SIGINT,SIGSEGV,handler,cancel-deferred-busy,"
		    "cancel-deferred-blocked,cancel-async-busy,cancel-async-blocked",
	  .quick_values = "SIGKILL,SIGSTOP,SIGINT,handler,cancel-deferred-busy,"
			  "cancel-deferred-blocked,cancel-async-busy",
	  .choices = "SIGKILL,SIGSTOP,SIGINT,SIGSEGV,handler,cancel-deferred-busy,"
		     "cancel-deferred-blocked,cancel-async-busy,cancel-async-blocked" },
	{ .name = "by", .help = "the call, with the worker's own number as ps shows it; fault: "
				"none, the worker writes where it must not",
	  .values = "kill,tgkill,pthread_kill,fault,pthread_cancel",
	  .quick_values = "kill,tgkill,pthread_cancel",
	  .choices = "kill,tgkill,pthread_kill,fault,pthread_cancel" },
	{ .name = NULL },
};

enum { HIT_ONE, AS_INTERRUPTIBLE, KERNEL_DELAY };

static const struct metric interrupt_metrics[] = {
	[HIT_ONE] = { .name = "hit_one", .unit = "bool",
		      .help = "the one worker did what it was asked to, all others went on" },
	[AS_INTERRUPTIBLE] = { .name = "as_interruptible", .unit = "bool", .derived = true,
			       .optional = true,
			       .help = "hit_one is not less than that of the process in the same "
				       "block (for pthread_kill: of the process by tgkill)" },
	[KERNEL_DELAY] = { .name = "kernel_delay", .unit = "ns", .derived = true, .optional = true,
			   .help = "of a signal with a handler, from its generation inside the "
				   "kernel until it is delivered to the task that takes it: median "
				   "over all states of the target and all such signals of the "
				   "system meanwhile, as exact as the module's histogram" },
	{ .name = "as_documented", .unit = "bool",
	  .help = "who died, stopped, ran the handler and went on is what signal(7), "
		  "pthread_kill(3), pthread_cancel(3) and pthreads(7) promise" },
	{ .name = "died", .unit = "1", .help = "workers that ended, the one among them" },
	{ .name = "stopped", .unit = "1", .help = "workers that stopped" },
	{ .name = "survived", .unit = "1", .help = "workers that went on" },
	{ .name = "continued", .unit = "1", .optional = true,
	  .help = "workers that ran after SIGCONT to the one" },
	{ .name = "taken_once", .unit = "bool", .optional = true,
	  .help = "exactly one worker ran the handler for each signal" },
	{ .name = "masked_spared", .unit = "bool", .optional = true,
	  .help = "the one did not run the handler while it blocked the signal" },
	{ .name = "latency_busy", .unit = "ns", .optional = true,
	  .help = "from before the send to the handler's first instruction, the one computing "
		  "on a CPU other than the sender's" },
	{ .name = "latency_runnable", .unit = "ns", .optional = true,
	  .help = "... the one waiting for the CPU that the sender then gives up" },
	{ .name = "latency_blocked", .unit = "ns", .optional = true,
	  .help = "... the one in read(2), nobody on its CPU" },
};

static const char *const interrupt_arguments[] = { "workers=4", NULL };

static bool is_cancel(const struct params *params)
{
	return !strncmp(params_get(params, "action"), "cancel-", 7);
}

static bool interrupt_has(const struct variant *variant, const struct params *params)
{
	if (params_is(params, "by", "pthread_cancel") || is_cancel(params))
		return params_is(params, "by", "pthread_cancel") && is_cancel(params);
	if (params_is(params, "by", "fault"))
		return params_is(params, "action", "SIGSEGV");
	/* It takes a pthread_t, and no process has that of another's thread. */
	return !params_is(params, "by", "pthread_kill") || variant->arm == ARM_THREAD;
}

/* What a thread is held against: the process at the same point in the same block. */
static const struct trial *process_beside(const struct experiment_run *run,
					  const struct trial *trial)
{
	struct params params = run->points[trial->point].params;

	/* Where there is no such call: in the C library it is a tgkill(). */
	if (params_is(&params, "by", "pthread_kill"))
		params_set(&params, "by", "tgkill");
	for (size_t i = 0; i < run->n_trials; i++) {
		const struct trial *other = &run->trials[i];

		if (run->experiment->variants[other->variant].arm == ARM_PROCESS &&
		    other->block == trial->block && other->warmup == trial->warmup &&
		    params_equal(&run->points[other->point].params, &params))
			return other;
	}
	return NULL;
}

static bool interrupt_derive(const struct experiment_run *run, const struct trial *trial,
			     size_t metric, double *value)
{
	const struct params *params = &run->points[trial->point].params;
	const struct trial *process;
	double own, its;

	if (metric == KERNEL_DELAY) {
		*value = tally_signal(trial->tally, params_is(params, "by", "kill") ?
				      SCHEDSPLIT_SIGNAL_PROCESS : SCHEDSPLIT_SIGNAL_THREAD);
		return params_is(params, "action", "handler") && !isnan(*value);
	}
	process = process_beside(run, trial);
	if (!process || !trial_value(run, trial, HIT_ONE, &own) ||
	    !trial_value(run, process, HIT_ONE, &its))
		return false;
	*value = own >= its;
	return true;
}

/*
 * Default actions of the three signals that stand for interrupting, and a
 * handler and cancellation, which is how a thread can be. kill() does not ask
 * one thread to run a handler but any, so it cannot tell.
 */
static bool named(const struct params *params, const struct machine *machine)
{
	(void)machine;
	if (params_is(params, "action", "handler"))
		return !params_is(params, "by", "kill");
	return !params_is(params, "action", "SIGSEGV");
}

static const struct condition conditions[] = {
	{
		.figure = FIGURE_FACT,
		.metric = "as_interruptible",
		.of = ARM_THREAD,
		.lo = 0, .hi = 0,
		.names = named,
		.what = "one thread can be hit alone as one process can",
	},
};

static const struct claim claim = {
	.id = "interruptability",
	.text = "child processes are interruptible, threads are not",
	.rule = "where one process of four can be hit alone, the others going on, one thread of "
		"four cannot, in every block (as_interruptible is 0): SIGKILL, SIGSTOP and SIGINT "
		"with their default action, by kill, tgkill and pthread_kill; SIGINT with a "
		"handler, by tgkill and pthread_kill; and for threads pthread_cancel, deferred "
		"and asynchronous, busy and blocked, against SIGTERM for processes",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "no thread can be hit alone where a process can",
	.fails = "a thread can be hit alone wherever a process can",
};

const struct experiment interruptability = {
	.name = "interruptability",
	.help = "who dies, stops or is interrupted when one worker of several is meant",
	.program = "signals",
	.sweeps = interrupt_sweeps,
	.variants = two_arms, .n_variants = COUNT(two_arms),
	.metrics = interrupt_metrics, .n_metrics = COUNT(interrupt_metrics),
	.pace = PACE_ONCE,
	.min_iterations = 7,	/* sends at each state of the target */
	.has = interrupt_has,
	.cpus = all_cpus,
	.arguments = interrupt_arguments,
	.derive = interrupt_derive,
	.also = KERNEL_SIGNALS,
	.claim = &claim,
};
