/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this directory share: each is one experiment, with its
 * claim and the claim's rule.
 */
#ifndef SCHEDSPLIT_EXPERIMENTS_H
#define SCHEDSPLIT_EXPERIMENTS_H

#include "../analysis.h"
#include "../claims.h"
#include "../experiment.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Parameter `cpu`: same, other. */
#define CPU_SWEEP(what) \
	{ .name = "cpu", .help = what, .values = "same,other", .choices = "same,other" }

unsigned int one_or_two_cpus(const struct params *params, const struct machine *machine);
const char *needs_two_cpus(const struct params *params, const struct machine *machine);

unsigned int all_cpus(const struct params *params, const struct machine *machine);
unsigned int first_cpu(const struct params *params, const struct machine *machine);

/* Powers of two up to twice the CPUs, the number of CPUs, and twice that. */
void worker_steps(const struct machine *machine, bool quick, char *text, size_t size);

/* Process, thread; and with the arm between them. */
extern const struct variant two_arms[2];
extern const struct variant three_arms[3];

extern const struct experiment start_time, switch_cost, cpu_bound;
extern const struct experiment python;

#endif
