// SPDX-License-Identifier: GPL-2.0-or-later
/* A table that is filled cell by cell. */
#include <errno.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

void table_init(struct table *table)
{
	memset(table, 0, sizeof(*table));
	table->scols = scols_new_table();
	if (!table->scols) {
		table->failed = true;
		return;
	}
	scols_table_set_column_separator(table->scols, "  ");
	/* Cells that a narrow terminal hides would be worse than long lines. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
}

void table_column(struct table *table, const char *heading, enum align align)
{
	static const int flag[] = { [ALIGN_RIGHT] = SCOLS_FL_RIGHT, [ALIGN_LINES] = SCOLS_FL_WRAP };
	struct libscols_column *column = NULL;

	table->columns++;
	if (!table->failed)
		column = scols_table_new_column(table->scols, heading, 0, flag[align]);
	if (!column) {
		table->failed = true;
		return;
	}
	if (align == ALIGN_LINES &&
	    (scols_column_set_safechars(column, "\n") ||
	     scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
				       NULL)))
		table->failed = true;
}

void table_line(struct table *table)
{
	table->at = 0;
	table->lines++;
	if (table->failed)
		return;
	table->line = scols_table_new_line(table->scols, NULL);
	table->failed = !table->line;
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;
	char *text;

	if (table->failed || table->at == table->columns)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	/* takes over the text */
	if (!text || scols_line_refer_data(table->line, table->at++, text))
		table->failed = true;
}

int table_print(struct table *table, FILE *stream, int indent)
{
	char *text = NULL;

	if (!table->failed && scols_print_table_to_string(table->scols, &text))
		table->failed = true;
	for (char *at = text; at && *at;) {
		size_t length = strcspn(at, "\n");
		bool last = !at[length];

		/* no blanks at the end of a line */
		while (length && at[length - 1] == ' ')
			length--;
		fprintf(stream, "%*s%.*s\n", indent, "", (int)length, at);
		at += strcspn(at, "\n") + !last;
	}
	free(text);
	scols_unref_table(table->scols);
	return table->failed ? -ENOMEM : 0;
}
