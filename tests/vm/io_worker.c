// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * io_worker N: N reads from an empty pipe, handed to io_uring one after the other
 * with IOSQE_ASYNC, so that a worker sleeps in each until the byte comes. N may
 * be "forever": the first byte never comes.
 *
 * libraries: -luring
 */
#include <liburing.h>
#include "facts.h"

static const char *worker_state(char *state)
{
	static char path[512], comm[64];
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	FILE *file;
	int pid;

	if (!dir)
		broken("/proc/self/task");
	comm[0] = '\0';
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%d (%60[^)]) %c", &pid, comm, state) != 3)
			comm[0] = '\0';
		fclose(file);
	}
	closedir(dir);
	return comm;
}

int main(int argc, char **argv)
{
	struct io_uring ring;
	int pipes[2], n, most = 0, forever;
	char byte;

	if (argc != 2 || pipe(pipes))
		return 2;
	forever = !strcmp(argv[1], "forever");
	n = forever ? 1 : atoi(argv[1]);
	errno = -io_uring_queue_init(8, &ring, 0);
	if (errno)
		broken("io_uring_queue_init");
	for (int i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		struct io_uring_cqe *cqe;
		char state = 0;
		int threads;

		io_uring_prep_read(sqe, pipes[0], &byte, 1, 0);
		sqe->flags |= IOSQE_ASYNC;
		if (io_uring_submit(&ring) != 1)
			broken("io_uring_submit");
		while (strncmp(worker_state(&state), "iou-wrk", 7) || state != 'S')
			sleeps(1);
		if (forever)
			for (;;)
				pause();
		sleeps(1);
		threads = count_threads();
		if (threads > most)
			most = threads;
		if (write(pipes[1], "", 1) != 1)
			broken("write");
		errno = -io_uring_wait_cqe(&ring, &cqe);
		if (errno || cqe->res != 1)
			broken("io_uring_wait_cqe");
		io_uring_cqe_seen(&ring, cqe);
	}
	fact("pid", getpid());
	fact("reads", n);
	fact("most_workers", most - 1);
	return 0;
}
