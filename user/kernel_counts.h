/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's counts of one trial. The only part of `compare` that talks to
 * the module.
 */
#ifndef SCHEDSPLIT_KERNEL_COUNTS_H
#define SCHEDSPLIT_KERNEL_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tally.h"

struct kernel_counts;

/* NULL where there is no module to ask, with the reason in @err. */
struct kernel_counts *kernel_counts_open(char *err, size_t size);
void kernel_counts_close(struct kernel_counts *kernel);

/* What is measured only for who asks. */
enum {
	KERNEL_COSTS	= 1 << 0,	/* direct costs of switches, which makes them longer */
	KERNEL_SIGNALS	= 1 << 1,	/* how long signals take, all of the system's */
	KERNEL_GROUPS	= 1 << 2,	/* which tasks of a group shared a core */
};

/* Whether it can tell what switches cost. */
bool kernel_counts_has_costs(const struct kernel_counts *kernel);

/*
 * kernel_counts_watch() - watch @pid, which has not exec'd yet, and all that
 *	it will create; until the end measure @also, of KERNEL_*
 * kernel_counts_begin(), _end() - read at both ends of the measured part
 * kernel_counts_finish() - when the trial's tasks are dead: the difference of
 *	the two readings, and the proof of all records, into @tally; with @tally
 *	NULL they are only forgotten
 *
 * Return: 0 or -errno with a sentence in @err.
 */
int kernel_counts_watch(struct kernel_counts *kernel, pid_t pid, unsigned int also,
			char *err, size_t size);
int kernel_counts_begin(struct kernel_counts *kernel, char *err, size_t size);
int kernel_counts_end(struct kernel_counts *kernel, char *err, size_t size);
int kernel_counts_finish(struct kernel_counts *kernel, struct tally *tally,
			 char *err, size_t size);

#endif
