// SPDX-License-Identifier: GPL-2.0-or-later
/* What tasks and groups did between two readings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rates.h"

#define S	1000000000ull

/* Counts that differ from one another, the first being @n. */
static struct counters counts(uint64_t n)
{
	return (struct counters) {
		.voluntary = n, .involuntary = 2 * n, .migrations = 3 * n, .wakeups = 4 * n,
		.run_ns = 1000 * n, .wait_ns = 500 * n,
	};
}

static struct task_record *add_task(struct reading *reading, uint32_t group, uint32_t tgid,
				    uint32_t tid, uint64_t n)
{
	struct task_list *list = &reading->tasks;
	struct task_record *task;

	list->task = realloc(list->task, (list->n + 1) * sizeof(*task));
	assert_non_null(list->task);
	task = &list->task[list->n];
	*task = (struct task_record) {
		.tid = tid, .tgid = tgid, .group_id = group, .class = SCHEDSPLIT_CLASS_THREAD,
		.counters = counts(n), .number = list->n, .comm = "task",
	};
	list->n++;
	return task;
}

static void add_group(struct reading *reading, uint32_t id, uint32_t tgid, uint64_t idle_ns,
		      uint64_t one_ns, uint64_t two_ns)
{
	struct group_list *list = &reading->groups;
	struct group_record *group;

	list->group = realloc(list->group, (list->n + 1) * sizeof(*group));
	assert_non_null(list->group);
	group = &list->group[list->n++];
	*group = (struct group_record) { .id = id, .tgid = tgid, .comm = "group" };
	group->concurrency.ns = calloc(3, sizeof(uint64_t));
	assert_non_null(group->concurrency.ns);
	group->concurrency.n = 3;
	group->concurrency.ns[0] = idle_ns;
	group->concurrency.ns[1] = one_ns;
	group->concurrency.ns[2] = two_ns;
}

static struct reading begin(uint64_t time_ns)
{
	return (struct reading) { .start_ns = 5 * S, .time_ns = time_ns };
}

static void between(struct rates *rates, struct reading *earlier, struct reading *later)
{
	assert_int_equal(rates_between(rates, earlier, later), 0);
	reading_free(earlier);
	reading_free(later);
}

static const struct rate *task_of(const struct rates *rates, uint32_t tid)
{
	const struct rate *found = NULL;

	for (size_t i = 0; i < rates->tasks; i++) {
		if (rates->task[i].tid != tid)
			continue;
		assert_null(found);
		found = &rates->task[i];
	}
	return found;
}

static void counts_are(const struct rate *rate, uint64_t n)
{
	struct counters wanted = counts(n);

	assert_non_null(rate);
	wanted.tasks = rate->counts.tasks;
	assert_memory_equal(&rate->counts, &wanted, sizeof(wanted));
}

static void first_begins_with_the_watch(void **state)
{
	struct reading none = { 0 }, one = begin(7 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, S, 0);
	add_task(&one, 1, 10, 10, 6);
	between(&rates, &none, &one);
	assert_int_equal(rates.start_ns, 5 * S);
	assert_int_equal(rates.end_ns, 7 * S);
	counts_are(task_of(&rates, 10), 6);
	assert_int_equal(rates.groups, 1);
	counts_are(&rates.group[0], 6);
	assert_int_equal(rates.alive, 1);
	rates_free(&rates);
}

static void differences(void **state)
{
	struct reading one = begin(6 * S), two = begin(8 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, S, S, 0);
	add_task(&one, 1, 10, 10, 100);
	add_task(&one, 1, 10, 11, 50);
	add_group(&two, 1, 10, S + 100, S + 200, 600);
	add_task(&two, 1, 10, 10, 104);
	add_task(&two, 1, 10, 11, 50);
	between(&rates, &one, &two);
	counts_are(task_of(&rates, 10), 4);
	counts_are(task_of(&rates, 11), 0);
	assert_true(rate_is_quiet(task_of(&rates, 11)));
	assert_false(rate_is_quiet(task_of(&rates, 10)));
	counts_are(&rates.group[0], 4);
	assert_int_equal(rates.group[0].counts.tasks, 2);
	assert_int_equal(rates.total.voluntary, 4);
	/* of two seconds */
	assert_true(rate_per_second(&rates, rates.total.involuntary) == 4);
	assert_true(rate_percent(&rates, S) == 50);
	assert_true(rate_slice_ns(task_of(&rates, 10)) == 4000.0 / 12);
	assert_true(isnan(rate_slice_ns(task_of(&rates, 11))));
	/* 200 ns with one, 600 ns with two */
	assert_true(rate_parallelism(&rates.group[0]) == 1.75);
	rates_free(&rates);
}

static void the_dead_count_once(void **state)
{
	struct reading one = begin(6 * S), two = begin(7 * S), three = begin(8 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, 0, 0);
	add_task(&one, 1, 10, 10, 1);
	/* 11 is born and dies between, and so does all of the second group */
	for (int i = 0; i < 2; i++) {
		struct reading *reading = i ? &three : &two;

		add_group(reading, 1, 10, 0, 0, 0);
		add_group(reading, 2, 20, 0, 0, 0);
		add_task(reading, 1, 10, 10, 1);
		add_task(reading, 1, 10, 11, 7)->end = SCHEDSPLIT_END_DEAD;
		add_task(reading, 2, 20, 20, 9)->end = SCHEDSPLIT_END_DEAD;
	}
	assert_int_equal(rates_between(&rates, &one, &two), 0);
	counts_are(task_of(&rates, 11), 7);
	assert_true(task_of(&rates, 11)->dead);
	assert_int_equal(rates.groups, 2);
	assert_false(rates.group[0].dead);
	assert_true(rates.group[1].dead);
	assert_int_equal(rates.total.voluntary, 16);
	assert_int_equal(rates.alive, 1);
	rates_free(&rates);

	reading_free(&one);
	between(&rates, &two, &three);
	assert_null(task_of(&rates, 11));
	assert_null(task_of(&rates, 20));
	assert_int_equal(rates.groups, 1);
	assert_int_equal(rates.total.voluntary, 0);
	assert_int_equal(rates.total.tasks, 1);
	rates_free(&rates);
}

/* A stopped watch: its tasks are no less alive. */
static void stopped_is_not_dead(void **state)
{
	struct reading one = begin(6 * S), two = begin(7 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, 0, 0);
	add_task(&one, 1, 10, 10, 1);
	add_group(&two, 1, 10, 0, 0, 0);
	add_task(&two, 1, 10, 10, 3)->end = SCHEDSPLIT_END_STOPPED;
	between(&rates, &one, &two);
	counts_are(task_of(&rates, 10), 2);
	assert_false(task_of(&rates, 10)->dead);
	assert_int_equal(rates.alive, 1);
	rates_free(&rates);
}

/*
 * A thread executes a program: it takes the tid of its leader, who dies. The
 * numbers tell them apart, in whichever order a list is sorted.
 */
static void tids_change_hands(void **state)
{
	struct reading one = begin(6 * S), two = begin(7 * S);
	struct task_record *leader, *thread;
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, 0, 0);
	add_task(&one, 1, 10, 10, 100);
	add_task(&one, 1, 10, 11, 20);
	add_group(&two, 1, 10, 0, 0, 0);
	thread = add_task(&two, 1, 10, 10, 25);
	thread->number = 1;
	leader = add_task(&two, 1, 10, 10, 101);
	leader->number = 0;
	leader->end = SCHEDSPLIT_END_DEAD;
	between(&rates, &one, &two);
	assert_int_equal(rates.tasks, 2);
	counts_are(&rates.task[0], 5);
	counts_are(&rates.task[1], 1);
	counts_are(&rates.group[0], 6);
	rates_free(&rates);
}

/* Its pid is that of one that died, but it is another. */
static void pids_are_used_again(void **state)
{
	struct reading one = begin(6 * S), two = begin(7 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, 50, 0);
	add_task(&one, 1, 10, 10, 100)->end = SCHEDSPLIT_END_DEAD;
	add_group(&two, 1, 10, 0, 50, 0);
	add_group(&two, 2, 10, 0, 30, 0);
	add_task(&two, 1, 10, 10, 100)->end = SCHEDSPLIT_END_DEAD;
	add_task(&two, 2, 10, 10, 8);
	between(&rates, &one, &two);
	assert_int_equal(rates.tasks, 1);
	counts_are(&rates.task[0], 8);
	assert_int_equal(rates.groups, 1);
	assert_int_equal(rates.group[0].group_id, 2);
	assert_true(rate_parallelism(&rates.group[0]) == 1);
	rates_free(&rates);
}

/* Born after its list was read: the group comes with its tasks, next time. */
static void a_group_without_tasks_waits(void **state)
{
	struct reading none = { 0 }, one = begin(6 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 0, 5, 0);
	between(&rates, &none, &one);
	assert_int_equal(rates.groups, 0);
	assert_int_equal(rates.tasks, 0);
	rates_free(&rates);
}

static void nothing_falls_below_zero(void **state)
{
	struct reading one = begin(6 * S), two = begin(6 * S);
	struct rates rates;

	(void)state;
	add_group(&one, 1, 10, 9, 9, 9);
	add_task(&one, 1, 10, 10, 9);
	add_group(&two, 1, 10, 1, 1, 1);
	add_task(&two, 1, 10, 10, 1);
	between(&rates, &one, &two);
	counts_are(task_of(&rates, 10), 0);
	assert_true(isnan(rate_parallelism(&rates.group[0])));
	/* no time has passed */
	assert_true(rate_per_second(&rates, 5) == 0);
	assert_true(rate_percent(&rates, 5) == 0);
	rates_free(&rates);
}

/* Many readings of many tasks, at random: intervals add up to the last one. */
static void intervals_add_up(void **state)
{
	enum { TASKS = 200, READINGS = 30 };
	uint64_t now[TASKS] = { 0 }, sum[TASKS] = { 0 }, total = 0, all = 0;
	struct reading last = { 0 };
	unsigned int random = 7;

	(void)state;
	for (int i = 1; i <= READINGS; i++) {
		struct reading reading = begin((5 + (uint64_t)i) * S);
		struct rates rates;

		for (uint32_t group = 1; group <= 10; group++)
			add_group(&reading, group, 1000 * group, 0, 0, 0);
		for (uint32_t t = 0; t < TASKS * (uint32_t)i / READINGS; t++) {
			uint32_t group = t % 10 + 1;

			now[t] += (uint64_t)rand_r(&random) % 5;
			add_task(&reading, group, 1000 * group, t + 1, now[t]);
		}
		assert_int_equal(rates_between(&rates, &last, &reading), 0);
		for (size_t j = 0; j < rates.tasks; j++)
			sum[rates.task[j].tid - 1] += rates.task[j].counts.voluntary;
		for (size_t j = 0; j < rates.groups; j++)
			total += rates.group[j].counts.voluntary;
		rates_free(&rates);
		reading_free(&last);
		last = reading;
	}
	reading_free(&last);
	for (int t = 0; t < TASKS; t++) {
		assert_int_equal(sum[t], now[t]);
		all += now[t];
	}
	assert_int_equal(total, all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_begins_with_the_watch),
		cmocka_unit_test(differences),
		cmocka_unit_test(the_dead_count_once),
		cmocka_unit_test(stopped_is_not_dead),
		cmocka_unit_test(tids_change_hands),
		cmocka_unit_test(pids_are_used_again),
		cmocka_unit_test(a_group_without_tasks_waits),
		cmocka_unit_test(nothing_falls_below_zero),
		cmocka_unit_test(intervals_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
