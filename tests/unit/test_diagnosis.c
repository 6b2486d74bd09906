// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `explain` says of planted results: each rule speaks and is silent, and
 * each figure is what its formula makes of the JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "output/explain.h"
#include "output/stat.h"

#define TASKS	128
#define CPUS	4
#define MS	1000000ull
#define SECOND	(1000 * MS)

/* A result that is built up task by task. */
static struct {
	struct result		result;
	struct task_record	task[TASKS];
	struct group_record	group;
	uint64_t		ns[CPUS + 1];
	struct diagnoses	diagnoses;
} planted;

static void plant(void)
{
	struct result *result = &planted.result;

	memset(&planted, 0, sizeof(planted));
	result->scope = SCOPE_COMMAND;
	result->watched = true;
	result->adds_up = true;
	result->duration_ns = 10 * SECOND;
	result->tasks.task = planted.task;
	result->concurrency.ns = planted.ns;
	result->concurrency.n = CPUS + 1;
	result->groups.group = &planted.group;
	result->groups.n = 1;
	planted.group = (struct group_record){ .id = 1, .tgid = 100, .comm = "app" };
}

/* Switches within the group stay on the CPU; others leave it idle. */
static void plant_switches(enum schedsplit_class class, uint64_t voluntary, uint64_t involuntary,
			   bool within)
{
	struct cpu_counts *sum = &planted.result.counts.sum;
	int to = within ? class : SCHEDSPLIT_CLASS_IDLE;
	int space = within ? SCHEDSPLIT_SPACE_SAME_GROUP : SCHEDSPLIT_SPACE_LAZY;

	sum->class[class].voluntary += voluntary;
	sum->class[class].involuntary += involuntary;
	sum->handoff[class][to][space][VOLUNTARY] += voluntary;
	sum->handoff[class][to][space][INVOLUNTARY] += involuntary;
}

static void plant_task(enum schedsplit_class class, uint64_t run_ns, uint64_t wait_ns,
		       uint64_t voluntary, uint64_t involuntary, bool within)
{
	struct task_list *tasks = &planted.result.tasks;
	struct counters *sum = &planted.result.counts.sum.class[class];

	assert_true(tasks->n < TASKS);
	tasks->task[tasks->n] = (struct task_record){
		.tid = 100 + (uint32_t)tasks->n, .tgid = 100, .group_id = 1, .comm = "worker",
		.class = class, .end = SCHEDSPLIT_END_DEAD,
		.counters = { .run_ns = run_ns, .wait_ns = wait_ns, .voluntary = voluntary,
			      .involuntary = involuntary },
	};
	tasks->n++;
	sum->tasks++;
	sum->run_ns += run_ns;
	sum->wait_ns += wait_ns;
	plant_switches(class, voluntary, involuntary, within);
}

/* N threads that each run for so long, and switch a little. */
static void plant_threads(int n, uint64_t run_ns, uint64_t wait_ns)
{
	for (int i = 0; i < n; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, run_ns, wait_ns, 10, 1, false);
}

/* What there is of time with K tasks on CPUs. */
static void plant_running(uint64_t none, uint64_t one, uint64_t two, uint64_t all)
{
	planted.ns[0] = none;
	planted.ns[1] = one;
	planted.ns[2] = two;
	planted.ns[CPUS] = all;
}

/* --- figures by their formulas --- */

static json_t *to_json(void)
{
	const struct stat_options options = {
		.scope = SCOPE_COMMAND, .per_task = true, .per_group = true, .handoff = true,
		.migrations = true, .cost = true,
	};
	json_t *stat = stat_json(&planted.result, &options, json_object(), "1.2.3");
	json_t *json = explain_json(&planted.diagnoses, stat, "1.2.3");

	assert_non_null(json);
	return json;
}

static bool jq_is_there;

static void has_jq(void **state)
{
	(void)state;
	/* NOLINTNEXTLINE(cert-env33-c): a shell that finds jq is what is wanted */
	jq_is_there = !system("jq --version >/dev/null 2>&1");
	if (!jq_is_there)
		skip();
}

/* What jq makes of all formulas, in the order of the evidence. */
static json_t *compute(const json_t *json)
{
	const json_t *diagnosis, *evidence;
	FILE *file = fopen("formulas.jq", "w"), *jq;
	const char *comma = "";
	json_t *made;
	size_t i, j;

	assert_non_null(file);
	fputc('[', file);
	json_array_foreach(json_object_get(json, "diagnoses"), i, diagnosis)
		json_array_foreach(json_object_get(diagnosis, "evidence"), j, evidence) {
			fprintf(file, "%s(%s)", comma,
				json_string_value(json_object_get(evidence, "formula")));
			comma = ",\n";
		}
	fputs("]\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(json_dump_file(json, "explain.json", 0), 0);
	/* NOLINTNEXTLINE(cert-env33-c): a shell that finds jq is what is wanted */
	jq = popen("jq -f formulas.jq explain.json", "r");
	assert_non_null(jq);
	made = json_loadf(jq, 0, NULL);
	pclose(jq);
	return made;
}

static void assert_recomputes(void)
{
	json_t *json = to_json(), *made = jq_is_there ? compute(json) : NULL;
	const json_t *diagnosis, *evidence;
	size_t i, j, n = 0;

	if (!jq_is_there) {
		json_decref(json);
		return;
	}
	if (!made)
		fail_msg("a formula makes no sense to jq");
	json_array_foreach(json_object_get(json, "diagnoses"), i, diagnosis) {
		assert_true(json_array_size(json_object_get(diagnosis, "evidence")) > 0);
		json_array_foreach(json_object_get(diagnosis, "evidence"), j, evidence) {
			double told = json_number_value(json_object_get(evidence, "value"));
			double by_jq = json_number_value(json_array_get(made, n++));

			if (told < by_jq * (1 - 1e-9) || told > by_jq * (1 + 1e-9))
				fail_msg("%s: told %.17g, made %.17g",
					 json_string_value(json_object_get(evidence, "figure")),
					 told, by_jq);
		}
	}
	assert_int_equal(json_array_size(made), n);
	json_decref(made);
	json_decref(json);
}

/* --- what is told --- */

static void explain_on(unsigned int cpus)
{
	assert_int_equal(diagnose(&planted.result, cpus, &planted.diagnoses), 0);
	assert_recomputes();
}

static const struct diagnosis *find(const char *id)
{
	for (size_t i = 0; i < planted.diagnoses.n; i++)
		if (!strcmp(planted.diagnoses.diagnosis[i].id, id))
			return &planted.diagnoses.diagnosis[i];
	return NULL;
}

static void assert_told(const char *id, const char *words)
{
	const struct diagnosis *diagnosis = find(id);

	if (!diagnosis || !strstr(diagnosis->text, words))
		fail_msg("%s: no '%s' in '%s'", id, words, diagnosis ? diagnosis->text : "");
}

static void assert_silent(const char *id)
{
	if (find(id))
		fail_msg("told: %s", find(id)->text);
}

static void assert_value(enum figure figure, double wanted)
{
	double value = planted.diagnoses.evidence.value[figure];

	if (value < wanted - 1e-6 || value > wanted + 1e-6)
		fail_msg("%s: %g, not %g", evidence_text[figure].name, value, wanted);
}

/* --- the ways in which tasks run together: one is told --- */

static void nothing_ran(void **state)
{
	(void)state;
	plant();
	explain_on(CPUS);
	assert_int_equal(planted.diagnoses.n, 0);
	/* somebody was there, and slept */
	plant_task(SCHEDSPLIT_CLASS_PROCESS, 0, 0, 0, 0, false);
	plant_running(SECOND, 0, 0, 0);
	explain_on(CPUS);
	assert_int_equal(planted.diagnoses.n, 0);
}

static void one_task(void **state)
{
	(void)state;
	plant();
	plant_threads(1, 85 * MS, 0);
	plant_threads(3, 5 * MS, 0);
	plant_running(0, 100 * MS, 0, 0);
	explain_on(CPUS);
	assert_told("one-task", "One task did 85 % of the work");
	assert_int_equal(planted.diagnoses.n, 1);
	plant_threads(1, 15 * MS, 0);
	explain_on(CPUS);
	assert_silent("one-task");
}

/* None of a hundred does much of the work. */
static void hundred_tasks(void **state)
{
	(void)state;
	plant();
	plant_threads(100, 40 * MS, 0);
	plant_running(0, 0, 0, SECOND);
	explain_on(CPUS);
	assert_told("parallel", "90 tasks do the work, 4.00 running on average, of 4.00 that could");
	assert_int_equal(planted.diagnoses.n, 1);
}

static void take_turns(void **state)
{
	(void)state;
	plant();
	plant_threads(4, 250 * MS, 0);
	plant_running(0, 980 * MS, 10 * MS, 0);
	explain_on(CPUS);
	assert_told("take-turns", "4 tasks do the work, 1.01 running on average: they take turns");
	assert_told("take-turns", "a lock");
	assert_value(FIGURE_RUNNING, 1000.0 / 990);
	assert_value(FIGURE_RUNNING_MOST, 4);
	strcpy(planted.group.comm, "python3");
	explain_on(CPUS);
	assert_told("take-turns", "interpreter lock");
	/* blocked for a quarter of the time: two that sleep would meet as seldom */
	plant_running(400 * MS, 980 * MS, 10 * MS, 0);
	explain_on(CPUS);
	assert_silent("take-turns");
	assert_told("blocked", "For 29 % of the time");
	/* they may run on one CPU */
	plant_running(0, SECOND, 0, 0);
	explain_on(1);
	assert_told("one-cpu", "4 tasks do the work, and may use one CPU only");
	assert_silent("take-turns");
}

static void processes_take_turns(void **state)
{
	(void)state;
	plant();
	for (int i = 0; i < 4; i++)
		plant_task(SCHEDSPLIT_CLASS_PROCESS, 250 * MS, 0, 10, 0, false);
	plant_running(0, SECOND, 0, 0);
	strcpy(planted.group.comm, "python3");
	explain_on(CPUS);
	assert_told("take-turns", "a pipeline");
	assert_value(FIGURE_THREADS_SHARE, 0);
}

static void kept_from_cpus(void **state)
{
	(void)state;
	plant();
	plant_threads(4, 250 * MS, 750 * MS);
	plant_running(0, SECOND, 0, 0);
	explain_on(CPUS);
	assert_told("kept-from-cpus", "4 tasks do the work, 1.00 running on average, of 4.00 that could");
	assert_silent("more-tasks-than-cpus");
	assert_value(FIGURE_WAITING, 3);
	assert_int_equal(planted.diagnoses.n, 1);
	/* two on a CPU, of which one is blocked, or runnable at times */
	plant();
	plant_threads(2, 500 * MS, 300 * MS);
	plant_running(0, SECOND, 0, 0);
	explain_on(CPUS);
	assert_silent("kept-from-cpus");
	assert_told("take-turns", "2 tasks");
}

static void partly_parallel(void **state)
{
	(void)state;
	plant();
	plant_threads(4, 500 * MS, 0);
	plant_running(0, 0, SECOND, 0);
	explain_on(CPUS);
	assert_told("partly-parallel", "2.00 running on average, of 4.00 that could");
	/* all that two tasks can */
	plant();
	plant_threads(2, SECOND, 0);
	plant_running(0, 0, SECOND, 0);
	explain_on(CPUS);
	assert_told("parallel", "2.00 running on average, of 2.00 that could");
}

/* --- what else is told --- */

static void blocked(void **state)
{
	(void)state;
	plant();
	plant_threads(2, 50 * MS, 100 * MS);
	plant_running(900 * MS, 100 * MS, 0, 0);
	explain_on(CPUS);
	/* all waits may have been meanwhile */
	assert_value(FIGURE_BLOCKED, 70);
	assert_told("blocked", "For 70 % of the time or more");
	plant_running(400 * MS, 600 * MS, 0, 0);
	explain_on(CPUS);
	assert_value(FIGURE_BLOCKED, 20);
	assert_silent("blocked");
	/* more waiting than there was time */
	plant_running(100 * MS, 900 * MS, 0, 0);
	explain_on(CPUS);
	assert_value(FIGURE_BLOCKED, 0);
}

static void more_tasks_than_cpus(void **state)
{
	(void)state;
	plant();
	for (int i = 0; i < 16; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 250 * MS, 750 * MS, 2, 98, false);
	plant_running(0, 0, 0, SECOND);
	explain_on(CPUS);
	assert_told("more-tasks-than-cpus",
		    "98 % of switches are involuntary, and for each second on a CPU tasks waited 3.0 s");
	assert_told("parallel", "4.00 running");
	/* mostly their own will */
	plant_switches(SCHEDSPLIT_CLASS_THREAD, 2000, 0, false);
	explain_on(CPUS);
	assert_silent("more-tasks-than-cpus");
}

static void short_lived(void **state)
{
	struct counters *class = planted.result.counts.sum.class;

	(void)state;
	plant();
	plant_threads(4, 20 * MS, 0);
	plant_running(0, 80 * MS, 0, 0);
	class[SCHEDSPLIT_CLASS_THREAD].forks = 30;
	class[SCHEDSPLIT_CLASS_PROCESS].forks = 10;
	explain_on(CPUS);
	assert_silent("short-lived");
	class[SCHEDSPLIT_CLASS_PROCESS].forks = 50;
	explain_on(CPUS);
	assert_told("short-lived", "80 tasks were born, 30 of them threads, one for each 1.00 ms");
	/* with more to do for each */
	class[SCHEDSPLIT_CLASS_THREAD].run_ns += 2 * SECOND;
	explain_on(CPUS);
	assert_silent("short-lived");
}

static void ping_pong(void **state)
{
	(void)state;
	plant();
	for (int i = 0; i < 2; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 50 * MS, MS, 1000, 0, false);
	plant_running(5 * MS, 90 * MS, 5 * MS, 0);
	explain_on(CPUS);
	assert_told("ping-pong", "Tasks stay on a CPU for 50 us and then wait for one another");
	assert_told("ping-pong", "the CPU goes idle between");
	assert_told("take-turns", "2 tasks");
	assert_silent("threads-alternate");
	/* on one CPU */
	plant();
	for (int i = 0; i < 2; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 50 * MS, MS, 1000, 0, true);
	plant_running(0, 100 * MS, 0, 0);
	explain_on(CPUS);
	assert_told("ping-pong", "to and fro. In larger pieces it");
	assert_told("threads-alternate", "100 % of switches");
	assert_told("threads-alternate", "one sleeps, another goes on");
	/* half of them preempted by who they wake */
	plant_switches(SCHEDSPLIT_CLASS_THREAD, 0, 2000, true);
	explain_on(CPUS);
	assert_told("ping-pong", "to and fro");
	plant_switches(SCHEDSPLIT_CLASS_THREAD, 0, 2000, true);
	explain_on(CPUS);
	assert_silent("ping-pong");
	plant_switches(SCHEDSPLIT_CLASS_THREAD, 4000, 0, true);
	/* one does most of the work, and seldom sleeps */
	plant_task(SCHEDSPLIT_CLASS_PROCESS, SECOND, 0, 10, 0, false);
	explain_on(CPUS);
	assert_silent("ping-pong");
	/* one runs seldom, but it is never long before the next does */
	plant();
	for (int i = 0; i < 2; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 50 * MS, 0, 1000, 0, false);
	plant_running(120 * MS, 90 * MS, 5 * MS, 0);
	explain_on(CPUS);
	assert_told("ping-pong", "Tasks stay");
	assert_value(FIGURE_PAUSE, 60000);
	assert_silent("blocked");
	/* timers wake them */
	plant();
	for (int i = 0; i < 2; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 50 * MS, MS, 1000, 0, false);
	plant_running(SECOND, 90 * MS, 5 * MS, 0);
	explain_on(CPUS);
	assert_silent("ping-pong");
	assert_told("blocked", "91 %");
}

static void threads_alternate(void **state)
{
	(void)state;
	plant();
	for (int i = 0; i < 4; i++)
		plant_task(SCHEDSPLIT_CLASS_THREAD, 250 * MS, 750 * MS, 5, 45, true);
	plant_running(0, SECOND, 0, 0);
	explain_on(1);
	assert_told("threads-alternate", "they share it in slices of time");
	plant_switches(SCHEDSPLIT_CLASS_PROCESS, 201, 0, false);
	explain_on(1);
	assert_silent("threads-alternate");
}

static void migrations(void **state)
{
	struct cpu_counts *sum = &planted.result.counts.sum;
	moves_matrix *moves = sum->moves;

	(void)state;
	plant();
	plant_threads(4, 50 * MS, 0);
	plant_running(0, 0, 0, 50 * MS);
	/* where tasks are born is no migration */
	moves[SCHEDSPLIT_CLASS_THREAD][MOVES_PLACEMENTS][SCHEDSPLIT_DISTANCE_NODE] = 1000;
	moves[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CAUSE_WAKEUP][SCHEDSPLIT_DISTANCE_SMT] = 75;
	moves[SCHEDSPLIT_CLASS_LEADER][SCHEDSPLIT_CAUSE_BALANCE][SCHEDSPLIT_DISTANCE_NODE] = 15;
	moves[SCHEDSPLIT_CLASS_LEADER][SCHEDSPLIT_CAUSE_EXEC][SCHEDSPLIT_DISTANCE_REMOTE] = 10;
	sum->class[SCHEDSPLIT_CLASS_THREAD].migrations = 75;
	sum->class[SCHEDSPLIT_CLASS_LEADER].migrations = 25;
	explain_on(CPUS);
	assert_told("migrations",
		    "100 migrations, one for each 2.00 ms on a CPU; 75 % of them by wake-ups, 25 % to where no cache is shared");
	sum->class[SCHEDSPLIT_CLASS_THREAD].run_ns += SECOND;
	explain_on(CPUS);
	assert_silent("migrations");
}

static void costs(void **state)
{
	struct costs *costs = &planted.result.counts.sum.costs;

	(void)state;
	plant();
	plant_threads(1, SECOND, 0);
	plant_running(0, SECOND, 0, 0);
	planted.result.info.cost_khz = 2000000;
	planted.result.info.cost_window = 100;
	explain_on(CPUS);
	assert_silent("cost-of-switching");
	costs->count[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_IDLE][SCHEDSPLIT_SPACE_LAZY] = 10;
	costs->cycles[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_IDLE][SCHEDSPLIT_SPACE_LAZY] = 6000;
	explain_on(CPUS);
	assert_told("cost-of-switching",
		    "A switch costs 300 ns directly, the measuring's own 50 included: 0.00 % of the time on CPUs, which does not show");
	costs->cycles[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_IDLE][SCHEDSPLIT_SPACE_SAME] =
		40000000;
	costs->count[SCHEDSPLIT_CLASS_THREAD][SCHEDSPLIT_CLASS_IDLE][SCHEDSPLIT_SPACE_SAME] = 10;
	explain_on(CPUS);
	assert_told("cost-of-switching", "2.00 % of the time on CPUs, which shows");
}

/* --- for people --- */

static char *text_of(enum timing timing, bool colour)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	explain_text(stream, &planted.result, &planted.diagnoses, timing, colour);
	fclose(stream);
	return text;
}

static void text(void **state)
{
	char *text;

	(void)state;
	plant();
	plant_threads(4, 250 * MS, 0);
	plant_running(0, SECOND, 0, 0);
	planted.result.proof.tasks_checked = 4;
	explain_on(CPUS);
	text = text_of(TIMING_EMULATED, false);
	assert_non_null(strstr(text, "\n 4 tasks do the work, 1.00 running on average"));
	assert_non_null(strstr(text, "\n   tasks on CPUs, while any was: 1\n"));
	assert_non_null(strstr(text, "\n   time with all of them blocked, at least: 0.0 %\n"));
	assert_non_null(strstr(text, " Emulated:"));
	assert_non_null(strstr(text, " proof: 4 tasks checked"));
	assert_null(strchr(text, '\033'));
	free(text);
	planted.result.proof.lost = 1;
	text = text_of(TIMING_HARDWARE, true);
	assert_non_null(strstr(text, " PROOF FAILED: 4 tasks"));
	assert_non_null(strstr(text, "\033[1m4 tasks do the work"));
	assert_null(strstr(text, "Emulated"));
	free(text);
	plant();
	explain_on(CPUS);
	text = text_of(TIMING_HARDWARE, false);
	assert_non_null(strstr(text, "nothing to explain"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_jq),
		cmocka_unit_test(nothing_ran),
		cmocka_unit_test(one_task),
		cmocka_unit_test(hundred_tasks),
		cmocka_unit_test(take_turns),
		cmocka_unit_test(processes_take_turns),
		cmocka_unit_test(kept_from_cpus),
		cmocka_unit_test(partly_parallel),
		cmocka_unit_test(blocked),
		cmocka_unit_test(more_tasks_than_cpus),
		cmocka_unit_test(short_lived),
		cmocka_unit_test(ping_pong),
		cmocka_unit_test(threads_alternate),
		cmocka_unit_test(migrations),
		cmocka_unit_test(costs),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
