// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `stat` as tidy CSV: every row has all columns, and what a column means does
 * not depend on the row. "level" says what a row counts; sum over one level.
 */
#include <inttypes.h>

#include "stat.h"

/* Everything that says which thing a row is about; < 0 and NULL: empty. */
struct key {
	const char	*level;		/* class, cpu, group, task, interval */
	int64_t		 run, start_ns, end_ns, cpu, tgid, tid;
	const char	*comm, *class;
	int		 dead;
};

#define KEY(name) { .level = (name), .run = -1, .start_ns = -1, .end_ns = -1, .cpu = -1, \
		    .tgid = -1, .tid = -1, .dead = -1 }

static void put_integer(FILE *stream, int64_t value)
{
	if (value >= 0)
		fprintf(stream, "%" PRId64, value);
	fputc(',', stream);
}

/* RFC 4180: quoted, quotes doubled. */
static void put_text(FILE *stream, const char *text)
{
	if (text) {
		fputc('"', stream);
		for (; *text; text++) {
			if (*text == '"')
				fputc('"', stream);
			fputc(*text, stream);
		}
		fputc('"', stream);
	}
	fputc(',', stream);
}

static void put(FILE *stream, const struct key *key, const struct counters *c, bool has_tasks)
{
	fprintf(stream, "%s,", key->level);
	put_integer(stream, key->run);
	put_integer(stream, key->start_ns);
	put_integer(stream, key->end_ns);
	put_integer(stream, key->cpu);
	put_integer(stream, key->tgid);
	put_integer(stream, key->tid);
	put_text(stream, key->comm);
	fprintf(stream, "%s,", key->class ? key->class : "");
	fprintf(stream, "%s,", key->dead < 0 ? "" : key->dead ? "true" : "false");
	put_integer(stream, has_tasks ? (int64_t)c->tasks : -1);
	fprintf(stream, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		",%" PRIu64 ",%" PRIu64 "\n", c->voluntary, c->involuntary, c->migrations,
		c->wakeups, c->run_ns, c->wait_ns, c->forks, c->exits);
}

static void put_classes(FILE *stream, struct key *key,
			const struct counters class[SCHEDSPLIT_CLASSES], bool has_tasks)
{
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++) {
		key->class = class_name[i];
		put(stream, key, &class[i], has_tasks);
	}
}

static void put_cpus(FILE *stream, const struct result *result)
{
	struct key key = KEY("cpu");

	for (uint32_t cpu = 0; cpu < result->counts.cpus; cpu++) {
		key.cpu = cpu;
		if (result->counts.cpu[cpu])
			put_classes(stream, &key, result->counts.cpu[cpu]->class, false);
	}
}

static void put_groups(FILE *stream, const struct result *result)
{
	struct key key = KEY("group");

	for (size_t i = 0; i < result->groups.n; i++) {
		const struct group_record *group = &result->groups.group[i];

		key.run = group->run;
		key.tgid = group->tgid;
		key.comm = group->comm;
		key.class = "leader";
		put(stream, &key, &group->leader, true);
		key.class = "thread";
		put(stream, &key, &group->thread, true);
	}
}

static void put_tasks(FILE *stream, const struct result *result)
{
	struct key key = KEY("task");

	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct task_record *task = &result->tasks.task[i];
		struct counters counters = task->counters;

		counters.tasks = 1;
		key.run = task->run;
		key.tgid = task->tgid;
		key.tid = task->tid;
		key.comm = task->comm;
		key.class = class_name[task->class];
		key.dead = task->end == SCHEDSPLIT_END_DEAD;
		put(stream, &key, &counters, true);
	}
}

void stat_csv(FILE *stream, const struct result *result, const struct stat_options *options)
{
	struct key key = KEY("class");
	struct key interval = KEY("interval");

	fputs("level,run,start_ns,end_ns,cpu,tgid,tid,comm,class,dead,tasks,switches_voluntary,switches_involuntary,migrations,wakeups,run_ns,wait_ns,forks,exits\n",
	      stream);
	for (size_t i = 0; i < result->runs; i++) {
		key.run = (int64_t)i + 1;
		key.start_ns = 0;
		key.end_ns = (int64_t)result->run[i].duration_ns;
		put_classes(stream, &key, result->run[i].class, true);
	}
	for (size_t i = 0; i < result->intervals; i++) {
		interval.start_ns = (int64_t)result->interval[i].start_ns;
		interval.end_ns = (int64_t)result->interval[i].end_ns;
		put_classes(stream, &interval, result->interval[i].class, false);
	}
	if (options->per_cpu)
		put_cpus(stream, result);
	if (options->per_group)
		put_groups(stream, result);
	if (options->per_task)
		put_tasks(stream, result);
}
