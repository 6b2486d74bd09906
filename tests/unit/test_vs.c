// SPDX-License-Identifier: GPL-2.0-or-later
/* The worker program of --vs, as it is: its figures are the command's alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "machine.h"
#include "worker.h"

#define TRIALS		20
#define FAULTS_APART	10	/* addresses are random, and with them what lies together */

static struct machine machine;

static int set_up(void **state)
{
	char err[256];

	(void)state;
	return machine_cpus(&machine, NULL, err, sizeof(err));
}

static void run(const char *command, struct worker_result *result)
{
	const struct worker_command vs = {
		.program = "vs",
		.arguments = { command, NULL },
		.cpus = machine.cpus,
		.n_cpus = 1,
		.timeout_s = 60,
		.user_environment = true,
	};

	worker_run(&vs, result);
	assert_string_equal(result->reason, "");
	assert_int_equal(result->outcome, WORKER_WORKED);
}

static int64_t figure(const struct worker_result *result, const char *name)
{
	const struct worker_number *metric = worker_metric(result, name);

	assert_non_null(metric);
	return metric->numerator;
}

/* One task cannot run for longer than it lives. */
static void a_task_runs_no_longer_than_it_lives(void **state)
{
	struct worker_result result;

	(void)state;
	for (int i = 0; i < TRIALS; i++) {
		run("command=:", &result);
		assert_in_range(figure(&result, "cpu"), 1, figure(&result, "elapsed"));
		assert_int_equal(figure(&result, "cpu"),
				 figure(&result, "user") + figure(&result, "system"));
		assert_true(figure(&result, "user") >= 0 && figure(&result, "system") >= 0);
	}
}

/* Page faults of a shell whose creator lent it its address space. */
static int64_t faults_of_shell(void)
{
	static char name[] = "sh", option[] = "-c", text[] = ":";
	char *const argv[] = { name, option, text, NULL };
	struct rusage usage;
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	assert_int_equal(wait4(pid, NULL, 0, &usage), pid);
	return usage.ru_minflt;
}

static void page_faults_are_the_shells(void **state)
{
	struct worker_result result;

	(void)state;
	for (int i = 0; i < TRIALS; i++) {
		int64_t faults = faults_of_shell();

		run("command=:", &result);
		assert_in_range(figure(&result, "minor_faults"), faults - FAULTS_APART,
				faults + FAULTS_APART);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_runs_no_longer_than_it_lives),
		cmocka_unit_test(page_faults_are_the_shells),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
