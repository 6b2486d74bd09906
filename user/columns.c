// SPDX-License-Identifier: GPL-2.0-or-later
/* The columns of `top`. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "output/figures.h"

/* With a blank between any two, commands get 15 and 11 of 80 columns. */
const struct column column[COLUMNS] = {
	[COLUMN_PID]	     = { "pid", "PID", 'p', { 7, 7 }, false },
	[COLUMN_TID]	     = { "tid", "TID", 'd', { 0, 7 }, false },
	[COLUMN_CLASS]	     = { "class", "CLASS", 'k', { 0, 7 }, true },
	[COLUMN_TASKS]	     = { "tasks", "TASKS", 'n', { 5, 0 }, false },
	[COLUMN_SWITCHES]    = { "switches", "SW/s", 's', { 0, 0 }, false },
	[COLUMN_VOLUNTARY]   = { "voluntary", "VOL/s", 'v', { 7, 7 }, false },
	[COLUMN_INVOLUNTARY] = { "involuntary", "INVOL/s", 'i', { 7, 7 }, false },
	[COLUMN_MIGRATIONS]  = { "migrations", "MIGR/s", 'm', { 6, 6 }, false },
	[COLUMN_CPU]	     = { "cpu", "CPU%", 'c', { 6, 6 }, false },
	[COLUMN_WAIT]	     = { "wait", "WAIT%", 'w', { 6, 6 }, false },
	[COLUMN_SLICE]	     = { "slice", "SLICE", 'l', { 7, 7 }, false },
	[COLUMN_PARALLELISM] = { "parallelism", "PAR", 'x', { 5, 0 }, false },
	[COLUMN_COMMAND]     = { "command", "COMMAND", 'o', { 7, 7 }, true },
};

enum column_id column_by_name(const char *name)
{
	enum column_id id = 0;

	while (id < COLUMNS && strcmp(column[id].name, name))
		id++;
	return id;
}

enum column_id column_by_key(int key)
{
	enum column_id id = 0;

	while (id < COLUMNS && column[id].key != key)
		id++;
	return id;
}

/* NaN: not known */
static double value(enum column_id id, const struct rates *rates, const struct rate *rate)
{
	const struct counters *counts = &rate->counts;

	switch (id) {
	case COLUMN_PID:
		return rate->tgid;
	case COLUMN_TID:
		return rate->tid;
	case COLUMN_TASKS:
		return (double)counts->tasks;
	case COLUMN_SWITCHES:
		return rate_per_second(rates, counters_switches(counts));
	case COLUMN_VOLUNTARY:
		return rate_per_second(rates, counts->voluntary);
	case COLUMN_INVOLUNTARY:
		return rate_per_second(rates, counts->involuntary);
	case COLUMN_MIGRATIONS:
		return rate_per_second(rates, counts->migrations);
	case COLUMN_CPU:
		return rate_percent(rates, counts->run_ns);
	case COLUMN_WAIT:
		return rate_percent(rates, counts->wait_ns);
	case COLUMN_SLICE:
		return rate_slice_ns(rate);
	case COLUMN_PARALLELISM:
		return rate_parallelism(rate);
	default:
		return NAN;
	}
}

/* With as many digits behind the point as fit; in thousands, where none does. */
static void fit(double number, int decimals, int width, char *text, size_t size)
{
	int length = snprintf(text, size, "%.*f", decimals, number);

	if (length > width)
		length = snprintf(text, size, "%.0f", number);
	if (length > width)
		length = snprintf(text, size, "%.0fk", number / 1e3);
	if (length > width)
		snprintf(text, size, "%.0fM", number / 1e6);
}

const char *column_text(enum column_id id, const struct rates *rates, const struct rate *rate,
			char *text, size_t size)
{
	double number = value(id, rates, rate);
	int width = column[id].width[rate->tid != 0];

	if (id == COLUMN_COMMAND)
		snprintf(text, size, "%s", rate->comm);
	else if (id == COLUMN_CLASS)
		snprintf(text, size, "%s", class_name[rate->class]);
	else if (isnan(number))
		snprintf(text, size, "-");
	else if (id == COLUMN_SLICE)
		figure_text(number, "ns", text, size);
	else if (id == COLUMN_PID || id == COLUMN_TID || id == COLUMN_TASKS)
		fit(number, 0, width, text, size);
	else
		fit(number, id == COLUMN_PARALLELISM ? 2 : 1, width, text, size);
	return text;
}

int column_compare(enum column_id id, const struct rates *rates, const struct rate *a,
		   const struct rate *b)
{
	bool is_pid = id == COLUMN_PID || id == COLUMN_TID;
	double x, y;

	if (id == COLUMN_COMMAND)
		return strcmp(a->comm, b->comm);
	if (id == COLUMN_CLASS)
		return strcmp(class_name[a->class], class_name[b->class]);
	x = value(id, rates, a);
	y = value(id, rates, b);
	/* What is not known comes last, and so the comparison stays an order. */
	x = isnan(x) ? -1 : x;
	y = isnan(y) ? -1 : y;
	if (is_pid)
		return (x > y) - (x < y);
	return (x < y) - (x > y);
}
