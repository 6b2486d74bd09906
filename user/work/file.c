// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file: an operation writes one block of 4 KiB and reads another, in a file
 * of the worker's own in dir=, which has no name.
 *
 * file=direct: past the page cache (O_DIRECT), with fsync() after the write.
 * Where the file system refuses O_DIRECT, through the page cache, from which
 * the file is dropped after the fsync(), so that the read is cold.
 * file=cached: through the page cache and no more.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/protocol.h"
#include "common/timed.h"

/* What O_DIRECT needs its buffers and offsets to be aligned to, or more. */
#define BLOCK_SIZE	4096
#define BLOCKS		64

struct block {
	uint64_t	worker;
	uint64_t	number;
	char		text[BLOCK_SIZE - 16];
};

struct files {
	const char	*directory;
	bool		 cached;
	bool		 dropped;	/* direct, but O_DIRECT was refused */
};

struct file {
	int		 fd;
	uint32_t	 random;
	struct block	*block;
};

static void setup(struct crew *crew)
{
	struct files *files = crew_shared_memory(sizeof(*files));
	const char *kind = argument_text_or("file", "direct");

	raise_descriptor_limit();
	files->directory = argument_text_or("dir", NULL);
	if (!files->directory)
		unavailable("/var/tmp is on no block device: name a directory with --dir");
	files->cached = !strcmp(kind, "cached");
	if (!files->cached && strcmp(kind, "direct"))
		die("argument file: '%s' is none of direct, cached", kind);
	crew->shared = files;
}

/* One that never had a name, or at once has none. */
static int open_nameless(const char *directory)
{
	char path[PATH_MAX];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	snprintf(path, sizeof(path), "%s/schedsplit-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static void io_failed(struct worker *worker, const char *what)
{
	worker_fail(worker, "cannot %s a file in %s: %s", what,
		    ((const struct files *)worker->crew->shared)->directory, strerror(errno));
}

static void write_block(struct worker *worker, struct file *file, uint64_t number)
{
	file->block->worker = worker->index;
	file->block->number = number;
	if (pwrite(file->fd, file->block, BLOCK_SIZE, (off_t)(number * BLOCK_SIZE)) != BLOCK_SIZE)
		io_failed(worker, "write");
}

static void read_block(struct worker *worker, struct file *file, uint64_t number)
{
	if (pread(file->fd, file->block, BLOCK_SIZE, (off_t)(number * BLOCK_SIZE)) != BLOCK_SIZE)
		io_failed(worker, "read");
	if (file->block->worker != worker->index || file->block->number != number)
		worker_fail(worker, "read another block than was written");
}

static void put_on_disk(struct worker *worker, const struct file *file)
{
	if (fsync(file->fd))
		io_failed(worker, "sync");
}

static uint64_t random_block(struct file *file)
{
	file->random = file->random * 1664525 + 1013904223;	/* Numerical Recipes */
	return (file->random >> 16) % BLOCKS;
}

static void operation(struct worker *worker, struct file *file)
{
	const struct files *files = worker->crew->shared;

	write_block(worker, file, random_block(file));
	if (!files->cached)
		put_on_disk(worker, file);
	if (files->dropped)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
	read_block(worker, file, random_block(file));
}

/* Some file systems refuse when asked, others when it comes to reading. */
static bool take_direct(struct file *file)
{
	if (fcntl(file->fd, F_SETFL, O_DIRECT))
		return false;
	if (pread(file->fd, file->block, BLOCK_SIZE, 0) == BLOCK_SIZE)
		return true;
	fcntl(file->fd, F_SETFL, 0);
	return false;
}

/* All blocks are there, and on disk, before any is measured. */
static void prepare(struct worker *worker)
{
	struct files *files = worker->crew->shared;
	struct file *file = calloc(1, sizeof(*file));

	if (!file || posix_memalign((void **)&file->block, BLOCK_SIZE, BLOCK_SIZE))
		worker_fail(worker, "no memory for a block");
	memset(file->block, 'x', BLOCK_SIZE);
	file->random = worker->index;
	file->fd = open_nameless(files->directory);
	if (file->fd < 0)
		io_failed(worker, "make");
	for (uint64_t n = 0; n < BLOCKS; n++)
		write_block(worker, file, n);
	put_on_disk(worker, file);
	if (!files->cached && !take_direct(file))
		files->dropped = true;
	operation(worker, file);
	worker->state = file;
}

static void work(struct worker *worker)
{
	do {
		operation(worker, worker->state);
		worker->result++;
	} while (timed_goes_on(worker));
}

static void check(struct worker *worker)
{
	struct file *file = worker->state;

	for (uint64_t n = 0; n < BLOCKS; n++)
		read_block(worker, file, n);
	close(file->fd);
	free(file->block);
	free(file);
}

static void report(const struct crew *crew)
{
	const struct files *files = crew->shared;

	timed_report(crew);
	if (!files->cached)
		report_count("direct", !files->dropped);
}

int main(int argc, char **argv)
{
	static const struct workload file = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = report,
	};

	return crew_main(argc, argv, &file);
}
