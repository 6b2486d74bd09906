/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Experiments: what they are (a table entry each, experiments.c), and a run of
 * one: points, blocks, trials.
 *
 * A point is one setting of the parameters; a variant is an arm, or one of
 * several ways to make an arm. A cell is a variant at a point. A block is one
 * trial of every variant at a point, in random order. Blocks go round all
 * points, also in random order, before any point gets its next: what drifts
 * over minutes then reaches all points alike, and a run that is cut short has
 * measured all of them.
 */
#ifndef SCHEDSPLIT_EXPERIMENT_H
#define SCHEDSPLIT_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_counts.h"
#include "machine.h"
#include "params.h"
#include "tally.h"
#include "worker.h"

#define VARIANTS_MAX		8
#define METRICS_MAX		6
#define VALUES_SIZE		256
#define CLOCK_RESOLUTIONS_MIN	1000	/* a trial lasts at least so many */

enum arm { ARM_PROCESS, ARM_THREAD, ARM_OTHER, ARM_A, ARM_B };
extern const char *const arm_name[];

/* A parameter and the values it takes. */
struct sweep {
	const char	*name;
	const char	*help;
	const char	*values;	/* comma-separated; NULL: see default_values */
	const char	*choices;	/* comma-separated names; NULL: a number */
	long		 min, max;	/* of a number */
	/* Where the values depend on the machine. */
	void		(*default_values)(const struct machine *machine, char *text, size_t size);
};

struct variant {
	enum arm	 arm;
	const char	*method;	/* parameter `method` of the cell; NULL: none of its own */
};

struct metric {
	const char	*name;
	const char	*unit;		/* "ns", "1/s", "1" */
	const char	*help;
	bool		 derived;	/* by derive(), not said by the worker */
};

struct trial;
struct experiment_run;

struct experiment {
	const char		*name;
	const char		*help;
	const char		*program;	/* NULL: named by parameter `workload` */
	const struct sweep	*sweeps;	/* up to one without a name */
	const struct variant	*variants;
	size_t			 n_variants;
	const struct metric	*metrics;
	size_t			 n_metrics;
	/* Points alike in this parameter get the same iterations; NULL: all differ. */
	const char		*calibrated_by;
	uint64_t		 min_iterations;
	/* NULL, or why this point cannot be measured on this machine. */
	const char	       *(*left_out)(const struct params *params,
					    const struct machine *machine);
	/* How many of the machine's CPUs, from the first, the trial runs on. */
	unsigned int		(*cpus)(const struct params *params,
					const struct machine *machine);
	/* Arguments that every trial gets besides its parameters. */
	const char *const	*arguments;
	/*
	 * Derived metric @metric of @trial. False if the trials it needs are
	 * not there.
	 */
	bool			(*derive)(const struct experiment_run *run,
					  const struct trial *trial, size_t metric,
					  double *value);
};

extern const struct experiment experiments[];
extern const size_t n_experiments;

const struct experiment *experiment_find(const char *name);

/* What was chosen on the command line. */
struct plan {
	const struct machine	*machine;
	struct kernel_counts	*kernel;	/* NULL: counts from rusage */
	uint64_t		 seed;
	unsigned int		 blocks;
	unsigned int		 warmups;
	int64_t			 target_ns;	/* for a trial's measured part to last */
	int			 timeout_s;
	/* --param: NULL-terminated pairs NAME, comma-separated values. */
	const char		**params;
	/* Called between trials. May be NULL. */
	void			(*progress)(const struct experiment *experiment,
					    size_t done, size_t all);
};

struct cell {
	char		reason[WORKER_REASON_SIZE];	/* why there are no (more) trials */
	bool		failed;		/* @reason is a failure */
	bool		unavailable;	/* @reason is the machine's */
	struct tally	tally;		/* of all trials but warm-ups */
};

struct point {
	struct params	 params;
	const char	*left_out;	/* NULL: it is measured */
	uint64_t	 iterations;
	struct cell	*cell;		/* [n_variants] */
};

struct trial {
	size_t			 point;
	size_t			 variant;
	unsigned int		 block;		/* warm-ups have numbers of their own */
	unsigned int		 order;		/* in the block, from 0 */
	bool			 warmup;
	unsigned int		 marks;		/* bit n: enum mark */
	int64_t			 start_ns;
	int64_t			 interval_ns;
	int64_t			 frequency_khz;	/* at its end; -1: not known */
	struct worker_number	 metric[WORKER_METRICS_MAX];	/* in order of the table's */
	struct worker_number	 count[WORKER_COUNTS_MAX];
	size_t			 counts;
	int64_t			 total[TALLY_COUNTERS];		/* -1: not known */
};

struct experiment_run {
	const struct experiment	*experiment;
	const struct plan	*plan;
	struct point		*points;
	size_t			 n_points;
	struct trial		*trials;
	size_t			 n_trials;
	size_t			 room;
	bool			 interrupted;
};

/**
 * experiment_plan() - the points of an experiment
 *
 * Return: 0; -EINVAL with a sentence in @err if a value of --param is none
 * that the experiment takes; -ENOMEM.
 */
int experiment_plan(struct experiment_run *run, const struct experiment *experiment,
		    const struct plan *plan, char *err, size_t size);

/**
 * experiment_run() - calibrate, warm up, measure
 *
 * What fails is kept with its cell; the rest goes on. Ends early, with
 * run->interrupted, once a signal came. Return: 0 or -ENOMEM.
 */
int experiment_run(struct experiment_run *run);
void experiment_free(struct experiment_run *run);

/* Whether any cell failed. */
bool experiment_failed(const struct experiment_run *run);

/* The parameters of a cell: the point's, and the variant's method. */
void cell_params(const struct experiment_run *run, size_t point, size_t variant,
		 struct params *params);

/**
 * trial_value() - metric @metric of a trial
 *
 * False if it has none: a derived one that lacks a trial, one divided by 0.
 */
bool trial_value(const struct experiment_run *run, const struct trial *trial, size_t metric,
		 double *value);

#endif
