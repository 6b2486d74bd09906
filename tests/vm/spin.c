// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spin processes|threads N CPUS MS: N workers, the i-th pinned to CPU i % CPUS,
 * that spin together for MS milliseconds. Tells for how long, at the least, all of
 * them were on CPUs at once ("together"), and how long each was, summed ("ran").
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "facts.h"

#define MOST 64

static struct {
	pthread_barrier_t barrier;
	int64_t end;
	struct span span[MOST];
} *shared;
static int n, cpus, ms;

static void *work(void *arg)
{
	int number = (int)(uintptr_t)arg;

	pin(number % cpus);
	/* NOLINTNEXTLINE(bugprone-posix-return): it is negative in glibc */
	if (pthread_barrier_wait(&shared->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		shared->end = now_ns(CLOCK_MONOTONIC) + ms * INT64_C(1000000);
	pthread_barrier_wait(&shared->barrier);
	span_begin(&shared->span[number]);
	while (now_ns(CLOCK_MONOTONIC) < shared->end)
		;
	span_end(&shared->span[number]);
	return NULL;
}

static void run_threads(void)
{
	pthread_t thread[MOST];

	for (int i = 0; i < n; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i))
			broken("pthread_create");
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

static void run_processes(void)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			broken("fork");
		if (!pid) {
			work((void *)(uintptr_t)i);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	pthread_barrierattr_t attributes;
	int64_t ran = 0;

	if (argc != 5)
		return 2;
	n = atoi(argv[2]);
	cpus = atoi(argv[3]);
	ms = atoi(argv[4]);
	if (n < 1 || n > MOST || cpus < 1)
		return 2;
	/* With one CPU, nothing of it is ever on another. */
	pin(0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		broken("mmap");
	pthread_barrierattr_init(&attributes);
	pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &attributes, (unsigned int)n);
	if (!strcmp(argv[1], "threads"))
		run_threads();
	else
		run_processes();
	for (int i = 0; i < n; i++)
		ran += shared->span[i].ran;
	fact("pid", getpid());
	fact("together", spans_together(shared->span, n));
	fact("ran", ran);
	return 0;
}
