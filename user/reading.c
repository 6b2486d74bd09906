// SPDX-License-Identifier: GPL-2.0-or-later
/* One reading of a watch that goes on: its tasks and groups. */
#include <string.h>

#include "reading.h"
#include "watch.h"

int reading_take(struct session *session, uint32_t watch, struct reading *reading,
		 char *err, size_t size)
{
	struct watch_state state;
	int ret;

	memset(reading, 0, sizeof(*reading));
	ret = watch_get(session, watch, &state, err, size);
	if (ret)
		return ret;
	reading->start_ns = state.time_ns - state.duration_ns;
	reading->time_ns = state.time_ns;
	reading->lost = state.lost;
	watch_state_free(&state);
	/* In this order, so that no task is without its group. */
	ret = tasks_get_live(session, watch, &reading->tasks, err, size);
	if (!ret)
		ret = groups_get_live(session, watch, &reading->groups, err, size);
	if (ret)
		reading_free(reading);
	return ret;
}

void reading_free(struct reading *reading)
{
	tasks_free(&reading->tasks);
	groups_free(&reading->groups);
	memset(reading, 0, sizeof(*reading));
}
