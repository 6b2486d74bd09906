/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the trials of an experiment to measurements (a metric in a cell) and
 * ratios (a metric in two cells of one point, paired by block). A fact, of unit
 * "bool", has no ratio; a cell that is absent has no measurement, nor has an
 * optional metric where the worker program never said it, nor one that only the
 * module knows without it.
 */
#ifndef SCHEDSPLIT_ANALYSIS_H
#define SCHEDSPLIT_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "experiment.h"
#include "stats.h"

/* Ratios within [1/1.05, 1.05] are called equal. */
#define RATIO_BOUND	1.05

struct sample {
	const struct trial	*trial;
	double			 value;		/* NaN: divided by 0, kept but not counted */
};

struct measurement {
	const struct metric	*metric;
	size_t			 metric_index;
	size_t			 point;
	size_t			 variant;
	struct params		 params;
	enum arm		 arm;
	const struct cell	*cell;
	const char		*left_out;	/* NULL, or why the point was not measured */
	struct sample		*sample;	/* warm-ups among them, in order of time */
	size_t			 n_samples;
	/* Samples that have a value and are no warm-up: what all below is of. */
	size_t			 n;
	double			 median, min, max;	/* NaN if n is 0 */
	struct stats_interval	 ci;
	struct stats_stationarity stationarity;
};

/* A ratio over some of the blocks. */
struct estimate {
	size_t			n;		/* blocks in which both arms have a value */
	double			value;		/* NaN if n is 0 */
	struct stats_interval	ci;
	/* Smallest 1 - level at which the interval lies wholly … */
	double			p_above;	/* above RATIO_BOUND */
	double			p_equal;	/* within [1/RATIO_BOUND, RATIO_BOUND] */
	double			p_below;	/* below 1/RATIO_BOUND */
};

struct ratio {
	const struct measurement *of;
	const struct measurement *to;
	struct params		params;		/* the point's, method, to_method */
	struct estimate		all;
	struct estimate		unmarked;	/* without blocks with a marked trial */
	size_t			marked;		/* such blocks */
	struct stats_stationarity stationarity;	/* of the logarithms, in order of block */
	size_t			block_length;	/* 1, more if they are not stationary */
};

struct analysis {
	const struct experiment_run *run;
	struct measurement	*measurement;
	size_t			 n_measurements;
	struct ratio		*ratio;
	size_t			 n_ratios;
};

/* 0 or -ENOMEM. The run must outlive the analysis. */
int analysis_init(struct analysis *analysis, const struct experiment_run *run);
void analysis_free(struct analysis *analysis);

/* The first measurement of @metric in @arm at this point; NULL: none. */
const struct measurement *analysis_find(const struct analysis *analysis, size_t point,
					enum arm arm, const char *metric);

/**
 * analysis_estimate() - a ratio's estimate from paired values
 * @seed: of the bootstrap
 *
 * Return: 0 or -ENOMEM; a ratio that does not exist has n = 0.
 */
int analysis_estimate(struct estimate *estimate, const double *of, const double *to, size_t n,
		      size_t block_length, uint32_t seed);

/**
 * ratio_seed_name() - what stats_seed() hashes for a ratio
 *
 * "EXPERIMENT METRIC NAME=VALUE … OF/TO", parameters in the order in which the
 * result file has them; " unmarked" is added for the estimate without marked
 * trials.
 */
char *ratio_seed_name(const struct ratio *ratio, const char *experiment, bool unmarked,
		      char *text, size_t size);

#endif
