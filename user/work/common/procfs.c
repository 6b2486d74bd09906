// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads files of /proc: see procfs.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procfs.h"

static int read_text(const char *path, char text[PROCFS_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n = 0;
	int err;

	if (fd < 0)
		return errno;
	while (length < PROCFS_SIZE - 1) {
		n = read(fd, text + length, PROCFS_SIZE - 1 - length);
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	err = n < 0 ? errno : 0;
	text[length] = '\0';
	close(fd);
	return err;
}

int procfs_read(int pid, const char *name, char text[PROCFS_SIZE])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return read_text(path, text);
}

int procfs_read_system(const char *name, char text[PROCFS_SIZE])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s", name);
	return read_text(path, text);
}

int64_t procfs_number(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, length))
			return strtoll(text + length, NULL, 10);
	}
	return -1;
}
