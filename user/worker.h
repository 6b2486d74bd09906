/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One worker program, from exec to its end: what a trial consists of. The
 * other side of work/common/protocol.h.
 */
#ifndef SCHEDSPLIT_WORKER_H
#define SCHEDSPLIT_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_counts.h"
#include "marks.h"
#include "tally.h"

#define WORKER_METRICS_MAX	24
#define WORKER_COUNTS_MAX	12
#define WORKER_NAME_SIZE	24
#define WORKER_ARGUMENTS_MAX	32
#define WORKER_REASON_SIZE	256

struct worker_command {
	const char	*program;	/* name in the libexec directory */
	const char	*arguments[WORKER_ARGUMENTS_MAX + 1];	/* NAME=VALUE …, NULL */
	const int	*cpus;		/* affinity mask that all its tasks inherit */
	unsigned int	 n_cpus;
	struct kernel_counts *kernel;	/* NULL: without the module */
	unsigned int	 also;		/* KERNEL_*: what the module measures, too */
	int		 timeout_s;
	bool		 huge_pages;	/* transparent ones may be used; else they are off */
	bool		 user_environment;	/* the variables and huge pages that we have */
	const char	*interpreter;	/* file that runs @program; NULL: it is executable itself */
	const char	*db;		/* NULL, or what the environment gets as SCHEDSPLIT_DB */
	/*
	 * NULL, or a program that is started first, gets the same arguments, and
	 * is not watched. What it says before `ready` are "argument NAME=VALUE"
	 * lines, more arguments for the worker program. Once the worker program
	 * has ended it goes on with metrics and counts of its own, and `end`.
	 */
	const char	*companion;
	int		 companion_cpu;
};

struct worker_number {
	char	name[WORKER_NAME_SIZE];
	int64_t	numerator;
	int64_t	denominator;		/* of a metric, 0: no value; 1 for a count */
};

enum worker_outcome {
	WORKER_WORKED,
	WORKER_FAILED,		/* @reason says how */
	WORKER_UNAVAILABLE,	/* the machine cannot do this, @reason says why */
	WORKER_INTERRUPTED,	/* by a signal to us */
};

struct worker_result {
	enum worker_outcome	outcome;
	char			reason[WORKER_REASON_SIZE];
	int64_t			start_ns;	/* CLOCK_MONOTONIC, when let off to exec */
	int64_t			interval_ns;	/* length of the measured part */
	int64_t			pinned_migrations;	/* -1: not known, or none is pinned */
	struct worker_number	metric[WORKER_METRICS_MAX];
	size_t			metrics;
	struct worker_number	count[WORKER_COUNTS_MAX];
	size_t			counts;
	struct tally		tally;
	struct disturbance	before;
	struct disturbance	after;
};

/*
 * worker_directory() - where the worker programs are
 *
 * $SCHEDSPLIT_LIBEXEC, else ../libexec/schedsplit or libexec/schedsplit seen
 * from the directory of this program. NULL, with a sentence in @err, if none
 * of them exists. The string lasts until the program ends.
 */
const char *worker_directory(char *err, size_t size);

/* The metric of that name; NULL: the program did not say it. */
const struct worker_number *worker_metric(const struct worker_result *result, const char *name);

/* Kills what runs of a trial, as far as one signal can. Async-signal-safe. */
void worker_kill(void);

/* Once, before the first trial: orphans of a dead worker come to us. */
void worker_adopt_orphans(void);

/**
 * worker_run() - run a worker program to its end
 *
 * Its environment is fixed (LC_ALL=C and a PATH) unless it is to be the user's,
 * its standard input /dev/null; it is the leader of a process group of its own.
 * Whatever way this returns, every process that it created is dead and reaped,
 * those that left the group too.
 */
void worker_run(const struct worker_command *command, struct worker_result *result);

/*
 * What a program, or its @companion, says into @report: taken as worker_run() takes
 * it. For tests, mostly.
 */
void worker_hear(const struct worker_command *command, int report, int control, bool companion,
		 struct worker_result *result);

#endif
