/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of an experiment whose trials were made up: nothing was executed. */
#ifndef SCHEDSPLIT_PLANTED_RUN_H
#define SCHEDSPLIT_PLANTED_RUN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "analysis.h"
#include "claims.h"

struct planted {
	struct machine		machine;
	struct plan		plan;
	struct experiment	experiment;	/* like the real one, with nothing derived */
	struct metric		metrics[WORKER_METRICS_MAX];
	struct experiment_run	run;
	struct analysis		analysis;
	gsl_rng			*rng;
};

/* A figure of a cell, before noise. */
struct plant_cell {
	const struct experiment	*experiment;
	const struct metric	*metric;
	const struct params	*params;
	size_t			 point;
	size_t			 variant;
	unsigned int		 block;		/* 0: warm-up */
};

typedef double (*plant_value_fn)(const struct plant_cell *cell);

/* How much larger a cell's values are than 1,000. */
typedef double (*plant_fn)(const struct params *params, enum arm arm, unsigned int block);

static plant_fn plant_factor;

static inline double plant_by_factor(const struct plant_cell *cell)
{
	return 1000 * plant_factor(cell->params, cell->experiment->variants[cell->variant].arm,
				   cell->block);
}

static inline void plant_trial(struct planted *planted, size_t p, size_t v, unsigned int block,
			       double noise, plant_value_fn value)
{
	struct experiment_run *run = &planted->run;
	struct trial *trial = &run->trials[run->n_trials];
	static const struct tally no_counts;
	struct params params;

	cell_params(run, p, v, &params);
	trial->point = p;
	trial->variant = v;
	trial->warmup = !block;
	trial->block = block ? block - 1 : 0;
	trial->order = (unsigned int)v;
	trial->start_ns = (int64_t)run->n_trials * 1000;
	trial->interval_ns = 1000000;
	trial->tally = tally_clone(&no_counts);
	assert_non_null(trial->tally);
	for (size_t m = 0; m < run->experiment->n_metrics; m++) {
		const struct metric *metric = &run->experiment->metrics[m];
		struct plant_cell cell = { run->experiment, metric, &params, p, v, block };
		double x = value(&cell);

		if (strcmp(metric->unit, "bool"))
			x *= gsl_ran_lognormal(planted->rng, 0, noise);
		trial->metric[m].numerator = (int64_t)(x * 1e6);
		trial->metric[m].denominator = 1000000;
	}
	run->n_trials++;
}

static inline void plant_values(struct planted *planted, const char *name, unsigned int n_cpus,
				unsigned int blocks, double noise, plant_value_fn value)
{
	struct experiment_run *run = &planted->run;
	char err[256];

	memset(planted, 0, sizeof(*planted));
	planted->rng = gsl_rng_alloc(gsl_rng_mt19937);
	for (unsigned int i = 0; i < n_cpus; i++)
		planted->machine.cpus[planted->machine.n_cpus++] = (int)i;
	planted->machine.resolution_ns = 20;
	planted->plan.machine = &planted->machine;
	planted->plan.seed = 1;
	planted->plan.blocks = blocks;
	planted->plan.warmups = 1;
	planted->experiment = *experiment_find(name);
	for (size_t m = 0; m < planted->experiment.n_metrics; m++) {
		planted->metrics[m] = planted->experiment.metrics[m];
		planted->metrics[m].derived = false;
	}
	planted->experiment.metrics = planted->metrics;
	assert_int_equal(experiment_plan(run, &planted->experiment, &planted->plan, err,
					 sizeof(err)), 0);
	run->trials = calloc((blocks + 1) * run->n_points * VARIANTS_MAX, sizeof(*run->trials));
	assert_non_null(run->trials);
	for (unsigned int block = 0; block <= blocks; block++)
		for (size_t p = 0; p < run->n_points; p++)
			for (size_t v = 0; v < run->experiment->n_variants; v++)
				if (!run->points[p].left_out && !run->points[p].cell[v].absent)
					plant_trial(planted, p, v, block, noise, value);
}

static inline void plant(struct planted *planted, const char *name, unsigned int n_cpus,
			 unsigned int blocks, double noise, plant_fn factor)
{
	plant_factor = factor;
	plant_values(planted, name, n_cpus, blocks, noise, plant_by_factor);
}

static inline void planted_free(struct planted *planted)
{
	analysis_free(&planted->analysis);
	experiment_free(&planted->run);
	gsl_rng_free(planted->rng);
}

#endif
