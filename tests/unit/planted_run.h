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
	struct experiment_run	run;
	struct analysis		analysis;
	gsl_rng			*rng;
};

/* How much larger a cell's values are than 1,000. */
typedef double (*plant_fn)(const struct params *params, enum arm arm, unsigned int block);

static inline void plant(struct planted *planted, const char *name, unsigned int n_cpus,
			 unsigned int blocks, double noise, plant_fn factor)
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
	assert_int_equal(experiment_plan(run, experiment_find(name), &planted->plan, err,
					 sizeof(err)), 0);
	run->trials = calloc((blocks + 1) * run->n_points * VARIANTS_MAX, sizeof(*run->trials));
	assert_non_null(run->trials);
	for (unsigned int block = 0; block <= blocks; block++) {
		for (size_t p = 0; p < run->n_points; p++) {
			for (size_t v = 0; v < run->experiment->n_variants; v++) {
				struct trial *trial = &run->trials[run->n_trials];
				enum arm arm = run->experiment->variants[v].arm;
				struct params params;
				double value;

				if (run->points[p].left_out)
					continue;
				cell_params(run, p, v, &params);
				value = 1e6 * factor(&params, arm, block) *
					gsl_ran_lognormal(planted->rng, 0, noise);
				trial->point = p;
				trial->variant = v;
				trial->warmup = !block;
				trial->block = block ? block - 1 : 0;
				trial->order = (unsigned int)v;
				trial->start_ns = (int64_t)run->n_trials * 1000;
				trial->interval_ns = 1000000;
				for (size_t m = 0; m < run->experiment->n_metrics; m++) {
					trial->metric[m].numerator = (int64_t)value;
					trial->metric[m].denominator = 1000;
				}
				run->n_trials++;
			}
		}
	}
}

static inline void planted_free(struct planted *planted)
{
	analysis_free(&planted->analysis);
	experiment_free(&planted->run);
	gsl_rng_free(planted->rng);
}

#endif
