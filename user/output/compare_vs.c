// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare --vs` for people: two commands, side by side. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../attr.h"
#include "../counters.h"
#include "compare.h"
#include "figures.h"
#include "table.h"
#include "wrap.h"

#define COMMAND_SIZE	2048

static int print_command(const char *name, const char *command, FILE *out)
{
	char text[COMMAND_SIZE];

	/* A command of several lines, or with escapes in it, becomes one line. */
	snprintf(text, sizeof(text), "%s", command);
	text_clean(text);
	fprintf(out, "%-9s", name);
	return wrap_print(out, text, wrap_width(out), 9);
}

static const struct ratio *ratio_of(const struct analysis *analysis, const struct measurement *a)
{
	for (size_t i = 0; i < analysis->n_ratios; i++)
		if (analysis->ratio[i].of == a && analysis->ratio[i].all.n)
			return &analysis->ratio[i];
	return NULL;
}

static void add_metric(struct table *table, const struct measurement *m)
{
	char text[64], ci[128];

	if (!m || !m->n) {
		table_cell(table, "n/a");
		table_cell(table, "%s", "");
		return;
	}
	table_cell(table, "%s", figure_text(m->median, m->metric->unit, text, sizeof(text)));
	table_cell(table, "%s", figure_interval(&m->ci, m->metric->unit, ci, sizeof(ci)));
}

/* A line for each metric that either command has; the module's are n/a without it. */
static int print_metrics(const struct analysis *analysis, FILE *out)
{
	struct table table;

	table_init(&table);
	table_column(&table, "METRIC", ALIGN_LEFT);
	table_column(&table, "A", ALIGN_RIGHT);
	table_column(&table, "95 %", ALIGN_LEFT);
	table_column(&table, "B", ALIGN_RIGHT);
	table_column(&table, "95 %", ALIGN_LEFT);
	table_column(&table, "A/B [95 %]", ALIGN_LEFT);
	for (size_t i = 0; i < analysis->n_measurements; i++) {
		const struct measurement *a = &analysis->measurement[i];
		const struct measurement *b = analysis_find(analysis, a->point, ARM_B,
							    a->metric->name);
		const struct ratio *ratio = ratio_of(analysis, a);
		char value[128];

		if (a->arm != ARM_A || (!a->n && (!b || !b->n)))
			continue;
		table_line(&table);
		table_cell(&table, "%s", a->metric->name);
		add_metric(&table, a);
		add_metric(&table, b);
		table_cell(&table, "%s", ratio ? figure_with_interval(ratio->all.value,
								      &ratio->all.ci, value,
								      sizeof(value)) : "n/a");
	}
	return table_print(&table, out, 0);
}

static void add_class(struct table *table, const char *arm, const struct tally *tally, int class)
{
	const int64_t *counter = tally->counter[class];
	double trials = tally->trials;
	char text[64];

	table_line(table);
	table_cell(table, "%s", arm);
	table_cell(table, "%s", class_name[class]);
	for (int i = 0; i < TALLY_COUNTERS; i++)
		table_cell(table, "%s", figure_text((double)counter[i] / trials,
						    i == TALLY_RUN_NS || i == TALLY_WAIT_NS ?
						    "ns" : "1", text, sizeof(text)));
}

static bool is_empty(const struct tally *tally, int class)
{
	for (int i = 0; i < TALLY_COUNTERS; i++)
		if (tally->counter[class][i])
			return false;
	return true;
}

/* What the module counted, by class: means of a trial. */
static int print_classes(const struct analysis *analysis, FILE *out)
{
	static const char *const heading[TALLY_COUNTERS] = {
		"TASKS", "VOLUNTARY", "INVOLUNTARY", "MIGRATIONS", "WAKEUPS", "RUN", "WAIT",
		"FORKS", "EXITS",
	};
	const struct cell *cell = analysis->run->points[0].cell;
	struct table table;

	table_init(&table);
	table_column(&table, "PER TRIAL", ALIGN_LEFT);
	table_column(&table, "CLASS", ALIGN_LEFT);
	for (int i = 0; i < TALLY_COUNTERS; i++)
		table_column(&table, heading[i], ALIGN_RIGHT);
	for (int arm = 0; arm < 2; arm++)
		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
			if (cell[arm].tally.trials && !is_empty(&cell[arm].tally, class))
				add_class(&table, arm_name[ARM_A + arm], &cell[arm].tally, class);
	fputc('\n', out);
	return table_print(&table, out, 0);
}

int compare_vs_text(const struct compare_result *result, FILE *out)
{
	const struct analysis *analysis = &result->analyses[0];
	const struct vs_commands *vs = result->vs;
	int ret;

	ret = print_command("A:", vs->a, out);
	if (!ret)
		ret = print_command("B:", vs->b, out);
	if (!ret && vs->prepare)
		ret = print_command("Prepare:", vs->prepare, out);
	fputc('\n', out);
	if (!ret)
		ret = print_metrics(analysis, out);
	if (!ret && !strcmp(result->source, "module"))
		ret = print_classes(analysis, out);
	return ret;
}
