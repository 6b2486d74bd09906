/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches: which tasks the module keeps records for. */
#ifndef SCHEDSPLIT_WATCH_H
#define SCHEDSPLIT_WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kmod/uapi/schedsplit.h"
#include "concurrency.h"

struct nlmsghdr;
struct session;

struct watch_spec {
	enum schedsplit_watch_kind kind;
	const pid_t	*pids;		/* KIND_GROUP, KIND_TASK */
	size_t		 n_pids;	/* 1 to SCHEDSPLIT_PIDS_MAX */
	const char	*cgroup;	/* KIND_CGROUP: path below the v2 mount */
};

/* What WATCH_GET tells. Free with watch_state_free(). */
struct watch_state {
	uint64_t	time_ns;	/* CLOCK_MONOTONIC at the reading */
	uint64_t	duration_ns;	/* since it began, to now or to its stop */
	uint32_t	records;
	uint32_t	alive;		/* of these; UINT32_MAX: not told */
	uint64_t	lost;		/* tasks that got no record */
	uint32_t	generation;
	struct concurrency concurrency;	/* adds up to duration_ns */
};

/*
 * watch_new() - begin to watch; the number of the watch goes to @watch
 * watch_stop() - count no more; records stay, and no longer change
 * watch_del() - stop, and forget the records
 * watch_get() - read it
 *
 * Return: 0 or -errno with a sentence in @err.
 */
int watch_new(struct session *session, const struct watch_spec *spec, uint32_t *watch,
	      char *err, size_t size);
int watch_stop(struct session *session, uint32_t watch, char *err, size_t size);
int watch_del(struct session *session, uint32_t watch, char *err, size_t size);
int watch_get(struct session *session, uint32_t watch, struct watch_state *state,
	      char *err, size_t size);

/* The answer to WATCH_GET. Return: 0 or -errno. */
int watch_state_parse(struct watch_state *state, const struct nlmsghdr *nlh,
		      char *err, size_t size);
void watch_state_free(struct watch_state *state);

#endif
