// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * becomes_leader N: sleeps N times alone, N times while it has a thread, which
 * sleeps N times too, and N times alone again.
 */
#include <pthread.h>
#include "facts.h"

static pthread_barrier_t barrier;
static int n;

static void *work(void *arg)
{
	long before = voluntary();

	sleeps(n);
	*(long *)arg = voluntary() - before;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

int main(int argc, char **argv)
{
	long before, in_thread;
	pthread_t thread;

	if (argc != 2)
		return 2;
	n = atoi(argv[1]);
	pthread_barrier_init(&barrier, NULL, 2);

	before = voluntary();
	sleeps(n);
	fact("alone_before", voluntary() - before);

	if (pthread_create(&thread, NULL, work, &in_thread))
		broken("pthread_create");
	before = voluntary();
	sleeps(n);
	pthread_barrier_wait(&barrier);
	fact("with_thread", voluntary() - before);
	fact("in_thread", in_thread);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	wait_for_threads(1);

	before = voluntary();
	sleeps(n);
	fact("alone_after", voluntary() - before);
	fact("pid", getpid());
	fact("all_voluntary", voluntary());
	fact("all_involuntary", involuntary());
	return 0;
}
