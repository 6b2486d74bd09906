// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures that a diagnosis may rest on: a formula, and the same in C. */
#include <errno.h>
#include <stdlib.h>

#include "evidence.h"

/* The share of all work that TASKS_WORKING tasks did. */
#define MOST_WORK	0.9

#define SUM(counter)	"([.stat.classes[]." #counter "] | add)"
#define RUN		SUM(run_ns)
#define SWITCHES	"([.stat.classes[] | .switches_voluntary + .switches_involuntary] | add)"
#define BLOCKED		"(.stat | [.concurrency.ns[0] - ([.tasks[].wait_ns] | add), 0] | max)"
#define MOVES		"([.stat.migrations[] | del(.birth) | .[][]] | add)"
#define COST_SWITCHES	"([.stat.cost.spaces[].switches] | add)"
#define COST_NS		"([.stat.cost.spaces[].cycles] | add) * 1000000 / .stat.cost.cycles_khz"

const struct evidence_text evidence_text[FIGURES] = {
	[FIGURE_CPUS] = { "CPUs that they may use", "1", ".cpus" },
	[FIGURE_TASKS_WORKING] = { "tasks that did nine tenths of the work", "1",
		"[.stat.tasks[].run_ns] | (0.9 * add) as $most | [sort | reverse | "
		"foreach .[] as $run (0; . + $run; select(. < $most))] | length + 1" },
	[FIGURE_LONGEST_SHARE] = { "work that one task did", "%",
		"[.stat.tasks[].run_ns] | 100 * max / add" },
	[FIGURE_RUNNING] = { "tasks on CPUs, while any was", "1",
		".stat.concurrency.ns | (to_entries | map(.key * .value) | add) / (.[1:] | add)" },
	[FIGURE_RUNNING_MOST] = { "of them, most that could be", "1",
		"[.cpus, ([.stat.tasks[].run_ns] | add / max)] | min" },
	[FIGURE_WAITING] = { "time runnable, for each on a CPU", "1",
		"([.stat.tasks[].wait_ns] | add) / ([.stat.tasks[].run_ns] | add)" },
	[FIGURE_BLOCKED] = { "time with all of them blocked, at least", "%",
		"100 * " BLOCKED " / (.stat.concurrency.ns | add)" },
	[FIGURE_PAUSE] = { "time with all of them blocked, for each switch", "ns",
		BLOCKED " / " SWITCHES },
	[FIGURE_THREADS_SHARE] = { "work done by multi-threaded processes", "%",
		"100 * (.stat.classes | .leader.run_ns + .thread.run_ns) / " RUN },
	[FIGURE_SWITCHES] = { "switches", "1", SWITCHES },
	[FIGURE_INVOLUNTARY] = { "switches that are involuntary", "%",
		"100 * " SUM(switches_involuntary) " / " SWITCHES },
	[FIGURE_STAY] = { "stay on a CPU", "ns", RUN " / " SWITCHES },
	[FIGURE_SHORT_STAYS] = { "work done in stays of a millisecond or less", "%",
		"100 * ([.stat.tasks[] | select(.run_ns <= 1000000 * (.switches_voluntary + "
		".switches_involuntary)) | .run_ns] | add // 0) / ([.stat.tasks[].run_ns] | add)" },
	[FIGURE_TO_IDLE] = { "switches that leave the CPU idle", "%",
		"100 * ([.stat.handoff[] | select(.to == \"idle\").switches] | add // 0) / "
		SWITCHES },
	[FIGURE_SAME_GROUP] = { "switches within one process", "%",
		"100 * .stat.space.same_group / " SWITCHES },
	[FIGURE_BIRTHS] = { "tasks born", "1", SUM(forks) },
	[FIGURE_THREAD_BIRTHS] = { "of them, threads", "1", ".stat.classes.thread.forks" },
	[FIGURE_RUN_PER_BIRTH] = { "time on CPUs for each task born", "ns", RUN " / " SUM(forks) },
	[FIGURE_MIGRATIONS] = { "migrations", "1", SUM(migrations) },
	[FIGURE_RUN_PER_MIGRATION] = { "time on CPUs for each migration", "ns",
		RUN " / " SUM(migrations) },
	[FIGURE_WAKEUP_MIGRATIONS] = { "migrations by wake-ups", "%",
		"100 * ([.stat.migrations[].wakeup[]] | add) / " MOVES },
	[FIGURE_FAR_MIGRATIONS] = { "migrations to where no cache is shared", "%",
		"100 * ([.stat.migrations[] | del(.birth) | .[] | .node, .remote] | add) / "
		MOVES },
	[FIGURE_COST] = { "direct cost of a switch", "ns", COST_NS " / " COST_SWITCHES },
	[FIGURE_COST_WINDOW] = { "of it, the measuring's own", "ns", ".stat.cost.window_ns" },
	[FIGURE_COST_SHARE] = { "time on CPUs that switches cost directly", "%",
		"100 * " COST_NS " / " RUN },
};

static double over(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* --- tasks --- */

const struct task_record *evidence_longest(const struct result *result)
{
	const struct task_record *longest = NULL;

	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct task_record *task = &result->tasks.task[i];

		if (!longest || task->counters.run_ns > longest->counters.run_ns)
			longest = task;
	}
	return longest;
}

static int descending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* The fewest tasks that together did MOST_WORK. */
static int count_working(const struct task_list *tasks, double all_ns, double *working)
{
	uint64_t *run_ns = calloc(tasks->n + 1, sizeof(*run_ns));
	double sum = 0;
	size_t n = 0;

	if (!run_ns)
		return -ENOMEM;
	for (size_t i = 0; i < tasks->n; i++)
		run_ns[i] = tasks->task[i].counters.run_ns;
	qsort(run_ns, tasks->n, sizeof(*run_ns), descending);
	while (n < tasks->n && sum < MOST_WORK * all_ns)
		sum += (double)run_ns[n++];
	*working = (double)n;
	free(run_ns);
	return 0;
}

/* All waits may have been while none ran, and one after the other. */
static double blocked_ns(const struct concurrency *concurrency, double wait_ns)
{
	double ns = concurrency->n ? (double)concurrency->ns[0] - wait_ns : 0;

	return ns > 0 ? ns : 0;
}

static int take_tasks(double *value, const struct result *result)
{
	double run = 0, wait = 0, longest = 0, brief = 0, blocked;
	const struct concurrency *concurrency = &result->concurrency;

	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct counters *task = &result->tasks.task[i].counters;

		run += (double)task->run_ns;
		wait += (double)task->wait_ns;
		if (task->run_ns <= SHORT_STAY_NS * counters_switches(task))
			brief += (double)task->run_ns;
		if ((double)task->run_ns > longest)
			longest = (double)task->run_ns;
	}
	value[FIGURE_LONGEST_SHARE] = 100 * over(longest, run);
	value[FIGURE_RUNNING] = concurrency_mean_busy(concurrency);
	value[FIGURE_RUNNING_MOST] = over(run, longest);
	if (value[FIGURE_RUNNING_MOST] > value[FIGURE_CPUS])
		value[FIGURE_RUNNING_MOST] = value[FIGURE_CPUS];
	value[FIGURE_WAITING] = over(wait, run);
	value[FIGURE_SHORT_STAYS] = 100 * over(brief, run);
	blocked = blocked_ns(concurrency, wait);
	value[FIGURE_BLOCKED] = 100 * over(blocked, (double)concurrency_duration(concurrency));
	value[FIGURE_PAUSE] = over(blocked, value[FIGURE_SWITCHES]);
	return count_working(&result->tasks, run, &value[FIGURE_TASKS_WORKING]);
}

/* --- classes --- */

static void take_switches(double *value, const struct cpu_counts *sum,
			  const struct counters *total)
{
	const struct counters *class = sum->class;
	double switches = (double)counters_switches(total), to_idle = 0;
	struct space_counts space = cpu_counts_space(sum);

	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		to_idle += (double)cpu_counts_handoff(sum, from, SCHEDSPLIT_CLASS_IDLE);
	value[FIGURE_THREADS_SHARE] =
		100 * over((double)(class[SCHEDSPLIT_CLASS_LEADER].run_ns +
				    class[SCHEDSPLIT_CLASS_THREAD].run_ns), (double)total->run_ns);
	value[FIGURE_SWITCHES] = switches;
	value[FIGURE_INVOLUNTARY] = 100 * over((double)total->involuntary, switches);
	value[FIGURE_STAY] = over((double)total->run_ns, switches);
	value[FIGURE_TO_IDLE] = 100 * over(to_idle, switches);
	value[FIGURE_SAME_GROUP] = 100 * over((double)space.same_group, switches);
	value[FIGURE_BIRTHS] = (double)total->forks;
	value[FIGURE_THREAD_BIRTHS] = (double)class[SCHEDSPLIT_CLASS_THREAD].forks;
	value[FIGURE_RUN_PER_BIRTH] = over((double)total->run_ns, (double)total->forks);
}

static void take_migrations(double *value, const struct cpu_counts *sum,
			    const struct counters *total)
{
	double all = 0, wakeup = 0, far = 0;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		for (int cause = 0; cause < SCHEDSPLIT_CAUSES; cause++)
			for (int distance = SCHEDSPLIT_DISTANCE_SMT;
			     distance < SCHEDSPLIT_DISTANCES; distance++) {
				double n = (double)sum->moves[class][cause][distance];

				all += n;
				wakeup += cause == SCHEDSPLIT_CAUSE_WAKEUP ? n : 0;
				far += distance > SCHEDSPLIT_DISTANCE_CACHE ? n : 0;
			}
	value[FIGURE_MIGRATIONS] = (double)total->migrations;
	value[FIGURE_RUN_PER_MIGRATION] = over((double)total->run_ns, (double)total->migrations);
	value[FIGURE_WAKEUP_MIGRATIONS] = 100 * over(wakeup, all);
	value[FIGURE_FAR_MIGRATIONS] = 100 * over(far, all);
}

static void take_costs(double *value, const struct result *result, const struct counters *total)
{
	const struct costs *costs = &result->counts.sum.costs;
	double khz = (double)result->info.cost_khz, cycles = 0, ns;

	for (int space = 0; space < COST_SPACES; space++)
		cycles += (double)costs_of_space(costs, space).cycles;
	ns = over(cycles * 1e6, khz);
	value[FIGURE_COST] = over(ns, (double)costs_switches(costs));
	value[FIGURE_COST_WINDOW] = over(result->info.cost_window * 1e6, khz);
	value[FIGURE_COST_SHARE] = 100 * over(ns, (double)total->run_ns);
}

int evidence_take(struct evidence *evidence, const struct result *result, unsigned int cpus)
{
	const struct cpu_counts *sum = &result->counts.sum;
	double *value = evidence->value;
	struct counters total;

	*evidence = (struct evidence){ .value = { [FIGURE_CPUS] = cpus } };
	counters_total(sum->class, &total);
	take_switches(value, sum, &total);
	take_migrations(value, sum, &total);
	take_costs(value, result, &total);
	return take_tasks(value, result);
}
