// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare` for people: the comparison table, and all points with --verbose. */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <libsmartcols.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "compare.h"

#define CELL_SIZE	128

static bool utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* ---- figures ---- */

static const char *scaled(double value, const char *const *units, char *text, size_t size)
{
	while (fabs(value) >= 999.5 && units[1]) {
		value /= 1000;
		units++;
	}
	snprintf(text, size, "%.3g %s", value, *units);
	return text;
}

static void bytes(double value, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", NULL };
	size_t unit = 0;

	for (; fabs(value) >= 1023.5 && units[unit + 1]; unit++)
		value /= 1024;
	snprintf(text, size, "%.4g %s", value, units[unit]);
}

static const char *figure(double value, const char *unit, char *text, size_t size)
{
	static const char *const time_utf8[] = { "ns", "\xc2\xb5s", "ms", "s", NULL };
	static const char *const time_ascii[] = { "ns", "us", "ms", "s", NULL };
	static const char *const rate[] = { "/s", "k/s", "M/s", "G/s", NULL };

	if (isnan(value))
		snprintf(text, size, "n/a");
	else if (!strcmp(unit, "ns"))
		scaled(value, utf8() ? time_utf8 : time_ascii, text, size);
	else if (!strcmp(unit, "1/s"))
		scaled(value, rate, text, size);
	else if (!strcmp(unit, "B"))
		bytes(value, text, size);
	else if (!strcmp(unit, "bool"))
		snprintf(text, size, "%s", value <= 0 ? "no" : value >= 1 ? "yes" : "now and then");
	else
		snprintf(text, size, "%.3g", value);
	return text;
}

static const char *with_interval(double value, const struct stats_interval *ci, char *text,
				 size_t size)
{
	if (isnan(value))
		snprintf(text, size, "n/a");
	else if (ci->known)
		snprintf(text, size, "%.3g [%.3g, %.3g]", value, ci->lo, ci->hi);
	else
		snprintf(text, size, "%.3g [n/a]", value);
	return text;
}

static const char *figure_interval(const struct measurement *m, char *text, size_t size)
{
	char lo[32], hi[32];

	if (!m->ci.known)
		return "n/a";
	snprintf(text, size, "[%s, %s]", figure(m->ci.lo, m->metric->unit, lo, sizeof(lo)),
		 figure(m->ci.hi, m->metric->unit, hi, sizeof(hi)));
	return text;
}

/* ---- tables ---- */

static struct libscols_table *new_table(FILE *out, const char *const *columns, int right_from,
					int wrap)
{
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_stream(table, out);
	for (int i = 0; columns[i]; i++) {
		int flags = i == wrap ? SCOLS_FL_WRAP : 0;

		if (i >= right_from && right_from >= 0)
			flags |= SCOLS_FL_RIGHT;
		if (!scols_table_new_column(table, columns[i], 0, flags)) {
			scols_unref_table(table);
			return NULL;
		}
	}
	return table;
}

/* A line of strings up to NULL. */
static int add_line(struct libscols_table *table, ...)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const char *text;
	int ret = line ? 0 : -ENOMEM;
	va_list ap;

	va_start(ap, table);
	for (size_t i = 0; !ret && (text = va_arg(ap, const char *)); i++)
		ret = scols_line_set_data(line, i, text);
	va_end(ap);
	return ret;
}

static int print_and_free(struct libscols_table *table)
{
	int ret = scols_print_table(table);

	scols_unref_table(table);
	return ret;
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
		figure(m->median, m->metric->unit, text, size);
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

static int add_judgement(struct libscols_table *table, const struct compare_result *result,
			 const struct judgement *judgement)
{
	char processes[CELL_SIZE] = "n/a", threads[CELL_SIZE] = "n/a", value[CELL_SIZE] = "";
	char verdict[CELL_SIZE];
	bool emulated = judgement->claim->rests_on_time && !strcmp(result->timing, "emulated") &&
			judgement->verdict != VERDICT_NOT_MEASURED;

	if (judgement->has_headline) {
		const struct finding *finding = &judgement->headline;
		const struct ratio *ratio = ratio_of(result, finding);

		figure_of(result, finding, ARM_PROCESS, processes, sizeof(processes));
		figure_of(result, finding, ARM_THREAD, threads, sizeof(threads));
		if (ratio)
			with_interval(ratio->all.value, &ratio->all.ci, value, sizeof(value));
	}
	snprintf(verdict, sizeof(verdict), "%s%s", verdict_name[judgement->verdict],
		 emulated ? " (emulated)" : "");
	return add_line(table, judgement->claim->text, processes, threads, value, verdict,
			(char *)NULL);
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

static int print_comparison(const struct compare_result *result, FILE *out)
{
	static const char *const columns[] = {
		"CLAIM", "PROCESSES", "THREADS", "RATIO [95 %]", "VERDICT", NULL
	};
	struct libscols_table *table = new_table(out, columns, -1, 0);
	int ret = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < result->n_judgements && !ret; i++)
		ret = add_judgement(table, result, &result->judgements[i]);
	if (ret) {
		scols_unref_table(table);
		return ret;
	}
	ret = print_and_free(table);
	fputc('\n', out);
	for (size_t i = 0; i < result->n_judgements; i++) {
		const struct judgement *judgement = &result->judgements[i];
		char params[640];

		fprintf(out, "%s: %s.\n", judgement->claim->id, judgement->why);
		if (judgement->has_headline)
			fprintf(out, "  shown above: %s\n",
				headline_text(judgement, params, sizeof(params)));
	}
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
	if (strcmp(result->source, "module")) {
		fputs("Counts: rusage. Switches are the workers' own nvcsw + nivcsw; what only the "
		      "module knows is n/a.\n", out);
		return;
	}
	fputs("Counts: module; a figure per switch divides by the workers' own nvcsw + nivcsw, "
	      "read at both ends\nof what is timed.\n", out);
	fprintf(out, "Proof: %" PRId64 " tasks checked, %" PRId64 " whose counted switches or "
		     "migrations differ from the kernel's own;\n%" PRId64 " tasks lost, %" PRId64
		     " switches untraced.\n",
		totals->checked, totals->mismatched, totals->lost, totals->untraced);
}

/* Points that the machine could not do, and cells that failed: once per reason. */
static void print_missing(const struct analysis *analysis, FILE *out)
{
	const struct experiment_run *run = analysis->run;

	for (size_t p = 0; p < run->n_points; p++) {
		const struct point *point = &run->points[p];
		struct params params;
		char text[512];

		if (point->left_out)
			fprintf(out, "Left out: %s %s: %s.\n", run->experiment->name,
				params_text(&point->params, text, sizeof(text)), point->left_out);
		for (size_t v = 0; v < run->experiment->n_variants; v++) {
			const struct cell *cell = &point->cell[v];

			if (cell->absent || (!cell->failed && !cell->unavailable))
				continue;
			cell_params(run, p, v, &params);
			fprintf(out, "%s: %s %s (%s): %s.\n",
				cell->failed ? "Failed" : "Left out", run->experiment->name,
				params_text(&params, text, sizeof(text)),
				arm_name[run->experiment->variants[v].arm], cell->reason);
		}
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

static int add_measurement(struct libscols_table *table, const struct measurement *m)
{
	char params[512], median[CELL_SIZE], ci[CELL_SIZE], n[32], running[32], marks[64];

	params_text(&m->params, params, sizeof(params));
	snprintf(n, sizeof(n), "%zu", m->n);
	snprintf(marks, sizeof(marks), "%zu%s", marked(m),
		 m->stationarity.failed ? " nonstationary" : "");
	figure(tally_mean_running(&m->cell->tally), "1", running, sizeof(running));
	return add_line(table, params, arm_name[m->arm], m->metric->name,
			figure(m->median, m->metric->unit, median, sizeof(median)),
			figure_interval(m, ci, sizeof(ci)), n, running, marks, (char *)NULL);
}

static int print_measurements(const struct analysis *analysis, FILE *out)
{
	static const char *const columns[] = {
		"POINT", "ARM", "METRIC", "MEDIAN", "95 %", "N", "RUNNING", "MARKED", NULL
	};
	struct libscols_table *table = new_table(out, columns, 3, -1);
	int ret = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < analysis->n_measurements && !ret; i++)
		if (analysis->measurement[i].n)
			ret = add_measurement(table, &analysis->measurement[i]);
	if (!ret)
		return print_and_free(table);
	scols_unref_table(table);
	return ret;
}

static int add_ratio(struct libscols_table *table, const struct ratio *ratio)
{
	char params[512], arms[32], value[CELL_SIZE], unmarked[CELL_SIZE] = "same", n[32];

	params_text(&ratio->params, params, sizeof(params));
	snprintf(arms, sizeof(arms), "%s/%s", arm_name[ratio->of->arm], arm_name[ratio->to->arm]);
	snprintf(n, sizeof(n), "%zu", ratio->all.n);
	with_interval(ratio->all.value, &ratio->all.ci, value, sizeof(value));
	if (ratio->marked)
		with_interval(ratio->unmarked.value, &ratio->unmarked.ci, unmarked,
			      sizeof(unmarked));
	return add_line(table, params, arms, ratio->of->metric->name, value, n, unmarked,
			ratio->stationarity.failed ? "nonstationary" : "", (char *)NULL);
}

static int print_ratios(const struct analysis *analysis, FILE *out)
{
	static const char *const columns[] = {
		"POINT", "ARMS", "METRIC", "RATIO [95 %]", "N", "WITHOUT MARKED", "MARKS", NULL
	};
	struct libscols_table *table = new_table(out, columns, 3, -1);
	int ret = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < analysis->n_ratios && !ret; i++)
		if (analysis->ratio[i].all.n)
			ret = add_ratio(table, &analysis->ratio[i]);
	if (!ret)
		return print_and_free(table);
	scols_unref_table(table);
	return ret;
}

int compare_text(const struct compare_result *result, FILE *out, bool verbose)
{
	int ret = print_comparison(result, out);

	if (ret)
		return ret;
	print_footer(result, out);
	for (size_t i = 0; i < result->n_analyses && verbose && !ret; i++) {
		const struct analysis *analysis = &result->analyses[i];

		fprintf(out, "\n%s: %s\n\n", analysis->run->experiment->name,
			analysis->run->experiment->help);
		ret = print_measurements(analysis, out);
		fputc('\n', out);
		if (!ret)
			ret = print_ratios(analysis, out);
	}
	return ret || ferror(out) ? -EIO : 0;
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
