/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of `top`: what is in them, how wide they are, what can be sorted by. */
#ifndef SCHEDSPLIT_COLUMNS_H
#define SCHEDSPLIT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "rates.h"

enum column_id {
	COLUMN_PID,
	COLUMN_TID,
	COLUMN_CLASS,
	COLUMN_TASKS,
	COLUMN_SWITCHES,	/* to sort by alone */
	COLUMN_VOLUNTARY,
	COLUMN_INVOLUNTARY,
	COLUMN_MIGRATIONS,
	COLUMN_CPU,
	COLUMN_WAIT,
	COLUMN_SLICE,
	COLUMN_PARALLELISM,
	COLUMN_COMMAND,		/* the last one takes what room is left */
	COLUMNS
};

struct column {
	const char *name;	/* for --sort */
	const char *heading;
	char	key;		/* on the keyboard */
	int	width[2];	/* of groups, of tasks; 0: not there */
	bool	is_text;	/* left-aligned, and sorted from A to Z */
};

extern const struct column column[COLUMNS];

/* In the table of groups or of tasks. */
static inline bool column_is_shown(enum column_id id, bool tasks)
{
	return column[id].width[tasks] != 0;
}

/* COLUMNS if there is none. */
enum column_id column_by_name(const char *name);
enum column_id column_by_key(int key);

/* The cell, as short as the column is wide, but for a command. Returns @text. */
const char *column_text(enum column_id id, const struct rates *rates, const struct rate *rate,
			char *text, size_t size);

/* Who comes first: < 0 if @a does. */
int column_compare(enum column_id id, const struct rates *rates, const struct rate *a,
		   const struct rate *b);

#endif
