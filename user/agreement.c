// SPDX-License-Identifier: GPL-2.0-or-later
/* Two runs of the same, held against each other. */
#include <stdbool.h>
#include <string.h>

#include "agreement.h"

/* What makes two figures the same one, and what the figure is. */
struct kind {
	const char	*array;
	const char	*value;
	const char	*keys[4];
};

static const struct kind ratios = { "ratios", "value", { "metric", "params", "of", "to" } };
static const struct kind measurements = { "measurements", "median",
					  { "metric", "params", "arm", NULL } };

static const json_t *find_by(const json_t *array, const char *key, const json_t *wanted)
{
	const json_t *object;
	size_t i;

	json_array_foreach(array, i, object)
		if (json_equal(json_object_get(object, key), wanted))
			return object;
	return NULL;
}

static bool same_figure(const struct kind *kind, const json_t *a, const json_t *b)
{
	for (size_t k = 0; k < 4 && kind->keys[k]; k++)
		if (!json_equal(json_object_get(a, kind->keys[k]),
				json_object_get(b, kind->keys[k])))
			return false;
	return true;
}

static const json_t *find_figure(const struct kind *kind, const json_t *experiment,
				 const json_t *wanted)
{
	const json_t *figure;
	size_t i;

	json_array_foreach(json_object_get(experiment, kind->array), i, figure)
		if (same_figure(kind, figure, wanted))
			return figure;
	return NULL;
}

static bool bounds(const json_t *interval, double *lo, double *hi)
{
	if (!json_is_array(interval))
		return false;
	*lo = json_number_value(json_array_get(interval, 0));
	*hi = json_number_value(json_array_get(interval, 1));
	return true;
}

static json_t *overlap(const json_t *before, const json_t *now)
{
	double lo[2], hi[2];

	if (!bounds(json_object_get(before, "ci95"), &lo[0], &hi[0]) ||
	    !bounds(json_object_get(now, "ci95"), &lo[1], &hi[1]))
		return json_null();
	return json_boolean(lo[0] <= hi[1] && lo[1] <= hi[0]);
}

static json_t *within(const struct kind *kind, const json_t *before, const json_t *now)
{
	const json_t *value = json_object_get(now, kind->value);
	double lo, hi;

	if (!bounds(json_object_get(before, "ci95"), &lo, &hi) || !json_is_number(value))
		return json_null();
	return json_boolean(json_number_value(value) >= lo && json_number_value(value) <= hi);
}

static json_t *copy_of(const json_t *object, const char *key)
{
	json_t *copy = json_deep_copy(json_object_get(object, key));

	return copy ? copy : json_null();
}

static json_t *figure_of(const struct kind *kind, const json_t *figure)
{
	if (!figure)
		return json_null();
	return json_pack("{s:o,s:o}", "value", copy_of(figure, kind->value),
			 "ci95", copy_of(figure, "ci95"));
}

static json_t *entry(const struct kind *kind, const json_t *name, const json_t *before,
		     const json_t *now)
{
	const json_t *either = now ? now : before;
	json_t *object = json_object();

	json_object_set_new(object, "experiment", json_deep_copy(name));
	for (size_t k = 0; k < 4 && kind->keys[k]; k++)
		json_object_set_new(object, kind->keys[k], copy_of(either, kind->keys[k]));
	if (kind == &measurements)
		json_object_set_new(object, "unit", copy_of(either, "unit"));
	json_object_set_new(object, "before", figure_of(kind, before));
	json_object_set_new(object, "now", figure_of(kind, now));
	json_object_set_new(object, "overlap", overlap(before, now));
	json_object_set_new(object, "within", within(kind, before, now));
	return object;
}

/* In the order of the new run; what only the old one has comes last. */
static void add_experiment(json_t *array, const struct kind *kind, const json_t *before,
			   const json_t *now)
{
	const json_t *name = json_object_get(now, "name"), *figure;
	size_t i;

	json_array_foreach(json_object_get(now, kind->array), i, figure)
		json_array_append_new(array, entry(kind, name, find_figure(kind, before, figure),
						   figure));
	json_array_foreach(json_object_get(before, kind->array), i, figure)
		if (!find_figure(kind, now, figure))
			json_array_append_new(array, entry(kind, name, figure, NULL));
}

static json_t *figures(const struct kind *kind, const json_t *before, const json_t *now)
{
	const json_t *old = json_object_get(before, "experiments"), *experiment;
	json_t *array = json_array();
	size_t i;

	json_array_foreach(json_object_get(now, "experiments"), i, experiment) {
		const json_t *name = json_object_get(experiment, "name");

		add_experiment(array, kind, find_by(old, "name", name), experiment);
	}
	return array;
}

static json_t *verdicts(const json_t *before, const json_t *now)
{
	const json_t *old = json_object_get(before, "claims"), *claim;
	json_t *array = json_array();
	size_t i;

	json_array_foreach(json_object_get(now, "claims"), i, claim) {
		const json_t *id = json_object_get(claim, "id"), *was = find_by(old, "id", id);
		bool same = was && json_equal(json_object_get(was, "verdict"),
					      json_object_get(claim, "verdict"));

		json_array_append_new(array, json_pack("{s:o,s:o,s:o,s:b}",
						       "claim", json_deep_copy(id),
						       "before", copy_of(was, "verdict"),
						       "now", copy_of(claim, "verdict"),
						       "same", same));
	}
	return array;
}

/* How many entries have @key true, and how many true or false. */
static json_t *count_true(const json_t *array, const char *key)
{
	size_t of = 0, yes = 0, i;
	const json_t *object;

	json_array_foreach(array, i, object) {
		yes += json_is_true(json_object_get(object, key));
		of += json_is_boolean(json_object_get(object, key));
	}
	return json_pack("{s:I,s:I}", "n", (json_int_t)yes, "of", (json_int_t)of);
}

json_t *agreement_json(const json_t *before, const json_t *now)
{
	json_t *ratio = figures(&ratios, before, now), *summary;
	json_t *measurement = figures(&measurements, before, now);
	json_t *verdict = verdicts(before, now);

	summary = json_pack("{s:o,s:o,s:o,s:o,s:o}",
			    "verdicts_same", count_true(verdict, "same"),
			    "ratios_overlap", count_true(ratio, "overlap"),
			    "ratios_within", count_true(ratio, "within"),
			    "measurements_overlap", count_true(measurement, "overlap"),
			    "measurements_within", count_true(measurement, "within"));
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}",
			 "version", copy_of(before, "version"),
			 "environment", copy_of(before, "environment"),
			 "summary", summary, "verdicts", verdict, "ratios", ratio,
			 "measurements", measurement);
}
