// SPDX-License-Identifier: GPL-2.0-or-later
/* What `top --batch` writes for each interval, as JSON. */
#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "top.h"

static json_t *known(double number)
{
	return isnan(number) ? json_null() : json_real(number);
}

/* The counts, and what they are by the second and in percent. */
static void add_rates(json_t *json, const struct rates *rates, const struct counters *counts)
{
	json_t *own = json_counters(counts, true);

	json_object_update(json, own);
	json_decref(own);
	json_object_set_new(json, "voluntary_per_second",
			    json_real(rate_per_second(rates, counts->voluntary)));
	json_object_set_new(json, "involuntary_per_second",
			    json_real(rate_per_second(rates, counts->involuntary)));
	json_object_set_new(json, "migrations_per_second",
			    json_real(rate_per_second(rates, counts->migrations)));
	json_object_set_new(json, "cpu_percent", json_real(rate_percent(rates, counts->run_ns)));
	json_object_set_new(json, "wait_percent", json_real(rate_percent(rates, counts->wait_ns)));
}

static json_t *row(const struct rates *rates, const struct rate *rate)
{
	json_t *json = json_pack("{s:i s:i s:s s:b}", "tgid", (int)rate->tgid,
				 "group", (int)rate->group_id, "comm", rate->comm,
				 "dead", rate->dead);

	if (rate->tid) {
		json_object_set_new(json, "tid", json_integer(rate->tid));
		json_object_set_new(json, "class", json_string(class_name[rate->class]));
	} else {
		json_object_set_new(json, "concurrency", json_concurrency(&rate->concurrency));
		json_object_set_new(json, "parallelism", known(rate_parallelism(rate)));
	}
	add_rates(json, rates, &rate->counts);
	json_object_set_new(json, "slice_ns", known(rate_slice_ns(rate)));
	return json;
}

static json_t *list(const struct rates *rates, const struct view *view, bool tasks)
{
	const struct rate **rows;
	size_t n = view_select(view, rates, tasks, &rows);
	json_t *json = rows ? json_array() : NULL;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json, row(rates, rows[i]));
	free(rows);
	return json;
}

json_t *top_json(const struct rates *rates, const struct view *view, unsigned long number,
		 const char *version)
{
	json_t *total = json_object();

	add_rates(total, rates, &rates->total);
	/* a NULL within makes it NULL */
	return json_pack("{s:s s:s s:I s:o s:o s:o s:o s:I s:o s:o s:o}",
			 "schema", "schedsplit-top/1", "version", version,
			 "interval", (json_int_t)number,
			 "start_ns", json_count(rates->start_ns),
			 "end_ns", json_count(rates->end_ns),
			 "duration_ns", json_count(rates->end_ns - rates->start_ns),
			 "lost", json_count(rates->lost), "alive", (json_int_t)rates->alive,
			 "total", total, "groups", list(rates, view, false),
			 "tasks", list(rates, view, true));
}
