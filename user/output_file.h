/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result file: whole or not there, and known to be writable beforehand. */
#ifndef SCHEDSPLIT_OUTPUT_FILE_H
#define SCHEDSPLIT_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct output_file {
	FILE		*stream;
	const char	*path;		/* as given; NULL: standard output or error */
	char		*target;	/* where links lead to; NULL: written in place */
	char		*temporary;	/* what is to become it */
};

/* Do both lead to one file, whether it is there or not? */
bool output_file_is_same(const char *one, const char *other);

/**
 * output_file_open() - prepare to write
 * @path: NULL or "-" for standard output
 *
 * A regular file is written under a temporary name beside it, and replaced at the
 * end: owner, mode and links to it stay. All else is written in place: devices,
 * pipes, what is open already (/dev/stdout, /proc/self/fd/N), and a file whose
 * owner cannot be kept.
 *
 * Return: 0, or -errno with a sentence in @err.
 */
int output_file_open(struct output_file *file, const char *path, char *err, size_t size);

/* Likewise, for what is to be read while it grows: emptied now, written in place. */
int output_file_open_in_place(struct output_file *file, const char *path, char *err, size_t size);

/**
 * output_file_commit() - flush, close, rename
 * @ret: what writing to it returned: -errno, and the old file stays
 * @err: "", or what went wrong with another: whatever fails is told there once, and
 *	keeps no other file from being committed
 */
void output_file_commit(struct output_file *file, int ret, char *err, size_t size);

/* Forget what was written; the old file stays. */
void output_file_discard(struct output_file *file);

/* Remove all temporary files that there are now. Async-signal-safe. */
void output_file_remove_all(void);

/*
 * output_begin() - at the program's start: signals that end it remove temporary files
 *	before, and a closed pipe is an error of writing only, so that the other
 *	outputs are written; programs that are executed get none of this
 * output_end() - at its end: the exit status, with standard output flushed. Where it
 *	is a closed pipe, and @status is good, SIGPIPE ends the program after all.
 */
void output_begin(void);
int output_end(int status);

#endif
