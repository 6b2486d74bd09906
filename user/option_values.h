/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of options that several subcommands have. The subcommand is named in
 * errors, which are told on stderr.
 */
#ifndef SCHEDSPLIT_OPTION_VALUES_H
#define SCHEDSPLIT_OPTION_VALUES_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kmod/uapi/schedsplit.h"

/* All of @text is a decimal number within the bounds. */
bool option_integer(const char *text, long min, long max, long *value);

/*
 * option_pids() - add a list such as 12,345 to @pid
 * option_seconds() - a number of seconds, of @least or more
 * @name: of the option: "-p"
 *
 * Return: 0; or STATUS_USAGE, the reason being told.
 */
int option_pids(const char *command, const char *name, const char *list,
		pid_t pid[SCHEDSPLIT_PIDS_MAX], size_t *pids);
int option_seconds(const char *command, const char *name, const char *text, double least,
		   uint64_t *ns);

/* FILE of an output: NULL if there is none, or it is "-", standard output. */
const char *option_file(const char *name);

/*
 * No name of an output is empty, nor do two lead to one file: they would destroy
 * each other. Return: 0; or STATUS_USAGE, the reason being told.
 */
int option_files_differ(const char *command, const char *const path[], size_t n);

/* Tell what getopt could not make sense of, as it was written. Returns STATUS_USAGE. */
int option_complain(const char *command, int c, const struct option *options, char **argv);

#endif
