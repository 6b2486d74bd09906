/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table that is filled cell by cell. Running out of memory is remembered,
 * and told by table_print() alone.
 */
#ifndef SCHEDSPLIT_OUTPUT_TABLE_H
#define SCHEDSPLIT_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct libscols_table;
struct libscols_line;

struct table {
	struct libscols_table	*scols;
	struct libscols_line	*line;
	unsigned int		 columns;
	unsigned int		 at;		/* next cell of the line */
	unsigned int		 lines;
	bool			 failed;
};

/* ALIGN_LINES: left, and a newline in a cell begins another line of it */
enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_LINES };

void table_init(struct table *table);
void table_column(struct table *table, const char *heading, enum align align);

/* Begin a line, then give its cells from left to right. */
void table_line(struct table *table);
__attribute__((format(printf, 2, 3)))
void table_cell(struct table *table, const char *format, ...);

/*
 * Print with @indent blanks before each line and free it; lines are as long as
 * they need to be. Return: 0 or -ENOMEM.
 */
int table_print(struct table *table, FILE *stream, int indent);

#endif
