// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Points, blocks and trials, with worker programs that are shell scripts: one
 * that works, and ones that go wrong in each way a program can.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "experiment.h"
#include "interrupt.h"

static char directory[] = "/tmp/schedsplit-test.XXXXXX";
static struct machine machine;

/* ---- worker programs ---- */

static const char preamble[] =
	"#!/bin/sh\n"
	"for a in \"$@\"; do case $a in *[!a-z0-9_=,-]*) exit 9;; *) eval \"$a\";; esac; done\n"
	"exec 8>/proc/self/fd/$report 9</proc/self/fd/$control\n"
	"say() { echo \"$*\" >&8; }\n"
	"wait_for_tool() { head -c 1 <&9 >/dev/null; }\n";

static void write_program(const char *name, const char *body)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s%s", preamble, body);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static const char good[] =
	"say ready; wait_for_tool; say done; wait_for_tool\n"
	"say count interval_ns $((iterations * 1000000))\n"
	"say count process.switches_voluntary 7\n"
	"say count rounds $iterations\n"
	"say metric figure 3 2\n"
	"say end\n";

static int set_up(void **state)
{
	char err[256];

	(void)state;
	if (!mkdtemp(directory))
		return -1;
	setenv("SCHEDSPLIT_LIBEXEC", directory, 1);
	worker_adopt_orphans();
	if (interrupt_catch() || machine_cpus(&machine, NULL, err, sizeof(err)))
		return -1;
	machine.resolution_ns = 20;
	write_program("good", good);
	write_program("dies", "say ready; kill -SEGV $$\n");
	write_program("leaves", "say ready; wait_for_tool; exit 3\n");
	write_program("babbles", "say hello world\n");
	write_program("errs", "say ready; wait_for_tool; say error out of cheese\nexit 1\n");
	write_program("limited", "say ready; wait_for_tool\n"
				 "say error cannot fork: Resource temporarily unavailable\nexit 1\n");
	write_program("cannot", "say unavailable no cheese on this machine\n");
	write_program("hangs", "say ready; sleep 1000 & sleep 1000\n");
	write_program("mute", "say ready; wait_for_tool; say done; wait_for_tool; say end\n");
	write_program("divides", "say ready; say metric figure 1 -1; say end\n");
	write_program("long", "say ready; say $(head -c 5000 /dev/zero | tr '\\0' x); say end\n");
	write_program("brief", "say ready; wait_for_tool; say done; wait_for_tool\n"
			       "say count interval_ns 1000; say metric figure 3 2; say end\n");
	write_program("moved", "say ready; wait_for_tool; say done; wait_for_tool\n"
			       "say count interval_ns 90000000; say count pinned_migrations 1\n"
			       "say metric figure 3 2; say end\n");
	write_program("shows", "say ready; wait_for_tool; say done; wait_for_tool\n"
			       "say count interval_ns 90000000\n"
			       "say count environment $(env | grep -cvE '^(PWD|SHLVL|_|OLDPWD)=')\n"
			       "say count cpus $(nproc)\n"
			       "say metric figure 3 2; say end\n");
	return 0;
}

static int tear_down(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command);
}

/* ---- one trial ---- */

static void run_program(const char *name, struct worker_result *result)
{
	struct worker_command command = {
		.program = name,
		.arguments = { "iterations=5", NULL },
		.cpus = machine.cpus,
		.n_cpus = 1,
		.timeout_s = 2,
	};

	worker_run(&command, result);
	/* Nothing is left behind, in whatever way it ended. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_good_worker_is_understood(void **state)
{
	struct worker_result result;

	(void)state;
	run_program("good", &result);
	assert_string_equal(result.reason, "");
	assert_int_equal(result.outcome, WORKER_WORKED);
	assert_int_equal(result.interval_ns, 5000000);
	assert_int_equal(result.metrics, 1);
	assert_string_equal(result.metric[0].name, "figure");
	assert_int_equal(result.metric[0].numerator, 3);
	assert_int_equal(result.metric[0].denominator, 2);
	assert_int_equal(result.counts, 1);
	assert_string_equal(result.count[0].name, "rounds");
	assert_int_equal(tally_total(&result.tally, TALLY_VOLUNTARY), 7);
	assert_int_equal(tally_total(&result.tally, TALLY_MIGRATIONS), -1);
	assert_true(result.start_ns > 0);
}

static void a_worker_that_goes_wrong_is_a_failure(void **state)
{
	static const struct {
		const char *name, *says;
	} bad[] = {
		{ "dies", "signal 11" },
		{ "leaves", "status 3" },
		{ "babbles", "hello world" },
		{ "errs", "out of cheese" },
		{ "limited", "cannot fork: Resource temporarily unavailable (see ulimit -a)" },
		{ "hangs", "no result after 2 s" },
		{ "divides", "metric figure 1 -1" },
		{ "long", "too long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct worker_result result;

		run_program(bad[i].name, &result);
		print_message("%s: %s\n", bad[i].name, result.reason);
		assert_int_equal(result.outcome, WORKER_FAILED);
		assert_non_null(strstr(result.reason, bad[i].says));
	}
}

/* What a program would say, without one. */
static void hear(const char *said, struct worker_result *result)
{
	static const struct worker_command command = { .timeout_s = 2 };
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], said, strlen(said)), strlen(said));
	close(ends[1]);
	worker_hear(&command, ends[0], -1, false, result);
	close(ends[0]);
}

/* They become keys in JSON. */
static void names_of_counts_are_words(void **state)
{
	static const char *const bad[] = {
		"count a\xff 1\n", "count a\x1b[2J 1\n", "count \" 1\n",
	};
	struct worker_result result;

	(void)state;
	hear("count some_thing.2 1\n", &result);
	assert_int_equal(result.outcome, WORKER_WORKED);
	assert_int_equal(result.counts, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hear(bad[i], &result);
		assert_int_equal(result.outcome, WORKER_FAILED);
		assert_int_equal(result.counts, 0);
	}
}

/* As far as it can be told why. */
static void a_failure_has_a_reason(void **state)
{
	struct worker_result result;

	(void)state;
	hear("error\x20\n", &result);
	assert_int_equal(result.outcome, WORKER_FAILED);
	assert_string_not_equal(result.reason, "");
}

/* What goes beyond the largest number stays there; one round would bring it below 0. */
static void counts_of_many_trials_stay_large(void **state)
{
	static struct tally tally, sum;

	(void)state;
	assert_true(tally_set(&tally, "thread.run_ns", INT64_MAX));
	assert_true(tally_set(&tally, "process.run_ns", INT64_MAX));
	tally.moved[SCHEDSPLIT_DISTANCE_SMT] = INT64_MAX - 1;
	for (int i = 0; i < 3; i++)
		tally_add(&sum, &tally);
	assert_int_equal(sum.counter[SCHEDSPLIT_CLASS_THREAD][TALLY_RUN_NS], INT64_MAX);
	assert_int_equal(sum.moved[SCHEDSPLIT_DISTANCE_SMT], INT64_MAX);
	assert_int_equal(tally_total(&sum, TALLY_RUN_NS), INT64_MAX);
}

static void what_the_machine_cannot_do_is_no_failure(void **state)
{
	struct worker_result result;

	(void)state;
	run_program("cannot", &result);
	assert_int_equal(result.outcome, WORKER_UNAVAILABLE);
	assert_string_equal(result.reason, "no cheese on this machine");
	run_program("not-there", &result);
	assert_int_equal(result.outcome, WORKER_UNAVAILABLE);
	assert_non_null(strstr(result.reason, "not-there was not built"));
}

/* LC_ALL and PATH, whatever the caller has; and the affinity asked for. */
static void environment_and_affinity_are_fixed(void **state)
{
	struct worker_result result;

	(void)state;
	setenv("GLIBC_TUNABLES", "glibc.malloc.arena_max=1", 1);
	run_program("shows", &result);
	unsetenv("GLIBC_TUNABLES");
	assert_int_equal(result.outcome, WORKER_WORKED);
	assert_int_equal(result.count[0].numerator, 2);
	assert_int_equal(result.count[1].numerator, 1);
}

/* ---- an experiment ---- */

static const struct sweep sweeps[] = {
	{ .name = "size", .help = "", .values = "1,2", .min = 0, .max = 9 },
	{ .name = "kind", .help = "", .values = "a,b,c", .choices = "a,b,c" },
	{ .name = NULL },
};

static const struct variant variants[] = {
	{ ARM_PROCESS, NULL }, { ARM_OTHER, NULL }, { ARM_THREAD, NULL },
};

static const struct metric metrics[] = { { .name = "figure", .unit = "1", .help = "" } };

static unsigned int one_cpu(const struct params *params, const struct machine *m)
{
	(void)params;
	(void)m;
	return 1;
}

static const char *no_2b(const struct params *params, const struct machine *m)
{
	(void)m;
	return params_is(params, "size", "2") && params_is(params, "kind", "b") ? "no 2b" : NULL;
}

static struct experiment experiment(const char *program)
{
	return (struct experiment){
		.name = "test", .help = "", .program = program, .sweeps = sweeps,
		.variants = variants, .n_variants = 3, .metrics = metrics, .n_metrics = 1,
		.min_iterations = 2, .left_out = no_2b, .cpus = one_cpu,
	};
}

static struct plan plan(unsigned int blocks)
{
	return (struct plan){
		.machine = &machine, .seed = 7, .blocks = blocks, .warmups = 1,
		.target_ns = 10000000, .timeout_s = 5,
	};
}

static void run_experiment(struct experiment_run *run, const struct experiment *e,
			   const struct plan *p)
{
	char err[256];

	assert_int_equal(experiment_plan(run, e, p, err, sizeof(err)), 0);
	assert_int_equal(experiment_run(run), 0);
}

/* It is a failure only of the interpreter that the user named. */
static void an_interpreter_is_not_there(void **state)
{
	static struct worker_result result;
	struct experiment e = experiment("good");
	struct plan p = plan(1);
	struct experiment_run run;
	char err[256];

	(void)state;
	e.python = true;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), 0);
	assert_false(experiment_try(&run, 0, 0, 1, &result));
	assert_int_equal(result.outcome, WORKER_UNAVAILABLE);
	assert_string_equal(result.reason, "there is no interpreter python3");
	p.python = "/nowhere/python3";
	assert_false(experiment_try(&run, 0, 0, 1, &result));
	assert_int_equal(result.outcome, WORKER_FAILED);
	assert_string_equal(result.reason, "there is no interpreter /nowhere/python3");
	experiment_free(&run);
}

static void points_are_all_combinations(void **state)
{
	static const char *narrow[] = { "kind", "c,a", NULL };
	static const char *wrong_choice[] = { "kind", "d", NULL };
	static const char *wrong_number[] = { "size", "10", NULL };
	struct experiment e = experiment("good");
	struct plan p = plan(1);
	struct experiment_run run;
	char err[256], text[256];

	(void)state;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), 0);
	assert_int_equal(run.n_points, 6);
	assert_string_equal(params_text(&run.points[4].params, text, sizeof(text)),
			    "size=2 kind=b");
	assert_string_equal(run.points[4].left_out, "no 2b");
	assert_null(run.points[3].left_out);
	experiment_free(&run);

	p.params = narrow;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), 0);
	assert_int_equal(run.n_points, 4);
	assert_string_equal(params_text(&run.points[0].params, text, sizeof(text)),
			    "size=1 kind=c");
	experiment_free(&run);

	p.params = wrong_choice;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "'d'"));
	experiment_free(&run);
	p.params = wrong_number;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), -EINVAL);
	experiment_free(&run);
}

/* Nothing else is measured than what was said, and not nothing either. */
static void lists_of_values_are_taken_whole(void **state)
{
	static char many[VALUES_SIZE + 2] = "1";
	static char long_one[PARAM_SIZE + 1];
	static const char *const wrong[] = { ",", "1,", ",1", "1,,2", many, long_one };
	struct experiment e = experiment("good");
	struct plan p = plan(1);
	struct experiment_run run;
	char err[256];

	(void)state;
	for (size_t i = 1; i < sizeof(many) - 1; i++)
		many[i] = i % 2 ? ',' : '1';
	snprintf(long_one, sizeof(long_one), "%0*d", PARAM_SIZE, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *params[] = { "size", wrong[i], NULL };

		p.params = params;
		*err = '\0';
		if (experiment_plan(&run, &e, &p, err, sizeof(err)) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i]);
		assert_non_null(strstr(err, "--param size"));
		experiment_free(&run);
	}
}

/* A parameter that only some points have, and values beside the design. */
static void points_have_what_they_need(void **state)
{
	static const struct sweep sweeps[] = {
		{ .name = "kind", .values = "net,file", .choices = "net,file" },
		{ .name = "delay", .values = "1,2", .max = 9, .when = "kind=net" },
		{ .name = "load", .values = "3,4", .max = 9, .when = "kind=net",
		  .aside = "kind=net,delay=2" },
		{ .name = "mode", .values = "a,b", .choices = "a,b", .when = "kind=file" },
		{ .name = NULL },
	};
	static const char *const wanted[] = {
		"kind=net delay=1 load=3", "kind=net delay=2 load=3", "kind=file mode=a",
		"kind=file mode=b", "kind=net delay=2 load=4",
	};
	struct experiment e = experiment("good");
	struct plan p = plan(1);
	struct experiment_run run;
	char err[256], text[256];

	(void)state;
	e.sweeps = sweeps;
	assert_int_equal(experiment_plan(&run, &e, &p, err, sizeof(err)), 0);
	assert_int_equal(run.n_points, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(params_text(&run.points[i].params, text, sizeof(text)),
				    wanted[i]);
	experiment_free(&run);
}

/* Every block has each arm once, in every position over time; none is lost. */
static void blocks_are_whole(void **state)
{
	unsigned int seen[6][3][2] = { 0 };	/* point, block with warm-up, arms */
	struct experiment e = experiment("good");
	struct plan p = plan(2);
	struct experiment_run run;
	bool orders_differ = false;

	(void)state;
	run_experiment(&run, &e, &p);
	assert_int_equal(run.n_trials, 5 * 3 * 3);
	for (size_t i = 0; i < run.n_trials; i++) {
		const struct trial *trial = &run.trials[i];
		unsigned int block = trial->warmup ? 2 : trial->block;

		assert_int_not_equal(trial->point, 4);
		seen[trial->point][block][0] |= 1u << trial->variant;
		seen[trial->point][block][1] |= 1u << trial->order;
		orders_differ |= trial->order != trial->variant;
		assert_int_equal(trial->marks & 1u << MARK_SHORT, 0);
		assert_true(i == 0 || trial->start_ns > run.trials[i - 1].start_ns);
	}
	for (size_t point = 0; point < 6; point++)
		for (int block = 0; block < 3 && point != 4; block++) {
			assert_int_equal(seen[point][block][0], 7);
			assert_int_equal(seen[point][block][1], 7);
		}
	assert_true(orders_differ);
	/* Calibrated: 10 ms at 1 ms an iteration. */
	assert_int_equal(run.points[0].iterations, 10);
	assert_int_equal(run.points[0].cell[0].tally.trials, 2);
	assert_int_equal(run.points[0].cell[0].tally.counter[SCHEDSPLIT_CLASS_PROCESS]
							    [TALLY_VOLUNTARY], 14);
	experiment_free(&run);
}

static void same_seed_same_order(void **state)
{
	static const char *few[] = { "size", "1", "kind", "a,b", NULL };
	struct experiment e = experiment("good");
	struct plan p = plan(3), other = plan(3);
	struct experiment_run a, b, c;
	size_t differ = 0;

	(void)state;
	p.params = few;
	other.params = few;
	other.seed = 8;
	run_experiment(&a, &e, &p);
	run_experiment(&b, &e, &p);
	run_experiment(&c, &e, &other);
	assert_int_equal(a.n_trials, b.n_trials);
	for (size_t i = 0; i < a.n_trials; i++) {
		assert_int_equal(a.trials[i].point, b.trials[i].point);
		assert_int_equal(a.trials[i].variant, b.trials[i].variant);
		differ += a.trials[i].variant != c.trials[i].variant;
	}
	assert_true(differ > 0);
	experiment_free(&a);
	experiment_free(&b);
	experiment_free(&c);
}

static void run_one_point(struct experiment_run *run, const char *program)
{
	static const char *one[] = { "size", "1", "kind", "a", NULL };
	static struct experiment e;
	static struct plan p;

	e = experiment(program);
	p = plan(2);
	p.params = one;
	run_experiment(run, &e, &p);
}

static void a_failing_arm_stops_and_is_said(void **state)
{
	struct experiment_run run;

	(void)state;
	run_one_point(&run, "errs");
	assert_int_equal(run.n_trials, 0);
	assert_true(experiment_failed(&run));
	assert_string_equal(run.points[0].cell[2].reason, "out of cheese");
	experiment_free(&run);

	run_one_point(&run, "mute");
	assert_true(experiment_failed(&run));
	assert_non_null(strstr(run.points[0].cell[0].reason, "did not report figure"));
	experiment_free(&run);

	run_one_point(&run, "cannot");
	assert_false(experiment_failed(&run));
	assert_true(run.points[0].cell[0].unavailable);
	experiment_free(&run);
}

static void disturbed_trials_are_marked_and_kept(void **state)
{
	struct experiment_run run;

	(void)state;
	run_one_point(&run, "brief");
	assert_int_equal(run.n_trials, 9);
	for (size_t i = 0; i < run.n_trials; i++)
		assert_true(run.trials[i].marks & 1u << MARK_SHORT);
	experiment_free(&run);

	run_one_point(&run, "moved");
	assert_int_equal(run.n_trials, 9);
	for (size_t i = 0; i < run.n_trials; i++)
		assert_true(run.trials[i].marks & 1u << MARK_MIGRATED);
	experiment_free(&run);
}

/* Last: a signal once caught stays caught. */
static void a_signal_ends_it_cleanly(void **state)
{
	struct experiment_run run;
	pid_t us = getpid(), killer = fork();

	(void)state;
	if (!killer) {
		usleep(300000);
		kill(us, SIGTERM);
		_exit(0);
	}
	run_one_point(&run, "hangs");
	assert_true(run.interrupted);
	assert_int_equal(interrupt_signal(), SIGTERM);
	assert_int_equal(run.n_trials, 0);
	assert_false(experiment_failed(&run));
	experiment_free(&run);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_worker_is_understood),
		cmocka_unit_test(a_worker_that_goes_wrong_is_a_failure),
		cmocka_unit_test(names_of_counts_are_words),
		cmocka_unit_test(a_failure_has_a_reason),
		cmocka_unit_test(counts_of_many_trials_stay_large),
		cmocka_unit_test(what_the_machine_cannot_do_is_no_failure),
		cmocka_unit_test(environment_and_affinity_are_fixed),
		cmocka_unit_test(an_interpreter_is_not_there),
		cmocka_unit_test(points_are_all_combinations),
		cmocka_unit_test(lists_of_values_are_taken_whole),
		cmocka_unit_test(points_have_what_they_need),
		cmocka_unit_test(blocks_are_whole),
		cmocka_unit_test(same_seed_same_order),
		cmocka_unit_test(a_failing_arm_stops_and_is_said),
		cmocka_unit_test(disturbed_trials_are_marked_and_kept),
		cmocka_unit_test(a_signal_ends_it_cleanly),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
