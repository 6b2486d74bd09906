// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mover process|thread CPU CPU N: a process, or a thread of one that stays where
 * it is, goes to and fro between two CPUs N times.
 */
#include <pthread.h>
#include "facts.h"

static int cpu[2], n;

static void *move(void *arg)
{
	(void)arg;
	pin(cpu[0]);
	for (int i = 1; i <= n; i++)
		pin(cpu[i % 2]);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 5)
		return 2;
	cpu[0] = atoi(argv[2]);
	cpu[1] = atoi(argv[3]);
	n = atoi(argv[4]);
	/* The thread is born on the first of them, and so has nowhere else to come from. */
	pin(cpu[0]);
	if (!strcmp(argv[1], "process")) {
		move(NULL);
	} else {
		if (pthread_create(&thread, NULL, move, NULL))
			broken("pthread_create");
		pthread_join(thread, NULL);
	}
	fact("pid", getpid());
	return 0;
}
