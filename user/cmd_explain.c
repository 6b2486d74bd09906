// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit explain`: a watch, told in sentences. */
#include <errno.h>
#include <locale.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "../kmod/version.h"
#include "commands.h"
#include "costs.h"
#include "environment.h"
#include "error.h"
#include "diagnosis.h"
#include "measure.h"
#include "netlink.h"
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
"that it rests on, named as in the JSON of `stat`.\n"
"\n"
"  -p, --pid PID,...    processes, with all their threads\n"
"  -t, --tid TID,...    single tasks\n"
"      --cgroup PATH    a cgroup v2 and those below it\n"
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

static unsigned int allowed_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned int)CPU_COUNT(&set);
}

/* ---- output ---- */

static void print_diagnoses(FILE *stream, const struct result *result,
			   const struct diagnoses *diagnoses)
{
	bool colour = terminal_has_colour(stream);

	fputc('\n', stream);
	if (!diagnoses->n)
		fputs(" Nothing was on a CPU while we looked: there is nothing to explain.\n\n", stream);
	for (size_t i = 0; i < diagnoses->n; i++) {
		const struct diagnosis *diagnosis = &diagnoses->diagnosis[i];

		fprintf(stream, " %s%s%s\n", colour ? "\033[1m" : "", diagnosis->text,
			colour ? "\033[0m" : "");
		for (size_t j = 0; j < diagnosis->n_evidence; j++)
			fprintf(stream, "     %s = %.4g%s%s\n", diagnosis->evidence[j].figure,
				diagnosis->evidence[j].value,
				strcmp(diagnosis->evidence[j].unit, "1") ? " " : "",
				strcmp(diagnosis->evidence[j].unit, "1") ?
				diagnosis->evidence[j].unit : "");
		fputc('\n', stream);
	}
	fprintf(stream, " %s: %zu tasks checked against the kernel's own counts, %zu mismatched, %zu lost; %.3f s counted\n\n",
		result_is_proved(result) ? "proof" : "PROOF FAILED",
		(size_t)result->proof.tasks_checked, (size_t)result->proof.tasks_mismatched,
		(size_t)result->proof.lost, (double)result->duration_ns / 1e9);
}

static json_t *diagnoses_json(const struct diagnoses *diagnoses)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diagnoses->n; i++) {
		const struct diagnosis *diagnosis = &diagnoses->diagnosis[i];
		json_t *evidence = json_array();

		for (size_t j = 0; j < diagnosis->n_evidence; j++)
			json_array_append_new(evidence, json_pack("{s:s s:f s:s}",
					      "figure", diagnosis->evidence[j].figure,
					      "value", diagnosis->evidence[j].value,
					      "unit", diagnosis->evidence[j].unit));
		json_array_append_new(list, json_pack("{s:s s:s s:o}", "id", diagnosis->id,
				      "text", diagnosis->text, "evidence", evidence));
	}
	return list;
}

static int write_json(FILE *stream, const struct result *result,
		      const struct stat_options *options, const struct diagnoses *diagnoses)
{
	struct environment environment;
	json_t *stat, *root;
	int ret;

	environment_read(&environment);
	stat = stat_json(result, options, environment_json(&environment), SCHEDSPLIT_VERSION);
	root = json_pack("{s:s s:s s:o s:o}", "schema", "schedsplit-explain/1",
			 "version", SCHEDSPLIT_VERSION, "diagnoses", diagnoses_json(diagnoses),
			 "stat", stat);
	if (!root)
		return -ENOMEM;
	ret = json_write(stream, root);
	json_decref(root);
	return ret;
}

static int write_outputs(const struct result *result, const struct stat_options *options,
			 struct output_file *text, struct output_file *json, char *err, size_t size)
{
	bool text_is_json = options->json.wanted && !options->json.path;
	struct diagnoses diagnoses;
	int ret = 0;

	diagnose(result, allowed_cpus(), &diagnoses);
	if (options->json.wanted)
		ret = write_json(text_is_json ? text->stream : json->stream, result, options,
				 &diagnoses);
	if (ret)
		return error_set(ret, err, size, "cannot write JSON: is the disk full?");
	if (!text_is_json)
		print_diagnoses(text->stream, result, &diagnoses);
	ret = output_file_commit(text, err, size);
	return ret ? ret : output_file_commit(json, err, size);
}

/* ---- the run ---- */

static int explain(const struct stat_options *options, struct session *session,
		   struct output_file *text, struct output_file *json)
{
	static struct result result;	/* large */
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
		ret = write_outputs(&result, options, text, json, err, sizeof(err));
	if (ret) {
		error_print("%s", err);
		status = STATUS_FAILED;
	}
	if (result.has_status && (result.exit_status || ret == -ECHILD))
		status = result.exit_status;
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
		session_close(session);
		return STATUS_FAILED;
	}
	/* Best effort: a kernel without the hook is explained without costs. */
	options.cost = !costs_attach(session, err, sizeof(err));
	status = explain(&options, session, &text, &json);
	output_file_discard(&text);
	output_file_discard(&json);
	session_close(session);
	return status;
}
