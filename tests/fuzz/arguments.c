// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines. Every subcommand gets them whole, and goes as far as where it
 * would ask the module, look at the machine, start a worker program, read a saved
 * run or write a file: there, this file is in between.
 *
 * Input: the subcommand, then arguments, each ended by a NUL.
 *
 * wraps: session_open environment_read worker_directory repeat_load
 * wraps: output_file_open output_file_open_in_place
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "commands.h"
#include "environment.h"
#include "error.h"
#include "fuzz.h"
#include "netlink.h"
#include "output_file.h"
#include "repeat.h"

#define WORDS_MAX	64

int __wrap_session_open(struct session **session, char *err, size_t size);
void __wrap_environment_read(struct environment *environment);
const char *__wrap_worker_directory(char *err, size_t size);
int __wrap_repeat_load(struct repeat *repeat, const char *path, char *err, size_t size);
int __wrap_output_file_open(struct output_file *file, const char *path, char *err, size_t size);
int __wrap_output_file_open_in_place(struct output_file *file, const char *path, char *err,
				     size_t size);

int __wrap_session_open(struct session **session, char *err, size_t size)
{
	*session = NULL;
	return error_set(-ENOENT, err, size, "no module here");
}

void __wrap_environment_read(struct environment *environment)
{
	memset(environment, 0, sizeof(*environment));
}

const char *__wrap_worker_directory(char *err, size_t size)
{
	error_set(0, err, size, "no workers here");
	return NULL;
}

int __wrap_repeat_load(struct repeat *repeat, const char *path, char *err, size_t size)
{
	memset(repeat, 0, sizeof(*repeat));
	return error_set(-EINVAL, err, size, "cannot read %s", path);
}

int __wrap_output_file_open(struct output_file *file, const char *path, char *err, size_t size)
{
	memset(file, 0, sizeof(*file));
	if (path && strcmp(path, "-"))
		return error_set(-EACCES, err, size, "cannot write %s", path);
	file->stream = stdout;
	return 0;
}

int __wrap_output_file_open_in_place(struct output_file *file, const char *path, char *err,
				     size_t size)
{
	return __wrap_output_file_open(file, path, err, size);
}

static int (*const commands[])(int argc, char **argv) = {
	cmd_stat, cmd_compare, cmd_top, cmd_explain, cmd_status,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "schedsplit";
	char *argv[WORDS_MAX + 2] = { name }, *words[WORDS_MAX];
	int argc = 1, status;

	if (!size)
		return 0;
	for (size_t at = 1; at < size && argc <= WORDS_MAX; argc++) {
		const uint8_t *end = memchr(data + at, '\0', size - at);
		size_t length = end ? (size_t)(end - data) - at : size - at;

		words[argc - 1] = argv[argc] = fuzz_text(data + at, length);
		at += length + 1;
	}
	/* 0: begin anew, also in glibc's own state */
	optind = 0;
	status = commands[data[0] % COUNT(commands)](argc, argv);
	CHECK(status == STATUS_GOOD || status == STATUS_FAILED || status == STATUS_USAGE);
	/* Their order can have changed. */
	for (int i = 1; i < argc; i++)
		free(words[i - 1]);
	return 0;
}
