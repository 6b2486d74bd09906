// SPDX-License-Identifier: GPL-2.0-or-later
/* What `stat` has measured, ready to be written. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

void result_init(struct result *result, const struct stat_options *options)
{
	memset(result, 0, sizeof(*result));
	result->scope = options->scope;
	result->command = options->command;
	result->adds_up = true;
}

void result_free(struct result *result)
{
	snapshot_free(&result->counts);
	concurrency_free(&result->concurrency);
	groups_free(&result->groups);
	tasks_free(&result->tasks);
	free(result->interval);
	free(result->run);
	memset(result, 0, sizeof(*result));
}

int result_add_interval(struct result *result, const struct interval *interval)
{
	struct interval *grown = reallocarray(result->interval, result->intervals + 1,
					      sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	result->interval = grown;
	result->interval[result->intervals++] = *interval;
	return 0;
}

void counters_total(const struct counters class[SCHEDSPLIT_CLASSES], struct counters *total)
{
	memset(total, 0, sizeof(*total));
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
		counters_add(total, &class[i]);
}

bool counters_any(const struct counters *counters)
{
	static const struct counters none;

	return memcmp(counters, &none, sizeof(none)) != 0;
}

/* The records of all tasks make up the classes, unless some got none. */
static bool tasks_add_up(const struct result *result)
{
	struct counters classes, tasks = { 0 };

	counters_total(result->counts.sum.class, &classes);
	for (size_t i = 0; i < result->tasks.n; i++)
		counters_add(&tasks, &result->tasks.task[i].counters);
	return classes.voluntary == tasks.voluntary &&
	       classes.involuntary == tasks.involuntary &&
	       classes.migrations == tasks.migrations;
}

static int by_id(const void *key, const void *group)
{
	uint32_t a = *(const uint32_t *)key, b = ((const struct group_record *)group)->id;

	return a < b ? -1 : a > b;
}

static void count_group_tasks(struct result *result)
{
	for (size_t i = 0; i < result->groups.n; i++) {
		result->groups.group[i].leader.tasks = 0;
		result->groups.group[i].thread.tasks = 0;
	}
	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct task_record *task = &result->tasks.task[i];
		struct group_record *group = NULL;

		if (result->groups.n)
			group = bsearch(&task->group_id, result->groups.group, result->groups.n,
					sizeof(*group), by_id);
		if (group && task->tid == task->tgid)
			group->leader.tasks++;
		else if (group)
			group->thread.tasks++;
	}
}

int result_close(struct result *result, uint64_t lost)
{
	struct run *run = calloc(1, sizeof(*run));
	const struct cpu_counts *sum = &result->counts.sum;

	if (!run)
		return -ENOMEM;
	if (result->watched) {
		tasks_prove(&result->tasks, &result->proof);
		result->proof.lost = lost;
		result->alive = tasks_alive(&result->tasks);
		count_group_tasks(result);
	}
	if (result->scope == SCOPE_SYSTEM)
		result->proof.untraced = sum->untraced;
	else
		tasks_count_seen(&result->tasks, result->counts.sum.class);
	result->ctxt.counted = cpu_counts_switches(sum);
	result->adds_up = cpu_counts_switches(sum) == cpu_counts_class_switches(sum) &&
			  (result->scope == SCOPE_SYSTEM || lost || tasks_add_up(result));

	run->duration_ns = result->duration_ns;
	run->exit_status = result->exit_status;
	memcpy(run->class, sum->class, sizeof(run->class));
	for (size_t i = 0; i < result->tasks.n && result->scope != SCOPE_SYSTEM; i++)
		run->seen[result->tasks.task[i].seen % (1 << SCHEDSPLIT_CLASSES)]++;
	run->space = cpu_counts_space(sum);
	run->mean_running = result->concurrency.n ? concurrency_mean(&result->concurrency) : -1;
	run->proof = result->proof;
	free(result->run);
	result->run = run;
	result->runs = 1;
	return 0;
}

bool result_is_proved(const struct result *result)
{
	const struct ctxt *ctxt = &result->ctxt;

	if (!result->adds_up || result->proof.tasks_mismatched || result->proof.lost)
		return false;
	/* /proc/stat counts the untraced ones too. */
	return !ctxt->known || (ctxt->counted <= ctxt->high &&
				ctxt->counted + result->proof.untraced >= ctxt->low);
}

static int append_array(void **array, size_t *n, size_t *room, const void *more, size_t n_more,
			size_t size)
{
	char *grown;

	if (!n_more)
		return 0;
	grown = reallocarray(*array, *n + n_more, size);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + *n * size, more, n_more * size);
	*array = grown;
	*n += n_more;
	if (room)
		*room = *n;
	return 0;
}

static int append_records(struct result *result, struct result *run, unsigned int number)
{
	for (size_t i = 0; i < run->tasks.n; i++)
		run->tasks.task[i].run = number;
	for (size_t i = 0; i < run->groups.n; i++)
		run->groups.group[i].run = number;
	if (append_array((void **)&result->tasks.task, &result->tasks.n, &result->tasks.room,
			 run->tasks.task, run->tasks.n, sizeof(*run->tasks.task)) ||
	    append_array((void **)&result->groups.group, &result->groups.n, &result->groups.room,
			 run->groups.group, run->groups.n, sizeof(*run->groups.group)))
		return -ENOMEM;
	/* The groups' concurrency has a new owner. */
	run->groups.n = 0;
	return append_array((void **)&result->interval, &result->intervals, NULL,
			    run->interval, run->intervals, sizeof(*run->interval));
}

int result_append(struct result *result, struct result *run)
{
	int ret = -ENOMEM;

	if (append_records(result, run, (unsigned int)result->runs + 1) ||
	    snapshot_add(&result->counts, &run->counts) ||
	    concurrency_add(&result->concurrency, &run->concurrency) ||
	    append_array((void **)&result->run, &result->runs, NULL, run->run, run->runs,
			 sizeof(*run->run)))
		goto out;
	result->has_status = run->has_status;
	if (!result->exit_status)
		result->exit_status = run->exit_status;
	result->duration_ns += run->duration_ns;
	result->watched = run->watched;
	result->alive += run->alive;
	result->adds_up &= run->adds_up;
	result->proof.tasks_checked += run->proof.tasks_checked;
	result->proof.tasks_mismatched += run->proof.tasks_mismatched;
	result->proof.lost += run->proof.lost;
	result->proof.untraced += run->proof.untraced;
	result->ctxt.known = run->ctxt.known;
	result->ctxt.low += run->ctxt.low;
	result->ctxt.counted += run->ctxt.counted;
	result->ctxt.high += run->ctxt.high;
	result->info = run->info;
	ret = 0;
out:
	result_free(run);
	return ret;
}

struct spread result_spread(const struct result *result, run_value_fn value, const void *data)
{
	struct spread spread = { 0, 0 };
	double squares = 0;

	for (size_t i = 0; i < result->runs; i++)
		spread.mean += value(&result->run[i], data);
	spread.mean /= (double)result->runs;
	for (size_t i = 0; i < result->runs; i++) {
		double off = value(&result->run[i], data) - spread.mean;

		squares += off * off;
	}
	if (result->runs > 1)
		spread.deviation = sqrt(squares / (double)(result->runs - 1));
	return spread;
}
