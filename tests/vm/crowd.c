// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A crowd of tasks whose number is known:
 *
 *	crowd [-p PROCESSES] [-t THREADS] [-s SLEEPS] [-e STATUS] [-r FILE]
 *
 * It forks PROCESSES children; each child, and with no children the crowd
 * itself, starts THREADS threads. Every thread (or the process, if there is
 * none) sleeps SLEEPS times for a millisecond. -e: exit status of the crowd.
 * -r: as the last thing it does, each task adds a line "TID NVCSW NIVCSW", of
 * its own resource usage, to FILE.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long processes, threads, sleeps = 1, status;
static int usage_file = -1;

static void tell_usage(void)
{
	struct rusage usage;
	char line[64];
	int length;

	if (usage_file < 0)
		return;
	getrusage(RUSAGE_THREAD, &usage);
	length = snprintf(line, sizeof(line), "%ld %ld %ld\n", syscall(SYS_gettid),
			  usage.ru_nvcsw, usage.ru_nivcsw);
	if (write(usage_file, line, length) != length)
		_exit(99);
}

static void sleep_often(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (long i = 0; i < sleeps; i++)
		nanosleep(&ms, NULL);
}

static void *thread(void *unused)
{
	(void)unused;
	sleep_often();
	tell_usage();
	return NULL;
}

/* What one process does, but for its end. */
static void work(void)
{
	pthread_t *id = calloc(threads + 1, sizeof(*id));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (long i = 0; i < threads; i++)
		if (pthread_create(&id[i], &attr, thread, NULL))
			_exit(98);
	for (long i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	free(id);
	if (!threads)
		sleep_often();
}

int main(int argc, char **argv)
{
	int c, child_status;

	while ((c = getopt(argc, argv, "p:t:s:e:r:")) != -1) {
		switch (c) {
		case 'p':
			processes = atol(optarg);
			break;
		case 't':
			threads = atol(optarg);
			break;
		case 's':
			sleeps = atol(optarg);
			break;
		case 'e':
			status = atol(optarg);
			break;
		case 'r':
			usage_file = open(optarg, O_WRONLY | O_CREAT | O_APPEND, 0666);
			break;
		default:
			return 97;
		}
	}
	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 96;
		if (!pid) {
			work();
			tell_usage();
			_exit(0);
		}
	}
	if (!processes)
		work();
	while (wait(&child_status) > 0)
		if (child_status)
			status = 95;
	tell_usage();
	return (int)status;
}
