/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an experiment needs to know of the machine it runs on. */
#ifndef SCHEDSPLIT_MACHINE_H
#define SCHEDSPLIT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct environment;

#define MACHINE_CPUS_MAX	1024

struct machine {
	int		cpus[MACHINE_CPUS_MAX];	/* the trials may use, first ones first */
	unsigned int	n_cpus;
	int64_t		resolution_ns;		/* of CLOCK_MONOTONIC as programs see it */
	int64_t		memory;			/* bytes that trials may take; 0: not known */
	bool		no_huge_pages;		/* transparent ones are off for everybody */
	/* Data caches of the first CPU, in KiB: first level, second, last. 0: not known. */
	long		l1_kib, l2_kib, llc_kib;
};

/**
 * machine_cpus() - take the CPUs that trials may use
 * @list: as in --cpus ("0-3,8"), in that order; NULL: all that this process
 *	may run on, in an order that puts a CPU of another core second if there
 *	is one, so that two-CPU points do not run on two threads of one core
 *
 * Return: 0; -EINVAL with a sentence in @err.
 */
int machine_cpus(struct machine *machine, const char *list, char *err, size_t size);

/*
 * machine_memory() - memory, huge pages and caches, of the machine whose CPUs
 *	were taken
 *
 * What cannot be read is not known. The memory is what the kernel says is
 * available, or the limit of a cgroup on the way up if that is smaller.
 */
void machine_memory(struct machine *machine, const struct environment *environment);

/*
 * The smallest step that two readings of the clock show, or what
 * clock_getres() says if that is larger.
 */
int64_t machine_clock_resolution(void);

#endif
