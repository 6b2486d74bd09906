// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of JSON that several results have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

json_t *json_count(uint64_t count)
{
	return count > INT64_MAX ? json_null() : json_integer((json_int_t)count);
}

json_t *json_counters(const struct counters *counters, bool has_tasks)
{
	return json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o s:o}",
			 "tasks", has_tasks ? json_count(counters->tasks) : json_null(),
			 "switches_voluntary", json_count(counters->voluntary),
			 "switches_involuntary", json_count(counters->involuntary),
			 "migrations", json_count(counters->migrations),
			 "wakeups", json_count(counters->wakeups),
			 "run_ns", json_count(counters->run_ns),
			 "wait_ns", json_count(counters->wait_ns),
			 "forks", json_count(counters->forks),
			 "exits", json_count(counters->exits));
}

json_t *json_classes(const struct counters class[SCHEDSPLIT_CLASSES], bool has_tasks)
{
	json_t *classes = json_object();

	for (int i = 0; i < SCHEDSPLIT_CLASSES; i++)
		json_object_set_new(classes, class_name[i], json_counters(&class[i], has_tasks));
	return classes;
}

json_t *json_concurrency(const struct concurrency *concurrency)
{
	json_t *ns = json_array();

	for (size_t k = 0; k < concurrency->n; k++)
		json_array_append_new(ns, json_count(concurrency->ns[k]));
	return json_pack("{s:o}", "ns", ns);
}

json_t *json_bytes(const char *bytes)
{
	json_t *json = json_string(bytes);

	if (json)
		return json;
	json = json_array();
	for (; *bytes; bytes++)
		json_array_append_new(json, json_integer((unsigned char)*bytes));
	return json;
}

char *json_bytes_text(const json_t *json)
{
	size_t n = json_array_size(json);
	char *text;

	if (json_is_string(json))
		return strlen(json_string_value(json)) == json_string_length(json) ?
		       strdup(json_string_value(json)) : NULL;
	text = json_is_array(json) ? malloc(n + 1) : NULL;
	for (size_t i = 0; i < n && text; i++) {
		json_int_t byte = json_integer_value(json_array_get(json, i));

		if (byte < 1 || byte > 255) {
			free(text);
			return NULL;
		}
		text[i] = (char)byte;
	}
	if (text)
		text[n] = '\0';
	return text;
}

int json_write(FILE *stream, const json_t *json)
{
	if (json_dumpf(json, stream, JSON_INDENT(1)))
		return ferror(stream) ? -EIO : -ENOMEM;
	return fputc('\n', stream) == EOF ? -EIO : 0;
}
