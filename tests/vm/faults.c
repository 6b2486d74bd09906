// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faults HOW N: a program with one fault, known beforehand. HOW:
 *
 *	lock	four threads need the same lock to work, N turns of 3 ms each
 *	hands	two threads, on CPU 0 and CPU 1, hand a byte to each other N times
 *	forks	N children, one after the other, that end at once
 */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include "facts.h"

#define THREADS	4
#define TURN_NS	3000000

static sem_t turn[THREADS];
static int there[2], back[2], n;

/* By the clock of the thread: it does the work, however long that takes. */
static void compute(void)
{
	int64_t end = now_ns(CLOCK_THREAD_CPUTIME_ID) + TURN_NS;

	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* The lock is fair: each has it in turn, so that each does as much. */
static void *locked(void *arg)
{
	int self = (int)(uintptr_t)arg;

	for (int i = 0; i < n; i++) {
		while (sem_wait(&turn[self]))
			;
		compute();
		sem_post(&turn[(self + 1) % THREADS]);
	}
	return NULL;
}

static void run_lock(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		sem_init(&turn[i], 0, !i);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, locked, (void *)(uintptr_t)i))
			broken("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void hand(int from, int to)
{
	char byte;

	if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
		broken("pipe");
}

static void *second(void *arg)
{
	(void)arg;
	pin(1);
	for (int i = 0; i < n; i++)
		hand(there[0], back[1]);
	return NULL;
}

static void run_hands(void)
{
	pthread_t thread;

	pin(0);
	if (pipe(there) || pipe(back) || pthread_create(&thread, NULL, second, NULL) ||
	    write(there[1], "", 1) != 1)
		broken("pipe or pthread_create");
	for (int i = 1; i < n; i++)
		hand(back[0], there[1]);
	pthread_join(thread, NULL);
}

static void run_forks(void)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			broken("fork");
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	n = atoi(argv[2]);
	if (!strcmp(argv[1], "lock"))
		run_lock();
	else if (!strcmp(argv[1], "hands"))
		run_hands();
	else if (!strcmp(argv[1], "forks"))
		run_forks();
	else
		return 2;
	return 0;
}
