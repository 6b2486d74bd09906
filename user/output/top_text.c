// SPDX-License-Identifier: GPL-2.0-or-later
/* What `top --batch` writes for each interval, as a table. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "table.h"
#include "top.h"

const char *top_switches_text(const struct rates *rates, char *text, size_t size)
{
	const struct counters *total = &rates->total;

	snprintf(text, size, "%.1f voluntary/s, %.1f involuntary/s, %.1f migrations/s",
		 rate_per_second(rates, total->voluntary),
		 rate_per_second(rates, total->involuntary),
		 rate_per_second(rates, total->migrations));
	return text;
}

const char *top_tasks_text(const struct rates *rates, char *text, size_t size)
{
	int length = snprintf(text, size, "%" PRIu64 " tasks in %zu groups, CPU %.1f %%, waiting %.1f %%",
			      rates->total.tasks, rates->groups,
			      rate_percent(rates, rates->total.run_ns),
			      rate_percent(rates, rates->total.wait_ns));

	if (rates->lost && length > 0 && (size_t)length < size)
		snprintf(text + length, size - (size_t)length, ", %" PRIu64 " LOST", rates->lost);
	return text;
}

int top_text(FILE *stream, const struct rates *rates, const struct view *view)
{
	const struct rate **rows;
	size_t n = view_select(view, rates, view->tasks, &rows);
	struct table table;
	char text[128];
	int ret;

	if (!rows)
		return -ENOMEM;
	fprintf(stream, " %.3f s to %.3f s: %s\n", (double)rates->start_ns / 1e9,
		(double)rates->end_ns / 1e9, top_switches_text(rates, text, sizeof(text)));
	fprintf(stream, " %s\n\n", top_tasks_text(rates, text, sizeof(text)));
	table_init(&table);
	for (enum column_id id = 0; id < COLUMNS; id++)
		if (column_is_shown(id, view->tasks))
			table_column(&table, column[id].heading,
				     column[id].is_text ? ALIGN_LEFT : ALIGN_RIGHT);
	for (size_t i = 0; i < n; i++) {
		table_line(&table);
		for (enum column_id id = 0; id < COLUMNS; id++)
			if (column_is_shown(id, view->tasks))
				table_cell(&table, "%s", column_text(id, rates, rows[i], text,
								     sizeof(text)));
	}
	ret = table_print(&table, stream, 1);
	fputc('\n', stream);
	free(rows);
	return ret;
}
