// SPDX-License-Identifier: GPL-2.0-or-later
/* Histogram buckets of the module: contiguous, complete, narrow enough. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hist.h"
#include "info.h"

static void buckets_are_contiguous(void **state)
{
	(void)state;
	assert_true(hist_lo(0) == 0);
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		assert_true(hist_lo(i) < hist_hi(i));
		if (i + 1 < HIST_BUCKETS)
			assert_true(hist_hi(i) == hist_lo(i + 1));
	}
	assert_true(hist_hi(HIST_BUCKETS - 1) == UINT64_MAX);
}

static void bounds_are_in_their_bucket(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		assert_int_equal(hist_bucket(hist_lo(i)), i);
		assert_int_equal(hist_bucket(hist_hi(i) - 1), i);
		assert_int_equal(hist_bucket(hist_lo(i) + (hist_hi(i) - hist_lo(i)) / 2), i);
	}
	assert_int_equal(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
}

static void values_are_between_the_bounds(void **state)
{
	uint64_t ns = 1;

	(void)state;
	/* every small one, then ever larger ones at all bit lengths */
	for (uint64_t i = 0; i < 100000; i++)
		assert_true(hist_lo(hist_bucket(i)) <= i && i < hist_hi(hist_bucket(i)));
	for (int i = 0; i < 100000; i++) {
		uint64_t value = ns >> (i % 64);

		assert_true(hist_lo(hist_bucket(value)) <= value);
		assert_true(value < hist_hi(hist_bucket(value)) || value == UINT64_MAX);
		ns = ns * 6364136223846793005u + 1442695040888963407u;
	}
}

/* A quantile read off the buckets is at most so far off. */
static void buckets_are_narrow(void **state)
{
	(void)state;
	for (unsigned int i = 1; i + 1 < HIST_BUCKETS; i++)
		if (hist_lo(i) >= 8)
			assert_true(hist_hi(i) - hist_lo(i) <= hist_lo(i) / 4);
}

/* Planted values: the median read off is in the bucket of theirs. */
static void medians_are_in_their_bucket(void **state)
{
	static struct info info;
	uint64_t hist[INFO_BUCKETS_MAX] = { 0 };

	(void)state;
	info.buckets = HIST_BUCKETS;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		info.bound[i].lo = hist_lo(i);
		info.bound[i].hi = hist_hi(i);
	}
	assert_true(isnan(info_median(&info, hist)));
	for (uint64_t i = 0; i < 1001; i++) {
		double median;

		/* 0, 1000, 2000, ...: in the middle is half of the last */
		hist[hist_bucket(1000 * i)]++;
		median = info_median(&info, hist);
		if (i % 2)
			continue;
		assert_true(median >= (double)hist_lo(hist_bucket(500 * i)));
		assert_true(median <= (double)hist_hi(hist_bucket(500 * i)));
	}
	memset(hist, 0, sizeof(hist));
	hist[HIST_BUCKETS - 1] = 3;
	assert_true(fabs(info_median(&info, hist) / (double)hist_lo(HIST_BUCKETS - 1) - 1) < 1e-9);
}

static void the_tool_can_hold_them(void **state)
{
	(void)state;
	assert_true(HIST_BUCKETS <= INFO_BUCKETS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_contiguous),
		cmocka_unit_test(bounds_are_in_their_bucket),
		cmocka_unit_test(values_are_between_the_bounds),
		cmocka_unit_test(buckets_are_narrow),
		cmocka_unit_test(medians_are_in_their_bucket),
		cmocka_unit_test(the_tool_can_hold_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
