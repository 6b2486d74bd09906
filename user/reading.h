/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One reading of a watch that goes on: its tasks and groups. */
#ifndef SCHEDSPLIT_READING_H
#define SCHEDSPLIT_READING_H

#include <stddef.h>
#include <stdint.h>

#include "groups.h"
#include "tasks.h"

struct session;

struct reading {
	uint64_t	 start_ns;	/* of the watch, CLOCK_MONOTONIC */
	uint64_t	 time_ns;	/* when the reading began; 0: nothing was read */
	uint64_t	 lost;		/* tasks without a record */
	struct task_list tasks;
	struct group_list groups;
};

/* Return: 0, with @reading to be freed; or -errno with a sentence in @err. */
int reading_take(struct session *session, uint32_t watch, struct reading *reading,
		 char *err, size_t size);
void reading_free(struct reading *reading);

#endif
