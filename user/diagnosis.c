// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules of `explain`. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"

/* One task did nearly all: all others could not even make it this many. */
#define ALONE_RUNNING		1.25
/*
 * Taking turns: hardly more than one runs, and yet there is always one. Tasks
 * that know nothing of each other, and are blocked together no more than
 * BLOCKED of the time, run together more: two of them 1.33 on average while any
 * does, and more of them more.
 */
#define TURNS_RUNNING		1.3
#define BLOCKED			25	/* % of the time */
/* In parallel: this share of what could be. */
#define PARALLEL		0.8
/* Had those that were runnable run too, this share of what could be would have. */
#define KEPT			0.9
/* Runnable for so long, for each second on a CPU, tasks want for CPUs. */
#define WAITING			0.3
/*
 * Between two stays of tasks that wake each other is what a wake-up takes: some
 * microseconds, more if the CPU slept deeply. A timer or a device takes longer,
 * as a rule.
 */
#define PAUSE_NS		200000
/* Half of their switches at most, where each wake-up preempts who made it; and others. */
#define WOKEN_INVOLUNTARY	60	/* % */
/* With less, it is not threads that the work is about. A program's start is none of theirs. */
#define THREADED		25	/* % of the work */
#define MOSTLY			50	/* % */
#define NEARLY_ALL		80	/* % */
/* Fewer events than this are too few to speak of. */
#define SPEAKABLE		50
/* A task that is born for so little work, its birth and death included. */
#define SHORT_LIFE_NS		20000000
/* More often than this, what a task has in caches is worth little. */
#define MIGRATION_NS		5000000
/* Less than this does not show. */
#define COST_SHOWS		1	/* % of the time on CPUs */

__attribute__((format(printf, 3, 4)))
static struct diagnosis *add(struct diagnoses *diagnoses, const char *id, const char *fmt, ...)
{
	struct diagnosis *diagnosis = &diagnoses->diagnosis[diagnoses->n];
	va_list ap;

	if (diagnoses->n == DIAGNOSES_MAX)
		abort();	/* there are as many rules */
	diagnoses->n++;
	diagnosis->id = id;
	diagnosis->figures = 0;
	va_start(ap, fmt);
	vsnprintf(diagnosis->text, sizeof(diagnosis->text), fmt, ap);
	va_end(ap);
	return diagnosis;
}

#define rests_on(diagnosis, ...) \
	rest((diagnosis), (const enum figure[]){ __VA_ARGS__, FIGURES })

static void rest(struct diagnosis *diagnosis, const enum figure *figure)
{
	for (; *figure != FIGURES; figure++) {
		if (diagnosis->figures == DIAGNOSIS_FIGURES_MAX)
			abort();
		diagnosis->figure[diagnosis->figures++] = *figure;
	}
}

/* --- the rules, in the order in which they are told --- */

/* Most of the work was done in a program of this name, which tasks inherit. */
static bool is_python(const struct result *result)
{
	const struct task_record *longest = evidence_longest(result);

	for (size_t i = 0; longest && i < result->groups.n; i++)
		if (result->groups.group[i].id == longest->group_id)
			return !strncmp(result->groups.group[i].comm, "python", 6);
	return false;
}

static const char *turns_hint(const struct result *result, const double *value)
{
	if (value[FIGURE_THREADS_SHARE] < THREADED)
		return "as in a pipeline, or where one starts when another has ended";
	if (is_python(result))
		return "as Python's threads do, which need the interpreter lock";
	return "as with a lock that all of them need, or in a pipeline";
}

static void parallelism(const struct result *result, struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	double running = value[FIGURE_RUNNING], most = value[FIGURE_RUNNING_MOST];
	struct diagnosis *diagnosis;

	if (value[FIGURE_LONGEST_SHARE] > 100 / ALONE_RUNNING) {
		diagnosis = add(diagnoses, "one-task",
				"One task did %.0f %% of the work: more CPUs would help little.",
				value[FIGURE_LONGEST_SHARE]);
		rests_on(diagnosis, FIGURE_LONGEST_SHARE);
		return;
	}
	if (value[FIGURE_CPUS] < 2) {
		diagnosis = add(diagnoses, "one-cpu",
				"%.0f tasks do the work, and may use one CPU only.",
				value[FIGURE_TASKS_WORKING]);
		rests_on(diagnosis, FIGURE_TASKS_WORKING, FIGURE_CPUS);
		return;
	}
	if (running >= PARALLEL * most) {
		diagnosis = add(diagnoses, "parallel",
				"%.0f tasks do the work, %.2f running on average, of %.2f that could: they run in parallel.",
				value[FIGURE_TASKS_WORKING], running, most);
		rests_on(diagnosis, FIGURE_TASKS_WORKING, FIGURE_RUNNING, FIGURE_RUNNING_MOST);
		return;
	}
	if (running * (1 + value[FIGURE_WAITING]) >= KEPT * most)
		diagnosis = add(diagnoses, "kept-from-cpus",
				"%.0f tasks do the work, %.2f running on average, of %.2f that could, and others are runnable meanwhile: something keeps them from CPUs, such as affinity, a cpuset, a CPU limit, other programs, or a scheduler that has not spread them yet.",
				value[FIGURE_TASKS_WORKING], running, most);
	else if (value[FIGURE_BLOCKED] >= BLOCKED)
		return;	/* for that they run together seldom */
	else if (running < TURNS_RUNNING)
		diagnosis = add(diagnoses, "take-turns",
				"%.0f tasks do the work, %.2f running on average: they take turns, %s.",
				value[FIGURE_TASKS_WORKING], running, turns_hint(result, value));
	else
		diagnosis = add(diagnoses, "partly-parallel",
				"%.0f tasks do the work, %.2f running on average, of %.2f that could; the others wait for locks, input, output, CPUs, or work.",
				value[FIGURE_TASKS_WORKING], running, most);
	rests_on(diagnosis, FIGURE_TASKS_WORKING, FIGURE_RUNNING, FIGURE_RUNNING_MOST,
		 FIGURE_WAITING, FIGURE_BLOCKED, FIGURE_THREADS_SHARE);
}

static bool wake_each_other(const double *value)
{
	return value[FIGURE_SWITCHES] >= 2 * SPEAKABLE && value[FIGURE_PAUSE] <= PAUSE_NS;
}

static void blocked(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;

	if (value[FIGURE_BLOCKED] < BLOCKED || wake_each_other(value))
		return;
	rests_on(add(diagnoses, "blocked",
		     "For %.0f %% of the time or more no task was on a CPU or wanted to be: all of them waited for timers, input, output, or tasks that are not watched.",
		     value[FIGURE_BLOCKED]), FIGURE_BLOCKED, FIGURE_PAUSE);
}

static void oversubscribed(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	struct diagnosis *diagnosis;

	if (value[FIGURE_WAITING] <= WAITING || value[FIGURE_INVOLUNTARY] < MOSTLY ||
	    value[FIGURE_RUNNING] < PARALLEL * value[FIGURE_CPUS])
		return;
	diagnosis = add(diagnoses, "more-tasks-than-cpus",
			"%.0f %% of switches are involuntary, and for each second on a CPU tasks waited %.1f s for one: more runnable tasks than CPUs.",
			value[FIGURE_INVOLUNTARY], value[FIGURE_WAITING]);
	rests_on(diagnosis, FIGURE_INVOLUNTARY, FIGURE_WAITING, FIGURE_RUNNING, FIGURE_CPUS,
		 FIGURE_TASKS_WORKING);
}

static void short_lived(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	struct diagnosis *diagnosis;

	if (value[FIGURE_BIRTHS] < SPEAKABLE || value[FIGURE_RUN_PER_BIRTH] > SHORT_LIFE_NS)
		return;
	diagnosis = add(diagnoses, "short-lived",
			"%.0f tasks were born, %.0f of them threads, one for each %.2f ms on a CPU: their births and deaths are part of that. A pool of tasks that last would save them.",
			value[FIGURE_BIRTHS], value[FIGURE_THREAD_BIRTHS],
			value[FIGURE_RUN_PER_BIRTH] / 1e6);
	rests_on(diagnosis, FIGURE_BIRTHS, FIGURE_THREAD_BIRTHS, FIGURE_RUN_PER_BIRTH);
}

static void ping_pong(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	bool idle = value[FIGURE_TO_IDLE] >= MOSTLY;
	struct diagnosis *diagnosis;

	if (!wake_each_other(value) || value[FIGURE_INVOLUNTARY] > WOKEN_INVOLUNTARY ||
	    value[FIGURE_SHORT_STAYS] < NEARLY_ALL)
		return;
	diagnosis = add(diagnoses, "ping-pong",
			"Tasks stay on a CPU for %.0f us and then wait for one another, or for something as quick: they hand work to and fro%s. In larger pieces%s it may cost less.",
			value[FIGURE_STAY] / 1e3,
			idle ? ", and the CPU goes idle between" : "", idle ? ", or on one CPU," : "");
	rests_on(diagnosis, FIGURE_STAY, FIGURE_SHORT_STAYS, FIGURE_INVOLUNTARY, FIGURE_PAUSE,
		 FIGURE_TO_IDLE);
}

static void threads_alternate(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;

	if (value[FIGURE_SWITCHES] < 2 * SPEAKABLE || value[FIGURE_SAME_GROUP] < MOSTLY)
		return;
	rests_on(add(diagnoses, "threads-alternate",
		     "%.0f %% of switches are from a task to another of the same process, on the same CPU: %s.",
		     value[FIGURE_SAME_GROUP], value[FIGURE_INVOLUNTARY] >= MOSTLY ?
		     "they share it in slices of time" : "one sleeps, another goes on"),
		 FIGURE_SAME_GROUP, FIGURE_INVOLUNTARY);
}

static void migrations(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	struct diagnosis *diagnosis;

	if (value[FIGURE_MIGRATIONS] < SPEAKABLE || value[FIGURE_RUN_PER_MIGRATION] > MIGRATION_NS)
		return;
	diagnosis = add(diagnoses, "migrations",
			"%.0f migrations, one for each %.2f ms on a CPU; %.0f %% of them by wake-ups, %.0f %% to where no cache is shared. Affinity would keep tasks by their data.",
			value[FIGURE_MIGRATIONS], value[FIGURE_RUN_PER_MIGRATION] / 1e6,
			value[FIGURE_WAKEUP_MIGRATIONS], value[FIGURE_FAR_MIGRATIONS]);
	rests_on(diagnosis, FIGURE_MIGRATIONS, FIGURE_RUN_PER_MIGRATION, FIGURE_WAKEUP_MIGRATIONS,
		 FIGURE_FAR_MIGRATIONS);
}

static void cost(struct diagnoses *diagnoses)
{
	const double *value = diagnoses->evidence.value;
	struct diagnosis *diagnosis;

	if (!(value[FIGURE_COST] > 0))
		return;
	diagnosis = add(diagnoses, "cost-of-switching",
			"A switch costs %.0f ns directly, the measuring's own %.0f included: %.2f %% of the time on CPUs, which %s. What it does to caches comes on top.",
			value[FIGURE_COST], value[FIGURE_COST_WINDOW], value[FIGURE_COST_SHARE],
			value[FIGURE_COST_SHARE] < COST_SHOWS ? "does not show" : "shows");
	rests_on(diagnosis, FIGURE_COST, FIGURE_COST_WINDOW, FIGURE_SWITCHES, FIGURE_COST_SHARE);
}

int diagnose(const struct result *result, unsigned int cpus, struct diagnoses *diagnoses)
{
	const struct task_record *longest = evidence_longest(result);
	int ret = evidence_take(&diagnoses->evidence, result, cpus);

	diagnoses->n = 0;
	if (ret || !longest || !longest->counters.run_ns)
		return ret;
	parallelism(result, diagnoses);
	blocked(diagnoses);
	oversubscribed(diagnoses);
	short_lived(diagnoses);
	ping_pong(diagnoses);
	threads_alternate(diagnoses);
	migrations(diagnoses);
	cost(diagnoses);
	return 0;
}
