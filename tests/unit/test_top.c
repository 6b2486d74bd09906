// SPDX-License-Identifier: GPL-2.0-or-later
/* `top`: its command line, what it shows in which order, tables and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "output/top.h"
#include "top_options.h"
#include "view.h"

#define WORDS_MAX	32

static struct top_options options;

/* Parses "WORD WORD …"; what is said on stderr goes nowhere. */
static int parse(const char *line)
{
	static char words[512], name[] = "schedsplit";
	char *argv[WORDS_MAX + 2] = { name };
	int argc = 1, saved = dup(STDERR_FILENO), status;

	assert_true(strlen(line) < sizeof(words));
	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc <= WORDS_MAX);
		argv[argc++] = word;
	}
	fflush(stderr);
	assert_non_null(freopen("/dev/null", "w", stderr));
	status = top_options_parse(&options, argc, argv);
	fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	return status;
}

static void command_line(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(options.view.sort, COLUMN_SWITCHES);
	assert_int_equal(options.delay_ns, 2000000000);
	assert_false(options.batch || options.view.tasks || options.view.all || options.pids);
	assert_int_equal(parse("-b -n 3 -d 0.5 -H -s wait -r -f Kworker -a -p 1,22 -p 3 "
			       "--json=x"), 0);
	assert_true(options.batch && options.view.tasks && options.view.all &&
		    options.view.reverse && options.json.wanted);
	assert_int_equal(options.intervals, 3);
	assert_int_equal(options.delay_ns, 500000000);
	assert_int_equal(options.view.sort, COLUMN_WAIT);
	assert_string_equal(options.view.filter, "Kworker");
	assert_int_equal(options.pids, 3);
	assert_int_equal(options.pid[2], 3);
	assert_string_equal(options.json.path, "x");
	assert_int_equal(parse("--batch --intervals=2 --delay=1 --threads --sort=cpu --json"), 0);
	assert_null(options.json.path);
	assert_int_equal(parse("--batch --json=-"), 0);
	assert_true(options.json.wanted);
	assert_null(options.json.path);
	assert_int_equal(parse("--help -z"), 0);
	assert_true(options.help);
	assert_int_equal(parse("-V"), 0);
	assert_true(options.version);
}

static void wrong_command_lines(void **state)
{
	static const char *const wrong[] = {
		"-z", "--nothing", "-d", "-d 0", "-d x", "-d nan", "-d 0.001", "-n 0", "-n -1",
		"-n x", "-p 0", "-p 1,", "-p x", "-s size", "-s", "x", "--json", "-b --json=",
		"--batch=1", "-f", "-- true",
		"-f 0123456789012345678901234567890123456789012345678901234567890123",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(wrong[i]) != STATUS_USAGE)
			fail_msg("'%s' is taken", wrong[i]);
	}
}

/* --- rates of two groups, of two tasks and one --- */

static uint64_t hundreds[] = { 900000000, 100000000, 500000000 };

static struct rate group[] = {
	{ .tgid = 50, .group_id = 1, .comm = "beta", .counts = { .tasks = 2, .voluntary = 30,
	  .involuntary = 10, .migrations = 4, .run_ns = 1200000000, .wait_ns = 40000000 },
	  .concurrency = { .ns = hundreds, .n = 3 } },
	{ .tgid = 7, .group_id = 2, .comm = "alpha", .counts = { .tasks = 1, .voluntary = 50 } },
	{ .tgid = 8, .group_id = 3, .comm = "quiet", .counts = { .tasks = 1 } },
};

static struct rate task[] = {
	{ .tgid = 50, .tid = 50, .group_id = 1, .comm = "beta", .group_comm = "beta",
	  .class = SCHEDSPLIT_CLASS_LEADER, .counts = { .tasks = 1, .voluntary = 10 } },
	{ .tgid = 50, .tid = 51, .group_id = 1, .comm = "Worker", .group_comm = "beta",
	  .class = SCHEDSPLIT_CLASS_THREAD, .dead = true,
	  .counts = { .tasks = 1, .voluntary = 20, .involuntary = 10 } },
	{ .tgid = 7, .tid = 7, .group_id = 2, .comm = "alpha", .group_comm = "alpha",
	  .class = SCHEDSPLIT_CLASS_PROCESS, .counts = { .tasks = 1, .voluntary = 50 } },
	{ .tgid = 8, .tid = 8, .group_id = 3, .comm = "quiet", .group_comm = "quiet",
	  .counts = { .tasks = 1 } },
};

static const struct rates rates = {
	.start_ns = 1000000000, .end_ns = 3000000000, .alive = 3, .group = group, .groups = 3,
	.task = task, .tasks = 4,
	.total = { .tasks = 4, .voluntary = 80, .involuntary = 10, .run_ns = 1200000000 },
};

/* The first letters of the names, in the order shown. */
static void shows(struct view view, bool tasks, const char *wanted)
{
	char found[8] = "";
	const struct rate **rows;
	size_t n = view_select(&view, &rates, tasks, &rows);

	assert_non_null(rows);
	for (size_t i = 0; i < n; i++)
		found[i] = rows[i]->comm[0];
	free(rows);
	assert_string_equal(found, wanted);
}

static void order_and_filter(void **state)
{
	(void)state;
	shows((struct view){ .sort = COLUMN_SWITCHES }, false, "ab");
	shows((struct view){ .sort = COLUMN_INVOLUNTARY }, false, "ba");
	shows((struct view){ .sort = COLUMN_INVOLUNTARY, .reverse = true }, false, "ab");
	shows((struct view){ .sort = COLUMN_PID }, false, "ab");
	shows((struct view){ .sort = COLUMN_PID, .all = true }, false, "aqb");
	shows((struct view){ .sort = COLUMN_COMMAND }, false, "ab");
	/* what is not known comes last, whoever that is */
	shows((struct view){ .sort = COLUMN_PARALLELISM, .all = true }, false, "baq");
	shows((struct view){ .sort = COLUMN_SWITCHES }, true, "aWb");
	shows((struct view){ .sort = COLUMN_TID }, true, "abW");
	shows((struct view){ .sort = COLUMN_CLASS }, true, "baW");
	shows((struct view){ .sort = COLUMN_TID, .filter = "worK" }, true, "W");
	/* by the name of its process too */
	shows((struct view){ .sort = COLUMN_TID, .filter = "beta" }, true, "bW");
	shows((struct view){ .sort = COLUMN_TID, .filter = "beta" }, false, "b");
	shows((struct view){ .sort = COLUMN_TID, .filter = "nobody" }, false, "");
}

static void cell_is(enum column_id id, const struct rate *rate, const char *wanted)
{
	char text[128];

	assert_string_equal(column_text(id, &rates, rate, text, sizeof(text)), wanted);
}

static void cells(void **state)
{
	static const uint64_t counts[] = {
		0, 1, 199999, 200000, 19999999, 20000000, 1999999999, 20000000000
	};

	(void)state;
	cell_is(COLUMN_PID, &group[0], "50");
	cell_is(COLUMN_TASKS, &group[0], "2");
	cell_is(COLUMN_VOLUNTARY, &group[0], "15.0");
	cell_is(COLUMN_CPU, &group[0], "60.0");
	cell_is(COLUMN_WAIT, &group[0], "2.0");
	cell_is(COLUMN_SLICE, &group[0], "30 ms");
	cell_is(COLUMN_SLICE, &group[2], "-");
	/* 100 ms with one, 500 ms with two */
	cell_is(COLUMN_PARALLELISM, &group[0], "1.83");
	cell_is(COLUMN_PARALLELISM, &group[1], "-");
	cell_is(COLUMN_CLASS, &task[1], "thread");
	cell_is(COLUMN_COMMAND, &task[1], "Worker");
	/* however large, it fits */
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct rate rate = {
			.counts = { .voluntary = counts[i], .migrations = counts[i] },
		};
		char text[128];

		column_text(COLUMN_VOLUNTARY, &rates, &rate, text, sizeof(text));
		assert_true(strlen(text) <= (size_t)column[COLUMN_VOLUNTARY].width[false]);
		column_text(COLUMN_MIGRATIONS, &rates, &rate, text, sizeof(text));
		assert_true(strlen(text) <= (size_t)column[COLUMN_MIGRATIONS].width[false]);
	}
}

/* 80 columns hold all of it, and no key or name is there twice. */
static void columns_fit(void **state)
{
	static const char others[] = "qh?tHf/ ar<>";

	(void)state;
	for (int tasks = 0; tasks < 2; tasks++) {
		int width = 0;

		for (enum column_id id = 0; id < COLUMN_COMMAND; id++) {
			int own = column[id].width[tasks];

			width += own ? own + 1 : 0;
			assert_true(!own || strlen(column[id].heading) <= (size_t)own);
		}
		/* and the longest name of a task, but for its end */
		assert_true(width + (tasks ? 11 : 15) <= 80);
	}
	for (enum column_id id = 0; id < COLUMNS; id++) {
		assert_int_equal(column_by_name(column[id].name), id);
		assert_int_equal(column_by_key(column[id].key), id);
		assert_null(strchr(others, column[id].key));
	}
	assert_int_equal(column_by_name("nothing"), COLUMNS);
}

static void table(void **state)
{
	static const struct view groups = { .sort = COLUMN_SWITCHES }, tasks = { .tasks = true };
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	assert_int_equal(top_text(stream, &rates, &groups), 0);
	assert_int_equal(top_text(stream, &rates, &tasks), 0);
	fclose(stream);
	assert_non_null(strstr(text, " 1.000 s to 3.000 s: 40.0 voluntary/s, 5.0 involuntary/s"));
	assert_non_null(strstr(text, "4 tasks in 3 groups"));
	assert_non_null(strstr(text, "PID  TASKS  VOL/s  INVOL/s  MIGR/s  CPU%  WAIT%"));
	assert_non_null(strstr(text, "PID  TID  CLASS"));
	assert_non_null(strstr(text, " 50   51  thread"));
	assert_null(strstr(text, "quiet"));
	free(text);
}

static double number(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void json(void **state)
{
	static const struct view view = { .sort = COLUMN_SWITCHES };
	json_t *root = top_json(&rates, &view, 4, "9.9"), *groups, *tasks, *beta;

	(void)state;
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "schema")), "schedsplit-top/1");
	assert_true(number(root, "interval") == 4);
	assert_true(number(root, "duration_ns") == 2e9);
	assert_true(number(json_object_get(root, "total"), "switches_voluntary") == 80);
	groups = json_object_get(root, "groups");
	tasks = json_object_get(root, "tasks");
	assert_int_equal(json_array_size(groups), 2);
	assert_int_equal(json_array_size(tasks), 3);
	assert_true(json_is_null(json_object_get(json_array_get(groups, 0), "parallelism")));
	beta = json_array_get(groups, 1);
	assert_string_equal(json_string_value(json_object_get(beta, "comm")), "beta");
	assert_true(number(beta, "switches_involuntary") == 10);
	assert_true(number(beta, "voluntary_per_second") == 15);
	assert_true(number(beta, "cpu_percent") == 60);
	assert_true(fabs(number(beta, "parallelism") - 11.0 / 6) < 1e-9);
	assert_true(number(beta, "slice_ns") == 30e6);
	assert_true(json_is_true(json_object_get(json_array_get(tasks, 1), "dead")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(tasks, 1), "class")),
			    "thread");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_line),
		cmocka_unit_test(wrong_command_lines),
		cmocka_unit_test(order_and_filter),
		cmocka_unit_test(cells),
		cmocka_unit_test(columns_fit),
		cmocka_unit_test(table),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
