// SPDX-License-Identifier: GPL-2.0-or-later
/* What of the rates is shown, and in which order. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

static bool is_wanted(const struct view *view, const struct rate *rate)
{
	if (!view->all && rate_is_quiet(rate))
		return false;
	/* Threads have names of their own: their program's finds them too. */
	return !*view->filter || strcasestr(rate->comm, view->filter) ||
	       strcasestr(rate->group_comm, view->filter);
}

struct order {
	const struct view	*view;
	const struct rates	*rates;
};

static int compare(const void *one, const void *other, void *data)
{
	const struct rate *a = *(const struct rate *const *)one;
	const struct rate *b = *(const struct rate *const *)other;
	const struct order *order = data;
	int result = column_compare(order->view->sort, order->rates, a, b);

	if (order->view->reverse)
		result = -result;
	/* Equals keep their places from one interval to the next. */
	if (!result)
		result = (a->tgid > b->tgid) - (a->tgid < b->tgid);
	if (!result)
		result = (a->tid > b->tid) - (a->tid < b->tid);
	return result ? result : (a->group_id > b->group_id) - (a->group_id < b->group_id);
}

size_t view_select(const struct view *view, const struct rates *rates, bool tasks,
		   const struct rate ***rows)
{
	const struct rate *list = tasks ? rates->task : rates->group;
	size_t n = tasks ? rates->tasks : rates->groups, kept = 0;
	struct order order = { view, rates };

	*rows = calloc(n + 1, sizeof(const struct rate *));
	if (!*rows)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (is_wanted(view, &list[i]))
			(*rows)[kept++] = &list[i];
	qsort_r(*rows, kept, sizeof(const struct rate *), compare, &order);
	return kept;
}
