// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the commands' results go, and what becomes of the others if one of them
 * cannot be written. Nothing is measured: here are a session and a meter that need
 * no module.
 *
 * wraps: session_open costs_attach measure_run meter_start meter_next meter_end
 * wraps: interactive_check interactive_run
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "commands.h"
#include "costs.h"
#include "error.h"
#include "interactive.h"
#include "measure.h"
#include "meter.h"
#include "netlink.h"
#include "output_file.h"
#include "signals.h"

#define WORDS_MAX	16

static char dir[] = "outputs.XXXXXX";
static char text[65536];
static bool has_module;
static int exit_status;		/* of the command that is not run */

/* ---- what is measured ---- */

int __wrap_session_open(struct session **session, char *err, size_t size);
int __wrap_costs_attach(struct session *session, char *err, size_t size);
int __wrap_measure_run(struct measure *measure, struct result *result, char *err, size_t size);
int __wrap_meter_start(struct meter *meter, struct session *session, const pid_t *pids,
		       size_t n_pids, char *err, size_t size);
int __wrap_meter_next(struct meter *meter, struct rates *rates, char *err, size_t size);
void __wrap_meter_end(struct meter *meter);
int __wrap_interactive_check(char *err, size_t size);
int __wrap_interactive_run(const struct top_options *options, struct meter *meter,
			   const struct signals *signals, char *err, size_t size);

static void put_number(const char *path, int number)
{
	FILE *file = fopen(path, "we");

	if (file) {
		fprintf(file, "%d", number);
		fclose(file);
	}
}

static int count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	int lines = 0;

	for (int c; file && (c = fgetc(file)) != EOF;)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

int __wrap_session_open(struct session **session, char *err, size_t size)
{
	*session = NULL;
	return has_module ? 0 : error_set(-ENOENT, err, size, "no module here");
}

int __wrap_costs_attach(struct session *session, char *err, size_t size)
{
	(void)session;
	return error_set(-EOPNOTSUPP, err, size, "no costs here");
}

int __wrap_measure_run(struct measure *measure, struct result *result, char *err, size_t size)
{
	(void)err;
	(void)size;
	result_init(result, measure->options);
	result->duration_ns = 1;
	result->has_status = measure->options->command;
	result->exit_status = exit_status;
	if (measure->options->interval_ns) {
		static const struct interval interval;
		int shown = 1;

		while (measure->on_interval(&interval, measure->data) && shown < 100)
			shown++;
		put_number("intervals", shown);
	}
	return result_close(result, 0);
}

int __wrap_meter_start(struct meter *meter, struct session *session, const pid_t *pids,
		       size_t n_pids, char *err, size_t size)
{
	(void)session;
	(void)pids;
	(void)n_pids;
	(void)err;
	(void)size;
	memset(meter, 0, sizeof(*meter));
	return 0;
}

int __wrap_meter_next(struct meter *meter, struct rates *rates, char *err, size_t size)
{
	(void)err;
	(void)size;
	put_number("intervals", count_lines("json"));
	memset(rates, 0, sizeof(*rates));
	rates->start_ns = meter->origin_ns++;
	rates->end_ns = meter->origin_ns;
	return 0;
}

void __wrap_meter_end(struct meter *meter)
{
	(void)meter;
}

/* No screen: nothing here sees one. */
int __wrap_interactive_check(char *err, size_t size)
{
	return error_set(-ENOTTY, err, size, "no terminal here");
}

int __wrap_interactive_run(const struct top_options *options, struct meter *meter,
			   const struct signals *signals, char *err, size_t size)
{
	(void)options;
	(void)meter;
	(void)signals;
	return __wrap_interactive_check(err, size);
}

/* ---- commands ---- */

static const char *content(const char *path)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void has(const char *path, const char *part)
{
	if (!strstr(content(path), part))
		fail_msg("%s has no '%s', but: %s", path, part, text);
}

__attribute__((noreturn))
static void become(int (*command)(int argc, char **argv), const char *line, int out)
{
	static char words[512], name[] = "schedsplit";
	char *argv[WORDS_MAX + 2] = { name };
	int argc = 1, err = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), status;

	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
	    strlen(line) >= sizeof(words))
		_exit(99);
	/* cmocka's would go on with the next test */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	/* 0: begin anew, also in glibc's own state */
	optind = 0;
	output_begin();
	status = output_end(command(argc, argv));
	fflush(NULL);
	_exit(status);
}

/* As a shell would say it. */
static int status_of(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_to(int (*command)(int argc, char **argv), const char *line, int out)
{
	pid_t child;

	assert_true(out >= 0);
	fflush(NULL);
	child = fork();
	if (!child)
		become(command, line, out);
	close(out);
	return status_of(child);
}

/* Runs "WORD WORD ..." with its standard output to a file. */
static int run(int (*command)(int argc, char **argv), const char *line, const char *out)
{
	return run_to(command, line, open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
}

/* To a pipe that nobody reads any more. */
static int run_unread(int (*command)(int argc, char **argv), const char *line)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	return run_to(command, line, ends[1]);
}

/* Each test in a directory of its own. All that is to be there by its end: */
static const char *const files[] = { "out", "err", "json", "csv", "table", "intervals" };

static int enter(void **state)
{
	(void)state;
	has_module = true;
	exit_status = 0;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return !mkdtemp(dir) || chdir(dir);
}

static void clear(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
}

/* Temporary files would be left. */
static int leave(void **state)
{
	(void)state;
	clear();
	return chdir("..") || rmdir(dir);
}

/* ---- one that fails ---- */

#define FULL(name) "schedsplit: cannot write " name ": No space left on device\n"

static void stat_writes_what_it_can(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_stat, "-a --json=json --csv=csv", "/dev/full"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("standard output"));
	has("json", "schedsplit-stat/1");
	has("csv", "switches_voluntary");
	clear();
	assert_int_equal(run(cmd_stat, "--json=/dev/full --csv=csv -o table -- true", "out"),
			 STATUS_FAILED);
	assert_string_equal(content("err"), FULL("/dev/full"));
	has("csv", "switches_voluntary");
	has("table", "process");
	/* the command's own status says more */
	assert_string_equal(content("out"), "");
}

static void explain_writes_what_it_can(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_explain, "-p 1 --json=json", "/dev/full"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("standard output"));
	has("json", "schedsplit-explain/1");
	clear();
	assert_int_equal(run(cmd_explain, "-p 1 --json=/dev/full", "out"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("/dev/full"));
	has("out", "\n");
}

static void top_writes_what_it_can(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_top, "-b -d 0.01 -n 3 --json=json", "/dev/full"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("standard output"));
	has("json", "schedsplit-top/1");
	clear();
	assert_int_equal(run(cmd_top, "-b -d 0.01 -n 3 --json=/dev/full", "out"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("/dev/full"));
	has("out", "tasks in");
}

static void status_writes_what_it_can(void **state)
{
	(void)state;
	has_module = false;
	run(cmd_status, "--json=json", "/dev/full");
	has("json", "schedsplit-status/1");
	clear();
	assert_int_equal(run(cmd_status, "--json=/dev/full", "out"), STATUS_FAILED);
	has("err", FULL("/dev/full"));
	has("out", "This machine");
}

static void compare_writes_what_it_can(void **state)
{
	(void)state;
	has_module = false;
	assert_int_equal(run(cmd_compare, "-q -n 1 -w 0 --csv=csv --json=/dev/full --vs true true",
			     "out"), STATUS_FAILED);
	has("err", FULL("/dev/full"));
	has("csv", "experiment");
	has("out", "Trials: 2");
}

/* ---- "-" ---- */

static void a_dash_is_standard_output(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_stat, "-a --json=-", "out"), STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	assert_int_equal(run(cmd_explain, "-p 1 -j-", "out"), STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	assert_int_equal(run(cmd_top, "-b -d 0.01 -n 1 --json=-", "out"), STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	assert_int_equal(count_lines("out"), 1);
	/* the table is elsewhere */
	assert_int_equal(run(cmd_stat, "--json=- -- true", "out"), STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	has("err", "process");
	assert_int_equal(run(cmd_stat, "--json=- -o table -- true", "out"), STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	has("table", "process");
	has_module = false;
	run(cmd_status, "--json=-", "out");
	assert_int_equal(*content("out"), '{');
	assert_int_equal(run(cmd_compare, "-q -n 1 -w 0 --json=- --vs true true", "out"),
			 STATUS_GOOD);
	assert_int_equal(*content("out"), '{');
	assert_null(strstr(text, "Trials: "));
}

/* ---- what grows ---- */

static void an_interval_of_top_is_written_when_it_is_over(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_stat, "-a", "json"), STATUS_GOOD);
	assert_int_equal(run(cmd_top, "-b -d 0.01 -n 3 --json=json", "out"), STATUS_GOOD);
	/* before the third */
	assert_string_equal(content("intervals"), "2");
	assert_int_equal(count_lines("json"), 3);
}

/* ---- a closed pipe, and signals ---- */

#define SIGPIPE_STATUS	(128 + SIGPIPE)

static void a_closed_pipe_ends_it_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(run_unread(cmd_stat, "-a --json=json --csv=csv"), SIGPIPE_STATUS);
	assert_string_equal(content("err"), "");
	has("json", "schedsplit-stat/1");
	has("csv", "switches_voluntary");
	assert_int_equal(run_unread(cmd_stat, "--csv=csv --json -o - -- true"), SIGPIPE_STATUS);
	has("csv", "switches_voluntary");
	clear();
	assert_int_equal(run_unread(cmd_explain, "-p 1 --json=json"), SIGPIPE_STATUS);
	assert_string_equal(content("err"), "");
	has("json", "schedsplit-explain/1");
	clear();
	assert_int_equal(run_unread(cmd_top, "-b -d 0.01 --json=json"), SIGPIPE_STATUS);
	assert_string_equal(content("err"), "");
	has("json", "schedsplit-top/1");
	clear();
	assert_int_equal(run_unread(cmd_compare, "--list"), SIGPIPE_STATUS);
	assert_int_equal(run_unread(cmd_stat, "--help"), SIGPIPE_STATUS);
	has_module = false;
	assert_int_equal(run_unread(cmd_compare, "-q -n 1 -w 0 --json=json --vs true true"),
			 SIGPIPE_STATUS);
	has("json", "schedsplit-compare/1");
}

static void other_failures_say_more_than_a_closed_pipe(void **state)
{
	(void)state;
	assert_int_equal(run_unread(cmd_stat, "-a --json=/dev/full"), STATUS_FAILED);
	assert_string_equal(content("err"), FULL("/dev/full"));
	exit_status = 3;
	assert_int_equal(run_unread(cmd_stat, "-o - -- true"), 3);
}

/* A parent of ours wants it so. */
static void an_ignored_signal_stays_ignored(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run_unread(cmd_stat, "-a --json=json"), STATUS_FAILED);
	assert_string_equal(content("err"),
			    "schedsplit: cannot write standard output: Broken pipe\n");
	has("json", "schedsplit-stat/1");
	assert_int_equal(run_unread(cmd_stat, "--help"), STATUS_FAILED);
	signal(SIGPIPE, SIG_DFL);
	assert_string_equal(content("err"),
			    "schedsplit: cannot write to standard output: Broken pipe\n");
}

static void intervals_end_where_nobody_reads_them(void **state)
{
	(void)state;
	assert_int_equal(run_unread(cmd_stat, "-a -I 10 --json=json"), SIGPIPE_STATUS);
	assert_string_equal(content("intervals"), "1");
	has("json", "schedsplit-stat/1");
	assert_int_equal(run(cmd_stat, "-a -I 10", "out"), STATUS_GOOD);
	assert_string_equal(content("intervals"), "100");
	assert_int_equal(run_unread(cmd_stat, "-a -I 10 -o table"), STATUS_GOOD);
	assert_string_equal(content("intervals"), "100");
}

static void a_command_gets_no_handler(void **state)
{
	static char sh[] = "sh", c[] = "-c", line[] = "kill -PIPE $$; exit 0";
	char *argv[] = { sh, c, line, NULL }, err[ERROR_SIZE];
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		struct signals signals;
		struct child child;

		output_begin();
		if (signals_open(&signals) ||
		    child_start(&child, argv, NULL, &signals, err, sizeof(err)) ||
		    child_release(&child, argv, err, sizeof(err)))
			_exit(1);
		_exit(child_wait(&child));
	}
	assert_int_equal(status_of(pid), SIGPIPE_STATUS);
}

static void no_signal_leaves_a_temporary_file(void **state)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	(void)state;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		pid_t pid = fork();

		if (!pid) {
			const struct rlimit none = { .rlim_cur = 0 };
			struct output_file file;
			char err[ERROR_SIZE] = "";
			pid_t child;

			/* as a shell's background jobs ignore some */
			signal(deadly[i], SIG_DFL);
			output_begin();
			setrlimit(RLIMIT_CORE, &none);
			if (output_file_open(&file, "json", err, sizeof(err)))
				_exit(1);
			/* not a child's business, which has not executed its program yet */
			child = fork();
			if (!child) {
				raise(deadly[i]);
				_exit(1);
			}
			if (status_of(child) != 128 + deadly[i])
				_exit(1);
			output_file_commit(&file, 0, err, sizeof(err));
			if (*err || output_file_open(&file, "json", err, sizeof(err)))
				_exit(1);
			raise(deadly[i]);
			_exit(1);
		}
		assert_int_equal(status_of(pid), 128 + deadly[i]);
		assert_string_equal(content("json"), "");
		clear();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
		TEST(stat_writes_what_it_can),
		TEST(explain_writes_what_it_can),
		TEST(top_writes_what_it_can),
		TEST(status_writes_what_it_can),
		TEST(compare_writes_what_it_can),
		TEST(a_dash_is_standard_output),
		TEST(an_interval_of_top_is_written_when_it_is_over),
		TEST(a_closed_pipe_ends_it_at_the_end),
		TEST(other_failures_say_more_than_a_closed_pipe),
		TEST(an_ignored_signal_stays_ignored),
		TEST(intervals_end_where_nobody_reads_them),
		TEST(a_command_gets_no_handler),
		TEST(no_signal_leaves_a_temporary_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
