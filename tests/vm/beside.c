// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * beside A B MS: a leader and two threads, each pinned. The leader and the first
 * thread spin on CPUs A and B for MS milliseconds, then both threads do. Tells
 * for how long either pair was on CPUs at once, at the least and at the most.
 */
#include <pthread.h>
#include "facts.h"

static pthread_barrier_t barrier;
static int cpu[2], ms;
static int64_t end;
static struct span span[3];
static int64_t ran_second;

/* With the other one of the pair. */
static void spin(int who)
{
	/* NOLINTNEXTLINE(bugprone-posix-return): it is negative in glibc */
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		__atomic_store_n(&end, now_ns(CLOCK_MONOTONIC) + ms * INT64_C(1000000),
				 __ATOMIC_SEQ_CST);
	pthread_barrier_wait(&barrier);
	span_begin(&span[who]);
	while (now_ns(CLOCK_MONOTONIC) < __atomic_load_n(&end, __ATOMIC_SEQ_CST))
		;
	span_end(&span[who]);
	/* the other one has said so too */
	pthread_barrier_wait(&barrier);
}

/* A thread that never is on another CPU than @there: not even to be born. */
static pthread_t start(void *(*body)(void *), int here, int there)
{
	pthread_t thread;

	pin(there);
	if (pthread_create(&thread, NULL, body, NULL))
		broken("pthread_create");
	pin(here);
	return thread;
}

static void *second(void *arg)
{
	(void)arg;
	spin(2);
	ran_second = now_ns(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static void *first(void *arg)
{
	pthread_t thread;

	(void)arg;
	spin(1);
	fact("leader", spans_together(&span[0], 2));
	thread = start(second, cpu[1], cpu[0]);
	spin(1);
	pthread_join(thread, NULL);
	fact("threads", spans_together(&span[1], 2));
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
	thread = start(first, cpu[0], cpu[1]);
	spin(0);
	pthread_join(thread, NULL);
	fact("leader_most", now_ns(CLOCK_THREAD_CPUTIME_ID));
	fact("threads_most", ran_second);
	fact("pid", getpid());
	return 0;
}
