// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of options that several subcommands have. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "option_values.h"
#include "output_file.h"

#define SECONDS_MAX	(100.0 * 365 * 86400)
#define PID_LARGEST	4194304	/* PID_MAX_LIMIT on 64 bits */

bool option_integer(const char *text, long min, long max, long *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtol(text, &end, 10);
	return !errno && !*end && *value >= min && *value <= max;
}

int option_pids(const char *command, const char *name, const char *list,
		pid_t pid[SCHEDSPLIT_PIDS_MAX], size_t *pids)
{
	for (const char *at = list;; at++) {
		size_t digits = strspn(at, "0123456789");
		long number = strtol(at, NULL, 10);

		if (!digits || (at[digits] && at[digits] != ','))
			return error_usage(command, "%s: '%.64s' is no list of numbers such as 12,345",
					   name, list);
		/* what is too long for strtol() is LONG_MAX */
		if (number < 1 || number > PID_LARGEST)
			return error_usage(command, "%s: '%.*s' is not from 1 to %d, the largest pid",
					   name, (int)digits, at, PID_LARGEST);
		if (*pids == SCHEDSPLIT_PIDS_MAX)
			return error_usage(command, "%s: more than %d; name their cgroup instead",
					   name, SCHEDSPLIT_PIDS_MAX);
		pid[(*pids)++] = (pid_t)number;
		at += digits;
		if (!*at)
			return 0;
	}
}

int option_seconds(const char *command, const char *name, const char *text, double least,
		   uint64_t *ns)
{
	char *end;
	double seconds = strtod(text, &end);

	/* also false for NaN */
	if (end == text || *end || !(seconds >= least && seconds <= SECONDS_MAX))
		return error_usage(command, "%s: '%s' is not a number of seconds, such as 10 or 0.5",
				   name, text);
	*ns = (uint64_t)llround(seconds * 1e9);
	return 0;
}

const char *option_file(const char *name)
{
	return name && strcmp(name, "-") ? name : NULL;
}

int option_files_differ(const char *command, const char *const path[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (path[i] && !*path[i])
			return error_usage(command, "the name of an output file is empty");
		for (size_t j = 0; j < i; j++)
			if (path[i] && path[j] && output_file_is_same(path[i], path[j]))
				return error_usage(command, "two outputs cannot both go to %s",
						   path[i]);
	}
	return 0;
}

int option_complain(const char *command, int c, const struct option *options, char **argv)
{
	/* not so amid letters, whose word getopt has yet to leave */
	const char *written = argv[optind - 1];

	if (c == ':')
		return error_usage(command, "%s needs a value", written);
	if (!optopt)
		return error_usage(command, "no option %s, or not one only", written);
	for (; options->name; options++)
		if (options->val == optopt)
			return error_usage(command, "--%s takes no value", options->name);
	return error_usage(command, "no option -%c", optopt);
}
