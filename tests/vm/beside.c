// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * beside A B MS: a leader and two threads, each pinned. The leader and the first
 * thread spin on CPUs A and B for MS milliseconds, then both threads do. Tells
 * for how long either pair did, at the least.
 */
#include <pthread.h>
#include "facts.h"

static pthread_barrier_t barrier;
static int cpu[2], ms;
static uint64_t began[3], ended[3], end;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* With the other one of the pair. */
static void spin(int who)
{
	/* NOLINTNEXTLINE(bugprone-posix-return): it is negative in glibc */
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		__atomic_store_n(&end, now_ns() + (uint64_t)ms * 1000000, __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&barrier);
	began[who] = now_ns();
	while (now_ns() < __atomic_load_n(&end, __ATOMIC_SEQ_CST))
		;
	ended[who] = now_ns();
	/* the other one has said so too */
	pthread_barrier_wait(&barrier);
}

static long together(int a, int b)
{
	uint64_t first = began[a] > began[b] ? began[a] : began[b];
	uint64_t last = ended[a] < ended[b] ? ended[a] : ended[b];

	return (long)(last - first);
}

static void *second(void *arg)
{
	(void)arg;
	pin(cpu[0]);
	spin(2);
	return NULL;
}

static void *first(void *arg)
{
	pthread_t thread;

	(void)arg;
	pin(cpu[1]);
	spin(1);
	fact("leader", together(0, 1));
	if (pthread_create(&thread, NULL, second, NULL))
		broken("pthread_create");
	spin(1);
	pthread_join(thread, NULL);
	fact("threads", together(1, 2));
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		return 2;
	cpu[0] = atoi(argv[1]);
	cpu[1] = atoi(argv[2]);
	ms = atoi(argv[3]);
	pthread_barrier_init(&barrier, NULL, 2);
	pin(cpu[0]);
	if (pthread_create(&thread, NULL, first, NULL))
		broken("pthread_create");
	spin(0);
	pthread_join(thread, NULL);
	fact("pid", getpid());
	return 0;
}
