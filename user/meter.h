/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A meter: a watch that is read again and again. Each reading gives the rates
 * since the one before.
 */
#ifndef SCHEDSPLIT_METER_H
#define SCHEDSPLIT_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rates.h"
#include "reading.h"

struct session;

struct meter {
	struct session	*session;
	uint32_t	 watch;
	bool		 renews;	/* a watch of all tasks: see meter_next() */
	bool		 renewed;
	uint64_t	 origin_ns;	/* when the first watch began */
	struct reading	 last;
};

/**
 * meter_start() - begin to watch
 * @pids: processes, with what they create; 0 of them: all tasks
 *
 * Return: 0, or -errno with a sentence in @err.
 */
int meter_start(struct meter *meter, struct session *session, const pid_t *pids, size_t n_pids,
		char *err, size_t size);

/**
 * meter_next() - what happened since the last call, or since the start
 *
 * Times are ns since the start. The dead stay in a watch, so one of all tasks is
 * replaced where they have become many: the next interval then begins a little
 * before this one ends, and what happens between is in both.
 *
 * Return: 0, with @rates to be freed; or -errno with a sentence in @err.
 */
int meter_next(struct meter *meter, struct rates *rates, char *err, size_t size);

/* The watch ends with the session. */
void meter_end(struct meter *meter);

#endif
