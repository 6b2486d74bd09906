// SPDX-License-Identifier: GPL-2.0-or-later
/* Statistics of `compare`: see stats.h for what each rule is and whence. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "stats.h"

double stats_median(const double *x, size_t n)
{
	double *sorted, median;

	if (!n)
		return NAN;
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return NAN;
	memcpy(sorted, x, n * sizeof(*sorted));
	gsl_sort(sorted, 1, n);
	median = gsl_stats_median_from_sorted_data(sorted, 1, n);
	free(sorted);
	return median;
}

/* Largest d with 1 - 2 P(Bin(n, 1/2) <= d - 1) >= STATS_LEVEL; 0 if none. */
static size_t median_rank(size_t n)
{
	size_t d = 0;

	while (2 * (d + 1) <= n &&
	       1 - 2 * gsl_cdf_binomial_P((unsigned int)d, 0.5, (unsigned int)n) >= STATS_LEVEL)
		d++;
	return d;
}

struct stats_interval stats_median_ci(const double *x, size_t n)
{
	struct stats_interval ci = { .known = false };
	size_t d = n < STATS_CI_MIN ? 0 : median_rank(n);
	double *sorted;

	if (!d)
		return ci;
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return ci;
	memcpy(sorted, x, n * sizeof(*sorted));
	gsl_sort(sorted, 1, n);
	ci.known = true;
	ci.lo = sorted[d - 1];
	ci.hi = sorted[n - d];
	free(sorted);
	return ci;
}

/*
 * Median of a resample. Values are known by rank from the start, so that
 * counting how often each was drawn replaces sorting 10,000 times.
 */
static double resample_median(const double *sorted, const unsigned int *drawn, size_t n)
{
	size_t lower = (n - 1) / 2, upper = n / 2;	/* 0-based, equal if n is odd */
	size_t seen = 0, i = 0;
	double low;

	while (seen + drawn[i] <= lower)
		seen += drawn[i++];
	low = sorted[i];
	while (seen + drawn[i] <= upper)
		seen += drawn[i++];
	return (low + sorted[i]) / 2;
}

static void resample(struct stats_ratio *ratio, gsl_rng *rng, const double *sorted,
		     const size_t *rank, unsigned int *drawn)
{
	size_t n = ratio->n, starts = n - ratio->block_length + 1;

	for (size_t b = 0; b < ratio->resamples; b++) {
		size_t have = 0;

		memset(drawn, 0, n * sizeof(*drawn));
		while (have < n) {
			size_t from = gsl_rng_uniform_int(rng, starts);

			for (size_t i = 0; i < ratio->block_length && have < n; i++, have++)
				drawn[rank[from + i]]++;
		}
		ratio->boot[b] = resample_median(sorted, drawn, n);
	}
	gsl_sort(ratio->boot, 1, ratio->resamples);
}

int stats_ratio_init(struct stats_ratio *ratio, const double *of, const double *to,
		     size_t n, size_t block_length, size_t resamples, uint32_t seed)
{
	size_t *by_rank = NULL, *rank = NULL;
	unsigned int *drawn = NULL;
	double *log_ratio = NULL;
	gsl_rng *rng = NULL;
	int err = -ENOMEM;

	memset(ratio, 0, sizeof(*ratio));
	if (!n || !block_length || block_length > n)
		return -EDOM;
	for (size_t i = 0; i < n; i++)
		if (!(of[i] > 0) || !(to[i] > 0) || isinf(of[i]) || isinf(to[i]))
			return -EDOM;

	ratio->n = n;
	ratio->block_length = block_length;
	ratio->resamples = resamples;
	ratio->boot = malloc(resamples * sizeof(*ratio->boot));
	log_ratio = malloc(n * sizeof(*log_ratio));
	by_rank = malloc(n * sizeof(*by_rank));
	rank = malloc(n * sizeof(*rank));
	drawn = malloc(n * sizeof(*drawn));
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!ratio->boot || !log_ratio || !by_rank || !rank || !drawn || !rng)
		goto out;

	for (size_t i = 0; i < n; i++)
		log_ratio[i] = log(of[i]) - log(to[i]);
	gsl_sort_index(by_rank, log_ratio, 1, n);
	for (size_t i = 0; i < n; i++)
		rank[by_rank[i]] = i;
	gsl_sort(log_ratio, 1, n);
	ratio->value = exp(gsl_stats_median_from_sorted_data(log_ratio, 1, n));

	gsl_rng_set(rng, seed);
	resample(ratio, rng, log_ratio, rank, drawn);
	err = 0;
out:
	if (rng)
		gsl_rng_free(rng);
	free(drawn);
	free(rank);
	free(by_rank);
	free(log_ratio);
	if (err)
		stats_ratio_free(ratio);
	return err;
}

void stats_ratio_free(struct stats_ratio *ratio)
{
	free(ratio->boot);
	ratio->boot = NULL;
}

/* Nominal tail of an interval to the tail of the bootstrap distribution. */
static double expand(double tail, size_t n)
{
	double df = (double)n - 1;

	return gsl_cdf_ugaussian_P(sqrt((double)n / df) * gsl_cdf_tdist_Pinv(tail, df));
}

/* The way back: what nominal tail has @tail of the bootstrap distribution. */
static double contract(double tail, size_t n)
{
	double df = (double)n - 1;

	return gsl_cdf_tdist_P(gsl_cdf_ugaussian_Pinv(tail) / sqrt((double)n / df), df);
}

struct stats_interval stats_ratio_ci(const struct stats_ratio *ratio, double level)
{
	struct stats_interval ci = { .known = false };
	size_t k;

	if (ratio->n < STATS_CI_MIN)
		return ci;
	k = (size_t)floor((double)(ratio->resamples + 1) * expand((1 - level) / 2, ratio->n));
	if (!k)
		return ci;
	ci.known = true;
	ci.lo = exp(ratio->boot[k - 1]);
	ci.hi = exp(ratio->boot[ratio->resamples - k]);
	return ci;
}

/*
 * boot(k) > bound exactly if fewer than k resamples are at or below it, so the
 * smallest k is one more than those.
 */
static double p_from_wrong_side(const struct stats_ratio *ratio, size_t wrong)
{
	double tail = (double)(wrong + 1) / (double)(ratio->resamples + 1);

	if (tail >= 0.5)
		return 1;
	return 2 * contract(tail, ratio->n);
}

double stats_ratio_p_above(const struct stats_ratio *ratio, double bound)
{
	size_t wrong = 0;

	if (ratio->n < STATS_CI_MIN)
		return 1;
	while (wrong < ratio->resamples && exp(ratio->boot[wrong]) <= bound)
		wrong++;
	return p_from_wrong_side(ratio, wrong);
}

double stats_ratio_p_below(const struct stats_ratio *ratio, double bound)
{
	size_t wrong = 0;

	if (ratio->n < STATS_CI_MIN)
		return 1;
	while (wrong < ratio->resamples &&
	       exp(ratio->boot[ratio->resamples - 1 - wrong]) >= bound)
		wrong++;
	return p_from_wrong_side(ratio, wrong);
}

void stats_holm(const double *p, size_t n, double alpha, bool *rejected)
{
	bool open = true;

	for (size_t i = 0; i < n; i++)
		rejected[i] = false;
	/* At most a dozen points: picking the smallest each time is simplest. */
	for (size_t step = 0; step < n && open; step++) {
		size_t best = n;

		for (size_t i = 0; i < n; i++)
			if (!rejected[i] && (best == n || p[i] < p[best]))
				best = i;
		open = p[best] <= alpha / (double)(n - step);
		rejected[best] = open;
	}
}

/* Ranks 1 … n, ties sharing the mean of theirs. */
static int rank_all(const double *x, size_t n, double *rank)
{
	size_t *order = malloc(n * sizeof(*order));
	size_t i = 0;

	if (!order)
		return -ENOMEM;
	gsl_sort_index(order, x, 1, n);
	while (i < n) {
		size_t same = i;

		while (same + 1 < n && x[order[same + 1]] == x[order[i]])
			same++;
		for (size_t j = i; j <= same; j++)
			rank[order[j]] = (double)(i + same) / 2 + 1;
		i = same + 1;
	}
	free(order);
	return 0;
}

/* Bartels 1982: RVN has mean 2 and this variance when draws are exchangeable. */
static void test_lag1(const double *rank, size_t n, struct stats_stationarity *out)
{
	double mean = (double)(n + 1) / 2, m = (double)n;
	double step = 0, spread = 0, product = 0, variance, z;

	for (size_t i = 0; i < n; i++) {
		spread += (rank[i] - mean) * (rank[i] - mean);
		if (i + 1 == n)
			break;
		step += (rank[i + 1] - rank[i]) * (rank[i + 1] - rank[i]);
		product += (rank[i + 1] - mean) * (rank[i] - mean);
	}
	if (spread == 0)
		return;		/* all equal: nothing correlates */
	variance = 4 * (m - 2) * (5 * m * m - 2 * m - 9) /
		   (5 * m * (m + 1) * (m - 1) * (m - 1));
	z = (step / spread - 2) / sqrt(variance);
	out->lag1 = product / spread;
	out->lag1_p = 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

/* Mann-Whitney U of first against last third. */
static int test_shift(const double *x, size_t n, struct stats_stationarity *out)
{
	size_t third = n / 3, both = 2 * third;
	double *pool = malloc(2 * both * sizeof(*pool));
	double m = (double)third, total = (double)both;
	double u = 0, ties = 0, variance, excess;
	double *rank;

	if (!pool)
		return -ENOMEM;
	rank = pool + both;
	memcpy(pool, x, third * sizeof(*x));
	memcpy(pool + third, x + n - third, third * sizeof(*x));
	if (rank_all(pool, both, rank)) {
		free(pool);
		return -ENOMEM;
	}
	for (size_t i = 0; i < both; i++) {
		double same = 0;

		for (size_t j = 0; j < both; j++)
			same += pool[j] == pool[i];
		ties += same * same - 1;	/* sums to t^3 - t over groups of t */
		if (i >= third)
			u += rank[i];
	}
	u -= m * (m + 1) / 2;
	variance = m * m / 12 * (total + 1 - ties / (total * (total - 1)));
	excess = fabs(u - m * m / 2) - 0.5;
	if (variance > 0 && excess > 0)
		out->shift_p = 2 * gsl_cdf_ugaussian_Q(excess / sqrt(variance));
	out->shift = stats_median(pool + third, third) - stats_median(pool, third);
	free(pool);
	return 0;
}

int stats_stationarity(const double *x, size_t n, struct stats_stationarity *out)
{
	double *rank;
	int err;

	*out = (struct stats_stationarity){ .lag1_p = 1, .shift_p = 1 };
	if (n < STATS_CI_MIN)
		return 0;
	rank = malloc(n * sizeof(*rank));
	if (!rank)
		return -ENOMEM;
	err = rank_all(x, n, rank);
	if (!err) {
		test_lag1(rank, n, out);
		err = test_shift(x, n, out);
	}
	free(rank);
	out->failed = out->lag1_p < STATS_STATIONARITY_ALPHA ||
		      out->shift_p < STATS_STATIONARITY_ALPHA;
	return err;
}

size_t stats_block_length(size_t n)
{
	size_t length = 1;

	while (length * length * length < n)
		length++;
	return length;
}

uint32_t stats_seed(uint64_t run, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	uint32_t seed;

	for (int i = 0; i < 8; i++) {
		hash ^= (run >> (8 * i)) & 0xff;
		hash *= 0x100000001b3ULL;
	}
	for (; *name; name++) {
		hash ^= (unsigned char)*name;
		hash *= 0x100000001b3ULL;
	}
	seed = (uint32_t)(hash ^ (hash >> 32));
	return seed ? seed : 1;
}

void stats_permutation(gsl_rng *rng, size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	if (n > 1)
		gsl_ran_shuffle(rng, order, n, sizeof(*order));
}
