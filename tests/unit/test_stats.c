// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statistics, held against simulation: what is called a 95 % interval covers
 * the truth in 93 to 97 % of data sets whose truth is known.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>

#include "stats.h"

#define N		30
#define DATA_SETS	4000
/*
 * Coverage of the interval by 1,000 resamples is that by 10,000 to within the
 * simulation's own error: resampling_error_is_small() shows it. The standard
 * error of a coverage near 95.5 % from 4,000 data sets is 0.33 %.
 */
#define RESAMPLES	1000
#define TRUE_RATIO	1.3

static gsl_rng *rng;

static int set_up(void **state)
{
	(void)state;
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, 20240229);
	return rng ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	gsl_rng_free(rng);
	return 0;
}

/* ---- data with a known truth ---- */

typedef void (*draw_fn)(double *of, double *to, size_t n);

static void draw_lognormal(double *of, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		of[i] = TRUE_RATIO * gsl_ran_lognormal(rng, 0, 0.3);
		to[i] = gsl_ran_lognormal(rng, 0, 0.3);
	}
}

static void draw_normal(double *of, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		of[i] = TRUE_RATIO * (1 + gsl_ran_gaussian(rng, 0.1));
		to[i] = 1 + gsl_ran_gaussian(rng, 0.1);
	}
}

/* The machine's state differs from block to block and reaches both arms. */
static void draw_blocks(double *of, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double block = gsl_ran_lognormal(rng, 0, 0.3);

		of[i] = TRUE_RATIO * block * gsl_ran_lognormal(rng, 0, 0.05);
		to[i] = block * gsl_ran_lognormal(rng, 0, 0.05);
	}
}

/* One trial in ten takes up to three times as long, in either arm. */
static void draw_outliers(double *of, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		of[i] = TRUE_RATIO * gsl_ran_lognormal(rng, 0, 0.02);
		to[i] = gsl_ran_lognormal(rng, 0, 0.02);
		if (gsl_rng_uniform(rng) < 0.1)
			of[i] *= 1 + 2 * gsl_rng_uniform(rng);
		if (gsl_rng_uniform(rng) < 0.1)
			to[i] *= 1 + 2 * gsl_rng_uniform(rng);
	}
}

/* Logarithm of the ratio: AR(1) with coefficient @phi. */
static void draw_ar1(double *of, double *to, size_t n, double phi)
{
	double x = gsl_ran_gaussian(rng, 0.1 / sqrt(1 - phi * phi));

	for (size_t i = 0; i < n; i++) {
		of[i] = TRUE_RATIO * exp(x);
		to[i] = 1;
		x = phi * x + gsl_ran_gaussian(rng, 0.1);
	}
}

static double ratio_coverage(draw_fn draw, size_t n, size_t resamples)
{
	double of[N], to[N];
	size_t covered = 0;

	for (size_t i = 0; i < DATA_SETS; i++) {
		struct stats_ratio ratio;
		struct stats_interval ci;

		draw(of, to, n);
		assert_int_equal(stats_ratio_init(&ratio, of, to, n, 1, resamples,
						  (uint32_t)i + 1), 0);
		ci = stats_ratio_ci(&ratio, STATS_LEVEL);
		assert_true(ci.known);
		covered += ci.lo <= TRUE_RATIO && TRUE_RATIO <= ci.hi;
		stats_ratio_free(&ratio);
	}
	return (double)covered / DATA_SETS;
}

static void check_coverage(const char *what, double coverage)
{
	print_message("coverage, %s: %.2f %%\n", what, 100 * coverage);
	assert_true(coverage >= 0.93);
	assert_true(coverage <= 0.97);
}

static void ratio_interval_covers(void **state)
{
	(void)state;
	check_coverage("ratio, lognormal, n = 30", ratio_coverage(draw_lognormal, N, RESAMPLES));
	check_coverage("ratio, normal, n = 30", ratio_coverage(draw_normal, N, RESAMPLES));
	check_coverage("ratio, block effects, n = 30", ratio_coverage(draw_blocks, N, RESAMPLES));
	check_coverage("ratio, outliers, n = 30", ratio_coverage(draw_outliers, N, RESAMPLES));
}

/* In short runs the interval may be wide, but never claims too much. */
static void ratio_interval_is_safe_in_short_runs(void **state)
{
	static const size_t sizes[] = { 6, 7, 10 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		double coverage = ratio_coverage(draw_lognormal, sizes[i], RESAMPLES);

		print_message("coverage, ratio, lognormal, n = %zu: %.2f %%\n", sizes[i],
			      100 * coverage);
		assert_true(coverage >= 0.945);
	}
}

/* Same data, 1,000 and 10,000 resamples: the bounds differ by little of the width. */
static void resampling_error_is_small(void **state)
{
	double of[N], to[N], moved = 0, width = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct stats_ratio few, many;
		struct stats_interval a, b;

		draw_lognormal(of, to, N);
		assert_int_equal(stats_ratio_init(&few, of, to, N, 1, RESAMPLES, 7), 0);
		assert_int_equal(stats_ratio_init(&many, of, to, N, 1, STATS_RESAMPLES, 8), 0);
		a = stats_ratio_ci(&few, STATS_LEVEL);
		b = stats_ratio_ci(&many, STATS_LEVEL);
		moved += fabs(log(a.lo / b.lo)) + fabs(log(a.hi / b.hi));
		width += log(b.hi / b.lo);
		stats_ratio_free(&few);
		stats_ratio_free(&many);
	}
	print_message("1,000 for 10,000 resamples moves a bound by %.1f %% of the width\n",
		      100 * moved / 2 / width);
	assert_true(moved / 2 / width < 0.05);
}

static double median_coverage(size_t n, bool lognormal)
{
	size_t covered = 0;
	double x[N];

	for (size_t i = 0; i < DATA_SETS; i++) {
		struct stats_interval ci;

		for (size_t j = 0; j < n; j++)
			x[j] = lognormal ? gsl_ran_lognormal(rng, 0, 1) :
					   1 + gsl_ran_gaussian(rng, 0.2);
		ci = stats_median_ci(x, n);
		assert_true(ci.known);
		covered += ci.lo <= 1 && 1 <= ci.hi;
	}
	return (double)covered / DATA_SETS;
}

static void median_interval_covers(void **state)
{
	(void)state;
	check_coverage("median, lognormal, n = 30", median_coverage(N, true));
	check_coverage("median, normal, n = 30", median_coverage(N, false));
}

/* By the binomial distribution, by hand: n = 30 takes ranks 10 and 21. */
static void median_interval_takes_the_right_ranks(void **state)
{
	static const struct {
		size_t n, lower;
	} known[] = { { 6, 1 }, { 7, 1 }, { 8, 1 }, { 9, 2 }, { 10, 2 }, { 20, 6 }, { 30, 10 } };
	double x[N] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = known[i].n;
		double y[N];
		struct stats_interval ci;

		for (size_t j = 0; j < n; j++)
			y[j] = (double)((j * 11) % n + 1);	/* 1 … n, shuffled */
		ci = stats_median_ci(y, n);
		assert_true(ci.known);
		assert_true(ci.lo == (double)known[i].lower);
		assert_true(ci.hi == (double)(n + 1 - known[i].lower));
	}
	assert_false(stats_median_ci(x, 5).known);
	assert_false(stats_median_ci(x, 0).known);
}

static void median_is_the_middle(void **state)
{
	static const double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 };

	(void)state;
	assert_true(stats_median(odd, 3) == 3);
	assert_true(stats_median(even, 4) == 2.5);
	assert_true(isnan(stats_median(odd, 0)));
}

/* ---- the ratio ---- */

static void ratio_of_what_has_none(void **state)
{
	static const double good[] = { 1, 2, 3 }, zero[] = { 1, 0, 3 }, minus[] = { 1, -2, 3 };
	static const double nan_in[] = { 1, NAN, 3 };
	struct stats_ratio ratio;

	(void)state;
	assert_int_equal(stats_ratio_init(&ratio, good, zero, 3, 1, 10, 1), -EDOM);
	assert_int_equal(stats_ratio_init(&ratio, minus, good, 3, 1, 10, 1), -EDOM);
	assert_int_equal(stats_ratio_init(&ratio, nan_in, good, 3, 1, 10, 1), -EDOM);
	assert_int_equal(stats_ratio_init(&ratio, good, good, 0, 1, 10, 1), -EDOM);
	assert_int_equal(stats_ratio_init(&ratio, good, good, 3, 4, 10, 1), -EDOM);
	assert_int_equal(stats_ratio_init(&ratio, good, good, 3, 1, 10, 1), 0);
	assert_true(ratio.value == 1);
	/* Three blocks: a value, but no interval. */
	assert_false(stats_ratio_ci(&ratio, STATS_LEVEL).known);
	assert_true(stats_ratio_p_above(&ratio, 0.5) == 1);
	stats_ratio_free(&ratio);
}

static void same_seed_same_interval(void **state)
{
	double of[N], to[N];
	struct stats_ratio a, b, c;

	(void)state;
	draw_lognormal(of, to, N);
	assert_int_equal(stats_ratio_init(&a, of, to, N, 1, STATS_RESAMPLES, 42), 0);
	assert_int_equal(stats_ratio_init(&b, of, to, N, 1, STATS_RESAMPLES, 42), 0);
	assert_int_equal(stats_ratio_init(&c, of, to, N, 1, STATS_RESAMPLES, 43), 0);
	assert_memory_equal(a.boot, b.boot, STATS_RESAMPLES * sizeof(*a.boot));
	assert_memory_not_equal(a.boot, c.boot, STATS_RESAMPLES * sizeof(*a.boot));
	assert_true(a.value == c.value);
	stats_ratio_free(&a);
	stats_ratio_free(&b);
	stats_ratio_free(&c);
}

/* Straight from the words of stats.h, without ranks and counting. */
static void bootstrap_is_what_it_says(void **state)
{
	enum { FEW = 7, TIMES = 50, LENGTH = 3 };
	double of[FEW], to[FEW], by_hand[TIMES];
	struct stats_ratio ratio;
	gsl_rng *again = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	draw_lognormal(of, to, FEW);
	for (size_t length = 1; length <= LENGTH; length += 2) {
		assert_int_equal(stats_ratio_init(&ratio, of, to, FEW, length, TIMES, 99), 0);
		gsl_rng_set(again, 99);
		for (int b = 0; b < TIMES; b++) {
			double drawn[FEW + LENGTH];
			size_t n = 0;

			while (n < FEW) {
				size_t from = gsl_rng_uniform_int(again, FEW - length + 1);

				for (size_t i = 0; i < length; i++)
					drawn[n++] = log(of[from + i]) - log(to[from + i]);
			}
			by_hand[b] = stats_median(drawn, FEW);
		}
		gsl_sort(by_hand, 1, TIMES);
		for (int b = 0; b < TIMES; b++)
			assert_true(fabs(ratio.boot[b] - by_hand[b]) < 1e-12);
		stats_ratio_free(&ratio);
	}
	gsl_rng_free(again);
}

/* An interval at level 1 - p lies beyond the bound, at a hair less it does not. */
static void p_value_inverts_the_interval(void **state)
{
	double of[N], to[N];

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct stats_ratio ratio;
		double p;

		draw_lognormal(of, to, N);
		assert_int_equal(stats_ratio_init(&ratio, of, to, N, 1, STATS_RESAMPLES, 5), 0);
		p = stats_ratio_p_above(&ratio, 1.1);
		if (p < 0.9) {
			assert_true(stats_ratio_ci(&ratio, 1 - p * 1.0001).lo > 1.1);
			assert_false(stats_ratio_ci(&ratio, 1 - p * 0.99).lo > 1.1 &&
				     stats_ratio_ci(&ratio, 1 - p * 0.99).known);
		}
		p = stats_ratio_p_below(&ratio, 1.5);
		if (p < 0.9) {
			assert_true(stats_ratio_ci(&ratio, 1 - p * 1.0001).hi < 1.5);
			assert_false(stats_ratio_ci(&ratio, 1 - p * 0.99).hi < 1.5 &&
				     stats_ratio_ci(&ratio, 1 - p * 0.99).known);
		}
		stats_ratio_free(&ratio);
	}
}

/* ---- Holm ---- */

static void holm_steps_down(void **state)
{
	/* Holm's own procedure: 0.01 <= 0.05/4, 0.013 <= 0.05/3, 0.03 > 0.05/2: stop. */
	static const double p[] = { 0.03, 0.01, 0.04, 0.013 };
	static const double all[] = { 0.012, 0.016, 0.02, 0.05 };
	static const double none[] = { 0.02, 0.02, 0.02 };
	bool rejected[4];

	(void)state;
	stats_holm(p, 4, 0.05, rejected);
	assert_false(rejected[0]);
	assert_true(rejected[1]);
	assert_false(rejected[2]);
	assert_true(rejected[3]);
	stats_holm(all, 4, 0.05, rejected);
	for (int i = 0; i < 4; i++)
		assert_true(rejected[i]);
	stats_holm(none, 3, 0.05, rejected);
	for (int i = 0; i < 3; i++)
		assert_false(rejected[i]);
}

/* ---- stationarity ---- */

static double failed_share(double phi, double drift)
{
	struct stats_stationarity s;
	double of[N], to[N], x[N];
	size_t failed = 0;

	for (int i = 0; i < 1000; i++) {
		draw_ar1(of, to, N, phi);
		for (size_t j = 0; j < N; j++)
			x[j] = log(of[j]) + drift * (double)j / N;
		assert_int_equal(stats_stationarity(x, N, &s), 0);
		failed += s.failed;
	}
	return (double)failed / 1000;
}

static void stationarity_tells_apart(void **state)
{
	double independent = failed_share(0, 0);
	double correlated = failed_share(0.7, 0);
	double drifting = failed_share(0, 0.3);

	(void)state;
	print_message("nonstationary: %.1f %% of independent, %.1f %% of AR(0.7), "
		      "%.1f %% of drifting series\n", 100 * independent, 100 * correlated,
		      100 * drifting);
	/* Two tests at 1 %. */
	assert_true(independent < 0.04);
	assert_true(correlated > 0.8);
	assert_true(drifting > 0.8);
}

/* One outlier neither hides a correlation nor makes one. */
static void stationarity_bears_outliers(void **state)
{
	struct stats_stationarity s;
	double x[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		x[i] = (double)i;
	x[3] = 1e9;
	assert_int_equal(stats_stationarity(x, N, &s), 0);
	assert_true(s.failed);
	assert_true(s.lag1 > 0.5);
	assert_true(s.shift > 0);
}

static void stationarity_of_too_little(void **state)
{
	static const double equal[N], few[] = { 1, 2, 3, 4, 5 };
	struct stats_stationarity s;

	(void)state;
	assert_int_equal(stats_stationarity(equal, N, &s), 0);
	assert_false(s.failed);
	assert_int_equal(stats_stationarity(few, 5, &s), 0);
	assert_false(s.failed);
	assert_true(s.lag1_p == 1);
}

/* With correlated blocks the plain bootstrap claims too much, the other less so. */
static void moving_blocks_help(void **state)
{
	size_t plain = 0, moving = 0, length = stats_block_length(N);
	double of[N], to[N];

	(void)state;
	assert_int_equal(length, 4);
	assert_int_equal(stats_block_length(1), 1);
	assert_int_equal(stats_block_length(27), 3);
	assert_int_equal(stats_block_length(28), 4);
	for (size_t i = 0; i < DATA_SETS / 4; i++) {
		struct stats_ratio a, b;
		struct stats_interval ci;

		draw_ar1(of, to, N, 0.7);
		assert_int_equal(stats_ratio_init(&a, of, to, N, 1, RESAMPLES, 3), 0);
		assert_int_equal(stats_ratio_init(&b, of, to, N, length, RESAMPLES, 3), 0);
		ci = stats_ratio_ci(&a, STATS_LEVEL);
		plain += ci.lo <= TRUE_RATIO && TRUE_RATIO <= ci.hi;
		ci = stats_ratio_ci(&b, STATS_LEVEL);
		moving += ci.lo <= TRUE_RATIO && TRUE_RATIO <= ci.hi;
		stats_ratio_free(&a);
		stats_ratio_free(&b);
	}
	print_message("coverage, AR(0.7): plain %.1f %%, moving blocks %.1f %%\n",
		      plain * 400.0 / DATA_SETS, moving * 400.0 / DATA_SETS);
	assert_true((double)moving > (double)plain * 1.08);
}

/* ---- orders and seeds ---- */

static void seeds_differ_and_repeat(void **state)
{
	(void)state;
	assert_int_equal(stats_seed(1, "a"), stats_seed(1, "a"));
	assert_int_not_equal(stats_seed(1, "a"), stats_seed(2, "a"));
	assert_int_not_equal(stats_seed(1, "a"), stats_seed(1, "b"));
	assert_int_not_equal(stats_seed(0, ""), 0);
}

/* Each of three arms is as often first, second and last: chi-squared, 4 d.f. */
static void orders_are_balanced(void **state)
{
	enum { ARMS = 3, BLOCKS = 3000 };
	size_t at[ARMS][ARMS] = { 0 }, order[ARMS];
	double chi = 0, expected = (double)BLOCKS / ARMS;

	(void)state;
	for (int i = 0; i < BLOCKS; i++) {
		unsigned int seen = 0;

		stats_permutation(rng, order, ARMS);
		for (size_t j = 0; j < ARMS; j++) {
			seen |= 1u << order[j];
			at[j][order[j]]++;
		}
		assert_int_equal(seen, (1u << ARMS) - 1);
	}
	for (size_t i = 0; i < ARMS; i++)
		for (size_t j = 0; j < ARMS; j++)
			chi += ((double)at[i][j] - expected) * ((double)at[i][j] - expected) /
			       expected;
	assert_true(gsl_cdf_chisq_Q(chi, 4) > 0.001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_is_the_middle),
		cmocka_unit_test(median_interval_takes_the_right_ranks),
		cmocka_unit_test(median_interval_covers),
		cmocka_unit_test(ratio_interval_covers),
		cmocka_unit_test(ratio_interval_is_safe_in_short_runs),
		cmocka_unit_test(resampling_error_is_small),
		cmocka_unit_test(ratio_of_what_has_none),
		cmocka_unit_test(same_seed_same_interval),
		cmocka_unit_test(bootstrap_is_what_it_says),
		cmocka_unit_test(p_value_inverts_the_interval),
		cmocka_unit_test(holm_steps_down),
		cmocka_unit_test(stationarity_tells_apart),
		cmocka_unit_test(stationarity_bears_outliers),
		cmocka_unit_test(stationarity_of_too_little),
		cmocka_unit_test(moving_blocks_help),
		cmocka_unit_test(seeds_differ_and_repeat),
		cmocka_unit_test(orders_are_balanced),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
