// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: what is pure, with the kernel's own types and constants. */
#include <kunit/test.h>
#include <linux/init_task.h>
#include <linux/module.h>
#include "classify.h"
#include "counters.h"
#include "hist.h"
#include "migration.h"

static void buckets_are_contiguous(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, hist_lo(0), 0);
	for (i = 0; i + 1 < HIST_BUCKETS; i++) {
		KUNIT_EXPECT_LT(test, hist_lo(i), hist_hi(i));
		KUNIT_EXPECT_EQ(test, hist_hi(i), hist_lo(i + 1));
	}
	KUNIT_EXPECT_EQ(test, hist_hi(HIST_BUCKETS - 1), U64_MAX);
}

static void bounds_are_in_their_bucket(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		KUNIT_EXPECT_EQ(test, hist_bucket(hist_lo(i)), i);
		KUNIT_EXPECT_EQ(test, hist_bucket(hist_hi(i) - 1), i);
	}
	KUNIT_EXPECT_EQ(test, hist_bucket(U64_MAX), HIST_BUCKETS - 1);
}

static void real_tasks_have_their_class(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, task_class(&init_task), SCHEDSPLIT_CLASS_IDLE);
	/* tests run in a thread of the kernel's */
	KUNIT_EXPECT_EQ(test, task_class(current), SCHEDSPLIT_CLASS_KTHREAD);
}

static void slots_have_all_classes(struct kunit *test)
{
	unsigned long found = 0;
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++) {
		KUNIT_EXPECT_LT(test, slot_class(slot), SCHEDSPLIT_CLASSES);
		found |= BIT(slot_class(slot));
	}
	KUNIT_EXPECT_EQ(test, found, BIT(SCHEDSPLIT_CLASSES) - 1);
}

/* Every kind has an index of its own. */
static void kinds_are_distinct(struct kunit *test)
{
	unsigned int space, voluntary, from, to, n = 0;

	for (space = 0; space < SCHEDSPLIT_SPACES; space++)
		for (voluntary = 0; voluntary < 2; voluntary++)
			for (from = 0; from < SLOTS; from++)
				for (to = 0; to < SLOTS; to++)
					KUNIT_EXPECT_EQ(test, n++,
							switch_kind(space, voluntary,
								    from, to));
	KUNIT_EXPECT_EQ(test, n, SWITCH_KINDS);
}

static void distances_go_by_what_is_shared(struct kunit *test)
{
	static const struct cpu_place here = { .core = 1, .llc = 2, .node = 3 };
	struct cpu_place there = here;

	KUNIT_EXPECT_EQ(test, migration_distance(&here, &here),
			SCHEDSPLIT_DISTANCE_NONE);
	KUNIT_EXPECT_EQ(test, migration_distance(&here, &there),
			SCHEDSPLIT_DISTANCE_SMT);
	there.core = 4;
	KUNIT_EXPECT_EQ(test, migration_distance(&here, &there),
			SCHEDSPLIT_DISTANCE_CACHE);
	there.llc = 5;
	KUNIT_EXPECT_EQ(test, migration_distance(&here, &there),
			SCHEDSPLIT_DISTANCE_NODE);
	there.node = 6;
	KUNIT_EXPECT_EQ(test, migration_distance(&here, &there),
			SCHEDSPLIT_DISTANCE_REMOTE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buckets_are_contiguous),
	KUNIT_CASE(bounds_are_in_their_bucket),
	KUNIT_CASE(real_tasks_have_their_class),
	KUNIT_CASE(slots_have_all_classes),
	KUNIT_CASE(kinds_are_distinct),
	KUNIT_CASE(distances_go_by_what_is_shared),
	{ }
};

static struct kunit_suite suite = {
	.name = "schedsplit",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit tests of schedsplit");
MODULE_LICENSE("GPL");
