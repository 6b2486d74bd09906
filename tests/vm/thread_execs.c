// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thread_execs N: a thread sleeps N times, execs, and sleeps N times as the
 * leader that it has become, under the leader's TID.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include "facts.h"

static char **arguments;

static void *work(void *arg)
{
	char tid[16], before[16];

	(void)arg;
	sleeps(atoi(arguments[1]));
	snprintf(tid, sizeof(tid), "%ld", (long)syscall(SYS_gettid));
	snprintf(before, sizeof(before), "%ld", voluntary());
	execl("/proc/self/exe", "thread_execs", arguments[1], tid, before, NULL);
	broken("exec");
}

int main(int argc, char **argv)
{
	pthread_t thread;
	long after;

	arguments = argv;
	if (argc == 2) {
		if (pthread_create(&thread, NULL, work, NULL))
			broken("pthread_create");
		for (;;)
			pause();
	}
	if (argc != 4)
		return 2;
	/* A task's own counts go on. */
	after = voluntary();
	sleeps(atoi(argv[1]));
	fact("pid", getpid());
	fact("tid_before", atoi(argv[2]));
	fact("before_exec", atoi(argv[3]));
	fact("after_exec", after);
	fact("since_exec", voluntary() - after);
	fact("all_voluntary", voluntary());
	return 0;
}
