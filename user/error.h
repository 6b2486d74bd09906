/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors as one sentence for the user. Functions that can fail put the sentence
 * into a buffer of their caller's, without "schedsplit: " and newline, and
 * return a negative errno; only commands print.
 */
#ifndef SCHEDSPLIT_ERROR_H
#define SCHEDSPLIT_ERROR_H

#include <stddef.h>

#define ERROR_SIZE	512	/* enough for every sentence here */

/* Exit statuses of the tool itself. */
enum {
	STATUS_GOOD	= 0,
	STATUS_FAILED	= 1,
	STATUS_USAGE	= 2,
};

/* Formats into @err, cut at @size. Returns @ret, for "return error_set(…)". */
__attribute__((format(printf, 4, 5)))
int error_set(int ret, char *err, size_t size, const char *format, ...);

/* "schedsplit: " and the sentence as one line on stderr. */
__attribute__((format(printf, 1, 2)))
void error_print(const char *format, ...);

/* A wrong command line: error_print() with advice. Returns STATUS_USAGE. */
__attribute__((format(printf, 2, 3)))
int error_usage(const char *command, const char *format, ...);

#endif
