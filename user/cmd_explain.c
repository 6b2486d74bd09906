// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit explain`: a watch, told in sentences. */
#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/version.h"
#include "commands.h"
#include "costs.h"
#include "diagnosis.h"
#include "environment.h"
#include "error.h"
#include "measure.h"
#include "netlink.h"
#include "output/explain.h"
#include "output/json.h"
#include "output/stat.h"
#include "output_file.h"
#include "signals.h"
#include "terminal.h"

static const char help[] =
"Usage: schedsplit explain [OPTION]... -- COMMAND [ARG]...\n"
"       schedsplit explain [OPTION]... -p PID,... | -t TID,... | --cgroup PATH\n"
"\n"
"Watch a command and all that it creates, or what is there, until it ends or Ctrl-C,\n"
"and say in sentences what it did with its CPUs. Each sentence comes with the figures\n"
"that it rests on; the JSON has what they are made of.\n"
"\n"
"  -p, --pid PID,...    processes, with all their threads and descendants\n"
"  -t, --tid TID,...    single tasks, and what they create\n"
"  -G, --cgroup PATH    a cgroup v2 and those below it\n"
"  -d, --duration SEC   end after so many seconds\n"
"  -w, --wait-all       do not end before all descendants of COMMAND have\n"
"  -j, --json[=FILE]    JSON, instead of the sentences or to FILE besides them;\n"
"                       the whole of `stat` is in it\n"
"  -o, --output FILE    the sentences (or what replaces them) to FILE\n"
"  -h, --help           print this\n"
"  -V, --version        print the version\n"
"\n"
"Results go to standard output; with COMMAND, to standard error. The exit status\n"
"is COMMAND's.\n";

/* ---- CPUs that the tasks may use ---- */

static void add_task(cpu_set_t *set, pid_t tid)
{
	cpu_set_t one;

	if (!sched_getaffinity(tid, sizeof(one), &one))
		CPU_OR(set, set, &one);
}

/* Each thread has its own. */
static void add_threads(cpu_set_t *set, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			add_task(set, (pid_t)strtol(entry->d_name, NULL, 10));
	if (dir)
		closedir(dir);
}

/* Of a command our own, which it inherits. Of a cgroup we do not know better. */
static unsigned int allowed_cpus(const struct stat_options *options)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (size_t i = 0; i < options->pids; i++)
		if (options->scope == SCOPE_PID)
			add_threads(&set, options->pid[i]);
		else
			add_task(&set, options->pid[i]);
	if (!CPU_COUNT(&set))
		add_task(&set, 0);
	/* none: there are more than a set holds */
	return CPU_COUNT(&set) ? (unsigned int)CPU_COUNT(&set) :
				 (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* ---- the run ---- */

static int write_json(FILE *stream, const struct result *result,
		      const struct stat_options *options, const struct environment *environment,
		      const struct diagnoses *diagnoses)
{
	json_t *stat = stat_json(result, options, environment_json(environment),
				 SCHEDSPLIT_VERSION);
	json_t *root = stat ? explain_json(diagnoses, stat, SCHEDSPLIT_VERSION) : NULL;
	int ret = root ? json_write(stream, root) : -ENOMEM;

	json_decref(root);
	return ret;
}

static int write_outputs(const struct result *result, const struct stat_options *options,
			 unsigned int cpus, struct output_file *text, struct output_file *json,
			 char *err, size_t size)
{
	bool text_is_json = options->json.wanted && !options->json.path;
	struct environment environment;
	struct diagnoses diagnoses;
	int ret;

	ret = diagnose(result, cpus, &diagnoses);
	if (ret)
		return error_set(ret, err, size, "out of memory");
	environment_read(&environment);
	*err = '\0';
	if (text_is_json)
		ret = write_json(text->stream, result, options, &environment, &diagnoses);
	else
		explain_text(text->stream, result, &diagnoses, environment.timing,
			     terminal_has_colour(text->stream));
	output_file_commit(text, ret, err, size);
	if (options->json.path)
		output_file_commit(json, write_json(json->stream, result, options, &environment,
						    &diagnoses), err, size);
	return *err ? -EIO : 0;
}

static int explain(const struct stat_options *options, struct session *session,
		   struct output_file *text, struct output_file *json)
{
	static struct result result;	/* large */
	/* Asked now: at the end the tasks may be gone. */
	unsigned int cpus = allowed_cpus(options);
	struct signals signals;
	struct measure measure = { .options = options, .session = session, .signals = &signals };
	char err[ERROR_SIZE];
	int ret, status = STATUS_GOOD;

	if (signals_open(&signals)) {
		error_print("cannot open a signalfd: %s", strerror(errno));
		return STATUS_FAILED;
	}
	ret = measure_run(&measure, &result, err, sizeof(err));
	signals_close(&signals);
	if (!ret)
		ret = write_outputs(&result, options, cpus, text, json, err, sizeof(err));
	if (ret) {
		error_print("%s", err);
		status = STATUS_FAILED;
	}
	if (result.has_status && (result.exit_status || ret == MEASURE_NOT_EXECUTED))
		status = result.exit_status;
	else if (!ret && !result.has_status && !result_is_proved(&result))
		status = STATUS_FAILED;
	result_free(&result);
	return status;
}

int cmd_explain(int argc, char **argv)
{
	static struct stat_options options;
	struct output_file text = { 0 }, json = { 0 };
	struct session *session = NULL;
	char err[ERROR_SIZE];
	int status;

	status = stat_options_parse(&options, "explain", argc, argv);
	if (status)
		return status;
	if (options.help) {
		fputs(help, stdout);
		return STATUS_GOOD;
	}
	if (options.version) {
		puts("schedsplit " SCHEDSPLIT_VERSION);
		return STATUS_GOOD;
	}
	if (options.scope == SCOPE_SYSTEM)
		return error_usage("explain", "what is to be explained? -- COMMAND, -p PID, -t TID or --cgroup PATH");
	if (options.repeat > 1 || options.interval_ns || options.csv.wanted)
		return error_usage("explain", "-r, -I and --csv are for stat");
	/* For the JSON: all that a sentence may rest on. */
	options.per_task = true;
	options.per_group = true;
	options.handoff = true;
	options.migrations = true;
	options.hist = true;
	setlocale(LC_ALL, "");
	text.stream = options.command ? stderr : stdout;
	if (session_open(&session, err, sizeof(err)) ||
	    (options.output && output_file_open(&text, options.output, err, sizeof(err))) ||
	    (options.json.path && output_file_open(&json, options.json.path, err, sizeof(err)))) {
		error_print("%s", err);
		status = STATUS_FAILED;
	} else {
		/* Best effort: a kernel without the hook is explained without costs. */
		options.cost = !costs_attach(session, err, sizeof(err));
		status = explain(&options, session, &text, &json);
	}
	output_file_discard(&text);
	output_file_discard(&json);
	session_close(session);
	return status;
}
