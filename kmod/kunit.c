// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: what is pure, with the kernel's own types and constants; and the pool,
 * which looks after itself.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/init_task.h>
#include <linux/module.h>
#include "classify.h"
#include "counters.h"
#include "hist.h"
#include "migration.h"
#include "pool.c"

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

/* Takers and the refiller on all CPUs: nobody gets what another one has. */
#define POOL_TAKERS 4
#define POOL_ROUNDS 500
#define POOL_HELD 48
#define POOL_MAX 512

struct pool_object {
	struct hlist_node node;
	const void *owner;
};

static struct pool shared_pool;

struct pool_taker {
	unsigned int taken, dry, stolen;
	struct completion done;
};

static void pool_take_some(struct pool_taker *taker)
{
	struct pool_object *held[POOL_HELD];
	unsigned int i, n;

	for (n = 0; n < POOL_HELD; n++) {
		local_irq_disable();
		held[n] = pool_take(&shared_pool);
		local_irq_enable();
		if (!held[n])
			break;
		held[n]->owner = taker;
	}
	taker->taken += n;
	taker->dry += n < POOL_HELD;
	for (i = 0; i < n; i++) {
		taker->stolen += held[i]->owner != taker;
		held[i]->owner = NULL;
		/* Some of it for the refiller to make anew. */
		if (i % 8 == 0) {
			pool_free(&shared_pool, held[i]);
		} else {
			local_irq_disable();
			pool_give(&shared_pool, held[i]);
			local_irq_enable();
		}
	}
}

static int pool_taker(void *data)
{
	struct pool_taker *taker = data;
	unsigned int i;

	for (i = 0; i < POOL_ROUNDS; i++) {
		pool_take_some(taker);
		cond_resched();
	}
	/* Not back into a module that may be gone. */
	kthread_complete_and_exit(&taker->done, 0);
}

static void a_pool_is_shared(struct kunit *test)
{
	static struct pool_taker takers[POOL_TAKERS];
	struct task_struct *task;
	struct hlist_node *n;
	unsigned int i, started = 0, taken = 0, free = 0;

	KUNIT_ASSERT_EQ(test, pools_start(), 0);
	if (pool_init(&shared_pool, "schedsplit_kunit", sizeof(struct pool_object),
		      POOL_MAX)) {
		KUNIT_FAIL(test, "no memory");
		goto stop;
	}
	KUNIT_EXPECT_EQ(test, pool_open(&shared_pool, POOL_MAX / 4, 0), 0);
	memset(takers, 0, sizeof(takers));
	for (i = 0; i < POOL_TAKERS; i++) {
		init_completion(&takers[i].done);
		task = kthread_run(pool_taker, &takers[i], "pool_taker/%u", i);
		if (IS_ERR(task))
			break;
		started++;
	}
	KUNIT_EXPECT_EQ(test, started, POOL_TAKERS);
	for (i = 0; i < started; i++) {
		wait_for_completion(&takers[i].done);
		KUNIT_EXPECT_EQ(test, takers[i].stolen, 0);
		taken += takers[i].taken;
	}
	kunit_info(test, "%u taken", taken);
	KUNIT_EXPECT_GT(test, taken, 0);
	KUNIT_EXPECT_EQ(test, pool_used(&shared_pool), 0);
	irq_work_sync(&shared_pool.kick);
	kthread_flush_worker(refiller);
	hlist_for_each(n, &shared_pool.free)
		free++;
	KUNIT_EXPECT_EQ(test, free, shared_pool.nr_free);
	KUNIT_EXPECT_GE(test, free, POOL_MAX / 8);
	KUNIT_EXPECT_LE(test, free, POOL_MAX + BATCH);
	pool_destroy(&shared_pool);
stop:
	pools_stop();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buckets_are_contiguous),
	KUNIT_CASE(bounds_are_in_their_bucket),
	KUNIT_CASE(real_tasks_have_their_class),
	KUNIT_CASE(slots_have_all_classes),
	KUNIT_CASE(kinds_are_distinct),
	KUNIT_CASE(distances_go_by_what_is_shared),
	KUNIT_CASE(a_pool_is_shared),
	{ }
};

static struct kunit_suite suite = {
	.name = "schedsplit",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit tests of schedsplit");
MODULE_LICENSE("GPL");
