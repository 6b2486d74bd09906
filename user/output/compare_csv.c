// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare` as CSV (RFC 4180): one row per trial. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

#define COLUMNS_MAX	128

/* Names of columns that depend on the experiments, each once. */
struct columns {
	const char	*name[COLUMNS_MAX];
	const char	*unit[COLUMNS_MAX];
	size_t		 n;
};

static void add_column(struct columns *columns, const char *name, const char *unit)
{
	for (size_t i = 0; i < columns->n; i++)
		if (!strcmp(columns->name[i], name))
			return;
	if (columns->n == COLUMNS_MAX)
		return;
	columns->unit[columns->n] = unit;
	columns->name[columns->n++] = name;
}

static void find_columns(const struct compare_result *result, struct columns *params,
			 struct columns *metrics)
{
	for (size_t i = 0; i < result->n_analyses; i++) {
		const struct experiment *experiment = result->analyses[i].run->experiment;

		for (const struct sweep *sweep = experiment->sweeps; sweep->name; sweep++)
			add_column(params, sweep->name, NULL);
		for (size_t v = 0; v < experiment->n_variants; v++)
			if (experiment->variants[v].method)
				add_column(params, "method", NULL);
		for (size_t m = 0; m < experiment->n_metrics; m++)
			add_column(metrics, experiment->metrics[m].name,
				   experiment->metrics[m].unit);
	}
}

static void print_header(FILE *out, const struct columns *params, const struct columns *metrics)
{
	fputs("experiment,arm", out);
	for (size_t i = 0; i < params->n; i++)
		fprintf(out, ",%s", params->name[i]);
	fputs(",block,order,start_ns,warmup,marks,iterations,interval_ns", out);
	/* As in the JSON, with the unit where it is a time: the usual suffix. */
	for (size_t i = 0; i < metrics->n; i++)
		fprintf(out, ",%s%s", metrics->name[i],
			!strcmp(metrics->unit[i], "ns") ? "_ns" : "");
	for (int counter = 0; counter < TALLY_COUNTERS; counter++)
		fprintf(out, ",%s", tally_counter_name[counter]);
	fputc('\n', out);
}

static void print_marks(FILE *out, unsigned int marks)
{
	const char *separator = "";

	for (int mark = 0; mark < MARKS; mark++) {
		if (!(marks & 1u << mark))
			continue;
		fprintf(out, "%s%s", separator, mark_name[mark]);
		separator = " ";
	}
}

static void print_metric(FILE *out, const struct experiment_run *run, const struct trial *trial,
			 const char *name)
{
	fputc(',', out);
	for (size_t m = 0; m < run->experiment->n_metrics; m++) {
		double value;

		if (!strcmp(run->experiment->metrics[m].name, name) &&
		    trial_value(run, trial, m, &value))
			fprintf(out, "%.17g", value);
	}
}

static void print_trial(FILE *out, const struct experiment_run *run, const struct trial *trial,
			const struct columns *param_columns, const struct columns *metrics)
{
	struct params params;

	cell_params(run, trial->point, trial->variant, &params);
	fprintf(out, "%s,%s", run->experiment->name,
		arm_name[run->experiment->variants[trial->variant].arm]);
	for (size_t i = 0; i < param_columns->n; i++) {
		const char *value = params_get(&params, param_columns->name[i]);

		fprintf(out, ",%s", value ? value : "");
	}
	fprintf(out, ",%u,%u,%" PRId64 ",%s,", trial->block, trial->order, trial->start_ns,
		trial->warmup ? "true" : "false");
	print_marks(out, trial->marks);
	fprintf(out, ",%" PRIu64 ",%" PRId64, run->points[trial->point].iterations,
		trial->interval_ns);
	for (size_t i = 0; i < metrics->n; i++)
		print_metric(out, run, trial, metrics->name[i]);
	for (int counter = 0; counter < TALLY_COUNTERS; counter++) {
		int64_t total = tally_total(trial->tally, counter);

		fputc(',', out);
		if (total >= 0)
			fprintf(out, "%" PRId64, total);
	}
	fputc('\n', out);
}

int compare_csv(const struct compare_result *result, FILE *out)
{
	struct columns params = { .n = 0 }, metrics = { .n = 0 };

	find_columns(result, &params, &metrics);
	print_header(out, &params, &metrics);
	for (size_t i = 0; i < result->n_analyses; i++) {
		const struct experiment_run *run = result->analyses[i].run;

		for (size_t t = 0; t < run->n_trials; t++)
			print_trial(out, run, &run->trials[t], &params, &metrics);
	}
	return ferror(out) ? -EIO : 0;
}
