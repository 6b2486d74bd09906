// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files, replaced atomically. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "output_file.h"

#define OPEN_MAX	8

/* The names of temporary files that exist, for a signal handler. */
static char *volatile temporary[OPEN_MAX];

static void remember(char *name)
{
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (!temporary[i]) {
			temporary[i] = name;
			return;
		}
}

static void forget(const char *name)
{
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (temporary[i] == name)
			temporary[i] = NULL;
}

void output_file_remove_all(void)
{
	for (size_t i = 0; i < OPEN_MAX; i++)
		if (temporary[i])
			unlink(temporary[i]);
}

/* With the mode that open(2) would have given a new file. */
static int open_temporary(struct output_file *file, mode_t mode)
{
	int fd;

	if (asprintf(&file->temporary, "%s.XXXXXX", file->path) < 0) {
		file->temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	remember(file->temporary);
	file->stream = fdopen(fd, "w");
	if (!file->stream || fchmod(fd, mode)) {
		int ret = -errno;

		if (!file->stream)
			close(fd);
		unlink(file->temporary);
		return ret;
	}
	return 0;
}

int output_file_open(struct output_file *file, const char *path, char *err, size_t size)
{
	mode_t mask = umask(0);
	struct stat st;
	int ret = 0;

	umask(mask);
	memset(file, 0, sizeof(*file));
	if (!path || !strcmp(path, "-")) {
		file->stream = stdout;
		return 0;
	}
	file->path = path;
	if (stat(path, &st)) {
		ret = errno == ENOENT ? open_temporary(file, 0666 & ~mask) : -errno;
	} else if (S_ISDIR(st.st_mode)) {
		ret = -EISDIR;
	} else if (!S_ISREG(st.st_mode)) {
		file->stream = fopen(path, "we");
		ret = file->stream ? 0 : -errno;
	} else {
		/* rename() would replace a file that is not to be written. */
		ret = access(path, W_OK) ? -errno : open_temporary(file, st.st_mode & 07777);
	}
	if (!ret)
		return 0;
	forget(file->temporary);
	free(file->temporary);
	memset(file, 0, sizeof(*file));
	return error_set(ret, err, size, "cannot write %s: %s", path, strerror(-ret));
}

int output_file_commit(struct output_file *file, char *err, size_t size)
{
	const char *name = file->path ? file->path : "standard output";
	int ret = 0;

	if (!file->stream)
		return 0;
	if (fflush(file->stream) || ferror(file->stream))
		ret = errno ? -errno : -EIO;
	if (file->path && fclose(file->stream) && !ret)
		ret = -errno;
	if (!ret && file->temporary && rename(file->temporary, file->path))
		ret = -errno;
	if (ret && file->temporary)
		unlink(file->temporary);
	forget(file->temporary);
	free(file->temporary);
	memset(file, 0, sizeof(*file));
	return ret ? error_set(ret, err, size, "cannot write %s: %s", name, strerror(-ret)) : 0;
}

void output_file_discard(struct output_file *file)
{
	if (file->path && file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	forget(file->temporary);
	free(file->temporary);
	memset(file, 0, sizeof(*file));
}
