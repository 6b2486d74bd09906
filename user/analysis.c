// SPDX-License-Identifier: GPL-2.0-or-later
/* Measurements and ratios of an experiment's trials. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"

/* ---- measurements ---- */

static bool counts(const struct sample *sample)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): take_samples() set it */
	return !sample->trial->warmup && !isnan(sample->value);
}

static int take_samples(struct measurement *m, const struct experiment_run *run)
{
	m->sample = calloc(run->n_trials + 1, sizeof(*m->sample));
	if (!m->sample)
		return -ENOMEM;
	for (size_t i = 0; i < run->n_trials; i++) {
		const struct trial *trial = &run->trials[i];
		struct sample *sample = &m->sample[m->n_samples];

		if (trial->point != m->point || trial->variant != m->variant)
			continue;
		sample->trial = trial;
		if (trial_value(run, trial, m->metric_index, &sample->value))
			m->n += !trial->warmup;
		else if (m->metric->derived)
			continue;
		else
			sample->value = NAN;
		m->n_samples++;
	}
	return 0;
}

static int summarise(struct measurement *m)
{
	double *x = malloc((m->n + 1) * sizeof(*x));
	size_t n = 0;
	int ret;

	if (!x)
		return -ENOMEM;
	m->median = m->min = m->max = NAN;
	for (size_t i = 0; i < m->n_samples; i++)
		if (counts(&m->sample[i]))
			x[n++] = m->sample[i].value;
	for (size_t i = 0; i < n; i++) {
		m->min = i ? fmin(m->min, x[i]) : x[i];
		m->max = i ? fmax(m->max, x[i]) : x[i];
	}
	m->median = stats_median(x, n);
	m->ci = stats_median_ci(x, n);
	ret = stats_stationarity(x, n, &m->stationarity);
	free(x);
	return ret;
}

/* An optional metric that no trial of this cell says, though nothing went wrong. */
static bool is_foreign(const struct measurement *m, const struct experiment_run *run)
{
	return m->metric->optional && !m->n && !m->left_out &&
	       !m->cell->failed && !run->interrupted;
}

static int add_measurement(struct analysis *analysis, size_t p, size_t v, size_t metric)
{
	const struct experiment_run *run = analysis->run;
	struct measurement *m = &analysis->measurement[analysis->n_measurements++];
	int ret;

	m->metric = &run->experiment->metrics[metric];
	m->metric_index = metric;
	m->point = p;
	m->variant = v;
	cell_params(run, p, v, &m->params);
	m->arm = run->experiment->variants[v].arm;
	m->cell = &run->points[p].cell[v];
	m->left_out = run->points[p].left_out;
	if (!m->left_out && m->cell->unavailable)
		m->left_out = m->cell->reason;
	ret = take_samples(m, run);
	if (!ret && is_foreign(m, run)) {
		free(m->sample);
		memset(m, 0, sizeof(*m));
		analysis->n_measurements--;
		return 0;
	}
	return ret ? ret : summarise(m);
}

const struct measurement *analysis_find(const struct analysis *analysis, size_t point,
					enum arm arm, const char *metric)
{
	for (size_t i = 0; i < analysis->n_measurements; i++) {
		const struct measurement *m = &analysis->measurement[i];

		if (m->point == point && m->arm == arm && !strcmp(m->metric->name, metric))
			return m;
	}
	return NULL;
}

/* ---- ratios ---- */

int analysis_estimate(struct estimate *estimate, const double *of, const double *to, size_t n,
		      size_t block_length, uint32_t seed)
{
	struct stats_ratio ratio;
	double above, below;
	int ret;

	*estimate = (struct estimate){ .value = NAN, .p_above = 1, .p_equal = 1, .p_below = 1 };
	if (!n)
		return 0;
	ret = stats_ratio_init(&ratio, of, to, n, block_length < n ? block_length : n,
			       STATS_RESAMPLES, seed);
	if (ret)
		return ret == -EDOM ? 0 : ret;
	estimate->n = n;
	estimate->value = ratio.value;
	estimate->ci = stats_ratio_ci(&ratio, STATS_LEVEL);
	estimate->p_above = stats_ratio_p_above(&ratio, RATIO_BOUND);
	estimate->p_below = stats_ratio_p_below(&ratio, 1 / RATIO_BOUND);
	above = stats_ratio_p_above(&ratio, 1 / RATIO_BOUND);
	below = stats_ratio_p_below(&ratio, RATIO_BOUND);
	estimate->p_equal = fmax(above, below);
	stats_ratio_free(&ratio);
	return 0;
}

char *ratio_seed_name(const struct ratio *ratio, const char *experiment, bool unmarked,
		      char *text, size_t size)
{
	char params[512];

	snprintf(text, size, "%s %s %s %s/%s%s", experiment, ratio->of->metric->name,
		 params_text(&ratio->params, params, sizeof(params)),
		 arm_name[ratio->of->arm], arm_name[ratio->to->arm],
		 unmarked ? " unmarked" : "");
	return text;
}

struct pairs {
	double	*of;
	double	*to;
	double	*log_ratio;
	size_t	 n;
};

static const struct sample *same_block(const struct measurement *m, const struct trial *trial)
{
	for (size_t i = 0; i < m->n_samples; i++)
		if (counts(&m->sample[i]) && m->sample[i].trial->block == trial->block)
			return &m->sample[i];
	return NULL;
}

/* Samples are in order of time, so the pairs are in order of block. */
static void pair_up(const struct ratio *ratio, struct pairs *pairs, bool with_marked)
{
	pairs->n = 0;
	for (size_t i = 0; i < ratio->of->n_samples; i++) {
		const struct sample *of = &ratio->of->sample[i], *to;

		if (!counts(of))
			continue;
		to = same_block(ratio->to, of->trial);
		if (!to || (!with_marked && (of->trial->marks || to->trial->marks)))
			continue;
		pairs->of[pairs->n] = of->value;
		pairs->to[pairs->n] = to->value;
		pairs->log_ratio[pairs->n++] = log(of->value / to->value);
	}
}

static int estimate_ratio(struct ratio *ratio, struct pairs *pairs,
			  const struct experiment_run *run)
{
	const char *experiment = run->experiment->name;
	char name[768];
	int ret;

	pair_up(ratio, pairs, true);
	ret = stats_stationarity(pairs->log_ratio, pairs->n, &ratio->stationarity);
	if (ret)
		return ret;
	ratio->block_length = ratio->stationarity.failed ? stats_block_length(pairs->n) : 1;
	ratio_seed_name(ratio, experiment, false, name, sizeof(name));
	ret = analysis_estimate(&ratio->all, pairs->of, pairs->to, pairs->n, ratio->block_length,
				stats_seed(run->plan->seed, name));
	if (ret)
		return ret;
	ratio->marked = pairs->n;
	pair_up(ratio, pairs, false);
	ratio->marked -= pairs->n;
	if (!ratio->marked) {
		ratio->unmarked = ratio->all;
		return 0;
	}
	ratio_seed_name(ratio, experiment, true, name, sizeof(name));
	return analysis_estimate(&ratio->unmarked, pairs->of, pairs->to, pairs->n,
				 ratio->block_length, stats_seed(run->plan->seed, name));
}

static int add_ratio(struct analysis *analysis, const struct measurement *of,
		     const struct measurement *to, struct pairs *pairs)
{
	const struct experiment_run *run = analysis->run;
	struct ratio *ratio = &analysis->ratio[analysis->n_ratios++];
	const char *to_method = run->experiment->variants[to->variant].method;

	ratio->of = of;
	ratio->to = to;
	ratio->params = of->params;
	if (to_method)
		params_set(&ratio->params, "to_method", to_method);
	return estimate_ratio(ratio, pairs, run);
}

/* Processes first, threads last: a ratio above 1 always means "more" of the former. */
static int arm_rank(enum arm arm)
{
	static const int rank[] = {
		[ARM_PROCESS] = 0, [ARM_OTHER] = 1, [ARM_THREAD] = 2, [ARM_A] = 0, [ARM_B] = 1,
	};

	return rank[arm];
}

static bool comparable(const struct measurement *of, const struct measurement *to)
{
	if (of->point != to->point || of->metric != to->metric)
		return false;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): all are filled in */
	return strcmp(of->metric->unit, "bool") && arm_rank(of->arm) < arm_rank(to->arm);
}

static int add_ratios(struct analysis *analysis)
{
	size_t n = analysis->n_measurements, all = analysis->run->n_trials + 1;
	struct pairs pairs = { 0 };
	int ret = -ENOMEM;

	analysis->ratio = calloc(n * VARIANTS_MAX + 1, sizeof(*analysis->ratio));
	pairs.of = malloc(all * sizeof(*pairs.of));
	pairs.to = malloc(all * sizeof(*pairs.to));
	pairs.log_ratio = malloc(all * sizeof(*pairs.log_ratio));
	if (!analysis->ratio || !pairs.of || !pairs.to || !pairs.log_ratio)
		goto out;
	ret = 0;
	for (size_t i = 0; i < n && !ret; i++)
		for (size_t j = 0; j < n && !ret; j++)
			if (comparable(&analysis->measurement[i], &analysis->measurement[j]))
				ret = add_ratio(analysis, &analysis->measurement[i],
						&analysis->measurement[j], &pairs);
out:
	free(pairs.of);
	free(pairs.to);
	free(pairs.log_ratio);
	return ret;
}

int analysis_init(struct analysis *analysis, const struct experiment_run *run)
{
	const struct experiment *experiment = run->experiment;
	int ret = 0;

	memset(analysis, 0, sizeof(*analysis));
	analysis->run = run;
	analysis->measurement = calloc(run->n_points * experiment->n_variants *
				       experiment->n_metrics + 1,
				       sizeof(*analysis->measurement));
	if (!analysis->measurement)
		return -ENOMEM;
	for (size_t p = 0; p < run->n_points && !ret; p++)
		for (size_t m = 0; m < experiment->n_metrics && !ret; m++)
			for (size_t v = 0; v < experiment->n_variants && !ret; v++)
				if (!run->points[p].cell[v].absent)
					ret = add_measurement(analysis, p, v, m);
	if (!ret)
		ret = add_ratios(analysis);
	if (ret)
		analysis_free(analysis);
	return ret;
}

void analysis_free(struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->n_measurements; i++)
		free(analysis->measurement[i].sample);
	free(analysis->measurement);
	free(analysis->ratio);
	memset(analysis, 0, sizeof(*analysis));
}
