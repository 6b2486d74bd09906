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
#include "../kernel_counts.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Parameter `cpu`: same, other. */
#define CPU_SWEEP(what) \
	{ .name = "cpu", .help = what, .values = "same,other", .choices = "same,other" }

/* Parameter `on`: one CPU, or all that may be used. */
#define ON_SWEEP \
	{ .name = "on", .help = "one CPU for all workers, or all CPUs", \
	  .values = "one,all", .choices = "one,all" }

unsigned int cpus_by_on(const struct params *params, const struct machine *machine);

unsigned int one_or_two_cpus(const struct params *params, const struct machine *machine);

/* Left out: cpu=other and on=all, where there is one CPU. */
const char *needs_two_cpus(const struct params *params, const struct machine *machine);

unsigned int all_cpus(const struct params *params, const struct machine *machine);
unsigned int first_cpu(const struct params *params, const struct machine *machine);

/* Unfit: workers of either arm are blocked for less than half of their time. */
const char *not_io_bound(const struct analysis *analysis, const struct finding *finding);

/*
 * Powers of two up to twice the CPUs, the number of CPUs, and twice that; if
 * quick, one and the number of CPUs.
 */
void worker_steps(const struct machine *machine, bool quick, char *text, size_t size);

/* Process, thread; and with the arm between them. */
extern const struct variant two_arms[2];
extern const struct variant three_arms[3];

extern const struct experiment instances, scheduling_unit, timeslice, multicore, boundness,
	cpu_bound, io_bound, memory_sharing, memory_footprint, start_time, switch_cost,
	interruptability, python;

#endif
