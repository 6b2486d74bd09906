// SPDX-License-Identifier: GPL-2.0-or-later
/* One Python interpreter: the one that is found runs, and its version is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "environment.h"
#include "experiment.h"
#include "interpreter.h"
#include "machine.h"

static char here[PATH_MAX - 64];

/* DIR/python3, as old as can be. */
static void make(const char *dir, mode_t mode)
{
	char path[64];
	FILE *file;

	mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/python3", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n"
		      "case $1 in --version) echo Python 0.1; exit ;; esac\n"
		      "echo x >>%s/was_run\n"
		      "echo; cat\n", here);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (!getcwd(here, sizeof(here)))
		return -1;
	remove("was_run");
	make("not_executable", 0600);
	make("old", 0700);
	mkdir("directory", 0700);
	mkdir("directory/python3", 0700);
	return 0;
}

static void found(const char *path, const char *name, const char *wanted)
{
	const char *file;
	char all[PATH_MAX];

	setenv("PATH", path, 1);
	file = interpreter_find(name);
	if (!wanted) {
		assert_null(file);
		return;
	}
	snprintf(all, sizeof(all), "%s/%s", here, wanted);
	assert_non_null(file);
	assert_string_equal(file, all);
}

static void it_is_what_a_shell_finds(void **state)
{
	const char *now = getenv("PATH");
	char all[PATH_MAX], *path = strdup(now ? now : "/usr/bin:/bin");

	(void)state;
	assert_non_null(path);
	snprintf(all, sizeof(all), "%s/old", here);
	found(all, NULL, "old/python3");
	found("/nowhere:not_executable:directory:old", NULL, "old/python3");
	found("/nowhere:old", "python3", "old/python3");
	found("/nowhere", NULL, NULL);
	found("", NULL, NULL);
	found("old", "python4", NULL);
	found("/nowhere", "old/python3", "old/python3");
	found("old", "./python3", NULL);
	found("/nowhere", strcat(all, "/python3"), "old/python3");
	setenv("PATH", path, 1);
	free(path);
}

/* What the experiment `instances` runs is what the versions tell of. */
static void it_is_the_one_that_runs(void **state)
{
	static const char *params[] = { "program", "python", "instances", "2", NULL };
	static struct environment environment;
	static struct worker_result result;
	struct machine machine;
	struct plan plan = {
		.machine = &machine, .blocks = 1, .timeout_s = 60, .params = params,
		.interpreter = interpreter_find("old/python3"),
	};
	struct experiment_run run;
	struct stat st;
	char err[256];

	(void)state;
	assert_non_null(plan.interpreter);
	assert_int_equal(machine_cpus(&machine, NULL, err, sizeof(err)), 0);
	environment_read_versions(&environment, plan.interpreter);
	assert_string_equal(environment.versions.python, "Python 0.1");
	assert_int_equal(experiment_plan(&run, experiment_find("instances"), &plan, err,
					 sizeof(err)), 0);
	assert_true(experiment_try(&run, 0, 0, 1, &result));
	experiment_free(&run);
	assert_int_equal(stat("was_run", &st), 0);
	assert_int_equal(st.st_size, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_a_shell_finds),
		cmocka_unit_test(it_is_the_one_that_runs),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
