// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files, replaced atomically where they can be, and standard output. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
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

/* ---- the program's start and end ---- */

static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
static pid_t self;
static bool pipe_is_caught;
static bool pipe_closed;	/* which was to get results */

static void clean_up(int sig)
{
	/* A child that has not executed its program yet has no files. */
	if (getpid() == self)
		output_file_remove_all();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void go_on(int sig)
{
	(void)sig;
}

/* What was ignored stays so, as for nohup(1) and for background jobs of a script. */
static bool take_over(int sig, void (*handler)(int sig))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, before;

	return !sigaction(sig, NULL, &before) && before.sa_handler != SIG_IGN &&
	       !sigaction(sig, &action, NULL);
}

void output_begin(void)
{
	self = getpid();
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		take_over(deadly[i], clean_up);
	/* Not ignored: execve(2) would keep that. */
	pipe_is_caught = take_over(SIGPIPE, go_on);
}

/* Who reads @fd is gone. */
static bool is_closed(int fd)
{
	struct pollfd pipe = { .fd = fd, .events = POLLOUT };

	return poll(&pipe, 1, 0) > 0 && pipe.revents & (POLLERR | POLLHUP);
}

int output_end(int status)
{
	bool failed = fflush(stdout) || ferror(stdout);
	int error = errno;

	if (status != STATUS_GOOD)
		return status;
	if (pipe_is_caught && (pipe_closed || (failed && is_closed(STDOUT_FILENO)))) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (!failed)
		return STATUS_GOOD;
	error_print("cannot write to standard output: %s", strerror(error));
	return STATUS_FAILED;
}

/* ---- one file ---- */

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

bool output_file_is_same(const char *one, const char *other)
{
	struct stat a, b;
	char *name, *other_name;
	bool same;

	if (!stat(one, &a) && !stat(other, &b))
		return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	name = resolve(one);
	other_name = resolve(other);
	same = !strcmp(name ? name : one, other_name ? other_name : other);
	free(name);
	free(other_name);
	return same;
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

int output_file_open_in_place(struct output_file *file, const char *path, char *err, size_t size)
{
	int ret;

	*file = (struct output_file){ .path = path, .stream = find_standard(path) };
	if (!file->stream)
		file->stream = fopen(path, "we");
	if (file->stream)
		return 0;
	ret = -errno;
	release(file);
	return error_set(ret, err, size, "cannot write %s: %s", path, strerror(-ret));
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
	if (ret == -EPERM || ret == -EACCES || ret == -EINVAL || ret == -ENOENT)
		return output_file_open_in_place(file, path, err, size);
	return error_set(ret, err, size, "cannot write %s: %s", path, strerror(-ret));
}

void output_file_commit(struct output_file *file, int ret, char *err, size_t size)
{
	const char *name = file->path ? file->path :
			   file->stream == stderr ? "standard error" : "standard output";
	bool is_ours = file->stream && !is_standard(file->stream);
	int error = errno;

	if (!file->stream)
		return;
	/* What could not be written may be in no buffer any more. */
	if (fflush(file->stream))
		ret = -errno;
	else if (ferror(file->stream))
		ret = error ? -error : -EIO;
	if (is_ours && fclose(file->stream) && !ret)
		ret = -errno;
	if (!ret && file->temporary && rename(file->temporary, file->target))
		ret = -errno;
	if (ret && file->temporary)
		unlink(file->temporary);
	release(file);
	/* Not to be told: whoever read it, head(1) maybe, has seen enough. */
	if (ret == -EPIPE && !is_ours && pipe_is_caught)
		pipe_closed = true;
	else if (ret && !*err)
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
