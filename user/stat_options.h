/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `schedsplit stat`. */
#ifndef SCHEDSPLIT_STAT_OPTIONS_H
#define SCHEDSPLIT_STAT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kmod/uapi/schedsplit.h"

/* What is counted. A command can go with each: it then sets the length only. */
enum scope {
	SCOPE_SYSTEM,
	SCOPE_PID,		/* processes with all their threads */
	SCOPE_TID,		/* single tasks; "pid" in JSON too */
	SCOPE_CGROUP,
	SCOPE_COMMAND,
};

#define STAT_REPEAT_MAX		10000

/* Where results go besides the table. */
struct output_choice {
	bool		 wanted;
	const char	*path;		/* NULL: in place of the table, wherever that goes */
};

struct stat_options {
	enum scope	 scope;
	pid_t		 pid[SCHEDSPLIT_PIDS_MAX];
	size_t		 pids;
	const char	*cgroup;	/* as given */
	char		**command;	/* NULL-terminated; NULL: none */
	uint64_t	 duration_ns;	/* 0: no limit */
	uint64_t	 interval_ns;	/* 0: no interval lines */
	unsigned int	 repeat;
	bool		 per_cpu, per_task, per_group, hist, handoff;
	bool		 cost, migrations, life, signals, wait_all;
	struct output_choice json, csv;
	const char	*output;	/* file for what else goes to stdout or stderr */
	bool		 help, version;
};

/**
 * stat_options_parse() - parse a command line
 * @name: of the subcommand, for errors: "stat", "explain"
 *
 * Return: 0; or STATUS_USAGE, the reason being told on stderr.
 */
int stat_options_parse(struct stat_options *options, const char *name, int argc, char **argv);

extern const char stat_help[];

#endif
