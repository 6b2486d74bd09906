/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `schedsplit top`. */
#ifndef SCHEDSPLIT_TOP_OPTIONS_H
#define SCHEDSPLIT_TOP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stat_options.h"
#include "view.h"

struct top_options {
	struct view	 view;		/* at the start */
	uint64_t	 delay_ns;
	unsigned long	 intervals;	/* 0: no end */
	bool		 batch;
	pid_t		 pid[SCHEDSPLIT_PIDS_MAX];
	size_t		 pids;		/* 0: all tasks */
	struct output_choice json;
	bool		 help, version;
};

/* Return: 0; or STATUS_USAGE, the reason being told on stderr. */
int top_options_parse(struct top_options *options, int argc, char **argv);

extern const char top_help[];

#endif
