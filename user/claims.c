// SPDX-License-Identifier: GPL-2.0-or-later
/* The claims, and how they are settled: see claims.h. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "claims.h"

const char *const verdict_name[] = {
	[VERDICT_HOLDS] = "holds",
	[VERDICT_FAILS] = "fails",
	[VERDICT_DEPENDS] = "depends",
	[VERDICT_INCONCLUSIVE] = "inconclusive",
	[VERDICT_NOT_MEASURED] = "not-measured",
};

/* ---- what one point says ---- */

static const struct reading open_reading = { POINT_OPEN, 1 };

struct reading claims_read_ratio(const struct estimate *estimate, enum claim_side side)
{
	const struct stats_interval *ci = &estimate->ci;
	bool claims_above = side == CLAIM_ABOVE;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): no slot stays empty */
	if (!ci->known)
		return open_reading;
	if (ci->lo > RATIO_BOUND)
		return (struct reading){ claims_above ? POINT_FOR : POINT_AGAINST,
					 estimate->p_above };
	if (ci->hi < 1 / RATIO_BOUND)
		return (struct reading){ claims_above ? POINT_AGAINST : POINT_FOR,
					 estimate->p_below };
	if (ci->lo >= 1 / RATIO_BOUND && ci->hi <= RATIO_BOUND)
		return (struct reading){ POINT_EQUAL, estimate->p_equal };
	return open_reading;
}

/*
 * The sign test, two-sided, of "the median is not on this side of @bound": what
 * the interval of order statistics is the inverse of.
 */
static double sign_p(const double *x, size_t n, double bound, bool above)
{
	unsigned int other = 0;
	double p;

	for (size_t i = 0; i < n; i++)
		other += above ? x[i] < bound : x[i] > bound;
	p = 2 * gsl_cdf_binomial_P(other, 0.5, (unsigned int)n);
	return p < 1 ? p : 1;
}

struct reading claims_read_median(const double *x, size_t n, double lo, double hi)
{
	struct stats_interval ci = stats_median_ci(x, n);

	if (!ci.known)
		return open_reading;
	if (ci.lo >= lo && ci.hi <= hi)
		return (struct reading){ POINT_FOR, fmax(sign_p(x, n, lo, true),
							 sign_p(x, n, hi, false)) };
	if (ci.hi < lo)
		return (struct reading){ POINT_AGAINST, sign_p(x, n, lo, false) };
	if (ci.lo > hi)
		return (struct reading){ POINT_AGAINST, sign_p(x, n, hi, true) };
	return open_reading;
}

struct reading claims_read_fact(const double *x, size_t n, double lo, double hi)
{
	size_t within = 0;

	if (n < STATS_CI_MIN)
		return open_reading;
	for (size_t i = 0; i < n; i++)
		within += x[i] >= lo && x[i] <= hi;
	/* What every trial shows does not come from sampling. */
	if (within == n)
		return (struct reading){ POINT_FOR, 0 };
	if (!within)
		return (struct reading){ POINT_AGAINST, 0 };
	return open_reading;
}

/* ---- what all say ---- */

/* Whether points for and points not for are both left after Holm's correction. */
static bool disagree(const struct reading *readings, size_t n)
{
	bool for_it = false, not_for_it = false, *kept = calloc(n, sizeof(*kept));
	double *p = calloc(n, sizeof(*p));

	if (kept && p) {
		for (size_t i = 0; i < n; i++)
			p[i] = readings[i].p;
		stats_holm(p, n, 1 - STATS_LEVEL, kept);
		for (size_t i = 0; i < n; i++) {
			for_it |= kept[i] && readings[i].says == POINT_FOR;
			not_for_it |= kept[i] && (readings[i].says == POINT_EQUAL ||
						  readings[i].says == POINT_AGAINST);
		}
	}
	free(kept);
	free(p);
	return for_it && not_for_it;
}

enum verdict claims_settle(const struct reading *readings, size_t n)
{
	size_t for_it = 0, open = 0;

	for (size_t i = 0; i < n; i++) {
		for_it += readings[i].says == POINT_FOR;
		open += readings[i].says == POINT_OPEN;
	}
	if (!n)
		return VERDICT_NOT_MEASURED;
	if (for_it == n)
		return VERDICT_HOLDS;
	if (!for_it && !open)
		return VERDICT_FAILS;
	return disagree(readings, n) ? VERDICT_DEPENDS : VERDICT_INCONCLUSIVE;
}

/* ---- finding the points ---- */

struct survey {
	struct finding	*findings;	/* named by the rule, with a figure */
	size_t		 n;
	size_t		 n_failed;	/* a cell of it failed */
	size_t		 n_left_out;	/* the machine cannot */
	size_t		 n_empty;	/* without a single whole block */
	size_t		 n_unfit;	/* of @findings */
	size_t		 n_unsaid;	/* an optional metric that no trial of the cell has */
	struct finding	 failed, left_out, empty, unsaid;	/* the last of each */
};

/* Values of a measurement, the marked ones among them or not, into @x. */
static size_t take_values(const struct measurement *m, bool with_marked, double *x)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_samples; i++)
		if (!m->sample[i].trial->warmup && !isnan(m->sample[i].value) &&
		    (with_marked || !m->sample[i].trial->marks))
			x[n++] = m->sample[i].value;
	return n;
}

static int read_samples(struct finding *finding)
{
	const struct condition *condition = finding->condition;
	struct reading (*read)(const double *x, size_t n, double lo, double hi) =
		condition->figure == FIGURE_FACT ? claims_read_fact : claims_read_median;
	double *x = malloc((finding->of->n_samples + 1) * sizeof(*x));
	size_t n;

	if (!x)
		return -ENOMEM;
	n = take_values(finding->of, true, x);
	finding->all = read(x, n, condition->lo, condition->hi);
	finding->unmarked = finding->all;
	/* A fact stays one, whatever disturbed the trial. */
	if (condition->figure != FIGURE_FACT) {
		n = take_values(finding->of, false, x);
		if (n < finding->of->n)
			finding->unmarked = read(x, n, condition->lo, condition->hi);
	}
	free(x);
	return 0;
}

static int read_finding(struct finding *finding)
{
	if (!finding->ratio)
		return read_samples(finding);
	finding->all = claims_read_ratio(&finding->ratio->all, finding->condition->side);
	finding->unmarked = claims_read_ratio(&finding->ratio->unmarked,
					      finding->condition->side);
	return 0;
}

static int survey_point(const struct analysis *analysis, struct survey *survey,
			struct finding *finding)
{
	const struct measurement *of = finding->of, *to = finding->to ? finding->to : of;

	if (of->cell->failed || to->cell->failed) {
		survey->failed = *finding;
		survey->n_failed++;
		return 0;
	}
	if (of->left_out || to->left_out) {
		survey->left_out = *finding;
		survey->n_left_out++;
		return 0;
	}
	if (finding->ratio ? !finding->ratio->all.n : !of->n) {
		survey->empty = *finding;
		survey->n_empty++;
		return 0;
	}
	if (finding->condition->unfit)
		finding->unfit = finding->condition->unfit(analysis, finding);
	survey->n_unfit += finding->unfit != NULL;
	survey->findings[survey->n++] = *finding;
	return read_finding(&survey->findings[survey->n - 1]);
}

bool claims_is_of(const struct condition *condition, enum arm arm)
{
	if (condition->each_arm)
		return arm == ARM_PROCESS || arm == ARM_THREAD;
	return arm == condition->of;
}

static bool names(const struct condition *condition, const struct params *params,
		  const struct machine *machine)
{
	return !condition->names || condition->names(params, machine);
}

static int survey_condition(const struct condition *condition, const struct analysis *analysis,
			    struct survey *survey)
{
	const struct machine *machine = analysis->run->plan->machine;
	bool is_ratio = condition->figure == FIGURE_RATIO;
	size_t n = is_ratio ? analysis->n_ratios : analysis->n_measurements;
	int ret = 0;

	for (size_t i = 0; i < n && !ret; i++) {
		const struct ratio *ratio = is_ratio ? &analysis->ratio[i] : NULL;
		struct finding finding = {
			.condition = condition,
			.ratio = ratio,
			.of = ratio ? ratio->of : &analysis->measurement[i],
			.to = ratio ? ratio->to : NULL,
		};

		if (strcmp(finding.of->metric->name, condition->metric) ||
		    !claims_is_of(condition, finding.of->arm) ||
		    (ratio && finding.to->arm != condition->to) ||
		    !names(condition, ratio ? &ratio->params : &finding.of->params, machine))
			continue;
		ret = survey_point(analysis, survey, &finding);
	}
	return ret;
}

/* How many variants of arm @to the cell is compared with; 1 if with none. */
static size_t count_cell(const struct condition *condition, const struct experiment_run *run,
			 size_t p, size_t v)
{
	const struct experiment *experiment = run->experiment;
	struct params params;
	size_t n = 0;

	if (!claims_is_of(condition, experiment->variants[v].arm) ||
	    run->points[p].cell[v].absent)
		return 0;
	cell_params(run, p, v, &params);
	if (condition->figure != FIGURE_RATIO)
		return names(condition, &params, run->plan->machine);
	for (size_t j = 0; j < experiment->n_variants; j++) {
		if (experiment->variants[j].arm != condition->to || run->points[p].cell[j].absent)
			continue;
		if (experiment->variants[j].method)
			params_set(&params, "to_method", experiment->variants[j].method);
		n += names(condition, &params, run->plan->machine);
	}
	return n;
}

/* Whether the cell was measured, but has no such metric: then it is an optional one. */
static bool is_unsaid(const struct analysis *analysis, const char *metric,
		      const struct params *params, size_t v)
{
	const struct experiment_run *run = analysis->run;
	size_t p = 0;

	while (p < run->n_points && !params_equal(&run->points[p].params, params))
		p++;
	if (p == run->n_points)
		return false;
	for (size_t i = 0; i < analysis->n_measurements; i++)
		if (analysis->measurement[i].point == p && analysis->measurement[i].variant == v &&
		    !strcmp(analysis->measurement[i].metric->name, metric))
			return false;
	return true;
}

/* Points that a condition names; those without the figure are counted apart. */
static size_t count_condition(const struct condition *condition, const struct analysis *analysis,
			      const struct experiment_run *all, struct survey *survey)
{
	size_t n = 0;

	for (size_t p = 0; p < all->n_points; p++)
		for (size_t v = 0; v < all->experiment->n_variants; v++) {
			size_t cells = count_cell(condition, all, p, v);

			if (!cells || !is_unsaid(analysis, condition->metric,
						 &all->points[p].params, v)) {
				n += cells;
				continue;
			}
			survey->unsaid.condition = condition;
			survey->n_unsaid += cells;
		}
	return n;
}

/*
 * How many points the rule names among all that the experiment has by default.
 * A metric that not every trial has counts where one had it.
 */
static int count_by_rule(const struct claim *claim, const struct analysis *analysis,
			 struct survey *survey, size_t *n)
{
	const struct experiment_run *run = analysis->run;
	struct plan plan = *run->plan;
	struct experiment_run all;
	char err[256];
	int ret;

	plan.params = NULL;
	*n = 0;
	ret = experiment_plan(&all, run->experiment, &plan, err, sizeof(err));
	for (size_t c = 0; c < claim->n_conditions && !ret; c++)
		*n += count_condition(&claim->conditions[c], analysis, &all, survey);
	experiment_free(&all);
	return ret;
}

/* ---- the sentence of figures ---- */

/* Points of a condition that the short sentence has. */
#define BRIEF_POINTS	3

/* A text that grows, and is cut where there is no more room. */
struct sentence {
	char	*text;
	size_t	 size;
};

__attribute__((format(printf, 2, 3)))
static void add_text(struct sentence sentence, const char *fmt, ...)
{
	size_t at = strlen(sentence.text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence.text + at, sentence.size - at, fmt, ap);
	va_end(ap);
}

static const struct params *params_of(const struct finding *finding)
{
	return finding->ratio ? &finding->ratio->params : &finding->of->params;
}

/* Whether parameter @i tells findings of one condition apart. */
static bool varies(const struct finding *findings, size_t n, const struct finding *finding,
		   size_t i)
{
	const struct param *param = &params_of(finding)->p[i];

	for (size_t j = 0; j < n; j++)
		if (findings[j].condition == finding->condition &&
		    !params_is(params_of(&findings[j]), param->name, param->value))
			return true;
	return false;
}

/* What a reader needs to tell the named points apart: "pipe/same". */
static const char *point_label(const struct finding *findings, size_t n,
			       const struct finding *finding, char *text, size_t size)
{
	const struct params *params = params_of(finding);
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < params->n && at < size; i++)
		if (varies(findings, n, finding, i))
			at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "/" : " ",
					       params->p[i].value);
	if (finding->condition->each_arm && at < size)
		snprintf(text + at, size - at, "%s%s", at ? "/" : " ",
			 arm_name[finding->of->arm]);
	return text;
}

static void write_figure(struct sentence to, const struct finding *finding)
{
	const struct stats_interval *ci = finding->ratio ? &finding->ratio->all.ci :
							   &finding->of->ci;
	double value = finding->ratio ? finding->ratio->all.value : finding->of->median;
	const char *unit = finding->ratio ? "1" : finding->of->metric->unit;

	if (!strcmp(unit, "bool")) {
		add_text(to, " %s", finding->of->min == finding->of->max ?
			 value > 0 ? "yes" : "no" : "now and then");
		return;
	}
	add_text(to, " %.3g", value);
	if (ci->known && finding->condition->figure != FIGURE_FACT)
		add_text(to, " [%.3g, %.3g]", ci->lo, ci->hi);
	if (strcmp(unit, "1"))
		add_text(to, " %s", unit);
	if (finding->ratio ? finding->ratio->stationarity.failed :
			     finding->of->stationarity.failed)
		add_text(to, " (nonstationary)");
	if (finding->unfit)
		add_text(to, " (%s)", finding->unfit);
}

/* How many findings of the same condition there are from this one on. */
static size_t count_alike(const struct survey *survey, size_t from)
{
	size_t n = 0;

	while (from + n < survey->n &&
	       survey->findings[from + n].condition == survey->findings[from].condition)
		n++;
	return n;
}

static void write_figures(struct sentence to, const struct survey *survey, size_t most)
{
	for (size_t i = 0, n; i < survey->n; i += n) {
		n = count_alike(survey, i);
		add_text(to, "%s %s", i ? ";" : "", survey->findings[i].condition->what);
		/* One more is shorter than to say so. */
		for (size_t j = 0; j < n && (j < most || n == most + 1); j++) {
			char label[256];

			add_text(to, "%s%s", j ? "," : "",
				 point_label(survey->findings, survey->n, &survey->findings[i + j],
					     label, sizeof(label)));
			write_figure(to, &survey->findings[i + j]);
		}
		if (n > most + 1)
			add_text(to, " and %zu more", n - most);
	}
}

static const char *outcome(const struct judgement *judgement, const struct survey *survey)
{
	if (judgement->verdict == VERDICT_HOLDS)
		return judgement->claim->holds;
	if (judgement->verdict == VERDICT_FAILS)
		return judgement->claim->fails;
	if (judgement->verdict == VERDICT_DEPENDS)
		return "points disagree";
	return survey->n_unfit == survey->n ? "no point can decide" :
					      "the intervals do not settle it";
}

static const char *reason(const struct finding *finding)
{
	const struct measurement *m = finding->of;

	if (!m->left_out && !m->cell->failed && finding->to)
		m = finding->to;
	return m->left_out ? m->left_out : m->cell->reason;
}

static const char *where(const struct finding *finding, char *text, size_t size)
{
	return params_text(params_of(finding), text, size);
}

static void write_sentence(struct sentence to, const struct judgement *judgement,
			   enum verdict unmarked, const struct survey *survey, size_t most)
{
	if (unmarked != judgement->verdict)
		add_text(to, "%s with all trials, %s without those that are marked",
			 verdict_name[judgement->verdict], verdict_name[unmarked]);
	else
		add_text(to, "%s", outcome(judgement, survey));
	add_text(to, ":");
	write_figures(to, survey, most);
	if (survey->n_unsaid)
		add_text(to, "; %zu figures n/a here, such as %s", survey->n_unsaid,
			 survey->unsaid.condition->what);
	if (survey->n_left_out)
		add_text(to, "; %zu points left out: %s", survey->n_left_out,
			 reason(&survey->left_out));
}

static void write_why(struct judgement *judgement, enum verdict unmarked,
		      const struct survey *survey)
{
	write_sentence((struct sentence){ judgement->why, sizeof(judgement->why) }, judgement,
		       unmarked, survey, survey->n);
	write_sentence((struct sentence){ judgement->brief, sizeof(judgement->brief) }, judgement,
		       unmarked, survey, BRIEF_POINTS);
}

/* Why the rule cannot be applied to what was measured; false if it can. */
static bool write_why_not(struct judgement *judgement, const struct survey *survey,
			  size_t by_rule, bool interrupted)
{
	size_t here = survey->n + survey->n_failed + survey->n_left_out + survey->n_empty;
	struct sentence why = { judgement->why, sizeof(judgement->why) };
	char label[512];

	if (survey->n_failed)
		add_text(why, "%s failed: %s", where(&survey->failed, label, sizeof(label)),
			 reason(&survey->failed));
	else if (here < by_rule)
		add_text(why, "%zu of the %zu points that the rule names were not asked for",
			 by_rule - here, by_rule);
	else if (survey->n_empty)
		add_text(why, "%s: %s", where(&survey->empty, label, sizeof(label)),
			 interrupted ? "no block is complete, the run was interrupted" :
		       survey->empty.ratio ? "no block has figures of both arms" :
					     "no trial has a figure");
	else if (survey->n)
		return false;
	else if (!survey->n_left_out)
		add_text(why, "the rule names no point");
	else
		add_text(why, "%s", reason(&survey->left_out));
	judgement->impossible = here && survey->n_left_out == here;
	judgement->verdict = VERDICT_NOT_MEASURED;
	snprintf(judgement->brief, sizeof(judgement->brief), "%.*s",
		 (int)sizeof(judgement->brief) - 1, judgement->why);
	return true;
}

/* ---- judging a run ---- */

/* How close the point comes to saying otherwise, in log ratio; others rank after ratios. */
static double margin(const struct finding *finding)
{
	return finding->ratio ? fabs(log(finding->ratio->all.value) - log(RATIO_BOUND)) : INFINITY;
}

static void choose_headline(struct judgement *judgement, const struct survey *survey)
{
	for (size_t i = 0; i < survey->n; i++) {
		const struct finding *finding = &survey->findings[i];

		if (judgement->has_headline && margin(finding) >= margin(&judgement->headline))
			continue;
		if (finding->unfit && survey->n_unfit < survey->n)
			continue;
		judgement->headline = *finding;
		judgement->has_headline = true;
	}
}

static int settle(const struct survey *survey, bool unmarked, enum verdict *verdict)
{
	struct reading *readings = calloc(survey->n + 1, sizeof(*readings));
	size_t n = 0;

	if (!readings)
		return -ENOMEM;
	for (size_t i = 0; i < survey->n; i++)
		if (!survey->findings[i].unfit)
			readings[n++] = unmarked ? survey->findings[i].unmarked :
						   survey->findings[i].all;
	*verdict = n ? claims_settle(readings, n) : VERDICT_INCONCLUSIVE;
	free(readings);
	return 0;
}

int claims_judge(const struct claim *claim, const struct analysis *analysis,
		 struct judgement *judgement)
{
	const struct experiment_run *run = analysis->run;
	enum verdict unmarked = VERDICT_NOT_MEASURED;
	struct survey survey = { 0 };
	size_t by_rule;
	int ret = 0;

	*judgement = (struct judgement){ .claim = claim };
	survey.findings = calloc(claim->n_conditions *
				 (analysis->n_ratios + analysis->n_measurements) + 1,
				 sizeof(*survey.findings));
	if (!survey.findings)
		return -ENOMEM;
	for (size_t c = 0; c < claim->n_conditions && !ret; c++)
		ret = survey_condition(&claim->conditions[c], analysis, &survey);
	if (!ret)
		ret = count_by_rule(claim, analysis, &survey, &by_rule);
	if (ret)
		goto out;
	judgement->points = survey.n - survey.n_unfit;
	choose_headline(judgement, &survey);
	if (write_why_not(judgement, &survey, by_rule, run->interrupted))
		goto out;
	ret = settle(&survey, false, &judgement->verdict);
	if (!ret)
		ret = settle(&survey, true, &unmarked);
	if (ret)
		goto out;
	write_why(judgement, unmarked, &survey);
	/* Not to be trusted one way: what marks a trial decides. */
	if (unmarked != judgement->verdict)
		judgement->verdict = VERDICT_DEPENDS;
out:
	free(survey.findings);
	return ret;
}
