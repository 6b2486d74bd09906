// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit top`: switches of groups and tasks, live. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "../kmod/version.h"
#include "commands.h"
#include "error.h"
#include "interactive.h"
#include "meter.h"
#include "netlink.h"
#include "output/top.h"
#include "output_file.h"
#include "pace.h"
#include "signals.h"
#include "top_options.h"

/* A batch while it runs. */
struct batch {
	const struct top_options *options;
	struct meter	*meter;
	struct output_file text, json;
	unsigned long	 intervals;	/* written so far */
	bool		 over;		/* all processes watched have ended, or writing failed */
};

static int write_json(FILE *stream, const struct batch *batch, const struct rates *rates)
{
	json_t *json = top_json(rates, &batch->options->view, batch->intervals,
				SCHEDSPLIT_VERSION);
	int ret = -ENOMEM;

	if (json) {
		ret = json_dumpf(json, stream, JSON_COMPACT) && !ferror(stream) ? -ENOMEM : 0;
		fputc('\n', stream);
	}
	json_decref(json);
	return ret;
}

/* Whoever reads it is to see each interval when it is over. */
static bool flush(FILE *stream)
{
	return !fflush(stream) && !ferror(stream);
}

static int write_interval(struct batch *batch, char *err, size_t size)
{
	const struct top_options *options = batch->options;
	FILE *text = batch->text.stream, *json = options->json.path ? batch->json.stream : text;
	bool has_text = !options->json.wanted || options->json.path;
	struct rates rates;
	int ret = meter_next(batch->meter, &rates, err, size);

	if (ret)
		return ret;
	batch->intervals++;
	if (has_text)
		ret = top_text(text, &rates, &options->view);
	if (options->json.wanted && !ret)
		ret = write_json(json, batch, &rates);
	batch->over = options->pids && !rates.alive;
	rates_free(&rates);
	if (ret)
		return error_set(ret, err, size, "out of memory");
	if (!flush(text))
		batch->over = true;
	if (!flush(json))
		batch->over = true;
	return 0;
}

static int run_batch(const struct top_options *options, struct meter *meter,
		     const struct signals *signals, char *err, size_t size)
{
	struct batch batch = { .options = options, .meter = meter };
	struct pollfd fd = { .fd = signals->fd, .events = POLLIN };
	struct pace pace;
	bool from_terminal, stop = false;
	int ret;

	ret = output_file_open(&batch.text, NULL, err, size);
	if (!ret && options->json.path)
		ret = output_file_open_in_place(&batch.json, options->json.path, err, size);
	pace_start(&pace, options->delay_ns);
	while (!ret && !stop && !batch.over &&
	       (!options->intervals || batch.intervals < options->intervals)) {
		if (pace_wait(&pace, &fd, 1, NULL) == -EINTR)
			continue;
		/* The interval that a signal cuts short is written too. */
		stop = signals_take(signals, &from_terminal);
		ret = write_interval(&batch, err, size);
	}
	if (ret) {
		output_file_discard(&batch.json);
		return ret;
	}
	*err = '\0';
	output_file_commit(&batch.text, 0, err, size);
	output_file_commit(&batch.json, 0, err, size);
	return *err ? -EIO : 0;
}

static int run(const struct top_options *options, struct session *session, char *err, size_t size)
{
	struct signals signals;
	struct meter meter;
	int ret;

	ret = options->batch ? 0 : interactive_check(err, size);
	if (!ret)
		ret = meter_start(&meter, session, options->pid, options->pids, err, size);
	if (ret)
		return ret;
	ret = signals_open(&signals);
	if (ret)
		return error_set(ret, err, size, "cannot open a signalfd: %s", strerror(-ret));
	ret = options->batch ? run_batch(options, &meter, &signals, err, size) :
			       interactive_run(options, &meter, &signals, err, size);
	signals_close(&signals);
	meter_end(&meter);
	return ret;
}

int cmd_top(int argc, char **argv)
{
	static struct top_options options;
	struct session *session = NULL;
	char err[ERROR_SIZE];
	int status;

	status = top_options_parse(&options, argc, argv);
	if (status)
		return status;
	if (options.help) {
		fputs(top_help, stdout);
		return STATUS_GOOD;
	}
	if (options.version) {
		puts("schedsplit " SCHEDSPLIT_VERSION);
		return STATUS_GOOD;
	}
	setlocale(LC_ALL, "");
	if (session_open(&session, err, sizeof(err)) ||
	    run(&options, session, err, sizeof(err))) {
		error_print("%s", err);
		status = STATUS_FAILED;
	}
	session_close(session);
	return status;
}
