// SPDX-License-Identifier: GPL-2.0-or-later
/* `compare --repeat` for people: how two runs of the same agree. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../attr.h"
#include "compare.h"
#include "figures.h"
#include "table.h"
#include "wrap.h"

#define TEXT_SIZE	256

/* What a file said: it can be any string. */
static const char *text_of(const json_t *json, char *text, size_t size)
{
	snprintf(text, size, "%s", json_is_string(json) ? json_string_value(json) : "n/a");
	text_clean(text);
	return text;
}

/* "same/0": the values of the parameters. */
static const char *point_of(json_t *params, char *text, size_t size)
{
	const char *name;
	json_t *value;
	size_t at = 0;

	text[0] = '\0';
	json_object_foreach(params, name, value) {
		if (at >= size)
			break;
		if (json_is_string(value))
			at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "/" : "",
					       json_string_value(value));
		else
			at += (size_t)snprintf(text + at, size - at, "%s%" JSON_INTEGER_FORMAT,
					       at ? "/" : "", json_integer_value(value));
	}
	text_clean(text);
	return text;
}

static const char *value_of(const json_t *figure, const char *unit, bool is_ratio, char *text,
			    size_t size)
{
	const json_t *value = json_object_get(figure, "value"), *ci95;
	struct stats_interval ci = { .known = false };
	char middle[64], interval[128];

	if (!json_is_number(value))
		return "n/a";
	ci95 = json_object_get(figure, "ci95");
	if (json_is_array(ci95)) {
		ci.known = true;
		ci.lo = json_number_value(json_array_get(ci95, 0));
		ci.hi = json_number_value(json_array_get(ci95, 1));
	}
	if (is_ratio)
		return figure_with_interval(json_number_value(value), &ci, text, size);
	snprintf(text, size, "%s %s", figure_text(json_number_value(value), unit, middle,
						  sizeof(middle)),
		 figure_interval(&ci, unit, interval, sizeof(interval)));
	return text;
}

static const char *says(const json_t *entry, const char *key)
{
	const json_t *value = json_object_get(entry, key);

	return json_is_boolean(value) ? json_is_true(value) ? "yes" : "no" : "n/a";
}

static void add_entry(struct table *table, const json_t *entry, bool is_ratio)
{
	char text[TEXT_SIZE], other[TEXT_SIZE], unit[32];

	table_line(table);
	table_cell(table, "%s", text_of(json_object_get(entry, "experiment"), text, sizeof(text)));
	table_cell(table, "%s", point_of(json_object_get(entry, "params"), text, sizeof(text)));
	if (is_ratio)
		table_cell(table, "%s/%s",
			   text_of(json_object_get(entry, "of"), text, sizeof(text)),
			   text_of(json_object_get(entry, "to"), other, sizeof(other)));
	else
		table_cell(table, "%s", text_of(json_object_get(entry, "arm"), text, sizeof(text)));
	table_cell(table, "%s", text_of(json_object_get(entry, "metric"), text, sizeof(text)));
	text_of(json_object_get(entry, "unit"), unit, sizeof(unit));
	table_cell(table, "%s", value_of(json_object_get(entry, "before"), unit, is_ratio, text,
					 sizeof(text)));
	table_cell(table, "%s", value_of(json_object_get(entry, "now"), unit, is_ratio, text,
					 sizeof(text)));
	table_cell(table, "%s", says(entry, "overlap"));
	table_cell(table, "%s", says(entry, "within"));
}

/* @all: not only those whose intervals do not overlap. */
static int print_entries(const json_t *array, bool is_ratio, bool all, FILE *out)
{
	struct table table;
	const json_t *entry;
	size_t i;

	table_init(&table);
	table_column(&table, "EXPERIMENT", ALIGN_LEFT);
	table_column(&table, "POINT", ALIGN_LEFT);
	table_column(&table, is_ratio ? "ARMS" : "ARM", ALIGN_LEFT);
	table_column(&table, "METRIC", ALIGN_LEFT);
	table_column(&table, is_ratio ? "RATIO BEFORE" : "MEDIAN BEFORE", ALIGN_LEFT);
	table_column(&table, "NOW", ALIGN_LEFT);
	table_column(&table, "OVERLAP", ALIGN_LEFT);
	table_column(&table, "WITHIN", ALIGN_LEFT);
	json_array_foreach(array, i, entry)
		if (all || json_is_false(json_object_get(entry, "overlap")))
			add_entry(&table, entry, is_ratio);
	fputc('\n', out);
	return table_print(&table, out, 0);
}

static void print_count(const json_t *summary, const char *key, const char *what, FILE *out)
{
	const json_t *count = json_object_get(summary, key);

	fprintf(out, "  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " %s\n",
		json_integer_value(json_object_get(count, "n")),
		json_integer_value(json_object_get(count, "of")), what);
}

static void print_verdicts(const json_t *verdicts, FILE *out)
{
	const json_t *verdict;
	size_t i;

	json_array_foreach(verdicts, i, verdict) {
		char id[TEXT_SIZE], before[TEXT_SIZE], now[TEXT_SIZE];

		if (!json_is_true(json_object_get(verdict, "same")))
			fprintf(out, "  %s: %s before, %s now\n",
				text_of(json_object_get(verdict, "claim"), id, sizeof(id)),
				text_of(json_object_get(verdict, "before"), before, sizeof(before)),
				text_of(json_object_get(verdict, "now"), now, sizeof(now)));
	}
}

int compare_agreement_text(const json_t *agreement, FILE *out, bool verbose)
{
	const json_t *summary = json_object_get(agreement, "summary");
	const json_t *measurements = json_object_get(agreement, "measurements");
	char file[TEXT_SIZE];
	int ret;

	fprintf(out, "\nAgreement with %s:\n",
		text_of(json_object_get(agreement, "file"), file, sizeof(file)));
	print_count(summary, "verdicts_same", "verdicts are the same", out);
	print_verdicts(json_object_get(agreement, "verdicts"), out);
	print_count(summary, "ratios_overlap", "ratios have intervals that overlap", out);
	print_count(summary, "ratios_within", "ratios lie in the interval from before", out);
	print_count(summary, "measurements_overlap", "medians have intervals that overlap", out);
	print_count(summary, "measurements_within", "medians lie in the interval from before", out);
	ret = print_entries(json_object_get(agreement, "ratios"), true, true, out);
	if (!ret && !verbose)
		fputs("\nMedians whose intervals do not overlap (all of them: --verbose):\n", out);
	if (!ret)
		ret = print_entries(measurements, false, verbose, out);
	return ret ? ret : ferror(out) ? -EIO : 0;
}
