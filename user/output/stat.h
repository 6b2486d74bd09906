/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writers of `stat`: one call for each format. */
#ifndef SCHEDSPLIT_OUTPUT_STAT_H
#define SCHEDSPLIT_OUTPUT_STAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "../result.h"
#include "../stat_options.h"

/* The table and the lines around it, with the locale's separators. */
void stat_text(FILE *stream, const struct result *result, const struct stat_options *options,
	       bool colour);

/* A line per class of one interval; @first: with the heading. */
void stat_text_interval(FILE *stream, const struct interval *interval, bool first);

/*
 * The contract's stat object. Takes over @environment. NULL: no memory.
 * @version: of the tool
 */
json_t *stat_json(const struct result *result, const struct stat_options *options,
		  json_t *environment, const char *version);

/* A row per class, and as the options say per CPU, group, task and interval. */
void stat_csv(FILE *stream, const struct result *result, const struct stat_options *options);

/* Of a scope in JSON: "system", "pid", "cgroup", "command". */
const char *scope_name(enum scope scope);

#endif
