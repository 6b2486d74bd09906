/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics of `compare`: medians and ratios with their intervals, and the
 * tests that say when those intervals may not be trusted as they stand.
 *
 * Every figure here can be recomputed by anyone from the samples in a result
 * file and its seed; compare(1) describes the same algorithms in words.
 */
#ifndef SCHEDSPLIT_STATS_H
#define SCHEDSPLIT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#define STATS_LEVEL	0.95	/* of every interval that is printed */
#define STATS_RESAMPLES	10000	/* bootstrap resamples of a ratio */
#define STATS_CI_MIN	6	/* fewest samples an interval is given for */

struct stats_interval {
	bool	known;		/* false: too few samples, lo and hi unset */
	double	lo;
	double	hi;
};

/**
 * stats_median() - middle of @n values; NaN if @n is 0 or memory ran out
 *
 * For an even @n it is the mean of the two middle ones. @x is left as it is.
 */
double stats_median(const double *x, size_t n);

/**
 * stats_median_ci() - interval of a median from order statistics
 *
 * The interval [x(d), x(n+1-d)] (1-based, sorted) with the largest d for which
 * the binomial coverage 1 - 2 P(Bin(n, 1/2) < d) is at least STATS_LEVEL: it
 * holds for any continuous distribution, and is 97.9 % for n = 10 and 95.7 %
 * for n = 30. Below n = 6 no two order statistics reach 95 %: not known.
 */
struct stats_interval stats_median_ci(const double *x, size_t n);

/**
 * struct stats_ratio - a ratio and its bootstrap distribution
 * @value: the median over blocks of of/to, as exp(median(log(of / to)))
 * @n: blocks
 * @block_length: of the moving-block bootstrap; 1: the plain one
 * @resamples: how many bootstrap medians @boot holds
 * @boot: their logarithms, ascending
 */
struct stats_ratio {
	double	 value;
	size_t	 n;
	size_t	 block_length;
	size_t	 resamples;
	double	*boot;
};

/**
 * stats_ratio_init() - paired bootstrap of a ratio over blocks
 * @of, @to: values of the two arms, in order of block, all above 0
 * @n: blocks
 * @block_length: consecutive blocks drawn together, 1 … @n
 * @resamples: STATS_RESAMPLES but in tests
 * @seed: of gsl_rng_mt19937, see stats_seed()
 *
 * The statistic is the median over blocks of log(of/to): a block's trials are
 * neighbours in time, so what disturbs both arms alike cancels in its ratio,
 * and outliers move it little. A resample draws ceil(n / block_length) starts
 * with gsl_rng_uniform_int(rng, n - block_length + 1), each followed by its
 * block_length - 1 successors, and keeps the first n values (Künsch 1989,
 * Ann. Statist. 17; with block_length 1 this is Efron's bootstrap).
 *
 * Return: 0; -ENOMEM; -EDOM if @n is 0 or any value is not above 0, for which
 * no ratio exists.
 */
int stats_ratio_init(struct stats_ratio *ratio, const double *of, const double *to,
		     size_t n, size_t block_length, size_t resamples, uint32_t seed);
void stats_ratio_free(struct stats_ratio *ratio);

/**
 * stats_ratio_ci() - interval at confidence @level, 0 < @level < 1
 *
 * Expanded percentile interval (Hesterberg 2015, Am. Stat. 69:371, sect. 5.3):
 * the percentiles of the bootstrap distribution are taken not at a = (1 -
 * level)/2 but at Phi(sqrt(n/(n-1)) t(a, n-1)), which makes up for the plain
 * percentile interval's being too narrow in small samples. In simulation the
 * plain one covers 94 % at n = 30 but 87 % at n = 7, the expanded one 96 % and
 * 98 % (tests/unit/test_stats.c; a ratio of the two medians instead covers
 * 99.8 % where the blocks differ, being blind to the pairing). With k =
 * floor((resamples + 1) a'), the interval is [boot(k), boot(resamples+1-k)].
 *
 * Not known below n = STATS_CI_MIN, or where k would be 0.
 */
struct stats_interval stats_ratio_ci(const struct stats_ratio *ratio, double level);

/**
 * stats_ratio_p_above() - smallest 1 - level whose interval lies above @bound
 * stats_ratio_p_below() - … below @bound
 *
 * The exact inverse of stats_ratio_ci(), for Holm's correction. 1 where no
 * interval is known.
 */
double stats_ratio_p_above(const struct stats_ratio *ratio, double bound);
double stats_ratio_p_below(const struct stats_ratio *ratio, double bound);

/**
 * stats_holm() - Holm's step-down procedure (1979, Scand. J. Statist. 6:65)
 * @p: @n p-values
 * @rejected: set for each whether its hypothesis is rejected at family-wise
 *	error rate @alpha
 */
void stats_holm(const double *p, size_t n, double alpha, bool *rejected);

/**
 * struct stats_stationarity - does a series look like independent draws?
 * @lag1: correlation of neighbours, by ranks, in [-1, 1]
 * @lag1_p: two-sided p-value of it
 * @shift: how much the last third's median exceeds the first third's
 * @shift_p: two-sided p-value of it
 * @failed: either p-value below STATS_STATIONARITY_ALPHA
 *
 * lag-1: the rank version of von Neumann's ratio (Bartels 1982, JASA 77:40),
 * so one outlier cannot hide a correlation. Shift: Mann-Whitney between first
 * and last floor(n/3) samples, normal approximation with ties and continuity
 * corrected. Samples too few to fail a test do not fail it: the second needs
 * n >= 15.
 */
struct stats_stationarity {
	double	lag1;
	double	lag1_p;
	double	shift;
	double	shift_p;
	bool	failed;
};

#define STATS_STATIONARITY_ALPHA	0.01

/* -ENOMEM or 0. Below STATS_CI_MIN samples nothing is tested, p-values are 1. */
int stats_stationarity(const double *x, size_t n, struct stats_stationarity *out);

/**
 * stats_block_length() - blocks drawn together for a series of @n
 *
 * ceil(n^(1/3)), the order that minimises the error of a moving-block
 * bootstrap's variance (Hall, Horowitz & Jing 1995, Biometrika 82:561).
 */
size_t stats_block_length(size_t n);

/**
 * stats_seed() - the bootstrap's seed for one ratio of a run
 * @run: seed of the run
 * @name: what is resampled, see ratio_seed_name() in analysis.c
 *
 * 64-bit FNV-1a over the run's seed (8 bytes, little endian), then over @name,
 * high and low half XORed; 0, which GSL would replace, becomes 1. So a ratio's
 * interval does not depend on which others were computed before it.
 */
uint32_t stats_seed(uint64_t run, const char *name);

/* Random order of 0 … @n-1, by gsl_ran_shuffle() (Fisher and Yates). */
void stats_permutation(gsl_rng *rng, size_t *order, size_t n);

#endif
