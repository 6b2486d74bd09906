// SPDX-License-Identifier: GPL-2.0-or-later
/* What tasks and groups did between two readings of a watch. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rates.h"

/* No count of one record ever falls: should one do, it is no reason to show 2^64. */
static uint64_t rise(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

static void subtract(struct counters *later, const struct counters *earlier)
{
	later->voluntary = rise(later->voluntary, earlier->voluntary);
	later->involuntary = rise(later->involuntary, earlier->involuntary);
	later->migrations = rise(later->migrations, earlier->migrations);
	later->wakeups = rise(later->wakeups, earlier->wakeups);
	later->run_ns = rise(later->run_ns, earlier->run_ns);
	later->wait_ns = rise(later->wait_ns, earlier->wait_ns);
}

/*
 * Tasks by their number in the watch, which lists only add to. Tids will not do:
 * they are used again, and a thread that executes a program takes its leader's.
 */
static const struct task_record **by_number(const struct task_list *list)
{
	const struct task_record **index = calloc(list->n + 1, sizeof(const struct task_record *));

	for (size_t i = 0; index && i < list->n; i++)
		if (list->task[i].number < list->n)
			index[list->task[i].number] = &list->task[i];
	return index;
}

/* The group of that id; a list of groups is ascending. */
static struct rate *group_of(const struct rates *rates, uint32_t id)
{
	size_t low = 0, high = rates->groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rates->group[middle].group_id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rates->groups && rates->group[low].group_id == id ? &rates->group[low] : NULL;
}

static bool has_ended(const struct task_record *task)
{
	return task->end == SCHEDSPLIT_END_DEAD || task->end == SCHEDSPLIT_END_LEFT;
}

static void add_task(struct rates *rates, const struct task_record *task,
		     const struct task_record *before)
{
	bool was_dead = before && has_ended(before);
	struct rate *rate = &rates->task[rates->tasks];
	struct rate *group = group_of(rates, task->group_id);

	rate->counts = task->counters;
	if (before)
		subtract(&rate->counts, &before->counters);
	/* It is history, unless its end had been seen before its last counts. */
	if (was_dead && rate_is_quiet(rate))
		return;
	rate->tgid = task->tgid;
	rate->tid = task->tid;
	rate->group_id = task->group_id;
	strcpy(rate->comm, task->comm);
	rate->class = task->class;
	rate->dead = has_ended(task);
	rate->counts.tasks = !was_dead;
	rates->alive += !rate->dead;
	counters_add(&rates->total, &rate->counts);
	rates->tasks++;
	strcpy(rate->group_comm, group ? group->comm : rate->comm);
	if (!group)
		return;
	counters_add(&group->counts, &rate->counts);
	group->dead &= rate->dead;
}

static int add_tasks(struct rates *rates, const struct task_list *earlier,
		     const struct task_list *later)
{
	const struct task_record **before = by_number(earlier);

	rates->task = calloc(later->n + 1, sizeof(*rates->task));
	if (!before || !rates->task) {
		free(before);
		return -ENOMEM;
	}
	for (size_t i = 0; i < later->n; i++) {
		size_t number = later->task[i].number;

		memset(&rates->task[rates->tasks], 0, sizeof(*rates->task));
		add_task(rates, &later->task[i], number < earlier->n ? before[number] : NULL);
	}
	free(before);
	return 0;
}

static int subtract_concurrency(struct concurrency *change, const struct concurrency *later,
				const struct concurrency *earlier)
{
	if (concurrency_add(change, later))
		return -ENOMEM;
	for (size_t k = 0; earlier && k < earlier->n && k < change->n; k++)
		change->ns[k] = rise(change->ns[k], earlier->ns[k]);
	return 0;
}

/* Both lists are ascending by id, and the later one has all of the earlier. */
static int add_groups(struct rates *rates, const struct group_list *earlier,
		      const struct group_list *later)
{
	size_t j = 0;

	rates->group = calloc(later->n + 1, sizeof(*rates->group));
	if (!rates->group)
		return -ENOMEM;
	for (size_t i = 0; i < later->n; i++) {
		const struct group_record *group = &later->group[i], *before = NULL;
		struct rate *rate = &rates->group[i];

		while (j < earlier->n && earlier->group[j].id < group->id)
			j++;
		if (j < earlier->n && earlier->group[j].id == group->id)
			before = &earlier->group[j];
		rate->tgid = group->tgid;
		rate->group_id = group->id;
		strcpy(rate->comm, group->comm);
		rate->dead = true;
		rates->groups++;
		if (subtract_concurrency(&rate->concurrency, &group->concurrency,
					 before ? &before->concurrency : NULL))
			return -ENOMEM;
	}
	return 0;
}

/* Those that had ended before; and those whose tasks had not been read yet. */
static void drop_groups_without_tasks(struct rates *rates)
{
	size_t kept = 0;

	for (size_t i = 0; i < rates->groups; i++) {
		if (rates->group[i].counts.tasks || !rate_is_quiet(&rates->group[i]))
			rates->group[kept++] = rates->group[i];
		else
			concurrency_free(&rates->group[i].concurrency);
	}
	rates->groups = kept;
}

int rates_between(struct rates *rates, const struct reading *earlier,
		  const struct reading *later)
{
	memset(rates, 0, sizeof(*rates));
	rates->start_ns = earlier->time_ns ? earlier->time_ns : later->start_ns;
	rates->end_ns = later->time_ns;
	rates->lost = later->lost;
	if (add_groups(rates, &earlier->groups, &later->groups) ||
	    add_tasks(rates, &earlier->tasks, &later->tasks)) {
		rates_free(rates);
		return -ENOMEM;
	}
	drop_groups_without_tasks(rates);
	return 0;
}

void rates_free(struct rates *rates)
{
	for (size_t i = 0; i < rates->groups; i++)
		concurrency_free(&rates->group[i].concurrency);
	free(rates->group);
	free(rates->task);
	memset(rates, 0, sizeof(*rates));
}

bool rate_is_quiet(const struct rate *rate)
{
	const struct counters *counts = &rate->counts;

	return !counts->voluntary && !counts->involuntary && !counts->migrations &&
	       !counts->wakeups && !counts->run_ns && !counts->wait_ns;
}

static double duration_ns(const struct rates *rates)
{
	return (double)rise(rates->end_ns, rates->start_ns);
}

double rate_per_second(const struct rates *rates, uint64_t count)
{
	double ns = duration_ns(rates);

	return ns > 0 ? (double)count * 1e9 / ns : 0;
}

double rate_percent(const struct rates *rates, uint64_t ns)
{
	double all = duration_ns(rates);

	return all > 0 ? (double)ns * 100 / all : 0;
}

double rate_slice_ns(const struct rate *rate)
{
	uint64_t switches = counters_switches(&rate->counts);

	return switches ? (double)rate->counts.run_ns / (double)switches : NAN;
}

double rate_parallelism(const struct rate *rate)
{
	double mean = concurrency_mean_busy(&rate->concurrency);

	return mean > 0 ? mean : NAN;
}
