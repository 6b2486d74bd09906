// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `stat`: every flag, and wrong ones. */
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
#include "stat_options.h"

#define WORDS_MAX	16

static struct stat_options options;
static char words[512];
static char *argv[WORDS_MAX + 2];
static char complaint[2048];

/* Parses "WORD WORD …", with what is said on stderr into complaint. */
static int parse(const char *line)
{
	static char name[] = "schedsplit";
	char path[] = "complaint.XXXXXX";
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
	status = stat_options_parse(&options, "stat", argc, argv);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, complaint, sizeof(complaint) - 1, 0);
	complaint[n > 0 ? n : 0] = '\0';
	close(fd);
	return status;
}

static void good(const char *line)
{
	if (parse(line))
		fail_msg("'%s' is refused: %s", line, complaint);
	assert_string_equal(complaint, "");
}

/* Refused with one line that names the tool and the help. */
static void wrong(const char *line)
{
	if (parse(line) != STATUS_USAGE)
		fail_msg("'%s' is not refused", line);
	assert_memory_equal(complaint, "schedsplit: ", 12);
	assert_non_null(strstr(complaint, ": see schedsplit stat --help\n"));
	assert_ptr_equal(strchr(complaint, '\n'), complaint + strlen(complaint) - 1);
}

static void scopes(void **state)
{
	(void)state;
	good("");
	assert_int_equal(options.scope, SCOPE_SYSTEM);
	assert_null(options.command);
	good("-- true");
	assert_int_equal(options.scope, SCOPE_COMMAND);
	assert_string_equal(options.command[0], "true");
	assert_null(options.command[1]);
	good("-a -- true");
	assert_int_equal(options.scope, SCOPE_SYSTEM);
	assert_string_equal(options.command[0], "true");
	good("--all-cpus");
	assert_int_equal(options.scope, SCOPE_SYSTEM);
	good("-p 1,22,333 -p 4");
	assert_int_equal(options.scope, SCOPE_PID);
	assert_int_equal(options.pids, 4);
	assert_int_equal(options.pid[2], 333);
	assert_int_equal(options.pid[3], 4);
	good("--pid=7 sleep 1");
	assert_int_equal(options.scope, SCOPE_PID);
	assert_string_equal(options.command[1], "1");
	good("-t 5");
	assert_int_equal(options.scope, SCOPE_TID);
	good("--tid 5,6");
	assert_int_equal(options.pids, 2);
	good("--cgroup /system.slice");
	assert_int_equal(options.scope, SCOPE_CGROUP);
	assert_string_equal(options.cgroup, "/system.slice");
	good("-G a");
	wrong("-a -p 1");
	wrong("-p 1 -t 1");
	wrong("-t 1 --cgroup x");
	wrong("--cgroup x --cgroup y");
	wrong("--cgroup=");
}

static void pids(void **state)
{
	char line[8 * (SCHEDSPLIT_PIDS_MAX + 2)] = "", *end = line;

	(void)state;
	wrong("-p 0");
	wrong("-p -1");
	wrong("-p 1,");
	wrong("-p ,1");
	wrong("-p 1,,2");
	wrong("-p 0x10");
	wrong("-p 12a");
	wrong("-p 4194305");
	wrong("-p 99999999999999999999999");
	wrong("-p");
	wrong("--pid=");
	/* too many */
	options.pids = 0;
	for (int i = 0; i <= SCHEDSPLIT_PIDS_MAX; i++)
		end += sprintf(end, "%s1", i ? "," : "");
	{
		static char name[] = "schedsplit", option[] = "-p";
		char *many[] = { name, option, line, NULL };

		assert_int_equal(stat_options_parse(&options, "stat", 3, many), STATUS_USAGE);
		end[-2] = '\0';
		assert_int_equal(stat_options_parse(&options, "stat", 3, many), 0);
		assert_int_equal(options.pids, SCHEDSPLIT_PIDS_MAX);
	}
}

static void lengths(void **state)
{
	(void)state;
	good("-d 10");
	assert_int_equal(options.duration_ns, 10000000000);
	good("--duration=0.25");
	assert_int_equal(options.duration_ns, 250000000);
	good("-d 0.001");
	good("-r 5 -- true");
	assert_int_equal(options.repeat, 5);
	good("--repeat 1");
	good("-I 100");
	assert_int_equal(options.interval_ns, 100000000);
	good("--interval=10");
	good("-w -- true");
	assert_true(options.wait_all);
	good("--wait-all true");
	wrong("-d 0");
	wrong("-d -1");
	wrong("-d nan");
	wrong("-d inf");
	wrong("-d 1e300");
	wrong("-d 1s");
	wrong("-d");
	wrong("-r 0 true");
	wrong("-r 5");
	wrong("-r 10001 true");
	wrong("-r x true");
	wrong("-I 9");
	wrong("-I 1.5");
	wrong("-I 100 -r 2 true");
	wrong("-w");
	wrong("-a -w -- true");
}

static void views(void **state)
{
	(void)state;
	good("-CTgHx");
	assert_true(options.per_cpu && options.per_task && options.per_group && options.hist &&
		    options.handoff);
	good("--per-cpu --per-task --per-group --hist --handoff");
	assert_true(options.per_cpu && options.per_task && options.per_group && options.hist &&
		    options.handoff);
	good("-mlk");
	assert_true(options.migrations && options.life && options.cost && !options.signals);
	good("-a --migrations --life --cost --signals");
	assert_true(options.migrations && options.life && options.cost && options.signals);
	good("");
	assert_false(options.migrations || options.life || options.cost || options.signals);
	assert_false(options.per_cpu || options.per_task || options.per_group || options.hist ||
		     options.handoff || options.wait_all);
	/* of the system only */
	wrong("--signals -- true");
	wrong("-s -p 1");
	wrong("--hist=3");
	wrong("--per-");
	wrong("--nonsense");
	wrong("-Z");
	wrong("-aZ");
}

static void outputs(void **state)
{
	(void)state;
	good("--json");
	assert_true(options.json.wanted);
	assert_null(options.json.path);
	good("-j --csv=table.csv -o out.txt");
	assert_true(options.json.wanted && options.csv.wanted);
	assert_string_equal(options.csv.path, "table.csv");
	assert_string_equal(options.output, "out.txt");
	good("-jx -cy");
	assert_string_equal(options.json.path, "x");
	assert_string_equal(options.csv.path, "y");
	/* the value of --json is joined to it: this is a command */
	good("--json x");
	assert_null(options.json.path);
	assert_string_equal(options.command[0], "x");
	wrong("--json --csv");
	wrong("--json=");
	wrong("-o a --json=a");
	wrong("--json=a --csv=a");
	/* by other names, and to where links lead */
	wrong("--json=new.json --csv=./new.json");
	wrong("--json=../scratch/new.json -o new.json");
	wrong("--json=/dev/null --csv=/dev/../dev/null");
	assert_int_equal(symlink("new.json", "link.json"), 0);
	wrong("--json=new.json --csv=link.json");
	unlink("link.json");
	good("--json=new.json --csv=nowhere/new.json -o nowhere/./new.json/x");
	/* standard output */
	good("--json=-");
	assert_true(options.json.wanted);
	assert_null(options.json.path);
	good("-o - -c- -- true");
	assert_null(options.csv.path);
	wrong("--json=- --csv");
	wrong("--json=- --csv=-");
	/* where the table is elsewhere, it is another place */
	good("--json=- -- true");
	assert_string_equal(options.json.path, "-");
	good("--json=- -o table");
	assert_string_equal(options.json.path, "-");
	wrong("--json=- --csv=- -- true");
	wrong("-o");
}

static void the_command_keeps_its_options(void **state)
{
	(void)state;
	good("-a make -j --help -- x");
	assert_false(options.json.wanted || options.help);
	assert_string_equal(options.command[0], "make");
	assert_string_equal(options.command[1], "-j");
	assert_string_equal(options.command[3], "--");
	good("-- -odd");
	assert_string_equal(options.command[0], "-odd");
	wrong("-a --");
	wrong("--");
}

/* Refused for the reason that is told. */
static void because(const char *line, const char *reason)
{
	wrong(line);
	if (!strstr(complaint, reason))
		fail_msg("'%s' is refused with: %s", line, complaint);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	because("-Z", ": no option -Z:");
	/* another word was read before */
	because("--all-cpus -Zq", ": no option -Z:");
	because("-p 1 -CZq", ": no option -Z:");
	because("--nonsense", ": no option --nonsense,");
	because("-C --hist=3", ": --hist takes no value:");
	because("-a --all-cpus=1", ": --all-cpus takes no value:");
	because("-C --pid", ": --pid needs a value:");
	because("-Cp", ": -Cp needs a value:");
	because("-p 1,x", ": '1,x' is no list of numbers");
	because("-p 4194305", ": '4194305' is not from 1 to 4194304, the largest pid");
	because("-p 1,0,2", ": '0' is not from 1 to 4194304");
	because("-p 99999999999999999999999", ": '99999999999999999999999' is not from");
	good("-p 4194304");
	assert_int_equal(options.pid[0], 4194304);
}

static void asks_for_help(void **state)
{
	(void)state;
	good("--help");
	assert_true(options.help);
	good("-h");
	assert_true(options.help);
	good("-V");
	assert_true(options.version);
	good("--version");
	assert_true(options.version);
	/* even if the rest makes no sense */
	good("-h -r 5");
}

static void says_one_line(void **state)
{
	static char name[] = "schedsplit", option[] = "-r";
	static char value[] = "a\nb\033[31m\xc2\2330m\xff\xe2\x80\xae\xc3\xa9";
	char *hostile[] = { name, option, value, NULL };
	char path[] = "complaint.XXXXXX", text[256] = "";
	int saved = dup(STDERR_FILENO), fd = mkstemp(path);

	(void)state;
	unlink(path);
	dup2(fd, STDERR_FILENO);
	assert_int_equal(stat_options_parse(&options, "stat", 3, hostile), STATUS_USAGE);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	close(fd);
	assert_non_null(strstr(text, "'a?b?[31m??0m????\xc3\xa9'"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scopes),
		cmocka_unit_test(pids),
		cmocka_unit_test(lengths),
		cmocka_unit_test(views),
		cmocka_unit_test(outputs),
		cmocka_unit_test(the_command_keeps_its_options),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(asks_for_help),
		cmocka_unit_test(says_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
