// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors as one sentence for the user. */
#include <stdarg.h>
#include <stdio.h>

#include "attr.h"
#include "error.h"

int error_set(int ret, char *err, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err, size, format, args);
	va_end(args);
	return ret;
}

/*
 * One line, whatever the sentence quotes: names of files and arguments can
 * hold newlines and terminal escapes.
 */
static void print_line(const char *format, va_list args, const char *tail)
{
	char line[2 * ERROR_SIZE];

	vsnprintf(line, sizeof(line), format, args);
	text_clean(line);
	fprintf(stderr, "schedsplit: %s%s\n", line, tail);
}

void error_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args, "");
	va_end(args);
}

int error_usage(const char *command, const char *format, ...)
{
	char tail[128] = ": see schedsplit --help";
	va_list args;

	if (command)
		snprintf(tail, sizeof(tail), ": see schedsplit %s --help", command);
	va_start(args, format);
	print_line(format, args, tail);
	va_end(args);
	return STATUS_USAGE;
}
