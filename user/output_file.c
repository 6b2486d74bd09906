// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files, replaced atomically where they can be. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static bool is_standard(const FILE *stream)
{
	return stream == stdout || stream == stderr;
}

/* What is open already is not opened again, which would truncate it. */
static FILE *find_standard(const char *path)
{
	FILE *const stream[] = { stdout, stderr };
	struct stat st, standard;

	if (!path || !strcmp(path, "-"))
		return stdout;
	if (stat(path, &st))
		return NULL;
	for (size_t i = 0; i < 2; i++)
		if (!fstat(fileno(stream[i]), &standard) && st.st_dev == standard.st_dev &&
		    st.st_ino == standard.st_ino)
			return stream[i];
	return NULL;
}

/*
 * The file that @path leads to. -ELOOP if it leads through an open descriptor, as
 * /dev/fd/N and /proc/PID/fd/N do: there is no name then that could be replaced.
 */
static int follow(const char *path, struct stat *st)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	int ret;

	if (fd < 0)
		return -errno;
	ret = fstat(fd, st) ? -errno : 0;
	close(fd);
	return ret;
}

/* realpath(), for which the file need not be there; a link to it may. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL), *dir = NULL, *joined = NULL;
	char name[PATH_MAX];
	const char *slash = strrchr(path, '/');
	ssize_t n;

	if (real || errno != ENOENT)
		return real;
	dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	n = readlink(path, name, sizeof(name) - 1);
	if (dir && n > 0) {
		name[n] = '\0';
		if (asprintf(&joined, "%s/%s", *name == '/' ? "" : dir, name) >= 0)
			real = resolve(joined);
	} else if (dir && (!slash || slash[1])) {
		joined = realpath(dir, NULL);
		if (joined && asprintf(&real, "%s/%s", joined, slash ? slash + 1 : path) < 0)
			real = NULL;
	}
	free(joined);
	free(dir);
	return real;
}

static void release(struct output_file *file)
{
	forget(file->temporary);
	free(file->temporary);
	free(file->target);
	memset(file, 0, sizeof(*file));
}

/* @old: what is there, NULL: the file gets the mode that open(2) would give it */
static int open_temporary(struct output_file *file, const struct stat *old)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	/* rename() would replace a file that is not to be written. */
	if (old && access(file->path, W_OK))
		return -errno;
	file->target = resolve(file->path);
	if (!file->target)
		return -errno;
	if (asprintf(&file->temporary, "%s.XXXXXX", file->target) < 0) {
		file->temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	remember(file->temporary);
	/* The owner first: a change of it takes bits from the mode. */
	if ((!old || !fchown(fd, old->st_uid, old->st_gid)) &&
	    !fchmod(fd, old ? old->st_mode & 07777 : 0666 & ~mask))
		file->stream = fdopen(fd, "w");
	if (!file->stream) {
		int ret = -errno;

		close(fd);
		unlink(file->temporary);
		return ret;
	}
	return 0;
}

int output_file_open(struct output_file *file, const char *path, char *err, size_t size)
{
	struct stat st = { .st_mode = 0 };
	bool exists;
	int ret;

	*file = (struct output_file){ .path = path, .stream = find_standard(path) };
	if (file->stream)
		return 0;
	ret = follow(path, &st);
	exists = !ret;
	if (ret == -ENOENT || (exists && S_ISREG(st.st_mode)))
		ret = open_temporary(file, exists ? &st : NULL);
	else
		ret = -EPERM;
	if (!ret)
		return 0;
	release(file);
	/* Also a file whose owner cannot be kept, or that has no files beside it. */
	if (ret == -EPERM || ret == -EACCES || ret == -EINVAL || ret == -ENOENT) {
		file->path = path;
		file->stream = fopen(path, "we");
		if (file->stream)
			return 0;
		ret = -errno;
		release(file);
	}
	return error_set(ret, err, size, "cannot write %s: %s", path, strerror(-ret));
}

void output_file_commit(struct output_file *file, int ret, char *err, size_t size)
{
	const char *name = file->path ? file->path :
			   file->stream == stderr ? "standard error" : "standard output";
	int error = errno;

	if (!file->stream)
		return;
	/* What could not be written may be in no buffer any more. */
	if (fflush(file->stream))
		ret = -errno;
	else if (ferror(file->stream))
		ret = error ? -error : -EIO;
	if (!is_standard(file->stream) && fclose(file->stream) && !ret)
		ret = -errno;
	if (!ret && file->temporary && rename(file->temporary, file->target))
		ret = -errno;
	if (ret && file->temporary)
		unlink(file->temporary);
	release(file);
	if (ret && !*err)
		error_set(ret, err, size, "cannot write %s: %s", name, strerror(-ret));
}

void output_file_discard(struct output_file *file)
{
	if (file->stream && !is_standard(file->stream))
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	release(file);
}
