/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel counted for a task, whichever arm it is of. */
#ifndef SCHEDSPLIT_WORK_COUNTS_H
#define SCHEDSPLIT_WORK_COUNTS_H

#include <stdint.h>

struct counts {
	int64_t	tasks;			/* that these are the counts of */
	int64_t	switches_voluntary;	/* nvcsw */
	int64_t	switches_involuntary;	/* nivcsw */
	int64_t	run_ns;
	int64_t	wait_ns;		/* -1: kernel without schedstats */
	int64_t	migrations;		/* -1: kernel without /proc/PID/sched */
};

/*
 * The calling task's. Both parts allocate nothing and write no errno that
 * matters, for the sake of arm `other`. The first is two system calls and
 * belongs at the very edges of an interval; the second opens files and is
 * called outside of it.
 */
void counts_read_switches(struct counts *counts);	/* switches_*, run_ns */
void counts_read_files(struct counts *counts);		/* wait_ns, migrations */

/* Where a task's time went until @at_ns, all three read as of one moment. */
struct spent {
	int64_t	at_ns;
	int64_t	run_ns;
	int64_t	wait_ns;		/* -1: kernel without schedstats */
};

/* The calling task's. Opens a file, and tries again if it was interrupted in this. */
void counts_read_spent(struct spent *spent);

/* Adds one task's @end - @begin. What is unknown in a part is so in the sum. */
void counts_add(struct counts *sum, const struct counts *begin, const struct counts *end);

#endif
