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
#define VALUES_SIZE		256
#define CLOCK_RESOLUTIONS_MIN	1000	/* a trial lasts at least so many */

enum arm { ARM_PROCESS, ARM_THREAD, ARM_OTHER, ARM_A, ARM_B };
extern const char *const arm_name[];

/* A parameter and the values it takes. */
struct sweep {
	const char	*name;
	const char	*help;
	const char	*values;	/* comma-separated; NULL: see default_values */
	const char	*quick_values;	/* with --quick; NULL: the same */
	const char	*choices;	/* comma-separated names; NULL: a number */
	long		 min, max;	/* of a number */
	/* Where the values depend on the machine. */
	void		(*default_values)(const struct machine *machine, bool quick, char *text,
					  size_t size);
	/*
	 * Not a factor of the design: all other points have its first value, and
	 * its further values are measured at this setting, "NAME=VALUE,…", of the
	 * other parameters (those not named here take all their values). A sweep
	 * that --param gives values becomes a factor like others; any --param of
	 * the experiment leaves the further values of all other sweeps out.
	 */
	const char	*aside;
	/*
	 * "NAME=VALUE" of a sweep before this one: points set otherwise do not
	 * have this parameter. NULL: all have it.
	 */
	const char	*when;
};

struct variant {
	enum arm	 arm;
	const char	*method;	/* parameter `method` of the cell; NULL: none of its own */
};

struct metric {
	const char	*name;
	const char	*unit;		/* "ns", "1/s", "B", "1", or "bool" for a fact, 0 or 1 */
	const char	*help;
	bool		 derived;	/* by derive(), not said by the worker */
	bool		 optional;	/* not every worker program of the experiment says it */
};

/* How long a trial's measured part is: target_ns * duration_factor, or not. */
enum pace {
	PACE_ITERATIONS,	/* iterations= found so that it lasts about that long */
	PACE_DURATION,		/* duration_ns= of that, iterations=1 */
	PACE_ONCE,		/* iterations= of min_iterations, however long that takes */
};

struct trial;
struct experiment_run;
struct claim;

struct experiment {
	const char		*name;
	const char		*help;
	const char		*program;	/* NULL: named by parameter `workload` */
	const struct claim	*claim;		/* that it settles; NULL: none */
	const struct sweep	*sweeps;	/* up to one without a name */
	const struct variant	*variants;
	size_t			 n_variants;
	const struct metric	*metrics;
	size_t			 n_metrics;
	enum pace		 pace;
	unsigned int		 duration_factor;	/* 0: 1 */
	/* Points alike in this parameter get the same iterations; NULL: all differ. */
	const char		*calibrated_by;
	uint64_t		 min_iterations;
	/* @program is a script for the Python interpreter. */
	bool			 python;
	/* Some of its work is with files. */
	bool			 files;
	/* NULL, or why this point cannot be measured on this machine. */
	const char	       *(*left_out)(const struct params *params,
					    const struct machine *machine);
	/* Whether there is such a cell; NULL: every variant at every point. */
	bool			(*has)(const struct variant *variant,
				       const struct params *params);
	/* How many of the machine's CPUs, from the first, the trial runs on. */
	unsigned int		(*cpus)(const struct params *params,
					const struct machine *machine);
	/* Arguments that every trial gets besides its parameters. */
	const char *const	*arguments;
	/* [n_variants]: one more for each variant's trials. May be NULL. */
	const char *const	*variant_arguments;
	/* The program gets the user's environment and huge pages, not fixed ones. */
	bool			 user_environment;
	/*
	 * A program that runs beside the worker program, on the machine's last
	 * CPU and counted in neither arm, or NULL. See worker.h.
	 */
	const char	       *(*companion)(const struct params *params);
	unsigned int		  also;		/* KERNEL_*: measured in all of its trials */
	/*
	 * Once for each point, after its calibration: may run trials with
	 * experiment_try() and set point->argument. May be NULL.
	 */
	void			(*prepare)(struct experiment_run *run, size_t point);
	/*
	 * Derived metric @metric of @trial. False if there is none: the trials
	 * it needs are not there, or only the module would know.
	 */
	bool			(*derive)(const struct experiment_run *run,
					  const struct trial *trial, size_t metric,
					  double *value);
};

/* The commands of --vs, run by the shell; @prepare may be NULL. */
struct vs_commands {
	const char	*a;
	const char	*b;
	const char	*prepare;
};

/* The experiment that compares them. NULL: no memory. One at a time. */
const struct experiment *vs_experiment(const struct vs_commands *commands);

extern const struct experiment *const experiments[];	/* in the order of the text */
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
	bool			 quick;
	const char		*dir;		/* --dir; NULL: not given, or no file work */
	const char		*storage;	/* for file work; NULL: there is none */
	/* A name in @storage that a worker program may make a directory of; removed after it. */
	const char		*scratch;
	const char		*db;		/* PostgreSQL's URL; NULL: SQLite */
	const char		*python;	/* --python; NULL: not given */
	const char		*interpreter;	/* its file, for all Python work; or NULL */
	/* --param: NULL-terminated pairs NAME, comma-separated values. */
	const char		**params;
	/* Called between trials. May be NULL. */
	void			(*progress)(const struct experiment *experiment,
					    size_t done, size_t all);
};

struct cell {
	char		reason[WORKER_REASON_SIZE];	/* why there are no (more) trials */
	bool		absent;		/* there is no such cell, see has() */
	bool		failed;		/* @reason is a failure */
	bool		unavailable;	/* @reason is the machine's */
	struct tally	tally;		/* of all trials but warm-ups */
};

struct point {
	struct params	 params;
	const char	*left_out;	/* NULL: it is measured */
	uint64_t	 iterations;
	char		 argument[64];	/* NAME=VALUE for its trials, from prepare() */
	struct cell	*cell;		/* [n_variants] */
};

/* denominator 0: no value. */
struct fraction {
	int64_t	numerator;
	int64_t	denominator;
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
	struct fraction		 metric[WORKER_METRICS_MAX];	/* in order of the table's */
	struct worker_number	 count[WORKER_COUNTS_MAX];
	size_t			 counts;
	struct tally		*tally;		/* tally_clone() of the trial's */
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

/**
 * experiment_try() - one run of a cell that is no trial
 *
 * Return: whether it worked. If not, the reason is kept with the cell, or
 * run->interrupted is set.
 */
bool experiment_try(struct experiment_run *run, size_t point, size_t variant,
		    uint64_t iterations, struct worker_result *result);

/* The trial of the same block and variant at the point that is @params; NULL: none. */
const struct trial *experiment_find_trial(const struct experiment_run *run,
					  const struct trial *trial,
					  const struct params *params);

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
