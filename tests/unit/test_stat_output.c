// SPDX-License-Identifier: GPL-2.0-or-later
/* What `stat` makes of its readings, and writes: table, JSON, CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "output/stat.h"

#define CPUS	2

/* A whole result: two CPUs, one process with two threads and its child. */
struct planted {
	struct stat_options	options;
	struct result		result;
};

static char make[] = "make", j8[] = "-j8";
static char *command[] = { make, j8, NULL };

/* Each a number that no other has. */
static void plant_moves(struct cpu_counts *counts, uint32_t cpu)
{
	/* the leader's one migration is on CPU 1 */
	counts->moves[SCHEDSPLIT_CLASS_LEADER][SCHEDSPLIT_CAUSE_AFFINITY]
		     [SCHEDSPLIT_DISTANCE_NODE] = cpu;
	counts->moves[SCHEDSPLIT_CLASS_THREAD][MOVES_PLACEMENTS][SCHEDSPLIT_DISTANCE_NONE] = 1;
	counts->moves[SCHEDSPLIT_CLASS_PROCESS][MOVES_PLACEMENTS][SCHEDSPLIT_DISTANCE_SMT] = 2;
}

static void plant_lives(struct cpu_counts *counts)
{
	counts->life[SCHEDSPLIT_LIFE_WAKEUP][SCHEDSPLIT_CLASS_THREAD][0] = 21;
	counts->life[SCHEDSPLIT_LIFE_RUN][SCHEDSPLIT_CLASS_THREAD][1] = 22;
	counts->life[SCHEDSPLIT_LIFE_EXEC][SCHEDSPLIT_CLASS_PROCESS][2] = 23;
	counts->life[SCHEDSPLIT_LIFE_EXIT][SCHEDSPLIT_CLASS_PROCESS][3] = 24;
}

static void plant_signals(struct cpu_counts *counts)
{
	struct signal_counts *signals = &counts->signal[SCHEDSPLIT_SIGNAL_PROCESS];

	signals->generated = 31;
	signals->taken[SCHEDSPLIT_CLASS_LEADER] = 6;
	signals->taken[SCHEDSPLIT_CLASS_THREAD] = 7;
	signals->delay[0] = 6;
	signals->delay[2] = 7;
	/* one was pending before */
	signals = &counts->signal[SCHEDSPLIT_SIGNAL_THREAD];
	signals->generated = 2;
	signals->taken[SCHEDSPLIT_CLASS_THREAD] = 3;
	signals->delay[1] = 3;
}

/* Two kinds of same, which are told as one; the slow ones are as slow as can be. */
static void plant_costs(struct costs *costs)
{
	static const struct {
		enum schedsplit_class from, to;
		enum schedsplit_space space;
		unsigned int bucket;
		uint64_t count, cycles;
	} kinds[] = {
		{ SCHEDSPLIT_CLASS_PROCESS, SCHEDSPLIT_CLASS_IDLE, SCHEDSPLIT_SPACE_LAZY,
		  0, 10, 4000 },
		{ SCHEDSPLIT_CLASS_THREAD, SCHEDSPLIT_CLASS_THREAD, SCHEDSPLIT_SPACE_SAME_GROUP,
		  0, 100, 60000 },
		{ SCHEDSPLIT_CLASS_THREAD, SCHEDSPLIT_CLASS_THREAD, SCHEDSPLIT_SPACE_SAME,
		  1, 50, 60000 },
		{ SCHEDSPLIT_CLASS_LEADER, SCHEDSPLIT_CLASS_PROCESS, SCHEDSPLIT_SPACE_CROSS,
		  3, 4, 40000 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		costs->count[kinds[i].from][kinds[i].to][kinds[i].space] = kinds[i].count;
		costs->cycles[kinds[i].from][kinds[i].to][kinds[i].space] = kinds[i].cycles;
		costs->hist[kinds[i].space][kinds[i].bucket] = kinds[i].count;
	}
	costs->flushed[SCHEDSPLIT_SPACE_CROSS] = 3;
	costs->missed = 1;
}

static struct cpu_counts *plant_cpu(uint32_t cpu)
{
	struct cpu_counts *counts = calloc(1, sizeof(*counts));
	struct counters *process, *leader, *thread;

	assert_non_null(counts);
	counts->present = true;
	process = &counts->class[SCHEDSPLIT_CLASS_PROCESS];
	leader = &counts->class[SCHEDSPLIT_CLASS_LEADER];
	thread = &counts->class[SCHEDSPLIT_CLASS_THREAD];
	process->voluntary = 10;
	process->run_ns = 5000000;
	leader->voluntary = 3;
	leader->involuntary = 1;
	leader->migrations = cpu;
	thread->voluntary = 1000;
	thread->involuntary = 500;
	thread->wakeups = 999;
	thread->run_ns = 2500000000;
	thread->wait_ns = 1500000;
	thread->forks = 1;
	counts->handoff[SCHEDSPLIT_CLASS_PROCESS][SCHEDSPLIT_CLASS_IDLE]
		       [SCHEDSPLIT_SPACE_LAZY][VOLUNTARY] = 10;
	counts->handoff[SCHEDSPLIT_CLASS_LEADER][SCHEDSPLIT_CLASS_PROCESS]
		       [SCHEDSPLIT_SPACE_CROSS][VOLUNTARY] = 3;
	counts->handoff[SCHEDSPLIT_CLASS_LEADER][SCHEDSPLIT_CLASS_PROCESS]
		       [SCHEDSPLIT_SPACE_CROSS][INVOLUNTARY] = 1;
	counts->handoff[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_THREAD]
		       [SCHEDSPLIT_SPACE_SAME_GROUP][VOLUNTARY] = 1000;
	counts->handoff[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_THREAD]
		       [SCHEDSPLIT_SPACE_SAME][INVOLUNTARY] = 500;
	counts->slice[SCHEDSPLIT_CLASS_THREAD][0] = 7;
	counts->slice[SCHEDSPLIT_CLASS_THREAD][3] = 14;
	counts->wait[SCHEDSPLIT_CLASS_PROCESS][0] = 3;
	counts->wait[SCHEDSPLIT_CLASS_PROCESS][3] = 4;
	plant_moves(counts, cpu);
	plant_lives(counts);
	plant_signals(counts);
	plant_costs(&counts->costs);
	return counts;
}

#define THREAD_SWITCHES	(CPUS * 1500)
#define SWITCHES	(CPUS * 1514)

static void plant_tasks(struct result *result)
{
	static const struct task_record tasks[] = {
		{ .tid = 100, .tgid = 100, .group_id = 1, .comm = "a \"b\", c",
		  .class = SCHEDSPLIT_CLASS_LEADER,
		  .seen = 1 << SCHEDSPLIT_CLASS_PROCESS | 1 << SCHEDSPLIT_CLASS_LEADER,
		  .end = SCHEDSPLIT_END_DEAD,
		  .counters = { .voluntary = CPUS * 3, .involuntary = CPUS, .migrations = 1 },
		  .kernel = { CPUS * 3, CPUS, 1 } },
		{ .tid = 101, .tgid = 100, .group_id = 1, .comm = "worker",
		  .class = SCHEDSPLIT_CLASS_THREAD, .seen = 1 << SCHEDSPLIT_CLASS_THREAD,
		  .end = SCHEDSPLIT_END_STOPPED,
		  .counters = { .voluntary = CPUS * 1000, .involuntary = CPUS * 500 },
		  .kernel = { CPUS * 1000, CPUS * 500, 0 } },
		{ .tid = 102, .tgid = 102, .group_id = 2, .comm = "gr\303\274n",
		  .class = SCHEDSPLIT_CLASS_PROCESS, .seen = 1 << SCHEDSPLIT_CLASS_PROCESS,
		  .end = SCHEDSPLIT_END_DEAD,
		  .counters = { .voluntary = CPUS * 10 }, .kernel = { CPUS * 10, 0, 0 },
		  .was_thread = true, .as_thread = { .voluntary = 5 } },
	};

	result->tasks.task = malloc(sizeof(tasks));
	assert_non_null(result->tasks.task);
	memcpy(result->tasks.task, tasks, sizeof(tasks));
	result->tasks.n = result->tasks.room = 3;
	result->groups.group = calloc(2, sizeof(*result->groups.group));
	assert_non_null(result->groups.group);
	result->groups.n = result->groups.room = 2;
	result->groups.group[0] = (struct group_record){
		.id = 1, .tgid = 100, .comm = "make", .tasks = 2, .alive = 1,
		.leader = { .voluntary = CPUS * 3, .involuntary = CPUS },
		.thread = { .voluntary = CPUS * 1000, .involuntary = CPUS * 500 },
	};
	result->groups.group[1] = (struct group_record){
		.id = 2, .tgid = 102, .comm = "cc", .tasks = 1,
		.leader = { .voluntary = CPUS * 10 },
	};
}

static void plant_concurrency(struct concurrency *concurrency)
{
	static const uint64_t ns[] = { 1000000000, 500000000, 2500000000 };

	concurrency->ns = malloc(sizeof(ns));
	assert_non_null(concurrency->ns);
	memcpy(concurrency->ns, ns, sizeof(ns));
	concurrency->n = 3;
}

static void plant_run(struct result *result, const struct stat_options *options)
{
	result_init(result, options);
	result->has_status = options->command != NULL;
	result->duration_ns = 4000000000;
	result->counts.cpus = CPUS;
	result->counts.cpu = calloc(CPUS, sizeof(*result->counts.cpu));
	assert_non_null(result->counts.cpu);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++)
		result->counts.cpu[cpu] = plant_cpu(cpu);
	snapshot_sum(&result->counts);
	result->info.buckets = 4;
	result->info.bound[0] = (struct bound){ 0, 1000 };
	result->info.bound[1] = (struct bound){ 1000, 1500 };
	result->info.bound[2] = (struct bound){ 1500, 4000 };
	result->info.bound[3] = (struct bound){ 4000, UINT64_MAX };
	result->info.cost_khz = 2000000;
	result->info.cost_window = 120;
	result->info.cost_probe = 500;
	if (options->scope == SCOPE_SYSTEM) {
		result->ctxt = (struct ctxt){ .known = true, .low = SWITCHES - 3,
					      .high = SWITCHES + 5 };
	} else {
		result->watched = true;
		plant_tasks(result);
		plant_concurrency(&result->concurrency);
	}
	assert_int_equal(result_close(result, 0), 0);
}

static void plant(struct planted *planted, enum scope scope)
{
	memset(planted, 0, sizeof(*planted));
	planted->options.scope = scope;
	planted->options.repeat = 1;
	if (scope == SCOPE_COMMAND)
		planted->options.command = command;
	plant_run(&planted->result, &planted->options);
}

static void show_all(struct stat_options *options)
{
	options->per_cpu = true;
	options->per_task = true;
	options->per_group = true;
	options->hist = true;
	options->handoff = true;
}

static void show_causes_and_costs(struct stat_options *options)
{
	options->migrations = true;
	options->life = true;
	options->signals = true;
	options->cost = true;
}

/* --- what readings become --- */

static void closes_a_run(void **state)
{
	static struct planted planted;
	const struct result *result = &planted.result;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	assert_true(result->adds_up);
	assert_true(result_is_proved(result));
	assert_int_equal(result->proof.tasks_checked, 3);
	assert_int_equal(result->alive, 1);
	/* 100 was a process and is a leader: one of each */
	assert_int_equal(result->counts.sum.class[SCHEDSPLIT_CLASS_PROCESS].tasks, 2);
	assert_int_equal(result->counts.sum.class[SCHEDSPLIT_CLASS_LEADER].tasks, 1);
	assert_int_equal(result->groups.group[0].leader.tasks, 1);
	assert_int_equal(result->groups.group[0].thread.tasks, 1);
	assert_int_equal(result->runs, 1);
	assert_true(result->run[0].mean_running > 1.37 && result->run[0].mean_running < 1.38);
	result_free(&planted.result);
}

/* Each thing that is wrong on its own. */
static void disproves(void **state)
{
	static struct planted planted;
	struct result *result = &planted.result;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	result->tasks.task[0].kernel.nvcsw++;
	assert_int_equal(result_close(result, 0), 0);
	assert_int_equal(result->proof.tasks_mismatched, 1);
	assert_false(result_is_proved(result));
	result->tasks.task[0].kernel.nvcsw--;
	assert_int_equal(result_close(result, 1), 0);
	assert_int_equal(result->proof.lost, 1);
	assert_false(result_is_proved(result));
	/* the tasks are one switch short of the classes */
	result->tasks.task[0].counters.voluntary--;
	result->tasks.task[0].kernel.nvcsw--;
	assert_int_equal(result_close(result, 0), 0);
	assert_int_equal(result->proof.tasks_mismatched, 0);
	assert_false(result->adds_up);
	assert_false(result_is_proved(result));
	result_free(result);

	plant(&planted, SCOPE_SYSTEM);
	assert_true(result_is_proved(result));
	result->ctxt.high = SWITCHES - 1;
	assert_false(result_is_proved(result));
	result->ctxt.high = SWITCHES + 5;
	result->ctxt.low = SWITCHES + 1;
	assert_false(result_is_proved(result));
	/* /proc/stat counts the untraced one */
	result->proof.untraced = 1;
	assert_true(result_is_proved(result));
	/* classes and handoff differ */
	result->counts.sum.class[SCHEDSPLIT_CLASS_THREAD].voluntary++;
	assert_int_equal(result_close(result, 0), 0);
	assert_false(result->adds_up);
	result_free(result);
}

static double thread_switches(const struct run *run, const void *data)
{
	(void)data;
	return (double)counters_switches(&run->class[SCHEDSPLIT_CLASS_THREAD]);
}

static void adds_up_runs(void **state)
{
	static struct planted planted;
	static struct result run;
	struct result *all = &planted.result;
	struct spread spread;

	(void)state;
	memset(&planted, 0, sizeof(planted));
	planted.options.scope = SCOPE_COMMAND;
	planted.options.command = command;
	result_init(all, &planted.options);
	for (int i = 0; i < 3; i++) {
		plant_run(&run, &planted.options);
		run.exit_status = i == 1 ? 4 : i == 2 ? 5 : 0;
		run.run[0].class[SCHEDSPLIT_CLASS_THREAD].voluntary += (uint64_t)i * 10;
		assert_int_equal(result_append(all, &run), 0);
	}
	assert_int_equal(all->runs, 3);
	assert_int_equal(all->tasks.n, 9);
	assert_int_equal(all->tasks.task[8].run, 3);
	assert_int_equal(all->groups.n, 6);
	assert_int_equal(all->duration_ns, 12000000000);
	assert_int_equal(cpu_counts_switches(&all->counts.sum), 3 * SWITCHES);
	assert_int_equal(concurrency_duration(&all->concurrency), 12000000000);
	/* the status of the first that failed */
	assert_int_equal(all->exit_status, 4);
	assert_true(result_is_proved(all));
	spread = result_spread(all, thread_switches, NULL);
	assert_true(spread.mean == THREAD_SWITCHES + 10);
	assert_true(spread.deviation == 10);
	result_free(all);
}

/* --- JSON --- */

static const json_t *get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("no key \"%s\"", key);
	return value;
}

static json_int_t number(const json_t *object, const char *key)
{
	const json_t *value = get(object, key);

	if (!json_is_integer(value))
		fail_msg("\"%s\" is no integer", key);
	return json_integer_value(value);
}

static bool has(const json_t *object, const char *key)
{
	return json_object_get(object, key) != NULL;
}

static json_t *json_of(const struct planted *planted)
{
	json_t *root = stat_json(&planted->result, &planted->options, json_object(), "1.2.3");

	assert_non_null(root);
	return root;
}

static const char *const counter_keys[] = {
	"tasks", "switches_voluntary", "switches_involuntary", "migrations", "wakeups",
	"run_ns", "wait_ns", "forks", "exits",
};

static void assert_counters(const json_t *counters)
{
	for (size_t i = 0; i < sizeof(counter_keys) / sizeof(counter_keys[0]); i++)
		get(counters, counter_keys[i]);
}

static json_int_t switches(const json_t *counters)
{
	return number(counters, "switches_voluntary") + number(counters, "switches_involuntary");
}

static json_int_t class_switches(const json_t *classes)
{
	json_int_t sum = 0;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		assert_counters(get(classes, class_name[class]));
		sum += switches(get(classes, class_name[class]));
	}
	assert_int_equal(json_object_size(classes), SCHEDSPLIT_CLASSES);
	return sum;
}

static void json_of_a_command(void **state)
{
	static const char *const options[] = { "cpus", "groups", "tasks", "histograms",
					       "intervals", "runs", "migrations", "life",
					       "signals", "cost" };
	static struct planted planted;
	const json_t *scope, *space, *proof;
	json_t *root;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	planted.result.exit_status = 3;
	root = json_of(&planted);
	assert_string_equal(json_string_value(get(root, "schema")), "schedsplit-stat/1");
	assert_string_equal(json_string_value(get(root, "version")), "1.2.3");
	assert_true(json_is_object(get(root, "environment")));
	scope = get(root, "scope");
	assert_string_equal(json_string_value(get(scope, "kind")), "command");
	assert_string_equal(json_string_value(json_array_get(get(scope, "command"), 1)), "-j8");
	assert_int_equal(number(scope, "exit_status"), 3);
	assert_int_equal(number(root, "duration_ns"), 4000000000);
	assert_int_equal(class_switches(get(root, "classes")), SWITCHES);
	space = get(root, "space");
	assert_int_equal(number(space, "lazy") + number(space, "same") + number(space, "cross"),
			 SWITCHES);
	assert_int_equal(number(space, "same_group"), CPUS * 1000);
	assert_int_equal(number(space, "same"), CPUS * 1500);
	assert_int_equal(json_array_size(get(get(root, "concurrency"), "ns")), 3);
	proof = get(root, "proof");
	assert_int_equal(number(proof, "tasks_checked"), 3);
	assert_int_equal(number(proof, "tasks_mismatched"), 0);
	assert_int_equal(number(proof, "lost"), 0);
	assert_int_equal(number(proof, "untraced"), 0);
	/* of the system only */
	assert_false(has(proof, "ctxt"));
	assert_true(has(get(root, "probe"), "ns_per_switch"));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (has(root, options[i]))
			fail_msg("%s without being asked for", options[i]);
	json_decref(root);
	result_free(&planted.result);
}

static void json_handoff_adds_up(void **state)
{
	static struct planted planted;
	json_int_t sum = 0;
	const json_t *one;
	json_t *root;
	size_t i;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	root = json_of(&planted);
	json_array_foreach(get(root, "handoff"), i, one) {
		assert_true(json_is_string(get(one, "from")) && json_is_string(get(one, "to")));
		assert_true(number(one, "switches") > 0);
		sum += number(one, "switches");
	}
	assert_int_equal(i, 3);
	assert_int_equal(sum, SWITCHES);
	json_decref(root);
	result_free(&planted.result);
}

static void json_of_the_system(void **state)
{
	static struct planted planted;
	const json_t *ctxt, *cpu;
	json_int_t sum = 0;
	json_t *root;
	size_t i;

	(void)state;
	plant(&planted, SCOPE_SYSTEM);
	planted.options.per_cpu = true;
	root = json_of(&planted);
	assert_string_equal(json_string_value(get(get(root, "scope"), "kind")), "system");
	assert_true(json_is_null(get(get(root, "scope"), "command")));
	assert_true(json_is_null(get(get(root, "scope"), "exit_status")));
	assert_false(has(root, "concurrency"));
	ctxt = get(get(root, "proof"), "ctxt");
	assert_int_equal(number(ctxt, "kernel_low"), SWITCHES - 3);
	assert_int_equal(number(ctxt, "counted"), SWITCHES);
	assert_int_equal(number(ctxt, "kernel_high"), SWITCHES + 5);
	json_array_foreach(get(root, "cpus"), i, cpu) {
		assert_int_equal(number(cpu, "cpu"), i);
		sum += class_switches(get(cpu, "classes"));
	}
	assert_int_equal(i, CPUS);
	assert_int_equal(sum, SWITCHES);
	json_decref(root);
	result_free(&planted.result);
}

static void json_of_all_that_can_be_asked_for(void **state)
{
	static const char *const task_keys[] = { "tid", "tgid", "comm", "class", "dead" };
	static const char *const group_keys[] = { "tgid", "comm", "tasks", "leader", "thread",
						  "concurrency" };
	static struct planted planted;
	const json_t *tasks, *groups, *buckets;
	struct interval interval = { .end_ns = 1000000 };
	json_int_t sum = 0;
	const json_t *task;
	json_t *root;
	size_t i;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	show_all(&planted.options);
	planted.options.interval_ns = 1000000;
	assert_int_equal(result_add_interval(&planted.result, &interval), 0);
	root = json_of(&planted);
	tasks = get(root, "tasks");
	assert_int_equal(json_array_size(tasks), 3);
	json_array_foreach(tasks, i, task) {
		for (size_t key = 0; key < sizeof(task_keys) / sizeof(task_keys[0]); key++)
			get(task, task_keys[key]);
		assert_counters(task);
		assert_int_equal(number(task, "tasks"), 1);
		sum += switches(task);
	}
	assert_int_equal(sum, SWITCHES);
	assert_true(json_is_true(get(json_array_get(tasks, 0), "dead")));
	assert_true(json_is_false(get(json_array_get(tasks, 1), "dead")));
	assert_string_equal(json_string_value(get(json_array_get(tasks, 1), "class")), "thread");
	assert_int_equal(number(get(json_array_get(tasks, 2), "as_thread"),
				"switches_voluntary"), 5);
	assert_false(has(json_array_get(tasks, 0), "as_thread"));
	assert_false(has(json_array_get(tasks, 0), "kernel"));
	groups = get(root, "groups");
	assert_int_equal(json_array_size(groups), 2);
	for (i = 0; i < sizeof(group_keys) / sizeof(group_keys[0]); i++)
		get(json_array_get(groups, 0), group_keys[i]);
	assert_counters(get(json_array_get(groups, 0), "thread"));
	/* empty buckets are left out, the last one has no upper bound */
	buckets = get(get(get(root, "histograms"), "slice"), "thread");
	assert_int_equal(json_array_size(buckets), 2);
	assert_int_equal(number(json_array_get(buckets, 0), "lo"), 0);
	assert_int_equal(number(json_array_get(buckets, 0), "hi"), 1000);
	assert_int_equal(number(json_array_get(buckets, 0), "count"), CPUS * 7);
	assert_int_equal(number(json_array_get(buckets, 1), "lo"), 4000);
	assert_true(json_is_null(get(json_array_get(buckets, 1), "hi")));
	assert_int_equal(json_array_size(get(get(get(root, "histograms"), "wait"), "process")), 2);
	assert_int_equal(json_array_size(get(get(get(root, "histograms"), "wait"), "idle")), 0);
	assert_int_equal(json_array_size(get(root, "intervals")), 1);
	json_decref(root);
	result_free(&planted.result);
}

static void json_names_what_was_watched(void **state)
{
	static struct planted planted;
	const json_t *tids;
	json_t *root;

	(void)state;
	plant(&planted, SCOPE_TID);
	planted.options.pid[0] = 77;
	planted.options.pids = 1;
	root = json_of(&planted);
	assert_string_equal(json_string_value(get(get(root, "scope"), "kind")), "pid");
	tids = get(get(root, "scope"), "tids");
	assert_int_equal(json_integer_value(json_array_get(tids, 0)), 77);
	json_decref(root);
	result_free(&planted.result);
	plant(&planted, SCOPE_CGROUP);
	/* any bytes can be in a path */
	planted.options.cgroup = "/\377";
	root = json_of(&planted);
	assert_string_equal(json_string_value(get(get(root, "scope"), "kind")), "cgroup");
	assert_true(json_is_string(get(get(root, "scope"), "cgroup")));
	json_decref(root);
	result_free(&planted.result);
}

static json_int_t count_buckets(const json_t *buckets)
{
	const json_t *bucket;
	json_int_t sum = 0;
	size_t i;

	json_array_foreach(buckets, i, bucket)
		sum += number(bucket, "count");
	return sum;
}

static json_int_t sum_numbers(const json_t *object)
{
	const json_t *value;
	const char *key;
	json_int_t sum = 0;

	json_object_foreach((json_t *)object, key, value)
		sum += json_integer_value(value);
	return sum;
}

/* By class, those of all causes are its migrations. */
static void json_migrations_add_up(void **state)
{
	static struct planted planted;
	const json_t *migrations, *classes, *causes, *distances;
	const char *class, *cause;
	json_t *root;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	planted.options.migrations = true;
	root = json_of(&planted);
	migrations = get(root, "migrations");
	classes = get(root, "classes");
	assert_int_equal(json_object_size(migrations), SCHEDSPLIT_CLASSES);
	json_object_foreach((json_t *)migrations, class, causes) {
		json_int_t sum = 0;

		assert_int_equal(json_object_size(causes), SCHEDSPLIT_CAUSES + 1);
		json_object_foreach((json_t *)causes, cause, distances)
			if (strcmp(cause, "birth"))
				sum += sum_numbers(distances);
		assert_int_equal(sum, number(get(classes, class), "migrations"));
	}
	assert_int_equal(number(get(get(migrations, "leader"), "affinity"), "node"), 1);
	/* a migration always leads elsewhere, a birth need not */
	assert_false(has(get(get(migrations, "leader"), "affinity"), "none"));
	assert_int_equal(number(get(get(migrations, "thread"), "birth"), "none"), CPUS);
	assert_int_equal(number(get(get(migrations, "process"), "birth"), "smt"), CPUS * 2);
	json_decref(root);
	result_free(&planted.result);
}

static void json_of_lives(void **state)
{
	static struct planted planted;
	const json_t *life, *buckets;
	json_t *root;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	planted.options.life = true;
	root = json_of(&planted);
	life = get(root, "life");
	assert_int_equal(json_object_size(life), SCHEDSPLIT_LIVES);
	assert_int_equal(count_buckets(get(get(life, "birth_to_wakeup"), "thread")), CPUS * 21);
	assert_int_equal(count_buckets(get(get(life, "wakeup_to_run"), "thread")), CPUS * 22);
	assert_int_equal(count_buckets(get(get(life, "birth_to_exec"), "process")), CPUS * 23);
	assert_int_equal(count_buckets(get(get(life, "birth_to_exit"), "process")), CPUS * 24);
	assert_int_equal(count_buckets(get(get(life, "birth_to_exit"), "thread")), 0);
	buckets = get(get(life, "birth_to_exec"), "process");
	assert_int_equal(number(json_array_get(buckets, 0), "lo"), 1500);
	json_decref(root);
	result_free(&planted.result);
}

static void json_signals_add_up(void **state)
{
	static struct planted planted;
	const json_t *to;
	const char *name;
	json_t *root;

	(void)state;
	plant(&planted, SCOPE_SYSTEM);
	planted.options.signals = true;
	root = json_of(&planted);
	assert_int_equal(json_object_size(get(root, "signals")), SCHEDSPLIT_SIGNAL_TOS);
	json_object_foreach((json_t *)get(root, "signals"), name, to) {
		json_int_t taken = sum_numbers(get(to, "taken"));

		assert_int_equal(count_buckets(get(to, "delay")), taken);
		assert_int_equal(number(to, "generated"), taken + number(to, "unmatched"));
	}
	to = get(get(root, "signals"), "process");
	assert_int_equal(number(to, "generated"), CPUS * 31);
	assert_int_equal(number(get(to, "taken"), "thread"), CPUS * 7);
	/* more were taken than became pending meanwhile */
	assert_int_equal(number(get(get(root, "signals"), "thread"), "unmatched"), -CPUS);
	json_decref(root);
	result_free(&planted.result);
}

static void json_costs_add_up(void **state)
{
	static struct planted planted;
	const json_t *cost, *spaces, *kind, *same, *histograms, *buckets;
	json_int_t sum = 0, cycles = 0, by_space = 0, cycles_by_space = 0;
	const char *space;
	json_t *root;
	size_t i;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	planted.options.cost = true;
	planted.options.hist = true;
	root = json_of(&planted);
	cost = get(root, "cost");
	spaces = get(cost, "spaces");
	histograms = get(get(root, "histograms"), "cost");
	json_array_foreach(get(cost, "kinds"), i, kind) {
		sum += number(kind, "switches");
		cycles += number(kind, "cycles");
		assert_true(json_is_string(get(kind, "from")) && json_is_string(get(kind, "to")));
	}
	/* same, and same within a group, are one kind */
	assert_int_equal(i, 3);
	assert_int_equal(sum, CPUS * 164);
	assert_int_equal(cycles, CPUS * 164000);
	json_object_foreach((json_t *)spaces, space, kind) {
		by_space += number(kind, "switches");
		cycles_by_space += number(kind, "cycles");
		assert_int_equal(count_buckets(get(histograms, space)), number(kind, "switches"));
	}
	assert_int_equal(by_space, sum);
	assert_int_equal(cycles_by_space, cycles);
	same = get(spaces, "same");
	assert_int_equal(number(same, "switches"), CPUS * 150);
	/* 120000 cycles of 150, at 2 GHz */
	assert_true(json_real_value(get(same, "mean_ns")) == 400);
	assert_int_equal(number(get(spaces, "cross"), "tlb_flushed"), CPUS * 3);
	assert_int_equal(number(cost, "missed"), CPUS);
	assert_int_equal(number(cost, "window_cycles"), 120);
	assert_true(json_real_value(get(cost, "window_ns")) == 60);
	assert_true(json_real_value(get(get(root, "probe"), "ns_per_switch")) == 250);
	/* bounds are cycles, told in ns */
	buckets = get(histograms, "same");
	assert_int_equal(json_array_size(buckets), 2);
	assert_int_equal(number(json_array_get(buckets, 1), "lo"), 500);
	assert_int_equal(number(json_array_get(buckets, 1), "hi"), 750);
	assert_true(json_is_null(get(json_array_get(get(histograms, "cross"), 0), "hi")));
	json_decref(root);
	result_free(&planted.result);
}

/* --- text --- */

static char *text_of(const struct planted *planted, bool colour)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	stat_text(stream, &planted->result, &planted->options, colour);
	fclose(stream);
	return text;
}

/* Without separators, so that tables can be taken apart by blanks. */
static void assert_line(const char *text, const char *words)
{
	char line[1024], squeezed[1024];

	while (*text) {
		size_t length = strcspn(text, "\n"), n = 0;

		assert_true(length < sizeof(line));
		memcpy(line, text, length);
		line[length] = '\0';
		for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
			n += (size_t)sprintf(squeezed + n, "%s%s", n ? " " : "", word);
		squeezed[n] = '\0';
		if (!strcmp(squeezed, words))
			return;
		text += length + (text[length] == '\n');
	}
	fail_msg("no line '%s'", words);
}

static void text_of_a_command(void **state)
{
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	text = text_of(&planted, false);
	assert_non_null(strstr(text, "'make -j8' and its descendants:"));
	assert_line(text, "process 2 20 0 5.0 0 0 10.000 0.000 0 0");
	assert_line(text, "leader 1 6 2 2.0 1 0 0.000 0.000 0 0");
	/* the one that was both is one task */
	assert_line(text, "= leaders 2 26 2 7.0 1 0 10.000 0.000 0 0");
	assert_line(text, "thread 1 2000 1000 750.0 0 1998 5000.000 3.000 2 0");
	assert_line(text, "total 3 2026 1002 757.0 1 1998 5010.000 3.000 2 0");
	/* classes that did nothing are not shown */
	assert_null(strstr(text, "kthread"));
	assert_line(text, "3028 switches in 4.000 s, 757.0 a second; 33.1 % of them involuntary");
	assert_line(text, "1.38 tasks running on average; 1.83 while any ran, which was 75.0 % of the time");
	assert_line(text, "1 task still alive, counted so far (--wait-all waits for them)");
	assert_line(text, "proof: 3 tasks checked against the kernel's own counts, 0 mismatched, 0 lost, 0 untraced");
	assert_line(text, "4.000000 seconds counted");
	free(text);
	result_free(&planted.result);
}

static void text_of_the_system(void **state)
{
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_SYSTEM);
	text = text_of(&planted, false);
	assert_non_null(strstr(text, "The whole system:"));
	assert_line(text, "proof: 3028 switches counted, /proc/stat says 3025 to 3033, 0 untraced");
	assert_null(strstr(text, "on average"));
	free(text);
	planted.options.command = planted.result.command = command;
	text = text_of(&planted, false);
	assert_non_null(strstr(text, "The whole system while 'make -j8' ran:"));
	free(text);
	result_free(&planted.result);
}

static void text_of_all_that_can_be_asked_for(void **state)
{
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	show_all(&planted.options);
	text = text_of(&planted, false);
	/* columns as rows: process, leader, thread, worker, kthread, idle */
	assert_line(text, "thread 0 0 3000 0 0 0");
	assert_line(text, "leader 8 0 0 0 0 0");
	assert_line(text, "0 thread 1000 500 375.0 0 999 2500.000 1.500 1 0");
	assert_line(text, "100 make leader 1 6 2 2.0 0 0 0.000 0.000 n/a");
	assert_line(text, "100 101 worker thread alive 2000 1000 750.0 0 0 0.000 0.000");
	/* slices; empty rows are left out */
	assert_line(text, "0 ns 1.0 us 14 ###############");
	assert_line(text, "4.0 us more 28 ##############################");
	assert_null(strstr(text, "1.5 us"));
	free(text);
	/* what does not match the kernel is marked */
	planted.result.tasks.task[1].kernel.nivcsw++;
	text = text_of(&planted, false);
	assert_line(text, "100 101 worker thread alive ! 2000 1000 750.0 0 0 0.000 0.000");
	free(text);
	result_free(&planted.result);
}

/* What is in the slowest bucket. */
#define UNBOUNDED "more"

static void text_of_causes_and_costs(void **state)
{
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_SYSTEM);
	show_causes_and_costs(&planted.options);
	text = text_of(&planted, false);
	/* all, same CPU, core, cache, node, nothing */
	assert_line(text, "leader affinity 1 0 0 0 1 0");
	assert_line(text, "thread (birth) 2 2 0 0 0 0");
	assert_line(text, "process (birth) 4 0 4 0 0 0");
	assert_line(text, "0 ns 1.0 us 42 ##############################");
	assert_line(text, "62 became pending, 26 were taken, by leader 12, by thread 14");
	assert_line(text, "4 became pending, 6 were taken, by thread 6");
	assert_line(text, "lazy 20 200 500 500 500 0.0 %");
	assert_line(text, "same 300 400 500 750 750 0.0 %");
	assert_line(text, "thread thread same 300 400");
	assert_line(text, "leader process cross 8 5000");
	assert_line(text, "Of each cost, about 60 ns are the measuring's own; all that the module does at a switch");
	assert_line(text, "takes about 250 ns. Neither is taken off above. 2 switches had no end that was seen.");
	assert_line(text, "cross 8 5000 " UNBOUNDED " " UNBOUNDED " " UNBOUNDED " 75.0 %");
	free(text);
	result_free(&planted.result);
}

static void a_failed_proof_stands_out(void **state)
{
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	planted.result.proof.lost = 12;
	text = text_of(&planted, false);
	assert_non_null(strstr(text, "PROOF FAILED: 3 tasks checked"));
	assert_non_null(strstr(text, "12 lost"));
	free(text);
	text = text_of(&planted, true);
	assert_non_null(strstr(text, "\033[1;31mPROOF FAILED:"));
	free(text);
	result_free(&planted.result);
}

/* Without colour not a single escape, whatever names and arguments hold. */
static void plain_text_is_plain(void **state)
{
	static char evil[] = "\033[31m\n", path[] = "/\033]0;x\007";
	static char *hostile[] = { evil, NULL };
	static struct planted planted;
	char *text;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	show_all(&planted.options);
	planted.result.command = hostile;
	/* the table turns what the C locale cannot show into something it can */
	text = text_of(&planted, false);
	for (const char *at = text; *at; at++)
		assert_true((unsigned char)*at < 128 && (*at >= ' ' || *at == '\n'));
	assert_non_null(strstr(text, "'?[31m?' and its descendants:"));
	free(text);
	result_free(&planted.result);
	plant(&planted, SCOPE_CGROUP);
	planted.options.cgroup = path;
	text = text_of(&planted, false);
	assert_non_null(strstr(text, "Cgroup /?]0;x?:"));
	free(text);
	result_free(&planted.result);
}

static void text_of_several_runs(void **state)
{
	static struct planted planted;
	static struct result run;
	char *text;

	(void)state;
	memset(&planted, 0, sizeof(planted));
	planted.options.scope = SCOPE_COMMAND;
	planted.options.command = command;
	result_init(&planted.result, &planted.options);
	for (int i = 0; i < 2; i++) {
		plant_run(&run, &planted.options);
		run.run[0].class[SCHEDSPLIT_CLASS_PROCESS].voluntary += (uint64_t)i * 2;
		assert_int_equal(result_append(&planted.result, &run), 0);
	}
	text = text_of(&planted, false);
	assert_line(text, "process 2.0 +- 0.0 21.0 +- 1.4 0.0 +- 0.0 0.0 +- 0.0 0.0 +- 0.0 10.000 +- 0.000 0.000 +- 0.000");
	assert_line(text, "4.000000 seconds counted +- 0.000000, mean and standard deviation of 2 runs");
	free(text);
	result_free(&planted.result);
}

static void interval_lines(void **state)
{
	struct interval interval = { .start_ns = 200000000, .end_ns = 400000000 };
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	interval.class[SCHEDSPLIT_CLASS_THREAD] = (struct counters){
		.voluntary = 7, .involuntary = 8, .migrations = 9, .wakeups = 10,
		.run_ns = 11000000, .wait_ns = 12000000,
	};
	interval.class[SCHEDSPLIT_CLASS_IDLE].voluntary = 1;
	stat_text_interval(stream, &interval, true);
	stat_text_interval(stream, &interval, false);
	fclose(stream);
	assert_line(text, "# time s class voluntary involuntary migrations wakeups run ms wait ms");
	/* processes and threads always, others if there is anything of them */
	assert_line(text, "0.400000 process 0 0 0 0 0.000 0.000");
	assert_line(text, "0.400000 thread 7 8 9 10 11.000 12.000");
	assert_line(text, "0.400000 idle 1 0 0 0 0.000 0.000");
	assert_null(strstr(text, "kthread"));
	/* the heading once */
	assert_null(strchr(strchr(text, '#') + 1, '#'));
	free(text);
}

/* --- CSV --- */

/* The cells of a row, unquoted; the number of them. */
static size_t split(char *row, char **cell, size_t max)
{
	size_t n = 0;

	for (char *from = row, *to = row;; from++) {
		bool quoted = *from == '"';

		assert_true(n < max);
		cell[n++] = to;
		from += quoted;
		while (*from && (quoted || *from != ',')) {
			if (quoted && *from == '"' && *++from != '"')
				break;
			*to++ = *from++;
		}
		if (!*from) {
			*to = '\0';
			return n;
		}
		assert_int_equal(*from, ',');
		*to++ = '\0';
	}
}

enum {
	LEVEL, RUN, START, END, CPU, TGID, TID, COMM, CLASS, DEAD, TASKS, VOL, INVOL,
	CSV_COLUMNS = 19,
};

static void csv_is_tidy(void **state)
{
	static const char *const level[] = { "class", "interval", "cpu", "group", "task" };
	static const size_t wanted[] = { 6, 6, CPUS * 6, 4, 3 };
	size_t rows[5] = { 0 }, size;
	uint64_t sum[5] = { 0 };
	char *text = NULL, *row, *save, *cell[CSV_COLUMNS];
	struct interval interval = { .end_ns = 5 };
	static struct planted planted;
	bool named = false;
	FILE *stream;

	(void)state;
	plant(&planted, SCOPE_COMMAND);
	show_all(&planted.options);
	assert_int_equal(result_add_interval(&planted.result, &interval), 0);
	stream = open_memstream(&text, &size);
	assert_non_null(stream);
	stat_csv(stream, &planted.result, &planted.options);
	fclose(stream);
	row = strtok_r(text, "\n", &save);
	assert_string_equal(row, "level,run,start_ns,end_ns,cpu,tgid,tid,comm,class,dead,tasks,switches_voluntary,switches_involuntary,migrations,wakeups,run_ns,wait_ns,forks,exits");
	while ((row = strtok_r(NULL, "\n", &save))) {
		size_t i = 0;

		for (int column = 0; column < CSV_COLUMNS; column++)
			cell[column] = row;
		assert_int_equal(split(row, cell, CSV_COLUMNS), CSV_COLUMNS);
		while (i < 4 && strcmp(cell[LEVEL], level[i]))
			i++;
		assert_string_equal(cell[LEVEL], level[i]);
		rows[i]++;
		sum[i] += strtoull(cell[VOL], NULL, 10) + strtoull(cell[INVOL], NULL, 10);
		if (!strcmp(cell[TID], "100")) {
			assert_string_equal(cell[COMM], "a \"b\", c");
			assert_string_equal(cell[DEAD], "true");
			assert_string_equal(cell[TASKS], "1");
			named = true;
		}
		/* a task belongs to no CPU */
		if (!strcmp(level[i], "cpu"))
			assert_string_equal(cell[TASKS], "");
	}
	assert_true(named);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(rows[i], wanted[i]);
		if (strcmp(level[i], "interval"))
			assert_int_equal(sum[i], SWITCHES);
	}
	free(text);
	result_free(&planted.result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_a_run),
		cmocka_unit_test(disproves),
		cmocka_unit_test(adds_up_runs),
		cmocka_unit_test(json_of_a_command),
		cmocka_unit_test(json_handoff_adds_up),
		cmocka_unit_test(json_of_the_system),
		cmocka_unit_test(json_of_all_that_can_be_asked_for),
		cmocka_unit_test(json_names_what_was_watched),
		cmocka_unit_test(json_migrations_add_up),
		cmocka_unit_test(json_of_lives),
		cmocka_unit_test(json_signals_add_up),
		cmocka_unit_test(json_costs_add_up),
		cmocka_unit_test(text_of_a_command),
		cmocka_unit_test(text_of_the_system),
		cmocka_unit_test(text_of_all_that_can_be_asked_for),
		cmocka_unit_test(text_of_causes_and_costs),
		cmocka_unit_test(a_failed_proof_stands_out),
		cmocka_unit_test(plain_text_is_plain),
		cmocka_unit_test(text_of_several_runs),
		cmocka_unit_test(interval_lines),
		cmocka_unit_test(csv_is_tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
