// SPDX-License-Identifier: GPL-2.0-or-later
/* The experiments, in the order of the text, and what several of them share. */
#include <stdio.h>

#include "experiments/experiments.h"

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
	if (params_is(params, "cpu", "other") && machine->n_cpus < 2)
		return "only one CPU may be used";
	return NULL;
}

unsigned int first_cpu(const struct params *params, const struct machine *machine)
{
	(void)params;
	(void)machine;
	return 1;
}

/* Powers of two up to twice the CPUs, the number of CPUs, and twice that. */
void worker_steps(const struct machine *machine, bool quick, char *text, size_t size)
{
	unsigned int cpus = machine->n_cpus;
	size_t at = 0;

	(void)quick;
	text[0] = '\0';
	for (unsigned int n = 1; n <= 2 * cpus && at < size; n++)
		if (!(n & (n - 1)) || n == cpus || n == 2 * cpus)
			at += (size_t)snprintf(text + at, size - at, "%s%u", at ? "," : "", n);
}

const struct variant two_arms[2] = { { ARM_PROCESS, NULL }, { ARM_THREAD, NULL } };

const struct variant three_arms[3] = {
	{ ARM_PROCESS, NULL }, { ARM_OTHER, NULL }, { ARM_THREAD, NULL },
};

const struct experiment *const experiments[] = {
	&cpu_bound,
	&start_time,
	&switch_cost,
	&python,
};

const size_t n_experiments = COUNT(experiments);
