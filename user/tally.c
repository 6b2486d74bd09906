// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts of a trial's tasks. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "snapshot.h"
#include "tally.h"

const char *const tally_counter_name[TALLY_COUNTERS] = {
	"tasks", "switches_voluntary", "switches_involuntary", "migrations", "wakeups",
	"run_ns", "wait_ns", "forks", "exits",
};

static const char *const space_name[TALLY_SPACES] = { "lazy", "same", "cross", "same_group" };

bool tally_set(struct tally *tally, const char *name, int64_t value)
{
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		size_t length = strlen(class_name[class]);

		if (strncmp(name, class_name[class], length) || name[length] != '.')
			continue;
		for (int counter = 0; counter < TALLY_COUNTERS; counter++) {
			if (strcmp(name + length + 1, tally_counter_name[counter]))
				continue;
			tally->counter[class][counter] = value;
			tally->known[class] |= 1u << counter;
			return true;
		}
	}
	return false;
}

void tally_sum(int64_t *sum, int64_t part)
{
	if (__builtin_add_overflow(*sum, part, sum))
		*sum = part < 0 ? INT64_MIN : INT64_MAX;
}

void tally_add(struct tally *sum, const struct tally *part)
{
	bool first = !sum->trials++;

	sum->module = part->module && (first || sum->module);
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		sum->known[class] = first ? part->known[class] :
					    sum->known[class] & part->known[class];
		for (int counter = 0; counter < TALLY_COUNTERS; counter++)
			tally_sum(&sum->counter[class][counter], part->counter[class][counter]);
	}
	for (int space = 0; space < TALLY_SPACES; space++)
		tally_sum(&sum->space[space], part->space[space]);
	for (int space = 0; space < TALLY_SAME_GROUP; space++) {
		tally_sum(&sum->costed[space], part->costed[space]);
		sum->cost_ns[space] += part->cost_ns[space];
	}
	for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
		tally_sum(&sum->moved[distance], part->moved[distance]);
	tally_sum(&sum->beside_ns, part->beside_ns);
	tally_sum(&sum->shared_core_ns, part->shared_core_ns);
	for (unsigned int k = 0; k <= part->concurrency_max; k++)
		tally_sum(&sum->concurrency[k], part->concurrency[k]);
	if (part->concurrency_max > sum->concurrency_max)
		sum->concurrency_max = part->concurrency_max;
	tally_sum(&sum->tasks_checked, part->tasks_checked);
	tally_sum(&sum->tasks_mismatched, part->tasks_mismatched);
	tally_sum(&sum->lost, part->lost);
	tally_sum(&sum->untraced, part->untraced);
}

struct tally *tally_clone(const struct tally *tally)
{
	size_t size = offsetof(struct tally, concurrency) +
		      (tally->concurrency_max + 1) * sizeof(tally->concurrency[0]);
	struct tally *copy = malloc(size);

	if (copy)
		memcpy(copy, tally, size);
	return copy;
}

int64_t tally_total(const struct tally *tally, enum tally_counter counter)
{
	int64_t sum = -1;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		if (!tally->module && !(tally->known[class] & 1u << counter))
			continue;
		if (sum < 0)
			sum = 0;
		tally_sum(&sum, tally->counter[class][counter]);
	}
	return sum;
}

static json_t *classes_json(const struct tally *tally)
{
	json_t *classes = json_object();

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		json_t *object;

		if (!tally->module && !tally->known[class])
			continue;
		object = json_object();
		for (int counter = 0; counter < TALLY_COUNTERS; counter++)
			if (tally->module || tally->known[class] & 1u << counter)
				json_object_set_new(object, tally_counter_name[counter],
						    json_integer(tally->counter[class][counter]));
		json_object_set_new(classes, class_name[class], object);
	}
	return classes;
}

static json_t *space_json(const struct tally *tally)
{
	json_t *spaces = json_object();

	for (int space = 0; space < TALLY_SPACES; space++)
		json_object_set_new(spaces, space_name[space], json_integer(tally->space[space]));
	return spaces;
}

static json_t *concurrency_json(const struct tally *tally)
{
	json_t *ns = json_array();

	for (unsigned int k = 0; k <= tally->concurrency_max; k++)
		json_array_append_new(ns, json_integer(tally->concurrency[k]));
	return json_pack("{s:o}", "ns", ns);
}

/* null: nobody has measured them. */
static json_t *cost_json(const struct tally *tally)
{
	json_t *spaces = json_object();

	if (isnan(tally_mean_cost(tally))) {
		json_decref(spaces);
		return json_null();
	}
	for (int space = 0; space < TALLY_SAME_GROUP; space++)
		json_object_set_new(spaces, space_name[space], json_pack("{s:I,s:f}",
				    "switches", (json_int_t)tally->costed[space],
				    "ns", tally->cost_ns[space]));
	return spaces;
}

static json_t *moved_json(const struct tally *tally)
{
	json_t *distances = json_object();

	for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
		json_object_set_new(distances, distance_name[distance],
				    json_integer(tally->moved[distance]));
	return distances;
}

json_t *tally_json(const struct tally *tally)
{
	json_t *kernel = json_object();

	json_object_set_new(kernel, "trials", json_integer(tally->trials));
	json_object_set_new(kernel, "classes", classes_json(tally));
	json_object_set_new(kernel, "space", tally->module ? space_json(tally) : json_null());
	json_object_set_new(kernel, "cost", cost_json(tally));
	json_object_set_new(kernel, "migrations",
			    tally->module ? moved_json(tally) : json_null());
	json_object_set_new(kernel, "concurrency",
			    tally->module ? concurrency_json(tally) : json_null());
	json_object_set_new(kernel, "proof", !tally->module ? json_null() :
			    json_pack("{s:I,s:I,s:I,s:I}",
				      "tasks_checked", (json_int_t)tally->tasks_checked,
				      "tasks_mismatched", (json_int_t)tally->tasks_mismatched,
				      "lost", (json_int_t)tally->lost,
				      "untraced", (json_int_t)tally->untraced));
	return kernel;
}

double tally_mean_cost(const struct tally *tally)
{
	int64_t switches = 0;
	double ns = 0;

	for (int space = 0; space < TALLY_SAME_GROUP; space++) {
		tally_sum(&switches, tally->costed[space]);
		ns += tally->cost_ns[space];
	}
	return switches ? ns / (double)switches : NAN;
}

double tally_life(const struct tally *tally, enum schedsplit_life stage)
{
	return tally->module ? tally->life_ns[stage] : NAN;
}

double tally_signal(const struct tally *tally, enum schedsplit_signal_to to)
{
	return tally->module ? tally->signal_ns[to] : NAN;
}

double tally_shared_core(const struct tally *tally)
{
	return tally->beside_ns ? (double)tally->shared_core_ns / (double)tally->beside_ns : NAN;
}

double tally_mean_running(const struct tally *tally)
{
	double busy = 0, weighted = 0;

	if (!tally->module)
		return NAN;
	for (unsigned int k = 1; k <= tally->concurrency_max; k++) {
		busy += (double)tally->concurrency[k];
		weighted += (double)k * (double)tally->concurrency[k];
	}
	return busy > 0 ? weighted / busy : NAN;
}
