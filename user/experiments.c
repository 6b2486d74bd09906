// SPDX-License-Identifier: GPL-2.0-or-later
/* The experiments, in the order of the text, and what several of them share. */
#include <stdio.h>

#include "experiments/experiments.h"

unsigned int cpus_by_on(const struct params *params, const struct machine *machine)
{
	return params_is(params, "on", "all") ? machine->n_cpus : 1;
}

unsigned int one_or_two_cpus(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "cpu", "other") ? 2 : 1;
}

unsigned int all_cpus(const struct params *params, const struct machine *machine)
{
	(void)params;
	return machine->n_cpus;
}

const char *needs_two_cpus(const struct params *params, const struct machine *machine)
{
	if (machine->n_cpus < 2 && (params_is(params, "cpu", "other") ||
				    params_is(params, "on", "all")))
		return "only one CPU may be used";
	return NULL;
}

unsigned int first_cpu(const struct params *params, const struct machine *machine)
{
	(void)params;
	(void)machine;
	return 1;
}

const char *not_io_bound(const struct analysis *analysis, const struct finding *finding)
{
	const enum arm arms[] = { ARM_PROCESS, ARM_THREAD };

	for (size_t i = 0; i < COUNT(arms); i++) {
		const struct measurement *blocked = analysis_find(analysis, finding->of->point,
								  arms[i], "blocked");

		if (!blocked)
			return "this kernel does not tell the blocked share";
		if (blocked->median < 0.5)
			return "not I/O-bound here";
	}
	return NULL;
}

static bool is_step(unsigned int n, unsigned int cpus, bool quick)
{
	if (quick)
		return n == 1 || n == cpus;
	return !(n & (n - 1)) || n == cpus || n == 2 * cpus;
}

void worker_steps(const struct machine *machine, bool quick, char *text, size_t size)
{
	unsigned int cpus = machine->n_cpus;
	size_t at = 0;

	text[0] = '\0';
	for (unsigned int n = 1; n <= 2 * cpus && at < size; n++)
		if (is_step(n, cpus, quick))
			at += (size_t)snprintf(text + at, size - at, "%s%u", at ? "," : "", n);
}

const struct variant two_arms[2] = { { ARM_PROCESS, NULL }, { ARM_THREAD, NULL } };

const struct variant three_arms[3] = {
	{ ARM_PROCESS, NULL }, { ARM_OTHER, NULL }, { ARM_THREAD, NULL },
};

const struct experiment *const experiments[] = {
	&instances,
	&scheduling_unit,
	&timeslice,
	&multicore,
	&boundness,
	&cpu_bound,
	&io_bound,
	&memory_sharing,
	&memory_footprint,
	&start_time,
	&switch_cost,
	&interruptability,
	&python,
};

const size_t n_experiments = COUNT(experiments);
