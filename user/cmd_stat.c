// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit stat`: count while a command runs, or until Ctrl-C. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "../kmod/version.h"
#include "commands.h"
#include "environment.h"
#include "error.h"
#include "measure.h"
#include "netlink.h"
#include "output/json.h"
#include "output/stat.h"
#include "output_file.h"
#include "result.h"
#include "signals.h"
#include "stat_options.h"
#include "terminal.h"

struct outputs {
	struct output_file	main;	/* the table, or what replaces it */
	struct output_file	json;
	struct output_file	csv;
	bool			text;	/* main is the table */
	bool			heading;	/* of interval lines has been written */
};

static int open_outputs(const struct stat_options *options, struct outputs *outputs,
			char *err, size_t size)
{
	int ret = 0;

	outputs->text = !(options->json.wanted && !options->json.path) &&
			!(options->csv.wanted && !options->csv.path);
	if (options->output)
		ret = output_file_open(&outputs->main, options->output, err, size);
	else
		outputs->main.stream = options->command ? stderr : stdout;
	if (!ret && options->json.path)
		ret = output_file_open(&outputs->json, options->json.path, err, size);
	if (!ret && options->csv.path)
		ret = output_file_open(&outputs->csv, options->csv.path, err, size);
	return ret;
}

static void discard_outputs(struct outputs *outputs)
{
	output_file_discard(&outputs->main);
	output_file_discard(&outputs->json);
	output_file_discard(&outputs->csv);
}

static int write_json(FILE *stream, const struct result *result,
		      const struct stat_options *options)
{
	struct environment environment;
	json_t *json;
	int ret;

	environment_read(&environment);
	json = stat_json(result, options, environment_json(&environment), SCHEDSPLIT_VERSION);
	ret = json ? json_write(stream, json) : -ENOMEM;
	json_decref(json);
	return ret;
}

/* All that can be written, whatever cannot. */
static int write_outputs(struct outputs *outputs, const struct result *result,
			 const struct stat_options *options, char *err, size_t size)
{
	FILE *main = outputs->main.stream;
	int ret = 0;

	*err = '\0';
	if (outputs->text)
		stat_text(main, result, options, terminal_has_colour(main));
	else if (options->json.wanted && !options->json.path)
		ret = write_json(main, result, options);
	else
		stat_csv(main, result, options);
	output_file_commit(&outputs->main, ret, err, size);
	if (options->json.path)
		output_file_commit(&outputs->json,
				   write_json(outputs->json.stream, result, options), err, size);
	if (options->csv.path) {
		stat_csv(outputs->csv.stream, result, options);
		output_file_commit(&outputs->csv, 0, err, size);
	}
	return *err ? -EIO : 0;
}

static bool show_interval(const struct interval *interval, void *data)
{
	struct outputs *outputs = data;

	if (!outputs->text)
		return true;
	stat_text_interval(outputs->main.stream, interval, !outputs->heading);
	outputs->heading = true;
	return !ferror(outputs->main.stream);
}

/*
 * All runs, added up in @result. Return: 0; or the exit status to end with, the
 * reason being told.
 */
static int run_all(struct measure *measure, struct result *result)
{
	const struct stat_options *options = measure->options;
	char err[ERROR_SIZE];

	for (unsigned int i = 0; i < options->repeat && !measure->interrupted; i++) {
		static struct result run;
		int ret = measure_run(measure, &run, err, sizeof(err));

		if (ret == MEASURE_NOT_EXECUTED) {
			int status = run.exit_status;

			result_free(&run);
			error_print("%s", err);
			return status;
		}
		if (!ret && result_append(result, &run))
			ret = error_set(-ENOMEM, err, sizeof(err), "out of memory");
		if (ret) {
			error_print("%s", err);
			return STATUS_FAILED;
		}
	}
	return 0;
}

static int count_and_write(const struct stat_options *options, struct session *session,
			   struct outputs *outputs)
{
	static struct result result;	/* large */
	struct signals signals;
	struct measure measure = {
		.options = options, .session = session, .signals = &signals,
		.on_interval = show_interval, .data = outputs,
	};
	char err[ERROR_SIZE];
	int status;

	if (signals_open(&signals)) {
		error_print("cannot open a signalfd: %s", strerror(errno));
		return STATUS_FAILED;
	}
	result_init(&result, options);
	if (options->cost && costs_attach(session, err, sizeof(err))) {
		error_print("%s", err);
		signals_close(&signals);
		result_free(&result);
		return STATUS_FAILED;
	}
	status = run_all(&measure, &result);
	/* From here on a second Ctrl-C is heard at once. */
	signals_close(&signals);
	if (status)
		goto out;
	if (write_outputs(outputs, &result, options, err, sizeof(err))) {
		error_print("%s", err);
		status = STATUS_FAILED;
	}
	if (result.has_status && result.exit_status)
		status = result.exit_status;
	else if (!result.has_status && !result_is_proved(&result))
		status = STATUS_FAILED;
out:
	result_free(&result);
	return status;
}

int cmd_stat(int argc, char **argv)
{
	static struct stat_options options;
	struct outputs outputs = { .text = false };
	struct session *session = NULL;
	char err[ERROR_SIZE];
	int status;

	status = stat_options_parse(&options, "stat", argc, argv);
	if (status)
		return status;
	if (options.help) {
		fputs(stat_help, stdout);
		return STATUS_GOOD;
	}
	if (options.version) {
		puts("schedsplit " SCHEDSPLIT_VERSION);
		return STATUS_GOOD;
	}
	setlocale(LC_ALL, "");
	if (session_open(&session, err, sizeof(err)) ||
	    open_outputs(&options, &outputs, err, sizeof(err))) {
		error_print("%s", err);
		status = STATUS_FAILED;
	} else {
		status = count_and_write(&options, session, &outputs);
	}
	discard_outputs(&outputs);
	session_close(session);
	return status;
}
