// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * storm N [FILE]: N threads, one after the other and some at a time, that end at
 * once. Then writes to FILE "threads", and what getrusage() says of them.
 *
 * libraries: -static
 */
#include <pthread.h>
#include "facts.h"

#define AT_A_TIME 8

static void *nothing(void *arg)
{
	if ((uintptr_t)arg % 4 == 0)
		sched_yield();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[AT_A_TIME];
	struct rusage usage;
	int n;

	if (argc < 2)
		return 2;
	n = atoi(argv[1]);
	for (int i = 0; i < n + AT_A_TIME; i++) {
		pthread_t *slot = &thread[i % AT_A_TIME];

		if (i >= AT_A_TIME)
			pthread_join(*slot, NULL);
		if (i < n && pthread_create(slot, NULL, nothing, (void *)(uintptr_t)i))
			broken("pthread_create");
	}
	if (getrusage(RUSAGE_SELF, &usage))
		broken("getrusage");
	if (argc > 2 && !freopen(argv[2], "w", stdout))
		broken(argv[2]);
	fact("pid", getpid());
	fact("threads", n);
	fact("voluntary", usage.ru_nvcsw);
	fact("involuntary", usage.ru_nivcsw);
	return 0;
}
