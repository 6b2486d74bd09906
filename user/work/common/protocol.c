// SPDX-License-Identifier: GPL-2.0-or-later
/* Arguments in, report lines out: see protocol.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "counts.h"
#include "protocol.h"

static int argument_count;
static char **arguments;
static int report_fd = STDOUT_FILENO;
static int control_fd = -1;

static const char *find(const char *name)
{
	size_t length = strlen(name);

	for (int i = 1; i < argument_count; i++)
		if (!strncmp(arguments[i], name, length) && arguments[i][length] == '=')
			return arguments[i] + length + 1;
	return NULL;
}

/* One write a line: shorter than PIPE_BUF, so it is never torn. */
static void line(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (length < 0)
		_exit(1);
	if ((size_t)length >= sizeof(text)) {
		length = sizeof(text);
		text[length - 1] = '\n';
	}
	if (write(report_fd, text, (size_t)length) != length)
		_exit(1);
}

void die(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line("error %s\n", text);
	_exit(1);
}

void unavailable(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line("unavailable %s\n", text);
	_exit(0);
}

void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int64_t to_number(const char *name, const char *text, char **end, int64_t min, int64_t max)
{
	int64_t value;

	errno = 0;
	value = strtoll(text, end, 10);
	if (errno || *end == text || value < min || value > max)
		die("argument %s: '%s' is not a number from %" PRId64 " to %" PRId64,
		    name, text, min, max);
	return value;
}

void protocol_start(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
	if (find("report"))
		report_fd = (int)argument_number("report", 0, INT32_MAX);
	if (find("control"))
		control_fd = (int)argument_number("control", 0, INT32_MAX);
}

const char *argument_text(const char *name)
{
	const char *text = find(name);

	if (!text)
		die("argument %s=… is missing", name);
	return text;
}

int64_t argument_number(const char *name, int64_t min, int64_t max)
{
	const char *text = argument_text(name);
	int64_t value;
	char *end;

	value = to_number(name, text, &end, min, max);
	if (*end)
		die("argument %s: '%s' is not a number", name, text);
	return value;
}

const char *argument_text_or(const char *name, const char *otherwise)
{
	const char *text = find(name);

	return text ? text : otherwise;
}

int64_t argument_number_or(const char *name, int64_t otherwise, int64_t min, int64_t max)
{
	return find(name) ? argument_number(name, min, max) : otherwise;
}

unsigned int argument_list(const char *name, int *list, unsigned int max)
{
	const char *text = argument_text(name);
	unsigned int n = 0;
	char *end;

	for (;;) {
		if (n == max)
			die("argument %s: more than %u values", name, max);
		list[n++] = (int)to_number(name, text, &end, 0, INT32_MAX);
		if (!*end)
			return n;
		if (*end != ',')
			die("argument %s: '%s' is not a list of numbers", name, text);
		text = end + 1;
	}
}

/* The tool answers with one byte; its end of the pipe closing means: stop. */
static void wait_for_tool(void)
{
	ssize_t n;
	char byte;

	if (control_fd < 0)
		return;
	do {
		n = read(control_fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(1);
}

void protocol_close_on_exec(void)
{
	if (report_fd != STDOUT_FILENO)
		fcntl(report_fd, F_SETFD, FD_CLOEXEC);
	if (control_fd >= 0)
		fcntl(control_fd, F_SETFD, FD_CLOEXEC);
}

bool argument_given(const char *name)
{
	return find(name) != NULL;
}

void report_watch(pid_t pid)
{
	line("watch %d\n", (int)pid);
}

void report_ready(void)
{
	line("ready\n");
	wait_for_tool();
}

void report_argument(const char *name, int64_t value)
{
	line("argument %s=%" PRId64 "\n", name, value);
}

void report_metric(const char *name, int64_t numerator, int64_t denominator)
{
	if (denominator < 0)
		die("%s: divided by %" PRId64, name, denominator);
	line("metric %s %" PRId64 " %" PRId64 "\n", name, numerator, denominator);
}

void report_count(const char *name, int64_t value)
{
	line("count %s %" PRId64 "\n", name, value);
}

static void report_counter(const char *class, const char *counter, int64_t value)
{
	if (value >= 0)
		line("count %s.%s %" PRId64 "\n", class, counter, value);
}

/* What is not known (-1) is not said. */
void report_counts(const char *class, const struct counts *counts)
{
	report_counter(class, "tasks", counts->tasks);
	report_counter(class, "switches_voluntary", counts->switches_voluntary);
	report_counter(class, "switches_involuntary", counts->switches_involuntary);
	report_counter(class, "migrations", counts->migrations);
	report_counter(class, "run_ns", counts->run_ns);
	report_counter(class, "wait_ns", counts->wait_ns);
}

void report_done(void)
{
	line("done\n");
	wait_for_tool();
}

void report_end(void)
{
	line("end\n");
}
