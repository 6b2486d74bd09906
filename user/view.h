/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the rates is shown, and in which order. Pure. */
#ifndef SCHEDSPLIT_VIEW_H
#define SCHEDSPLIT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "rates.h"

struct view {
	bool		tasks;		/* rather than groups */
	bool		all;		/* with those that did nothing */
	bool		reverse;
	enum column_id	sort;
	char		filter[TASK_COMM_SIZE];	/* "": none */
};

/**
 * view_select() - the groups, or the tasks, that are shown
 * @tasks: tasks, whatever the view says
 * @rows: the result, to be freed by the caller
 *
 * Return: their number; 0 with *@rows NULL where there is no memory.
 */
size_t view_select(const struct view *view, const struct rates *rates, bool tasks,
		   const struct rate ***rows);

#endif
