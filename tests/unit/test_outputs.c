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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands.h"
#include "costs.h"
#include "error.h"
#include "interactive.h"
#include "measure.h"
#include "meter.h"
#include "netlink.h"
#include "output_file.h"

#define WORDS_MAX	16

static char dir[] = "outputs.XXXXXX";
static char text[65536];
static bool has_module;

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
	status = command(argc, argv);
	fflush(NULL);
	_exit(status);
}

/* Runs "WORD WORD ..."; its status is as a shell would say it. */
static int run(int (*command)(int argc, char **argv), const char *line, const char *out)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), status;
	pid_t child;

	assert_true(fd >= 0);
	fflush(NULL);
	child = fork();
	if (!child)
		become(command, line, fd);
	close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Each test in a directory of its own. All that is to be there by its end: */
static const char *const files[] = { "out", "err", "json", "csv", "table" };

static int enter(void **state)
{
	(void)state;
	has_module = true;
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

static void the_first_failure_is_told(void **state)
{
	(void)state;
	assert_int_equal(symlink("/dev/full", "table"), 0);
	assert_int_equal(run(cmd_stat, "-a --json=/dev/full --csv=csv -o table", "out"),
			 STATUS_FAILED);
	assert_string_equal(content("err"), FULL("table"));
	has("csv", "switches_voluntary");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
		TEST(stat_writes_what_it_can),
		TEST(the_first_failure_is_told),
		TEST(explain_writes_what_it_can),
		TEST(top_writes_what_it_can),
		TEST(status_writes_what_it_can),
		TEST(compare_writes_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
