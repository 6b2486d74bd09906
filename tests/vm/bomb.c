// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bomb processes|threads N: makes tasks that end soon as fast as it can, N at a
 * time, until it is killed.
 *
 * libraries: -static
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "facts.h"

#define MOST 64

static void *soon(void *arg)
{
	if ((uintptr_t)arg % 2)
		sched_yield();
	return NULL;
}

static void make_threads(int n)
{
	pthread_t thread[MOST];

	for (int i = 0;; i++) {
		if (i >= n)
			pthread_join(thread[i % n], NULL);
		if (pthread_create(&thread[i % n], NULL, soon, (void *)(uintptr_t)i))
			broken("pthread_create");
	}
}

static void make_processes(int n)
{
	for (int i = 0;; i++) {
		pid_t pid;

		if (i >= n && wait(NULL) < 0)
			broken("wait");
		pid = fork();
		if (pid < 0)
			broken("fork");
		if (!pid) {
			soon((void *)(uintptr_t)i);
			_exit(0);
		}
	}
}

int main(int argc, char **argv)
{
	int n = argc == 3 ? atoi(argv[2]) : 0;

	if (n < 1 || n > MOST)
		return 2;
	if (!strcmp(argv[1], "threads"))
		make_threads(n);
	make_processes(n);
}
