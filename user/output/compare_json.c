// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare` as JSON: schedsplit-compare/1. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../db_url.h"
#include "compare.h"
#include "json.h"

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* Whole numbers of ns and counts as integers, all else as reals. */
static json_t *number(double value)
{
	if (isfinite(value) && value == floor(value) && fabs(value) < 9e15)
		return json_integer((json_int_t)value);
	return real_or_null(value);
}

static json_t *interval(const struct stats_interval *ci)
{
	if (!ci->known)
		return json_null();
	return json_pack("[o,o]", number(ci->lo), number(ci->hi));
}

static json_t *marks_json(unsigned int marks)
{
	json_t *array = json_array();

	for (int mark = 0; mark < MARKS; mark++)
		if (marks & 1u << mark)
			json_array_append_new(array, json_string(mark_name[mark]));
	return array;
}

static json_t *sample_json(const struct measurement *m, const struct sample *sample)
{
	const struct trial *trial = sample->trial;
	json_t *object = json_object(), *counts;

	json_object_set_new(object, "value", number(sample->value));
	if (!m->metric->derived) {
		const struct fraction *metric = &trial->metric[m->metric_index];

		json_object_set_new(object, "numerator", json_integer(metric->numerator));
		json_object_set_new(object, "denominator", json_integer(metric->denominator));
	}
	json_object_set_new(object, "block", json_integer(trial->block));
	json_object_set_new(object, "order", json_integer(trial->order));
	json_object_set_new(object, "start_ns", json_integer(trial->start_ns));
	json_object_set_new(object, "interval_ns", json_integer(trial->interval_ns));
	json_object_set_new(object, "warmup", json_boolean(trial->warmup));
	json_object_set_new(object, "marks", marks_json(trial->marks));
	if (trial->counts) {
		counts = json_object();
		for (size_t i = 0; i < trial->counts; i++)
			json_object_set_new(counts, trial->count[i].name,
					    json_integer(trial->count[i].numerator));
		json_object_set_new(object, "counts", counts);
	}
	return object;
}

/* "nonstationary" and the figures of both tests. */
static void add_stationarity(json_t *object, const struct stats_stationarity *s)
{
	json_t *marks = json_array();

	if (s->failed)
		json_array_append_new(marks, json_string("nonstationary"));
	json_object_set_new(object, "marks", marks);
	json_object_set_new(object, "stationarity",
			    json_pack("{s:o,s:o,s:o,s:o}",
				      "lag1", real_or_null(s->lag1),
				      "lag1_p", real_or_null(s->lag1_p),
				      "shift", real_or_null(s->shift),
				      "shift_p", real_or_null(s->shift_p)));
}

static json_t *measurement_json(const struct analysis *analysis, const struct measurement *m)
{
	json_t *object = json_object(), *samples = json_array();
	const struct point *point = &analysis->run->points[m->point];

	json_object_set_new(object, "metric", json_string(m->metric->name));
	json_object_set_new(object, "unit", json_string(m->metric->unit));
	json_object_set_new(object, "params", params_json(&m->params));
	json_object_set_new(object, "arm", json_string(arm_name[m->arm]));
	json_object_set_new(object, "iterations", json_integer((json_int_t)point->iterations));
	json_object_set_new(object, "n", json_integer((json_int_t)m->n));
	json_object_set_new(object, "median", number(m->median));
	json_object_set_new(object, "ci95", interval(&m->ci));
	json_object_set_new(object, "min", number(m->min));
	json_object_set_new(object, "max", number(m->max));
	add_stationarity(object, &m->stationarity);
	for (size_t i = 0; i < m->n_samples; i++)
		json_array_append_new(samples, sample_json(m, &m->sample[i]));
	json_object_set_new(object, "samples", samples);
	json_object_set_new(object, "kernel", tally_json(&m->cell->tally));
	if (m->left_out)
		json_object_set_new(object, "left_out", json_string(m->left_out));
	if (m->cell->failed)
		json_object_set_new(object, "error", json_string(m->cell->reason));
	return object;
}

static json_t *estimate_json(const struct estimate *estimate)
{
	return json_pack("{s:I,s:o,s:o}", "n", (json_int_t)estimate->n,
			 "value", real_or_null(estimate->value), "ci95", interval(&estimate->ci));
}

static json_t *ratio_json(const struct ratio *ratio)
{
	json_t *object = json_object();

	json_object_set_new(object, "metric", json_string(ratio->of->metric->name));
	json_object_set_new(object, "params", params_json(&ratio->params));
	json_object_set_new(object, "of", json_string(arm_name[ratio->of->arm]));
	json_object_set_new(object, "to", json_string(arm_name[ratio->to->arm]));
	json_object_set_new(object, "n", json_integer((json_int_t)ratio->all.n));
	json_object_set_new(object, "value", real_or_null(ratio->all.value));
	json_object_set_new(object, "ci95", interval(&ratio->all.ci));
	add_stationarity(object, &ratio->stationarity);
	json_object_set_new(object, "block_length", json_integer((json_int_t)ratio->block_length));
	json_object_set_new(object, "marked_blocks", json_integer((json_int_t)ratio->marked));
	json_object_set_new(object, "unmarked", estimate_json(&ratio->unmarked));
	return object;
}

static json_t *experiment_json(const struct analysis *analysis)
{
	json_t *measurements = json_array(), *ratios = json_array();

	for (size_t i = 0; i < analysis->n_measurements; i++)
		json_array_append_new(measurements,
				      measurement_json(analysis, &analysis->measurement[i]));
	for (size_t i = 0; i < analysis->n_ratios; i++)
		json_array_append_new(ratios, ratio_json(&analysis->ratio[i]));
	return json_pack("{s:s,s:o,s:o}", "name", analysis->run->experiment->name,
			 "measurements", measurements, "ratios", ratios);
}

static json_t *claim_json(const struct judgement *judgement, const char *experiment)
{
	const struct claim *claim = judgement->claim;

	return json_pack("{s:s,s:s,s:[s],s:s,s:s,s:s}", "id", claim->id, "text", claim->text,
			 "experiments", experiment, "rule", claim->rule,
			 "verdict", verdict_name[judgement->verdict], "why", judgement->why);
}

/* What makes it possible to do the run again, besides seed, blocks and CPUs. */
static json_t *options_json(const struct plan *plan)
{
	json_t *options = json_object(), *params = json_object();
	char *db = plan->db ? db_url_without_password(plan->db) : NULL;

	for (const char **pair = plan->params; pair && *pair; pair += 2)
		json_object_set_new(params, pair[0], json_string(pair[1]));
	json_object_set_new(options, "quick", json_boolean(plan->quick));
	json_object_set_new(options, "params", params);
	json_object_set_new(options, "dir", plan->dir ? json_string(plan->dir) : json_null());
	json_object_set_new(options, "db", db ? json_string(db) : json_null());
	json_object_set_new(options, "python",
			    plan->python ? json_string(plan->python) : json_null());
	free(db);
	return options;
}

static json_t *vs_json(const struct vs_commands *vs)
{
	return json_pack("{s:o,s:o,s:o}", "a", json_bytes(vs->a), "b", json_bytes(vs->b),
			 "prepare", vs->prepare ? json_bytes(vs->prepare) : json_null());
}

static json_t *cpus_json(const struct machine *machine)
{
	json_t *cpus = json_array();

	for (unsigned int i = 0; i < machine->n_cpus; i++)
		json_array_append_new(cpus, json_integer(machine->cpus[i]));
	return cpus;
}

json_t *compare_json(const struct compare_result *result, json_t *environment,
		     const char *version)
{
	const struct plan *plan = result->plan;
	json_t *root = json_object(), *claims_array = json_array(), *array = json_array();

	for (size_t i = 0; i < result->n_judgements; i++)
		json_array_append_new(claims_array,
				      claim_json(&result->judgements[i],
						 result->analyses[i].run->experiment->name));
	for (size_t i = 0; i < result->n_analyses; i++)
		json_array_append_new(array, experiment_json(&result->analyses[i]));
	json_object_set_new(root, "schema", json_string("schedsplit-compare/1"));
	json_object_set_new(root, "version", json_string(version));
	json_object_set_new(root, "environment", environment ? environment : json_object());
	json_object_set_new(root, "seed", json_integer((json_int_t)plan->seed));
	json_object_set_new(root, "timing", json_string(result->timing));
	json_object_set_new(root, "source", json_string(result->source));
	json_object_set_new(root, "interrupted", json_boolean(result->interrupted));
	json_object_set_new(root, "blocks", json_integer(plan->blocks));
	json_object_set_new(root, "warmups", json_integer(plan->warmups));
	json_object_set_new(root, "cpus", cpus_json(plan->machine));
	json_object_set_new(root, "clock_resolution_ns",
			    json_integer(plan->machine->resolution_ns));
	json_object_set_new(root, "options", options_json(plan));
	if (result->vs)
		json_object_set_new(root, "vs", vs_json(result->vs));
	json_object_set_new(root, "claims", claims_array);
	json_object_set_new(root, "experiments", array);
	return root;
}
