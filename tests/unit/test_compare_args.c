// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `compare`: what is wrong is refused before anything runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "commands.h"
#include "error.h"

#define WORDS_MAX	16

static char complaint[2048];

/* Runs "WORD WORD …", with what is said on stderr into complaint. */
static int run(const char *line)
{
	static char name[] = "schedsplit";
	char path[] = "complaint.XXXXXX", words[512], *argv[WORDS_MAX + 2];
	int argc = 1, saved = dup(STDERR_FILENO), fd = mkstemp(path), status;
	ssize_t n;

	assert_true(strlen(line) < sizeof(words) && saved >= 0 && fd >= 0);
	unlink(path);
	strcpy(words, line);
	argv[0] = name;
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc <= WORDS_MAX);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	/* 0: begin anew, also in glibc's own state */
	optind = 0;
	status = cmd_compare(argc, argv);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, complaint, sizeof(complaint) - 1, 0);
	complaint[n > 0 ? n : 0] = '\0';
	close(fd);
	return status;
}

/* Refused with one line that names the tool and the help. */
static void wrong(const char *line)
{
	if (run(line) != STATUS_USAGE)
		fail_msg("'%s' is not refused", line);
	assert_memory_equal(complaint, "schedsplit: ", 12);
	assert_non_null(strstr(complaint, ": see schedsplit compare --help\n"));
	assert_ptr_equal(strchr(complaint, '\n'), complaint + strlen(complaint) - 1);
}

static void options(void **state)
{
	(void)state;
	wrong("-Z");
	wrong("-qZ");
	wrong("--quick -Zq");
	assert_non_null(strstr(complaint, ": no option -Z:"));
	wrong("--nonsense");
	wrong("--quick=3");
	wrong("--trials");
	wrong("-n");
	wrong("-n 0");
	wrong("-n 100001");
	wrong("-n -1");
	wrong("-n 1.5");
	wrong("-w -1");
	wrong("-s 4294967296");
	wrong("-s 0x10");
	wrong("-D");
	wrong("-x true");
	wrong("-P true");
	wrong("-r run.json -x true false");
	wrong("--db=");
	wrong("--python=");
}

static void experiments(void **state)
{
	(void)state;
	wrong("nonsense");
	wrong("start-time nonsense");
	wrong("start-time start-time");
}

static void parameters(void **state)
{
	(void)state;
	wrong("-p cpu");
	wrong("-p cpu=");
	wrong("-p =same");
	wrong("-p nonsense=1");
	/* another experiment's */
	wrong("switch-cost -p workload=matrix");
	wrong("-p cpu=same -p cpu=other");
	wrong("-p cpu=same,cpu=other");
}

static void commands_and_repeats(void **state)
{
	(void)state;
	wrong("--vs");
	wrong("--vs true");
	wrong("--vs true false --vs true false");
	wrong("--vs true false start-time");
	wrong("start-time --vs true false");
	wrong("--vs true false -p cpu=same");
	wrong("--vs true false --dir /tmp");
	wrong("--vs= true");
	wrong("--prepare true");
	wrong("--prepare true start-time");
	wrong("--vs true false --prepare=");
	wrong("--repeat");
	wrong("--repeat run.json start-time");
	wrong("--repeat run.json --quick");
	wrong("--repeat run.json --seed 1");
	wrong("--repeat run.json --trials 7");
	wrong("--repeat run.json --cpus 0");
	wrong("--repeat run.json -p cpu=same");
	wrong("--repeat run.json --vs true false");
	wrong("--repeat run.json --vs true false --dir /");
	assert_int_equal(run("--repeat /nowhere/run.json"), STATUS_FAILED);
	assert_non_null(strstr(complaint, "cannot read /nowhere/run.json"));
	assert_int_equal(run("--repeat /proc/self/status"), STATUS_USAGE);
	assert_non_null(strstr(complaint, "not JSON"));
}

/* The directory that ./saved.json says, or NULL; that it is to say from now on. */
static void expect_and_set_dir(const char *expected, const char *dir)
{
	json_t *root = json_load_file("saved.json", 0, NULL), *options;
	const char *found;

	assert_non_null(root);
	options = json_object_get(root, "options");
	found = json_string_value(json_object_get(options, "dir"));
	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
	json_object_set_new(options, "dir", json_string(dir));
	assert_int_equal(json_dump_file(root, "saved.json", 0), 0);
	json_decref(root);
}

static void directories(void **state)
{
	(void)state;
	assert_int_equal(run("-n 1 -w 0 -p program=own -o /dev/null --json=saved.json instances"),
			 STATUS_GOOD);
	expect_and_set_dir(NULL, "/nowhere");
	/* nobody works there */
	assert_int_equal(run("--repeat saved.json -o /dev/null --json=saved.json"), STATUS_GOOD);
	expect_and_set_dir(NULL, "/nowhere");
	assert_int_equal(run("-n 1 -w 0 -p program=own -d /nowhere -o /dev/null instances"),
			 STATUS_GOOD);

	assert_int_equal(run("-n 1 -w 0 -p workload=net,load=closed,service_us=0,workers=1 "
			     "-o /dev/null --json=saved.json io-bound"), STATUS_GOOD);
	expect_and_set_dir(NULL, "/nowhere");
	wrong("--repeat saved.json");
	assert_non_null(strstr(complaint, "--dir: /nowhere: "));
	wrong("--repeat saved.json --dir /elsewhere");
	assert_non_null(strstr(complaint, "--dir: /elsewhere: "));
	remove("saved.json");
}

/* They come back, and do nothing else. */
static void asks_for_help(void **state)
{
	(void)state;
	assert_int_equal(run("--help --trials nonsense"), STATUS_GOOD);
	assert_string_equal(complaint, "");
	assert_int_equal(run("start-time -V"), STATUS_GOOD);
	assert_string_equal(complaint, "");
}

static void outputs(void **state)
{
	(void)state;
	wrong("--json --csv");
	wrong("--json=");
	wrong("--csv= --json");
	wrong("--json=a -o a");
	wrong("--json=a --csv=a");
	wrong("--json=new.json --csv=./new.json");
	wrong("--json=- --csv");
	wrong("--json=- --csv=-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(experiments),
		cmocka_unit_test(parameters),
		cmocka_unit_test(commands_and_repeats),
		cmocka_unit_test(directories),
		cmocka_unit_test(asks_for_help),
		cmocka_unit_test(outputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
