// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare` for people: the comparison table, and all points with --verbose. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "figures.h"
#include "table.h"
#include "wrap.h"

#define CELL_SIZE	128
#define COLUMN_GAP	2
#define CLAIM_WIDTH_MIN	24
#define CLAIM_WIDTH_FAIR 40

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* ---- the comparison ---- */

/* The analysis that a measurement is of. */
static const struct analysis *analysis_of(const struct compare_result *result,
					  const struct measurement *m)
{
	for (size_t i = 0; i < result->n_analyses; i++) {
		const struct analysis *analysis = &result->analyses[i];

		if (m >= analysis->measurement &&
		    m < analysis->measurement + analysis->n_measurements)
			return analysis;
	}
	return NULL;
}

/* What an arm has where the finding is. */
static void figure_of(const struct compare_result *result, const struct finding *finding,
		      enum arm arm, char *text, size_t size)
{
	const struct measurement *m = finding->of->arm == arm ? finding->of : finding->to;

	if (!m || m->arm != arm)
		m = analysis_find(analysis_of(result, finding->of), finding->of->point, arm,
				  finding->of->metric->name);
	if (m)
		figure_text(m->median, m->metric->unit, text, size);
}

/* The finding's own ratio, or that of process to thread at its point. */
static const struct ratio *ratio_of(const struct compare_result *result,
				    const struct finding *finding)
{
	const struct analysis *analysis = analysis_of(result, finding->of);

	if (finding->ratio)
		return finding->ratio;
	for (size_t i = 0; i < analysis->n_ratios; i++) {
		const struct ratio *ratio = &analysis->ratio[i];

		if (ratio->of->point == finding->of->point && ratio->all.n &&
		    ratio->of->metric == finding->of->metric &&
		    ratio->of->arm == ARM_PROCESS && ratio->to->arm == ARM_THREAD)
			return ratio;
	}
	return NULL;
}

/* The cells of a claim's line. */
struct row {
	char	processes[CELL_SIZE], threads[CELL_SIZE], ratio[CELL_SIZE], verdict[CELL_SIZE];
};

static void fill_row(const struct compare_result *result, const struct judgement *judgement,
		     struct row *row)
{
	bool emulated = judgement->claim->rests_on_time && !strcmp(result->timing, "emulated") &&
			judgement->verdict != VERDICT_NOT_MEASURED;

	*row = (struct row){ "n/a", "n/a", "", "" };
	if (judgement->has_headline) {
		const struct finding *finding = &judgement->headline;
		const struct ratio *ratio = ratio_of(result, finding);

		figure_of(result, finding, ARM_PROCESS, row->processes, sizeof(row->processes));
		figure_of(result, finding, ARM_THREAD, row->threads, sizeof(row->threads));
		if (ratio)
			figure_with_interval(ratio->all.value, &ratio->all.ci, row->ratio,
					     sizeof(row->ratio));
	}
	snprintf(row->verdict, sizeof(row->verdict), "%s%s", verdict_name[judgement->verdict],
		 emulated ? " (emulated)" : "");
}

/* What the other columns leave for the claim's text, at @width columns in all. */
static size_t claim_width(const struct row *rows, size_t n, size_t width, size_t verdict)
{
	size_t processes = strlen("PROCESSES"), threads = strlen("THREADS");
	size_t ratio = strlen("RATIO [95 %]"), others;

	for (size_t i = 0; i < n; i++) {
		processes = larger(processes, wrap_length(rows[i].processes));
		threads = larger(threads, wrap_length(rows[i].threads));
		ratio = larger(ratio, wrap_length(rows[i].ratio));
	}
	others = processes + threads + ratio + verdict + 4 * COLUMN_GAP;
	return larger(width > others ? width - others : 0, CLAIM_WIDTH_MIN);
}

static int print_rows(const struct compare_result *result, const struct row *rows, FILE *out)
{
	size_t n = result->n_judgements, verdict_width = strlen("not-measured"), width;
	struct table table;

	/* "(emulated)" goes below the verdict where the claim would be squeezed. */
	for (size_t i = 0; i < n; i++)
		verdict_width = larger(verdict_width, wrap_length(rows[i].verdict));
	width = claim_width(rows, n, wrap_width(out), verdict_width);
	if (width < CLAIM_WIDTH_FAIR) {
		verdict_width = strlen("inconclusive");
		width = claim_width(rows, n, wrap_width(out), verdict_width);
	}
	table_init(&table);
	table_column(&table, "CLAIM", ALIGN_LINES);
	table_column(&table, "PROCESSES", ALIGN_RIGHT);
	table_column(&table, "THREADS", ALIGN_RIGHT);
	table_column(&table, "RATIO [95 %]", ALIGN_LEFT);
	table_column(&table, "VERDICT", ALIGN_LINES);
	for (size_t i = 0; i < n; i++) {
		char *claim = wrap_lines(result->judgements[i].claim->text, width);
		char *verdict = wrap_lines(rows[i].verdict, verdict_width);

		table_line(&table);
		table_cell(&table, "%s", claim ? claim : "");
		table_cell(&table, "%s", rows[i].processes);
		table_cell(&table, "%s", rows[i].threads);
		table_cell(&table, "%s", rows[i].ratio);
		table_cell(&table, "%s", verdict ? verdict : "");
		free(claim);
		free(verdict);
	}
	return table_print(&table, out, 0);
}

/* "first_instruction, cpu=same rss_mib=0 method=fork" */
static const char *headline_text(const struct judgement *judgement, char *text, size_t size)
{
	const struct finding *finding = &judgement->headline;
	char params[512];

	params_text(finding->ratio ? &finding->ratio->params : &finding->of->params, params,
		    sizeof(params));
	snprintf(text, size, "%s%s%s", finding->of->metric->name, params[0] ? ", " : "", params);
	return text;
}

static int print_why(const struct judgement *judgement, FILE *out)
{
	char text[sizeof(judgement->brief) + 128], params[640];
	size_t width = wrap_width(out);
	int ret;

	snprintf(text, sizeof(text), "%s: %s.", judgement->claim->id, judgement->brief);
	ret = wrap_print(out, text, width, 2);
	if (ret || !judgement->has_headline)
		return ret;
	snprintf(text, sizeof(text), "shown above: %s",
		 headline_text(judgement, params, sizeof(params)));
	fputs("  ", out);
	return wrap_print(out, text, width, 4);
}

static int print_comparison(const struct compare_result *result, FILE *out)
{
	struct row *rows = calloc(result->n_judgements + 1, sizeof(*rows));
	int ret;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < result->n_judgements; i++)
		fill_row(result, &result->judgements[i], &rows[i]);
	ret = print_rows(result, rows, out);
	free(rows);
	fputc('\n', out);
	for (size_t i = 0; i < result->n_judgements && !ret; i++)
		ret = print_why(&result->judgements[i], out);
	return ret;
}

static void print_timing(const struct compare_result *result, FILE *out)
{
	if (!strcmp(result->timing, "emulated"))
		fputs("Timing: emulated. A program interprets this machine's instructions; its "
		      "times, and ratios of\nthem, say nothing about switches on hardware.\n", out);
	else if (!strcmp(result->timing, "virtual"))
		fputs("Timing: virtual. A hypervisor runs this machine; it may take the CPU away "
		      "unseen.\n", out);
	else
		fputs("Timing: hardware.\n", out);
}

struct totals {
	int64_t	checked, mismatched, lost, untraced;
	size_t	trials, marked, warmups;
};

static void add_up(const struct compare_result *result, struct totals *totals)
{
	for (size_t i = 0; i < result->n_analyses; i++) {
		const struct experiment_run *run = result->analyses[i].run;

		for (size_t t = 0; t < run->n_trials; t++) {
			totals->warmups += run->trials[t].warmup;
			totals->trials += !run->trials[t].warmup;
			totals->marked += !run->trials[t].warmup && run->trials[t].marks;
		}
		for (size_t p = 0; p < run->n_points; p++)
			for (size_t v = 0; v < run->experiment->n_variants; v++) {
				const struct tally *tally = &run->points[p].cell[v].tally;

				totals->checked += tally->tasks_checked;
				totals->mismatched += tally->tasks_mismatched;
				totals->lost += tally->lost;
				totals->untraced += tally->untraced;
			}
	}
}

static void print_source(const struct compare_result *result, const struct totals *totals,
			 FILE *out)
{
	const char *whose = result->vs ? "commands'" : "workers'";

	if (strcmp(result->source, "module")) {
		fprintf(out, "Counts: rusage. Switches are the %s own nvcsw + nivcsw; what only "
			     "the module knows is n/a.\n", whose);
		return;
	}
	if (result->vs)
		fputs("Counts: module, of the command from its shell on.\n", out);
	else
		fputs("Counts: module; a figure per switch divides by the workers' own nvcsw + "
		      "nivcsw, read at both ends\nof what is timed.\n", out);
	fprintf(out, "Proof: %" PRId64 " tasks checked, %" PRId64 " whose counted switches or "
		     "migrations differ from the kernel's own;\n%" PRId64 " tasks lost, %" PRId64
		     " switches untraced.\n",
		totals->checked, totals->mismatched, totals->lost, totals->untraced);
}

/* A cell, or all of a point that the machine could not do. */
struct missing {
	const struct point	*point;
	size_t			 v;
	const char		*reason;	/* NULL: it is not missing */
};

/* Cells are numbered point by point. The first of a point stands for one left out. */
static struct missing missing_at(const struct experiment_run *run, size_t i)
{
	size_t n = run->experiment->n_variants;
	struct missing missing = { .point = &run->points[i / n], .v = i % n };
	const struct cell *cell = &missing.point->cell[missing.v];

	if (missing.point->left_out)
		missing.reason = missing.v ? NULL : missing.point->left_out;
	else if (!cell->absent && (cell->failed || cell->unavailable))
		missing.reason = cell->reason;
	return missing;
}

/* How many are missing for the reason that @i is; 0 if one before it is, too. */
static size_t count_missing(const struct experiment_run *run, size_t i, size_t all)
{
	const char *reason = missing_at(run, i).reason;
	size_t n = 0;

	for (size_t j = 0; reason && j < all; j++) {
		const char *other = missing_at(run, j).reason;

		if (!other || strcmp(other, reason))
			continue;
		if (j < i)
			return 0;
		n++;
	}
	return n;
}

/* Points that the machine could not do, and cells that failed: once per reason. */
static void print_missing(const struct analysis *analysis, FILE *out)
{
	const struct experiment_run *run = analysis->run;
	size_t all = run->n_points * run->experiment->n_variants;

	for (size_t i = 0; i < all; i++) {
		struct missing missing = missing_at(run, i);
		size_t n = count_missing(run, i, all);
		struct params params = missing.point->params;
		char text[512], arm[32] = "", more[32] = "";

		if (!n)
			continue;
		if (!missing.point->left_out) {
			cell_params(run, i / run->experiment->n_variants, missing.v, &params);
			snprintf(arm, sizeof(arm), " (%s)",
				 arm_name[run->experiment->variants[missing.v].arm]);
		}
		if (n > 1)
			snprintf(more, sizeof(more), " and %zu more", n - 1);
		fprintf(out, "%s: %s%s%s%s%s: %s.\n",
			missing.point->cell[missing.v].failed ? "Failed" : "Left out",
			run->experiment->name, params.n ? " " : "",
			params_text(&params, text, sizeof(text)), arm, more, missing.reason);
	}
}

static void print_footer(const struct compare_result *result, FILE *out)
{
	struct totals totals = { 0 };

	add_up(result, &totals);
	fputc('\n', out);
	for (size_t i = 0; i < result->n_analyses; i++)
		print_missing(&result->analyses[i], out);
	print_timing(result, out);
	print_source(result, &totals, out);
	fprintf(out, "Trials: %zu, and %zu to warm up; %zu marked (migrated, throttled, frequency, "
		     "short). Seed %" PRIu64 ".\n",
		totals.trials, totals.warmups, totals.marked, result->plan->seed);
	if (result->interrupted)
		fputs("Interrupted: this is what was done until then.\n", out);
}

/* ---- all points ---- */

static size_t marked(const struct measurement *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_samples; i++)
		n += !m->sample[i].trial->warmup && m->sample[i].trial->marks;
	return n;
}

/* Whether points, or ways to make an arm, differ in parameter @name. */
static bool varies(const struct analysis *analysis, const char *name)
{
	const struct params *first = &analysis->measurement[0].params;

	for (size_t i = 1; i < analysis->n_measurements; i++) {
		const char *value = params_get(&analysis->measurement[i].params, name);
		const char *other = params_get(first, name);

		if (!value || !other || strcmp(value, other))
			return true;
	}
	return false;
}

/* The values that tell a point from others: "pipe/same". */
static const char *label(const struct analysis *analysis, const struct params *params, char *text,
			 size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < params->n && at < size; i++)
		if (varies(analysis, params->p[i].name))
			at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "/" : "",
					       params->p[i].value);
	return text;
}

/* Once above the tables: what all points have in common, and what labels are. */
static int print_points(const struct analysis *analysis, FILE *out)
{
	char text[1024] = "Points:", all[512] = "";
	size_t at = strlen(text), in_all = 0, named = 0;
	const struct params *params;

	if (!analysis->n_measurements || !analysis->measurement[0].params.n)
		return 0;
	params = &analysis->measurement[0].params;
	for (size_t i = 0; i < params->n; i++) {
		const struct param *param = &params->p[i];

		if (varies(analysis, param->name))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
					       named++ ? "/" : " ", param->name);
		else
			in_all += (size_t)snprintf(all + in_all, sizeof(all) - in_all, " %s=%s",
						   param->name, param->value);
	}
	if (in_all)
		snprintf(text + at, sizeof(text) - at, "%s%s", named ? "; all with" : "", all);
	return wrap_print(out, text, wrap_width(out), 8);
}

static void add_measurement(struct table *table, const struct analysis *analysis,
			    const struct measurement *m)
{
	char text[512], ci[CELL_SIZE];
	size_t n = marked(m);

	table_line(table);
	table_cell(table, "%s", label(analysis, &m->params, text, sizeof(text)));
	table_cell(table, "%s", arm_name[m->arm]);
	table_cell(table, "%s", m->metric->name);
	table_cell(table, "%s", figure_text(m->median, m->metric->unit, text, sizeof(text)));
	table_cell(table, "%s", figure_interval(&m->ci, m->metric->unit, ci, sizeof(ci)));
	table_cell(table, "%zu", m->n);
	table_cell(table, "%s", figure_text(tally_mean_running(&m->cell->tally), "1", text,
					    sizeof(text)));
	table_cell(table, "%zu%s", n, m->stationarity.failed ? " ns" : "");
}

static int print_measurements(const struct analysis *analysis, FILE *out)
{
	struct table table;

	table_init(&table);
	table_column(&table, "POINT", ALIGN_LEFT);
	table_column(&table, "ARM", ALIGN_LEFT);
	table_column(&table, "METRIC", ALIGN_LEFT);
	table_column(&table, "MEDIAN", ALIGN_RIGHT);
	table_column(&table, "95 %", ALIGN_RIGHT);
	table_column(&table, "N", ALIGN_RIGHT);
	table_column(&table, "RUNNING", ALIGN_RIGHT);
	table_column(&table, "MARKED", ALIGN_LEFT);
	for (size_t i = 0; i < analysis->n_measurements; i++)
		if (analysis->measurement[i].n)
			add_measurement(&table, analysis, &analysis->measurement[i]);
	return table_print(&table, out, 0);
}

static void add_ratio(struct table *table, const struct analysis *analysis,
		      const struct ratio *ratio)
{
	char point[512], value[CELL_SIZE], unmarked[CELL_SIZE] = "";
	const char *to = params_get(&ratio->params, "to_method");

	label(analysis, &ratio->of->params, point, sizeof(point));
	figure_with_interval(ratio->all.value, &ratio->all.ci, value, sizeof(value));
	if (ratio->marked)
		figure_with_interval(ratio->unmarked.value, &ratio->unmarked.ci, unmarked,
				     sizeof(unmarked));
	table_line(table);
	table_cell(table, "%s", point);
	table_cell(table, "%s/%s%s%s", arm_name[ratio->of->arm], arm_name[ratio->to->arm],
		   to ? " " : "", to ? to : "");
	table_cell(table, "%s", ratio->of->metric->name);
	table_cell(table, "%s", value);
	table_cell(table, "%zu%s", ratio->all.n, ratio->stationarity.failed ? " ns" : "");
	table_cell(table, "%s", unmarked);
}

static int print_ratios(const struct analysis *analysis, FILE *out)
{
	struct table table;

	table_init(&table);
	table_column(&table, "POINT", ALIGN_LEFT);
	table_column(&table, "ARMS", ALIGN_LEFT);
	table_column(&table, "METRIC", ALIGN_LEFT);
	table_column(&table, "RATIO [95 %]", ALIGN_LEFT);
	table_column(&table, "N", ALIGN_LEFT);
	table_column(&table, "WITHOUT MARKED", ALIGN_LEFT);
	for (size_t i = 0; i < analysis->n_ratios; i++)
		if (analysis->ratio[i].all.n)
			add_ratio(&table, analysis, &analysis->ratio[i]);
	return table_print(&table, out, 0);
}

/* A section of an experiment: its rule, points, measurements, ratios. */
static int print_experiment(const struct analysis *analysis, FILE *out)
{
	const struct experiment *experiment = analysis->run->experiment;
	size_t width = wrap_width(out);
	int ret = 0;

	fprintf(out, "\n%s: %s\n", experiment->name, experiment->help);
	if (experiment->claim) {
		fputs("Rule: ", out);
		ret = wrap_print(out, experiment->claim->rule, width, 6);
	}
	if (!ret)
		ret = print_points(analysis, out);
	fputc('\n', out);
	if (!ret)
		ret = print_measurements(analysis, out);
	fputc('\n', out);
	return ret ? ret : print_ratios(analysis, out);
}

int compare_text(const struct compare_result *result, FILE *out, bool verbose)
{
	int ret = result->vs ? compare_vs_text(result, out) : print_comparison(result, out);

	if (ret)
		return ret;
	print_footer(result, out);
	if (verbose)
		fputs("\nBelow, \"ns\" after a number of trials says that they are not stationary: they "
		      "drift, or follow\none another.\n", out);
	for (size_t i = 0; i < result->n_analyses && verbose && !ret; i++)
		ret = print_experiment(&result->analyses[i], out);
	return ret ? ret : ferror(out) ? -EIO : 0;
}

/* ---- --list ---- */

static void list_experiment(const struct experiment *experiment, FILE *out)
{
	fprintf(out, "%s: %s\n", experiment->name, experiment->help);
	fprintf(out, "  claim: %s\n  rule: %s\n", experiment->claim->text,
		experiment->claim->rule);
	fputs("  arms:", out);
	for (size_t v = 0; v < experiment->n_variants; v++) {
		const struct variant *variant = &experiment->variants[v];

		fprintf(out, "%s %s%s%s", v ? "," : "", arm_name[variant->arm],
			variant->method ? " " : "", variant->method ? variant->method : "");
	}
	fputc('\n', out);
	for (const struct sweep *sweep = experiment->sweeps; sweep->name; sweep++)
		fprintf(out, "  parameter %s (%s): %s\n", sweep->name,
			sweep->values ? sweep->values : "as the machine is", sweep->help);
	for (size_t m = 0; m < experiment->n_metrics; m++)
		fprintf(out, "  metric %s (%s): %s\n", experiment->metrics[m].name,
			experiment->metrics[m].unit, experiment->metrics[m].help);
}

void compare_list(FILE *out)
{
	for (size_t i = 0; i < n_experiments; i++) {
		list_experiment(experiments[i], out);
		fputc('\n', out);
	}
	fputs("A ratio claim holds when the 95 % interval of every point that its rule names lies "
	      "wholly beyond\n1.05 on the claimed side; it fails when every one lies wholly within "
	      "[1/1.05, 1.05] or beyond on\nthe other side. A claim on medians holds when every "
	      "95 % interval lies wholly within the range of\nits rule, and fails when every one lies "
	      "outside; one on facts, when every trial says so. It depends\nwhen points disagree after "
	      "Holm's correction, or when leaving out marked trials changes the verdict;\nit is "
	      "inconclusive otherwise.\n", out);
}
