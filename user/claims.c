// SPDX-License-Identifier: GPL-2.0-or-later
/* The claims, and how they are settled: see claims.h. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"

const char *const verdict_name[] = {
	[VERDICT_HOLDS] = "holds",
	[VERDICT_FAILS] = "fails",
	[VERDICT_DEPENDS] = "depends",
	[VERDICT_INCONCLUSIVE] = "inconclusive",
	[VERDICT_NOT_MEASURED] = "not-measured",
};

/*
 * Against a cold stack, which is what a program's first threads get: if
 * processes are slower than that, they are slower than cached ones too.
 */
static bool start_time_names(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "rss_mib", "0") && params_is(params, "to_method", "pthread-cold");
}

/*
 * With a CPU for each, a worker that waits switches to idle and back: no
 * switch from worker to worker takes place, and none can be cheaper.
 */
static bool switch_cost_names(const struct params *params, const struct machine *machine)
{
	(void)machine;
	return params_is(params, "cpu", "same");
}

static bool cpu_bound_names(const struct params *params, const struct machine *machine)
{
	return params_is(params, "start", "steady") &&
	       params_number(params, "workers") == (long)machine->n_cpus;
}

const struct claim claims[] = {
	{
		.id = "start-time",
		.experiment = "start-time",
		.text = "processes start slower than threads",
		.rule = "time to first instruction, process / thread, above 1.05: fork, vfork-exec "
			"and posix-spawn, each against pthread_create on a cold stack, on the same "
			"CPU and on another, creator without extra memory (rss_mib=0)",
		.metric = "first_instruction",
		.side = CLAIM_ABOVE,
		.names = start_time_names,
		.what = "time to first instruction, process/thread",
		.holds = "processes start slower",
		.fails = "processes do not start slower",
		.rests_on_time = true,
	},
	{
		.id = "cpu-bound",
		.experiment = "cpu-bound",
		.text = "multiprocessing suits CPU-bound work",
		.rule = "throughput, process / thread, above 1.05: matrix, primes and zstd in steady "
			"state with as many workers as CPUs",
		.metric = "throughput",
		.side = CLAIM_ABOVE,
		.names = cpu_bound_names,
		.what = "throughput, process/thread",
		.holds = "processes get more done",
		.fails = "threads get as much done, or more",
		.rests_on_time = true,
	},
	{
		.id = "switch-cost",
		.experiment = "switch-cost",
		.text = "switching between threads is cheaper than between processes "
			"(folklore, not in the text)",
		.rule = "time per measured switch, process / thread, above 1.05: futex, pipe, "
			"eventfd and sched_yield, both workers on the same CPU (on two, each "
			"switches with idle and not with the other)",
		.metric = "switch",
		.side = CLAIM_ABOVE,
		.names = switch_cost_names,
		.what = "time per measured switch, process/thread",
		.holds = "a switch between threads is cheaper",
		.fails = "a switch between threads is not cheaper",
		.rests_on_time = true,
	},
};

const size_t n_claims = sizeof(claims) / sizeof(claims[0]);

enum point_says claims_point(const struct estimate *estimate, enum claim_side side)
{
	const struct stats_interval *ci = &estimate->ci;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): no slot stays empty */
	if (!ci->known)
		return POINT_OPEN;
	if (ci->lo > RATIO_BOUND)
		return side == CLAIM_ABOVE ? POINT_FOR : POINT_AGAINST;
	if (ci->hi < 1 / RATIO_BOUND)
		return side == CLAIM_BELOW ? POINT_FOR : POINT_AGAINST;
	if (ci->lo >= 1 / RATIO_BOUND && ci->hi <= RATIO_BOUND)
		return POINT_EQUAL;
	return POINT_OPEN;
}

/* The p-value of what the point says; 1 if it says nothing. */
static double point_p(const struct estimate *estimate, enum point_says says, enum claim_side side)
{
	bool above = side == CLAIM_ABOVE;

	switch (says) {
	case POINT_FOR:
		return above ? estimate->p_above : estimate->p_below;
	case POINT_AGAINST:
		return above ? estimate->p_below : estimate->p_above;
	case POINT_EQUAL:
		return estimate->p_equal;
	case POINT_OPEN:
		break;
	}
	return 1;
}

/* Whether points for and points not for are both left after Holm's correction. */
static bool disagree(const struct estimate *const *estimates, const enum point_says *says,
		     size_t n, enum claim_side side)
{
	bool for_it = false, not_for_it = false, *kept = calloc(n, sizeof(*kept));
	double *p = calloc(n, sizeof(*p));

	if (kept && p) {
		for (size_t i = 0; i < n; i++)
			p[i] = point_p(estimates[i], says[i], side);
		stats_holm(p, n, 1 - STATS_LEVEL, kept);
		for (size_t i = 0; i < n; i++) {
			for_it |= kept[i] && says[i] == POINT_FOR;
			not_for_it |= kept[i] && (says[i] == POINT_EQUAL ||
						  says[i] == POINT_AGAINST);
		}
	}
	free(kept);
	free(p);
	return for_it && not_for_it;
}

enum verdict claims_settle(const struct estimate *const *estimates, size_t n,
			   enum claim_side side)
{
	enum point_says *says = calloc(n + 1, sizeof(*says));
	enum verdict verdict = VERDICT_INCONCLUSIVE;
	size_t for_it = 0, open = 0;

	if (!says)
		return VERDICT_INCONCLUSIVE;
	for (size_t i = 0; i < n; i++) {
		says[i] = claims_point(estimates[i], side);
		for_it += says[i] == POINT_FOR;
		open += says[i] == POINT_OPEN;
	}
	if (!n)
		verdict = VERDICT_NOT_MEASURED;
	else if (for_it == n)
		verdict = VERDICT_HOLDS;
	else if (!for_it && !open)
		verdict = VERDICT_FAILS;
	else if (disagree(estimates, says, n, side))
		verdict = VERDICT_DEPENDS;
	free(says);
	return verdict;
}

/* ---- judging a run ---- */

__attribute__((format(printf, 2, 3)))
static void add_text(struct judgement *judgement, const char *fmt, ...)
{
	size_t at = strlen(judgement->why);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(judgement->why + at, sizeof(judgement->why) - at, fmt, ap);
	va_end(ap);
}

static bool named(const struct claim *claim, const struct ratio *ratio,
		  const struct machine *machine)
{
	return !strcmp(ratio->of->metric->name, claim->metric) &&
	       ratio->of->arm == ARM_PROCESS && ratio->to->arm == ARM_THREAD &&
	       claim->names(&ratio->params, machine);
}

/* What a reader needs to tell the named points apart. */
static const char *point_label(const struct ratio *ratio, char *text, size_t size)
{
	const char *method = params_get(&ratio->params, "method");
	const char *workload = params_get(&ratio->params, "workload");
	const char *cpu = params_get(&ratio->params, "cpu");

	snprintf(text, size, "%s%s%s%s", method ? method : "", workload ? workload : "",
		 cpu ? "/" : "", cpu ? cpu : "");
	return text;
}

static void write_figures(struct judgement *judgement, const struct ratio *const *ratios,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct estimate *all = &ratios[i]->all;
		char label[128];

		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): likewise */
		add_text(judgement, "%s %s %.3g", i ? "," : "",
			 point_label(ratios[i], label, sizeof(label)), all->value);
		if (all->ci.known)
			add_text(judgement, " [%.3g, %.3g]", all->ci.lo, all->ci.hi);
		if (ratios[i]->stationarity.failed)
			add_text(judgement, " (nonstationary)");
	}
}

static void write_why(struct judgement *judgement, enum verdict unmarked,
		      const struct ratio *const *ratios, size_t n)
{
	const struct claim *claim = judgement->claim;
	enum verdict verdict = judgement->verdict;

	if (unmarked != verdict)
		add_text(judgement, "%s with all trials, %s without those that are marked",
			 verdict_name[verdict], verdict_name[unmarked]);
	else if (verdict == VERDICT_HOLDS)
		add_text(judgement, "%s", claim->holds);
	else if (verdict == VERDICT_FAILS)
		add_text(judgement, "%s", claim->fails);
	else if (verdict == VERDICT_DEPENDS)
		add_text(judgement, "points disagree");
	else
		add_text(judgement, "the intervals do not settle it");
	add_text(judgement, ": %s", claim->what);
	write_figures(judgement, ratios, n);
}

/* How close the point's interval comes to saying otherwise, in log ratio. */
static double margin(const struct ratio *ratio)
{
	return fabs(log(ratio->all.value) - log(RATIO_BOUND));
}

struct survey {
	const struct ratio	**ratios;	/* named by the rule, with an estimate */
	size_t			  n;
	size_t			  n_failed;	/* a cell of it failed */
	size_t			  n_left_out;	/* the machine cannot */
	size_t			  n_empty;	/* without a single whole block */
	const struct ratio	 *failed, *left_out, *empty;	/* the last of each */
};

static void survey_points(const struct claim *claim, const struct analysis *analysis,
			  struct survey *survey)
{
	for (size_t i = 0; i < analysis->n_ratios; i++) {
		const struct ratio *ratio = &analysis->ratio[i];

		if (!named(claim, ratio, analysis->run->plan->machine))
			continue;
		if (ratio->of->cell->failed || ratio->to->cell->failed) {
			survey->failed = ratio;
			survey->n_failed++;
		} else if (ratio->of->left_out || ratio->to->left_out) {
			survey->left_out = ratio;
			survey->n_left_out++;
		} else if (!ratio->all.n) {
			survey->empty = ratio;
			survey->n_empty++;
		} else {
			survey->ratios[survey->n++] = ratio;
		}
	}
}

/* How many points the rule names among all that the experiment has by default. */
static int count_by_rule(const struct claim *claim, const struct experiment_run *run, size_t *n)
{
	const struct experiment *experiment = run->experiment;
	struct plan plan = *run->plan;
	struct experiment_run all;
	char err[256];
	int ret;

	plan.params = NULL;
	*n = 0;
	ret = experiment_plan(&all, experiment, &plan, err, sizeof(err));
	for (size_t p = 0; p < all.n_points && !ret; p++)
		for (size_t i = 0; i < experiment->n_variants; i++)
			for (size_t j = 0; j < experiment->n_variants; j++) {
				struct params params;

				if (experiment->variants[i].arm != ARM_PROCESS ||
				    experiment->variants[j].arm != ARM_THREAD)
					continue;
				cell_params(&all, p, i, &params);
				if (experiment->variants[j].method)
					params_set(&params, "to_method",
						   experiment->variants[j].method);
				*n += claim->names(&params, plan.machine);
			}
	experiment_free(&all);
	return ret;
}

static const char *reason(const struct ratio *ratio)
{
	const struct measurement *m = ratio->of;

	if (!m->left_out && !m->cell->failed)
		m = ratio->to;
	return m->left_out ? m->left_out : m->cell->reason;
}

/* Why the rule cannot be applied to what was measured; false if it can. */
static bool write_why_not(struct judgement *judgement, const struct survey *survey,
			  size_t by_rule, bool interrupted)
{
	size_t here = survey->n + survey->n_failed + survey->n_left_out + survey->n_empty;
	char label[128];

	if (survey->n_failed)
		add_text(judgement, "%s failed: %s",
			 point_label(survey->failed, label, sizeof(label)), reason(survey->failed));
	else if (here < by_rule)
		add_text(judgement, "%zu of the %zu points that the rule names were not asked for",
			 by_rule - here, by_rule);
	else if (survey->n_empty)
		add_text(judgement, "%s: no block is complete%s",
			 point_label(survey->empty, label, sizeof(label)),
			 interrupted ? ", the run was interrupted" : "");
	else if (!survey->n)
		add_text(judgement, "%s", survey->left_out ? reason(survey->left_out) :
							     "the rule names no point");
	else
		return false;
	judgement->verdict = VERDICT_NOT_MEASURED;
	return true;
}

static enum verdict settle(const struct claim *claim, const struct survey *survey, bool unmarked)
{
	const struct estimate **estimates = calloc(survey->n + 1, sizeof(*estimates));
	enum verdict verdict;

	if (!estimates)
		return VERDICT_NOT_MEASURED;
	for (size_t i = 0; i < survey->n; i++)
		estimates[i] = unmarked ? &survey->ratios[i]->unmarked : &survey->ratios[i]->all;
	verdict = claims_settle(estimates, survey->n, claim->side);
	free(estimates);
	return verdict;
}

int claims_judge(const struct claim *claim, const struct analysis *analysis,
		 struct judgement *judgement)
{
	const struct experiment_run *run = analysis->run;
	struct survey survey = { 0 };
	enum verdict unmarked;
	size_t by_rule;
	int ret;

	*judgement = (struct judgement){ .claim = claim };
	survey.ratios = calloc(analysis->n_ratios + 1, sizeof(*survey.ratios));
	if (!survey.ratios)
		return -ENOMEM;
	ret = count_by_rule(claim, run, &by_rule);
	if (ret)
		goto out;
	survey_points(claim, analysis, &survey);
	judgement->points = survey.n;
	for (size_t i = 0; i < survey.n; i++)
		if (!judgement->headline || margin(survey.ratios[i]) < margin(judgement->headline))
			judgement->headline = survey.ratios[i];
	if (write_why_not(judgement, &survey, by_rule, run->interrupted))
		goto out;
	judgement->verdict = settle(claim, &survey, false);
	unmarked = settle(claim, &survey, true);
	write_why(judgement, unmarked, survey.ratios, survey.n);
	if (survey.n_left_out)
		add_text(judgement, "; %zu points left out: %s", survey.n_left_out,
			 reason(survey.left_out));
	/* Not to be trusted one way: what marks a trial decides. */
	if (unmarked != judgement->verdict)
		judgement->verdict = VERDICT_DEPENDS;
out:
	free(survey.ratios);
	return ret;
}
