// SPDX-License-Identifier: GPL-2.0-or-later
/* `stat` for people. */
#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../attr.h"
#include "stat.h"
#include "table.h"

/*
 * The order of rows: what this tool is about comes first. "leaders" is the sum
 * of process and leader.
 */
static const enum schedsplit_class order[SCHEDSPLIT_CLASSES] = {
	SCHEDSPLIT_CLASS_PROCESS, SCHEDSPLIT_CLASS_LEADER, SCHEDSPLIT_CLASS_THREAD,
	SCHEDSPLIT_CLASS_WORKER, SCHEDSPLIT_CLASS_KTHREAD, SCHEDSPLIT_CLASS_IDLE,
};

struct writer {
	FILE			*stream;
	const struct result	*result;
	const struct stat_options *options;
	bool			 colour;
};

#define BOLD	"\033[1m"
#define RED	"\033[1;31m"
#define PLAIN	"\033[0m"

static const char *paint(const struct writer *writer, const char *colour)
{
	return writer->colour ? colour : "";
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static const char *plus_minus(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") ? "+-" : "\302\261";
}

static void print_table(const struct writer *writer, struct table *table)
{
	if (table_print(table, writer->stream, 1))
		fprintf(writer->stream, " (no memory for this table)\n");
	fputc('\n', writer->stream);
}

static void print_heading(const struct writer *writer, const char *text)
{
	fprintf(writer->stream, "%s %s%s\n\n", paint(writer, BOLD), text, paint(writer, PLAIN));
}

/* --- counters as cells --- */

static void counter_columns(struct table *table, bool has_tasks)
{
	if (has_tasks)
		table_column(table, "tasks", ALIGN_RIGHT);
	table_column(table, "voluntary", ALIGN_RIGHT);
	table_column(table, "involuntary", ALIGN_RIGHT);
	table_column(table, "switches/s", ALIGN_RIGHT);
	table_column(table, "migrations", ALIGN_RIGHT);
	table_column(table, "wakeups", ALIGN_RIGHT);
	table_column(table, "run ms", ALIGN_RIGHT);
	table_column(table, "wait ms", ALIGN_RIGHT);
}

static void life_columns(struct table *table)
{
	table_column(table, "forks", ALIGN_RIGHT);
	table_column(table, "exits", ALIGN_RIGHT);
}

static void count_cell(struct table *table, uint64_t count)
{
	table_cell(table, "%'" PRIu64, count);
}

static void ms_cell(struct table *table, uint64_t ns)
{
	table_cell(table, "%'.3f", (double)ns / 1e6);
}

static void counter_cells(struct table *table, const struct counters *counters, bool has_tasks,
			  uint64_t duration_ns)
{
	if (has_tasks)
		count_cell(table, counters->tasks);
	count_cell(table, counters->voluntary);
	count_cell(table, counters->involuntary);
	table_cell(table, "%'.1f", duration_ns ? (double)counters_switches(counters) * 1e9 /
		   (double)duration_ns : 0.0);
	count_cell(table, counters->migrations);
	count_cell(table, counters->wakeups);
	ms_cell(table, counters->run_ns);
	ms_cell(table, counters->wait_ns);
}

static void life_cells(struct table *table, const struct counters *counters)
{
	count_cell(table, counters->forks);
	count_cell(table, counters->exits);
}

/* --- the classes --- */

/* Which classes a row is the sum of, as a bit mask. */
struct row {
	const char	*name;
	unsigned int	 classes;
	bool		 always;	/* even if it is all zeroes */
};

#define BIT(class)	(1u << SCHEDSPLIT_CLASS_##class)

static const struct row rows[] = {
	{ "process", BIT(PROCESS), true },
	{ "leader", BIT(LEADER), true },
	{ "= leaders", BIT(PROCESS) | BIT(LEADER), true },
	{ "thread", BIT(THREAD), true },
	{ "worker", BIT(WORKER), false },
	{ "kthread", BIT(KTHREAD), false },
	{ "idle", BIT(IDLE), false },
	{ "total", (1u << SCHEDSPLIT_CLASSES) - 1, true },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A task that changed class is in each, but in a sum of them once. */
static void sum_row(const struct row *row, const struct run *run, struct counters *sum)
{
	uint64_t tasks = 0;

	memset(sum, 0, sizeof(*sum));
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
		if (row->classes >> i & 1)
			counters_add(sum, &run->class[i]);
	for (unsigned int mask = 0; mask < 1 << SCHEDSPLIT_CLASSES; mask++)
		if (mask & row->classes)
			tasks += run->seen[mask];
	/* of the system only the classes are known */
	if (tasks)
		sum->tasks = tasks;
}

/* Did any run have anything of it? */
static bool has_row(const struct result *result, const struct row *row)
{
	for (size_t i = 0; i < result->runs; i++) {
		struct counters sum;

		sum_row(row, &result->run[i], &sum);
		if (counters_any(&sum))
			return true;
	}
	return row->always;
}

static void print_classes(const struct writer *writer)
{
	const struct result *result = writer->result;
	struct table table;

	table_init(&table);
	table_column(&table, "class", ALIGN_LEFT);
	counter_columns(&table, true);
	life_columns(&table);
	for (size_t i = 0; i < ROWS; i++) {
		struct counters sum;

		if (!has_row(result, &rows[i]))
			continue;
		sum_row(&rows[i], &result->run[0], &sum);
		table_line(&table);
		table_cell(&table, "%s", rows[i].name);
		counter_cells(&table, &sum, true, result->duration_ns);
		life_cells(&table, &sum);
	}
	print_table(writer, &table);
}

/* --- the classes, of several runs --- */

struct choice {
	const struct row *row;
	size_t	offset;		/* of a counter in struct counters */
	double	unit;
};

static double chosen(const struct run *run, const void *data)
{
	const struct choice *choice = data;
	struct counters sum;
	uint64_t value;

	sum_row(choice->row, run, &sum);
	memcpy(&value, (const char *)&sum + choice->offset, sizeof(value));
	return (double)value / choice->unit;
}

static void spread_cell(struct table *table, const struct result *result, const struct row *row,
			size_t offset, double unit)
{
	struct choice choice = { row, offset, unit };
	struct spread spread = result_spread(result, chosen, &choice);
	int digits = unit > 1 ? 3 : 1;

	table_cell(table, "%'.*f %s %'.*f", digits, spread.mean, plus_minus(), digits,
		   spread.deviation);
}

static void print_spreads(const struct writer *writer)
{
	const struct result *result = writer->result;
	struct table table;

	table_init(&table);
	table_column(&table, "class", ALIGN_LEFT);
	table_column(&table, "tasks", ALIGN_RIGHT);
	table_column(&table, "voluntary", ALIGN_RIGHT);
	table_column(&table, "involuntary", ALIGN_RIGHT);
	table_column(&table, "migrations", ALIGN_RIGHT);
	table_column(&table, "wakeups", ALIGN_RIGHT);
	table_column(&table, "run ms", ALIGN_RIGHT);
	table_column(&table, "wait ms", ALIGN_RIGHT);
	for (size_t i = 0; i < ROWS; i++) {
		if (!has_row(result, &rows[i]))
			continue;
		table_line(&table);
		table_cell(&table, "%s", rows[i].name);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, tasks), 1);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, voluntary), 1);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, involuntary), 1);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, migrations), 1);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, wakeups), 1);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, run_ns), 1e6);
		spread_cell(&table, result, &rows[i], offsetof(struct counters, wait_ns), 1e6);
	}
	print_table(writer, &table);
}

/* --- what else can be shown --- */

static void print_handoff(const struct writer *writer)
{
	const struct cpu_counts *sum = &writer->result->counts.sum;
	struct table table;

	print_heading(writer, "Switches from (row) to (column):");
	table_init(&table);
	table_column(&table, "", ALIGN_LEFT);
	for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
		table_column(&table, class_name[order[to]], ALIGN_RIGHT);
	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++) {
		if (!counters_switches(&sum->class[order[from]]))
			continue;
		table_line(&table);
		table_cell(&table, "%s", class_name[order[from]]);
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
			count_cell(&table, cpu_counts_handoff(sum, order[from], order[to]));
	}
	print_table(writer, &table);
}

static void move_cells(struct table *table, enum schedsplit_class class, const char *what,
		       const uint64_t by_distance[SCHEDSPLIT_DISTANCES])
{
	uint64_t all = 0;

	for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
		all += by_distance[distance];
	if (!all)
		return;
	table_line(table);
	table_cell(table, "%s", class_name[class]);
	table_cell(table, "%s", what);
	count_cell(table, all);
	for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
		count_cell(table, by_distance[distance]);
}

static void print_migrations(const struct writer *writer)
{
	const struct cpu_counts *sum = &writer->result->counts.sum;
	struct table table;

	print_heading(writer, "Migrations by cause, and places of new tasks, by what both CPUs share:");
	table_init(&table);
	table_column(&table, "class", ALIGN_LEFT);
	table_column(&table, "cause", ALIGN_LEFT);
	table_column(&table, "all", ALIGN_RIGHT);
	table_column(&table, "same CPU", ALIGN_RIGHT);
	table_column(&table, "core", ALIGN_RIGHT);
	table_column(&table, "cache", ALIGN_RIGHT);
	table_column(&table, "node", ALIGN_RIGHT);
	table_column(&table, "nothing", ALIGN_RIGHT);
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++) {
		for (int cause = 0; cause < SCHEDSPLIT_CAUSES; cause++)
			move_cells(&table, order[i], cause_name[cause],
				   sum->moves[order[i]][cause]);
		move_cells(&table, order[i], "(birth)", sum->moves[order[i]][MOVES_PLACEMENTS]);
	}
	print_table(writer, &table);
}

static void print_cpus(const struct writer *writer)
{
	const struct result *result = writer->result;
	struct table table;

	print_heading(writer, "By CPU:");
	table_init(&table);
	table_column(&table, "cpu", ALIGN_RIGHT);
	table_column(&table, "class", ALIGN_LEFT);
	counter_columns(&table, false);
	life_columns(&table);
	for (uint32_t cpu = 0; cpu < result->counts.cpus; cpu++) {
		const struct cpu_counts *counts = result->counts.cpu[cpu];

		for (int i = 0; counts && i < SCHEDSPLIT_CLASSES; i++) {
			if (!counters_any(&counts->class[order[i]]))
				continue;
			table_line(&table);
			table_cell(&table, "%" PRIu32, cpu);
			table_cell(&table, "%s", class_name[order[i]]);
			counter_cells(&table, &counts->class[order[i]], false, result->duration_ns);
			life_cells(&table, &counts->class[order[i]]);
		}
	}
	print_table(writer, &table);
}

static void group_line(struct table *table, const struct group_record *group, const char *class,
		       const struct counters *counters, uint64_t duration_ns)
{
	table_line(table);
	table_cell(table, "%" PRIu32, group->tgid);
	table_cell(table, "%s", group->comm);
	table_cell(table, "%s", class);
	counter_cells(table, counters, true, duration_ns);
	if (group->concurrency.n)
		table_cell(table, "%.2f", concurrency_mean(&group->concurrency));
	else
		table_cell(table, "n/a");
}

static void beside_line(struct table *table, const struct group_record *group)
{
	double duration = (double)concurrency_duration(&group->concurrency);

	table_line(table);
	table_cell(table, "%" PRIu32, group->tgid);
	table_cell(table, "%s", group->comm);
	table_cell(table, "%.1f %%", percent((double)group_leader_beside(group), duration));
	table_cell(table, "%.1f %%", percent((double)group_threads_beside(group), duration));
	table_cell(table, "%.1f %%", percent((double)group_on_one_core(group), duration));
}

/* Of groups that have threads, who ran beside whom. */
static void print_beside(const struct writer *writer)
{
	const struct group_list *groups = &writer->result->groups;
	struct table table;
	size_t first = 0;

	while (first < groups->n && !counters_any(&groups->group[first].thread))
		first++;
	if (first == groups->n)
		return;
	print_heading(writer, "On CPUs at the same time, share of the group's time:");
	table_init(&table);
	table_column(&table, "tgid", ALIGN_RIGHT);
	table_column(&table, "command", ALIGN_LEFT);
	table_column(&table, "leader and thread", ALIGN_RIGHT);
	table_column(&table, "two threads", ALIGN_RIGHT);
	table_column(&table, "two on one core", ALIGN_RIGHT);
	for (size_t i = first; i < groups->n; i++)
		if (counters_any(&groups->group[i].thread))
			beside_line(&table, &groups->group[i]);
	print_table(writer, &table);
}

static void print_groups(const struct writer *writer)
{
	const struct group_list *groups = &writer->result->groups;
	struct table table;

	print_heading(writer, "By thread group (running: tasks on CPUs, on average since its first):");
	table_init(&table);
	table_column(&table, "tgid", ALIGN_RIGHT);
	table_column(&table, "command", ALIGN_LEFT);
	table_column(&table, "class", ALIGN_LEFT);
	counter_columns(&table, true);
	table_column(&table, "running", ALIGN_RIGHT);
	for (size_t i = 0; i < groups->n; i++) {
		const struct group_record *group = &groups->group[i];

		group_line(&table, group, "leader", &group->leader, writer->result->duration_ns);
		if (counters_any(&group->thread))
			group_line(&table, group, "thread", &group->thread,
				   writer->result->duration_ns);
	}
	print_table(writer, &table);
	print_beside(writer);
}

static void print_tasks(const struct writer *writer)
{
	static const char *const end_word[SCHEDSPLIT_ENDS] = {
		[SCHEDSPLIT_END_NONE] = "alive", [SCHEDSPLIT_END_DEAD] = "dead",
		[SCHEDSPLIT_END_LEFT] = "left", [SCHEDSPLIT_END_STOPPED] = "alive",
	};
	const struct task_list *tasks = &writer->result->tasks;
	struct table table;

	print_heading(writer, "By task:");
	table_init(&table);
	table_column(&table, "tgid", ALIGN_RIGHT);
	table_column(&table, "tid", ALIGN_RIGHT);
	table_column(&table, "command", ALIGN_LEFT);
	table_column(&table, "class", ALIGN_LEFT);
	table_column(&table, "end", ALIGN_LEFT);
	counter_columns(&table, false);
	for (size_t i = 0; i < tasks->n; i++) {
		const struct task_record *task = &tasks->task[i];

		table_line(&table);
		table_cell(&table, "%" PRIu32, task->tgid);
		table_cell(&table, "%" PRIu32, task->tid);
		table_cell(&table, "%s", task->comm);
		table_cell(&table, "%s", class_name[task->class]);
		table_cell(&table, "%s%s", end_word[task->end], task_matches(task) ? "" : " !");
		counter_cells(&table, &task->counters, false, writer->result->duration_ns);
	}
	print_table(writer, &table);
}

/* --- histograms: buckets put together by powers of two --- */

#define OCTAVES	65

static int octave(uint64_t ns)
{
	return ns ? 64 - __builtin_clzll(ns) : 0;
}

/* In the unit that leaves one to three digits before the point. */
static void time_cell(struct table *table, uint64_t ns)
{
	if (ns == UINT64_MAX)
		table_cell(table, "more");
	else if (ns < 1000)
		table_cell(table, "%" PRIu64 " ns", ns);
	else if (ns < 1000000)
		table_cell(table, "%.1f us", (double)ns / 1e3);
	else if (ns < 1000000000)
		table_cell(table, "%.1f ms", (double)ns / 1e6);
	else
		table_cell(table, "%'.1f s", (double)ns / 1e9);
}

#define BAR	30

static void print_histogram_columns(const struct writer *writer, const char *heading,
				    const uint64_t counts[SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX],
				    bool by_class)
{
	static const char bar[BAR + 1] = "##############################";
	const struct info *info = &writer->result->info;
	uint64_t sum[OCTAVES][SCHEDSPLIT_CLASSES] = { 0 }, all[OCTAVES] = { 0 };
	uint64_t lo[OCTAVES] = { 0 }, hi[OCTAVES] = { 0 }, most = 0;
	bool used[SCHEDSPLIT_CLASSES] = { false };
	int first = OCTAVES, last = -1;
	struct table table;

	for (unsigned int i = 0; i < info->buckets; i++) {
		int at = octave(info->bound[i].lo);

		if (!hi[at] || info->bound[i].lo < lo[at])
			lo[at] = info->bound[i].lo;
		if (info->bound[i].hi > hi[at])
			hi[at] = info->bound[i].hi;
		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
			sum[at][class] += counts[class][i];
			all[at] += counts[class][i];
			used[class] |= counts[class][i] != 0;
		}
		if (!all[at])
			continue;
		if (at < first)
			first = at;
		if (at > last)
			last = at;
		if (all[at] > most)
			most = all[at];
	}
	print_heading(writer, heading);
	if (!most) {
		fprintf(writer->stream, " none\n\n");
		return;
	}
	table_init(&table);
	table_column(&table, "from", ALIGN_RIGHT);
	table_column(&table, "to below", ALIGN_RIGHT);
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
		if (used[order[i]])
			table_column(&table, by_class ? class_name[order[i]] : "count",
				     ALIGN_RIGHT);
	table_column(&table, by_class ? "all" : "", ALIGN_LEFT);
	for (int at = first; at <= last; at++) {
		/* such as those between no wait at all and the shortest */
		if (!all[at])
			continue;
		table_line(&table);
		time_cell(&table, lo[at]);
		time_cell(&table, hi[at]);
		for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
			if (used[order[i]])
				count_cell(&table, sum[at][order[i]]);
		table_cell(&table, "%.*s", (int)ceil(BAR * (double)all[at] / (double)most), bar);
	}
	print_table(writer, &table);
}

static void print_histogram(const struct writer *writer, const char *heading,
			    const uint64_t counts[SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX])
{
	print_histogram_columns(writer, heading, counts, true);
}

/* One that is of no class. */
static void print_histogram_of(const struct writer *writer, const char *heading,
			       const uint64_t bucket[INFO_BUCKETS_MAX])
{
	static uint64_t counts[SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX];

	memcpy(counts[0], bucket, sizeof(counts[0]));
	print_histogram_columns(writer, heading, counts, false);
}

static void print_lives(const struct writer *writer)
{
	static const char *const heading[SCHEDSPLIT_LIVES] = {
		[SCHEDSPLIT_LIFE_WAKEUP] = "Births (to the first wake-up):",
		[SCHEDSPLIT_LIFE_RUN] = "First waits (from the first wake-up until chosen to run):",
		[SCHEDSPLIT_LIFE_EXEC] = "Execs (since birth):",
		[SCHEDSPLIT_LIFE_EXIT] = "Lives (from birth to exit):",
	};

	for (int stage = 0; stage < SCHEDSPLIT_LIVES; stage++)
		print_histogram(writer, heading[stage], writer->result->counts.sum.life[stage]);
}

static void print_signals(const struct writer *writer)
{
	static const char *const heading[SCHEDSPLIT_SIGNAL_TOS] = {
		[SCHEDSPLIT_SIGNAL_PROCESS] = "Signals to processes, from pending to taken:",
		[SCHEDSPLIT_SIGNAL_THREAD] = "Signals to single threads, from pending to taken:",
	};

	for (int to = 0; to < SCHEDSPLIT_SIGNAL_TOS; to++) {
		const struct signal_counts *signals = &writer->result->counts.sum.signal[to];
		uint64_t taken = 0;

		print_histogram_of(writer, heading[to], signals->delay);
		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
			taken += signals->taken[class];
		fprintf(writer->stream, " %'" PRIu64 " became pending, %'" PRIu64 " were taken",
			signals->generated, taken);
		for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
			if (signals->taken[order[i]])
				fprintf(writer->stream, ", by %s %'" PRIu64, class_name[order[i]],
					signals->taken[order[i]]);
		fputs("\n\n", writer->stream);
	}
}

/* --- direct costs --- */

static double cost_ns(const struct info *info, double cycles)
{
	return info->cost_khz ? cycles * 1e6 / (double)info->cost_khz : 0;
}

static void cost_cells(const struct writer *writer, struct table *table,
		       const struct cost_sum *sum)
{
	count_cell(table, sum->switches);
	if (sum->switches)
		table_cell(table, "%'.0f", cost_ns(&writer->result->info, (double)sum->cycles /
						   (double)sum->switches));
	else
		table_cell(table, "n/a");
}

/* The last bucket has no bound. */
static void quantile_cell(const struct writer *writer, struct table *table, uint64_t cycles)
{
	if (!cycles)
		table_cell(table, "n/a");
	else if (cycles == UINT64_MAX)
		table_cell(table, "more");
	else
		table_cell(table, "%'.0f", cost_ns(&writer->result->info, (double)cycles));
}

static void print_cost_spaces(const struct writer *writer)
{
	static const double quantile[] = { 0.5, 0.99, 0.999 };
	const struct costs *costs = &writer->result->counts.sum.costs;
	const struct info *info = &writer->result->info;
	struct table table;

	print_heading(writer, "Direct cost of a switch, from sched_switch to finish_task_switch(), in ns:");
	table_init(&table);
	table_column(&table, "address space", ALIGN_LEFT);
	table_column(&table, "switches", ALIGN_RIGHT);
	table_column(&table, "mean", ALIGN_RIGHT);
	table_column(&table, "50 % below", ALIGN_RIGHT);
	table_column(&table, "99 % below", ALIGN_RIGHT);
	table_column(&table, "99.9 % below", ALIGN_RIGHT);
	table_column(&table, "TLB flushed", ALIGN_RIGHT);
	for (int space = 0; space < COST_SPACES; space++) {
		struct cost_sum sum = costs_of_space(costs, space);

		table_line(&table);
		table_cell(&table, "%s", cost_space_name[space]);
		cost_cells(writer, &table, &sum);
		for (size_t i = 0; i < sizeof(quantile) / sizeof(quantile[0]); i++)
			quantile_cell(writer, &table,
				      costs_quantile(costs, space, quantile[i], info));
		table_cell(&table, "%.1f %%", percent((double)sum.flushed, (double)sum.switches));
	}
	print_table(writer, &table);
}

static void print_cost_kinds(const struct writer *writer)
{
	const struct costs *costs = &writer->result->counts.sum.costs;
	struct table table;

	table_init(&table);
	table_column(&table, "from", ALIGN_LEFT);
	table_column(&table, "to", ALIGN_LEFT);
	table_column(&table, "address space", ALIGN_LEFT);
	table_column(&table, "switches", ALIGN_RIGHT);
	table_column(&table, "mean ns", ALIGN_RIGHT);
	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
			for (int space = 0; space < COST_SPACES; space++) {
				struct cost_sum sum = costs_of_kind(costs, order[from], order[to],
								    space);

				if (!sum.switches)
					continue;
				table_line(&table);
				table_cell(&table, "%s", class_name[order[from]]);
				table_cell(&table, "%s", class_name[order[to]]);
				table_cell(&table, "%s", cost_space_name[space]);
				cost_cells(writer, &table, &sum);
			}
	print_table(writer, &table);
}

static void print_costs(const struct writer *writer)
{
	const struct result *result = writer->result;
	const struct info *info = &result->info;

	print_cost_spaces(writer);
	print_cost_kinds(writer);
	fprintf(writer->stream, " Of each cost, about %.0f ns are the measuring's own; all that the module does at a switch\n"
		" takes about %.0f ns. Neither is taken off above.",
		cost_ns(info, info->cost_window), cost_ns(info, info->cost_probe));
	if (result->counts.sum.costs.missed)
		fprintf(writer->stream, " %'" PRIu64 " switches had no end that was seen.",
			result->counts.sum.costs.missed);
	fputs("\n\n", writer->stream);
}

/* --- the lines below the table --- */

static void print_switches(const struct writer *writer)
{
	const struct result *result = writer->result;
	struct space_counts space = cpu_counts_space(&result->counts.sum);
	double seconds = (double)result->duration_ns / 1e9;
	struct counters total;
	double all;

	counters_total(result->counts.sum.class, &total);
	all = (double)counters_switches(&total);
	fprintf(writer->stream, " %'" PRIu64 " switches in %'.3f s, %'.1f a second; %.1f %% of them involuntary\n",
		counters_switches(&total), seconds, seconds > 0 ? all / seconds : 0.0,
		percent((double)total.involuntary, all));
	fprintf(writer->stream, " %.1f %% lazy, %.1f %% to the same address space (%.1f %% within one thread group), %.1f %% across\n",
		percent((double)space.lazy, all), percent((double)space.same, all),
		percent((double)space.same_group, all), percent((double)space.cross, all));
}

static void print_concurrency(const struct writer *writer)
{
	const struct concurrency *concurrency = &writer->result->concurrency;
	uint64_t duration = concurrency_duration(concurrency);

	if (!concurrency->n || !duration)
		return;
	fprintf(writer->stream, " %.2f tasks running on average; %.2f while any ran, which was %.1f %% of the time\n",
		concurrency_mean(concurrency), concurrency_mean_busy(concurrency),
		percent((double)(duration - concurrency->ns[0]), (double)duration));
}

static void print_alive(const struct writer *writer)
{
	const struct result *result = writer->result;

	if (result->alive && result->scope == SCOPE_COMMAND)
		fprintf(writer->stream, " %zu task%s still alive, counted so far%s\n",
			result->alive, result->alive == 1 ? "" : "s",
			writer->options->wait_all ? "" : " (--wait-all waits for them)");
}

static void print_proof(const struct writer *writer)
{
	const struct result *result = writer->result;
	const struct proof *proof = &result->proof;
	bool holds = result_is_proved(result);
	const char *comma = "";

	fprintf(writer->stream, " %s%s:", holds ? "" : paint(writer, RED),
		holds ? "proof" : "PROOF FAILED");
	if (result->watched) {
		fprintf(writer->stream, " %'" PRIu64
			" task%s checked against the kernel's own counts, %'" PRIu64
			" mismatched, %'" PRIu64 " lost",
			proof->tasks_checked, proof->tasks_checked == 1 ? "" : "s",
			proof->tasks_mismatched, proof->lost);
		comma = ",";
	}
	if (result->ctxt.known) {
		fprintf(writer->stream, "%s %'" PRIu64
			" switches counted, /proc/stat says %'" PRIu64 " to %'" PRIu64,
			comma, result->ctxt.counted, result->ctxt.low, result->ctxt.high);
		comma = ",";
	}
	fprintf(writer->stream, "%s %'" PRIu64 " untraced%s%s\n", comma, proof->untraced,
		result->adds_up ? "" : ", and the parts do not add up",
		holds ? "" : paint(writer, PLAIN));
}

static double duration_of(const struct run *run, const void *data)
{
	(void)data;
	return (double)run->duration_ns / 1e9;
}

static void print_duration(const struct writer *writer)
{
	const struct result *result = writer->result;
	struct spread spread = result_spread(result, duration_of, NULL);

	fprintf(writer->stream, "\n %'14.6f seconds counted", spread.mean);
	if (result->runs > 1)
		fprintf(writer->stream, " %s %'.6f, mean and standard deviation of %zu runs",
			plus_minus(), spread.deviation, result->runs);
	fputs("\n\n", writer->stream);
}

/* The command as typed, more or less, or the scope; one line, and not too long. */
static void print_title(const struct writer *writer)
{
	const struct result *result = writer->result;
	char text[160] = "";
	size_t used = 0;

	if (result->scope == SCOPE_COMMAND || result->command)
		for (char **word = result->command; word && *word && used < sizeof(text); word++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used ? " " : "", *word);
	text_clean(text);
	fprintf(writer->stream, "\n%s ", paint(writer, BOLD));
	switch (result->scope) {
	case SCOPE_SYSTEM:
		fputs("The whole system", writer->stream);
		break;
	case SCOPE_PID:
	case SCOPE_TID:
		fprintf(writer->stream, "%s %d%s", result->scope == SCOPE_PID ? "Process" : "Task",
			(int)writer->options->pid[0], writer->options->pids > 1 ? " and others" : "");
		break;
	case SCOPE_CGROUP: {
		char path[160];

		snprintf(path, sizeof(path), "%s", writer->options->cgroup);
		text_clean(path);
		fprintf(writer->stream, "Cgroup %s", path);
		break;
	}
	case SCOPE_COMMAND:
		break;
	}
	fprintf(writer->stream, "%s%s%s%s:%s\n\n",
		result->scope == SCOPE_COMMAND ? "'" : result->command ? " while '" : "",
		text, used >= sizeof(text) ? "..." : "",
		result->scope == SCOPE_COMMAND ? "' and its descendants" :
		result->command ? "' ran" : "", paint(writer, PLAIN));
}

void stat_text(FILE *stream, const struct result *result, const struct stat_options *options,
	       bool colour)
{
	const struct writer writer = { stream, result, options, colour };

	print_title(&writer);
	if (result->runs > 1)
		print_spreads(&writer);
	else
		print_classes(&writer);
	if (options->handoff)
		print_handoff(&writer);
	if (options->migrations)
		print_migrations(&writer);
	if (options->per_cpu)
		print_cpus(&writer);
	if (options->per_group)
		print_groups(&writer);
	if (options->per_task)
		print_tasks(&writer);
	if (options->hist) {
		print_histogram(&writer, "Slices (uninterrupted stays on a CPU):",
				result->counts.sum.slice);
		print_histogram(&writer, "Waits (last leg, from queued on the CPU to running):",
				result->counts.sum.wait);
	}
	if (options->life)
		print_lives(&writer);
	if (options->signals)
		print_signals(&writer);
	if (options->cost)
		print_costs(&writer);
	print_switches(&writer);
	print_concurrency(&writer);
	print_alive(&writer);
	print_proof(&writer);
	print_duration(&writer);
}

void stat_text_interval(FILE *stream, const struct interval *interval, bool first)
{
	if (first)
		fprintf(stream, "#%13s  %-8s %12s %12s %12s %12s %14s %14s\n", "time s", "class",
			"voluntary", "involuntary", "migrations", "wakeups", "run ms", "wait ms");
	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++) {
		const struct counters *c = &interval->class[order[i]];

		/* the two that every reader looks for, and what there is of others */
		if (!counters_any(c) && order[i] != SCHEDSPLIT_CLASS_PROCESS &&
		    order[i] != SCHEDSPLIT_CLASS_THREAD)
			continue;
		fprintf(stream, " %13.6f  %-8s %'12" PRIu64 " %'12" PRIu64 " %'12" PRIu64
			" %'12" PRIu64 " %'14.3f %'14.3f\n",
			(double)interval->end_ns / 1e9, class_name[order[i]], c->voluntary,
			c->involuntary, c->migrations, c->wakeups, (double)c->run_ns / 1e6,
			(double)c->wait_ns / 1e6);
	}
	fflush(stream);
}
