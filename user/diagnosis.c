// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules of `explain`. Each has its thresholds beside it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"

/* A task works if it did at least this share of the work of all. */
#define WORKS			0.05
/* Taking turns: hardly more than one runs, though several work. */
#define TURNS_RUNNING		1.25
/* Running in parallel: this share of what could. */
#define PARALLEL_RUNNING	0.8
/* Runnable for so long, for each second on a CPU, tasks wait for CPUs. */
#define WAITS_FOR_CPU		0.3
#define MOSTLY			0.5
/* Births a second, and how many there must be to speak of a rate. */
#define STORM_RATE		50
#define STORM_BIRTHS		50
/* A hand-over: a stay shorter than this that ends by the task's own will. */
#define SHORT_STAY_NS		1000000
#define PING_PONG_SWITCHES	500	/* of each of two tasks */
#define PING_PONG_VOLUNTARY	0.8
#define MANY_MIGRATIONS		0.05	/* for each switch */
#define MANY_MIGRATIONS_MIN	50

/* Figures that several rules read. */
struct figures {
	const struct result *result;
	unsigned int	cpus;
	struct counters	total;
	double		seconds;
	double		switches;
	double		voluntary;	/* share of switches */
	double		waiting;	/* runnable time for each second on a CPU */
	double		running;	/* tasks on CPUs while any was */
	double		busy;		/* share of the time in which any was */
	size_t		working;	/* tasks with WORKS of all run time */
	const struct task_record *most;	/* that with the most run time */
};

__attribute__((format(printf, 3, 4)))
static struct diagnosis *add(struct diagnoses *diagnoses, const char *id, const char *fmt, ...)
{
	struct diagnosis *diagnosis = &diagnoses->diagnosis[diagnoses->n];
	va_list ap;

	if (diagnoses->n == DIAGNOSES_MAX)
		abort();	/* there are fewer rules */
	diagnoses->n++;
	diagnosis->id = id;
	diagnosis->n_evidence = 0;
	va_start(ap, fmt);
	vsnprintf(diagnosis->text, sizeof(diagnosis->text), fmt, ap);
	va_end(ap);
	return diagnosis;
}

static void rests_on(struct diagnosis *diagnosis, const char *figure, double value, const char *unit)
{
	diagnosis->evidence[diagnosis->n_evidence++] = (struct evidence){ figure, value, unit };
}

static double over(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void take_figures(const struct result *result, unsigned int cpus, struct figures *f)
{
	uint64_t duration = concurrency_duration(&result->concurrency);

	memset(f, 0, sizeof(*f));
	f->result = result;
	f->cpus = cpus;
	counters_total(result->counts.sum.class, &f->total);
	f->seconds = (double)result->duration_ns / 1e9;
	f->switches = (double)counters_switches(&f->total);
	f->voluntary = over((double)f->total.voluntary, f->switches);
	f->waiting = over((double)f->total.wait_ns, (double)f->total.run_ns);
	f->running = concurrency_mean_busy(&result->concurrency);
	if (result->concurrency.n)
		f->busy = over((double)(duration - result->concurrency.ns[0]), (double)duration);
	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct task_record *task = &result->tasks.task[i];

		f->working += (double)task->counters.run_ns >= WORKS * (double)f->total.run_ns &&
			      task->counters.run_ns;
		if (!f->most || task->counters.run_ns > f->most->counters.run_ns)
			f->most = task;
	}
}

static void add_running(const struct figures *f, struct diagnosis *diagnosis)
{
	rests_on(diagnosis, "concurrency: mean over the time with any on a CPU", f->running, "1");
	rests_on(diagnosis, "tasks with 5 % of run_ns or more", (double)f->working, "1");
}

static double migrations_by(const struct figures *f, enum schedsplit_cause cause)
{
	double sum = 0;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
			sum += (double)f->result->counts.sum.moves[class][cause][distance];
	return sum;
}

/* ---- the rules, in the order in which they are told ---- */

/* Is there one lock at the root of it? Of Python's we know. */
static const char *turns_hint(const struct figures *f)
{
	if (f->most && !strncmp(f->most->comm, "python", 6))
		return "; in Python that is the interpreter lock";
	return "; a lock that all of them need does that, or a pipeline";
}

static void parallelism(const struct figures *f, struct diagnoses *diagnoses)
{
	double could = f->working < f->cpus ? (double)f->working : (double)f->cpus;
	struct diagnosis *diagnosis;

	if (f->working < 2) {
		diagnosis = add(diagnoses, "one-task", "One task did nearly all the work: more CPUs would not help.");
	} else if (f->cpus < 2) {
		return;
	} else if (f->running < TURNS_RUNNING && f->waiting > WAITS_FOR_CPU) {
		diagnosis = add(diagnoses, "one-cpu",
			      "%zu tasks work, %.2f running on average, and the others are runnable: something "
			      "keeps them on one CPU (affinity, a cpuset, a CPU limit).",
			      f->working, f->running);
		rests_on(diagnosis, "classes: wait_ns / run_ns", f->waiting, "1");
	} else if (f->running < TURNS_RUNNING) {
		diagnosis = add(diagnoses, "take-turns",
			      "%zu tasks work, %.2f running on average: they take turns%s.",
			      f->working, f->running, turns_hint(f));
		rests_on(diagnosis, "classes: wait_ns / run_ns", f->waiting, "1");
	} else if (f->running >= PARALLEL_RUNNING * could) {
		diagnosis = add(diagnoses, "parallel",
			      "%zu tasks work, %.2f running on average, of %.0f that could: they run in parallel.",
			      f->working, f->running, could);
	} else {
		diagnosis = add(diagnoses, "partly-parallel",
			      "%zu tasks work, %.2f running on average, of %.0f that could.",
			      f->working, f->running, could);
	}
	add_running(f, diagnosis);
}

static void blocked(const struct figures *f, struct diagnoses *diagnoses)
{
	struct diagnosis *diagnosis;

	if (!f->result->concurrency.n || f->busy >= MOSTLY)
		return;
	diagnosis = add(diagnoses, "mostly-blocked",
		      "None of the tasks was on a CPU for %.1f %% of the time: they wait for timers, input, output, or each other.",
		      100 * (1 - f->busy));
	rests_on(diagnosis, "concurrency: share of the time with none on a CPU", 100 * (1 - f->busy), "%");
}

static void oversubscribed(const struct figures *f, struct diagnoses *diagnoses)
{
	struct diagnosis *diagnosis;

	if (f->voluntary >= 1 - MOSTLY || f->waiting <= WAITS_FOR_CPU || f->switches < 10)
		return;
	diagnosis = add(diagnoses, "more-tasks-than-cpus",
		      "%.0f %% of switches are involuntary, and tasks waited %.1f s for each second on a CPU: more runnable tasks than CPUs.",
		      100 * (1 - f->voluntary), f->waiting);
	rests_on(diagnosis, "classes: switches_involuntary / switches", 100 * (1 - f->voluntary), "%");
	rests_on(diagnosis, "classes: wait_ns / run_ns", f->waiting, "1");
	rests_on(diagnosis, "tasks with 5 % of run_ns or more", (double)f->working, "1");
}

static void short_lived(const struct figures *f, struct diagnoses *diagnoses)
{
	const struct counters *class = f->result->counts.sum.class;
	double births = (double)f->total.forks, threads;
	struct diagnosis *diagnosis;

	if (births < STORM_BIRTHS || over(births, f->seconds) < STORM_RATE)
		return;
	threads = (double)class[SCHEDSPLIT_CLASS_THREAD].forks;
	diagnosis = add(diagnoses, "short-lived",
		      "%.0f tasks were born, %.0f a second, %.0f of them threads; a task ran %.2f ms in its life on average: creating them is much of the work. A pool would not.",
		      births, over(births, f->seconds), threads,
		      over((double)f->total.run_ns, (double)f->total.tasks) / 1e6);
	rests_on(diagnosis, "classes: forks", births, "1");
	rests_on(diagnosis, "classes.thread.forks", threads, "1");
	rests_on(diagnosis, "classes: run_ns / tasks",
		 over((double)f->total.run_ns, (double)f->total.tasks), "ns");
}

/* The most that two tasks switched, each; the smaller of the two. */
static double second_most_switches(const struct figures *f)
{
	double first = 0, second = 0;

	for (size_t i = 0; i < f->result->tasks.n; i++) {
		double n = (double)f->result->tasks.task[i].counters.voluntary;

		if (n > first) {
			second = first;
			first = n;
		} else if (n > second) {
			second = n;
		}
	}
	return second;
}

static void ping_pong(const struct figures *f, struct diagnoses *diagnoses)
{
	double stay_ns = over((double)f->total.run_ns, f->switches), to_idle = 0;
	struct diagnosis *diagnosis;

	if (second_most_switches(f) < PING_PONG_SWITCHES || f->voluntary < PING_PONG_VOLUNTARY ||
	    stay_ns > SHORT_STAY_NS)
		return;
	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		to_idle += (double)cpu_counts_handoff(&f->result->counts.sum, from,
						      SCHEDSPLIT_CLASS_IDLE);
	diagnosis = add(diagnoses, "ping-pong",
		      "Tasks stay on a CPU for %.0f us and then wait to be woken, %.0f switches a second: they hand work to and fro%s.",
		      stay_ns / 1e3, over(f->switches, f->seconds),
		      to_idle >= MOSTLY * f->switches ?
		      ", across CPUs, each of which goes idle meanwhile; on one CPU, or in larger pieces, it would cost less" : "");
	rests_on(diagnosis, "classes: run_ns / switches", stay_ns, "ns");
	rests_on(diagnosis, "classes: switches_voluntary / switches", 100 * f->voluntary, "%");
	rests_on(diagnosis, "handoff: to idle / switches", 100 * over(to_idle, f->switches), "%");
	rests_on(diagnosis, "classes: switches / duration_ns", over(f->switches, f->seconds), "1/s");
}

static void migrations(const struct figures *f, struct diagnoses *diagnoses)
{
	double all = (double)f->total.migrations;
	double wakeup = migrations_by(f, SCHEDSPLIT_CAUSE_WAKEUP);
	struct diagnosis *diagnosis;

	if (all < MANY_MIGRATIONS_MIN || all < MANY_MIGRATIONS * f->switches)
		return;
	diagnosis = add(diagnoses, "migrations",
		      "%.0f migrations, one every %.1f switches, %.0f %% of them placed by wake-ups: caches are left behind that often. Affinity would hold tasks where their data is.",
		      all, over(f->switches, all), 100 * over(wakeup, all));
	rests_on(diagnosis, "classes: migrations", all, "1");
	rests_on(diagnosis, "classes: migrations / switches", over(all, f->switches), "1");
	rests_on(diagnosis, "migrations: wakeup / all", 100 * over(wakeup, all), "%");
}

static void handing_over(const struct figures *f, struct diagnoses *diagnoses)
{
	struct space_counts space = cpu_counts_space(&f->result->counts.sum);
	double within = over((double)space.same_group, f->switches);
	struct diagnosis *diagnosis;

	if (f->switches < 100 || within < MOSTLY)
		return;
	diagnosis = add(diagnoses, "threads-alternate",
		      "%.0f %% of switches go from one thread to another of the same process: on those CPUs the process's own threads wait for each other or for their turn.",
		      100 * within);
	rests_on(diagnosis, "space.same_group / switches", 100 * within, "%");
}

static void cost(const struct figures *f, struct diagnoses *diagnoses)
{
	const struct costs *costs = &f->result->counts.sum.costs;
	double cycles = 0, ns, switches = (double)costs_switches(costs), share;
	struct diagnosis *diagnosis;

	if (!f->result->info.cost_khz || !switches)
		return;
	for (int space = 0; space < COST_SPACES; space++)
		cycles += (double)costs_of_space(costs, space).cycles;
	ns = cycles * 1e6 / (double)f->result->info.cost_khz;
	share = over(ns, (double)f->total.run_ns);
	diagnosis = add(diagnoses, "cost-of-switching",
		      "Inside the kernel, %.0f switches took %.0f ns each, which is %.2f %% of the time on CPUs: %s.",
		      switches, over(ns, switches), 100 * share,
		      share < 0.01 ? "switching itself is not what costs" :
		      "switching itself shows");
	rests_on(diagnosis, "cost.kinds: cycles / switches", over(ns, switches), "ns");
	rests_on(diagnosis, "cost.kinds: switches", switches, "1");
	rests_on(diagnosis, "cost.kinds: cycles / classes: run_ns", 100 * share, "%");
}

void diagnose(const struct result *result, unsigned int cpus, struct diagnoses *diagnoses)
{
	struct figures f;

	take_figures(result, cpus, &f);
	diagnoses->n = 0;
	if (!f.total.run_ns)
		return;
	parallelism(&f, diagnoses);
	blocked(&f, diagnoses);
	oversubscribed(&f, diagnoses);
	short_lived(&f, diagnoses);
	ping_pong(&f, diagnoses);
	handing_over(&f, diagnoses);
	migrations(&f, diagnoses);
	cost(&f, diagnoses);
}
