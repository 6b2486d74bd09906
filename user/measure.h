/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One measurement: from the first reading to the last. */
#ifndef SCHEDSPLIT_MEASURE_H
#define SCHEDSPLIT_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "stat_options.h"

struct session;
struct signals;

struct measure {
	const struct stat_options *options;
	struct session	*session;
	struct signals	*signals;
	/* Called at the end of each interval of -I; may be NULL. false: it cannot be shown */
	bool		(*on_interval)(const struct interval *interval, void *data);
	void		*data;
	bool		 interrupted;	/* by a signal, or on_interval(): no more runs */
};

/* The command could not be executed. No errno: any of them may be the module's answer. */
#define MEASURE_NOT_EXECUTED	1

/**
 * measure_run() - count once, as the options say
 *
 * Return: 0, with @result to be freed; MEASURE_NOT_EXECUTED, with the shell's
 * status in @result, which is to be freed too; or -errno; with a sentence in @err.
 */
int measure_run(struct measure *measure, struct result *result, char *err, size_t size);

/*
 * measure_cgroup_path() - the path below the cgroup v2 mount of what the user
 *	named: that, or a directory of the mount
 *
 * Return: 0 or -errno with a sentence in @err.
 */
int measure_cgroup_path(const char *named, char *path, size_t path_size, char *err, size_t size);

#endif
