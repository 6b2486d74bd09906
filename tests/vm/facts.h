/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs under test know of themselves, one "KEY VALUE" a line. */
#ifndef FACTS_H
#define FACTS_H

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline void fact(const char *key, long value)
{
	printf("%s %ld\n", key, value);
}

__attribute__((noreturn))
static inline void broken(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	_exit(70);
}

static inline int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		broken("clock_gettime");
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * A span of the calling thread's time, and how much of it the kernel gave it. To
 * be on a CPU together cannot be had for certain: what is lost is taken off.
 */
struct span {
	int64_t began, ended, ran;
};

static inline void span_begin(struct span *span)
{
	span->began = now_ns(CLOCK_MONOTONIC);
	span->ran = -now_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline void span_end(struct span *span)
{
	span->ran += now_ns(CLOCK_THREAD_CPUTIME_ID);
	span->ended = now_ns(CLOCK_MONOTONIC);
}

/* For so long, at the least, all @n were on CPUs at once. */
static inline int64_t spans_together(const struct span *span, int n)
{
	int64_t first = span[0].began, last = span[0].ended, lost = 0;

	for (int i = 0; i < n; i++) {
		if (span[i].began > first)
			first = span[i].began;
		if (span[i].ended < last)
			last = span[i].ended;
		lost += span[i].ended - span[i].began - span[i].ran;
	}
	return last - first - lost;
}

/* The caller's own voluntary switches. The call makes none. */
static inline long voluntary(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage))
		broken("getrusage");
	return usage.ru_nvcsw;
}

static inline long involuntary(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage))
		broken("getrusage");
	return usage.ru_nivcsw;
}

/* Until there have been @n switches: a sleep may be over before it begins. */
static inline void sleeps(int n)
{
	const struct timespec pause = { .tv_nsec = 200000 };

	for (long end = voluntary() + n; voluntary() < end;)
		nanosleep(&pause, NULL);
}

static inline int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	if (!dir)
		broken("/proc/self/task");
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Until the caller's group has @n members: an exit goes on after a join. */
static inline void wait_for_threads(int n)
{
	while (count_threads() != n)
		sleeps(1);
}

static inline void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		broken("sched_setaffinity");
}

/* The next task gets this pid, if it is free. */
static inline void set_next_pid(int pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (!file || fprintf(file, "%d", pid - 1) < 0 || fclose(file))
		broken("ns_last_pid");
}

#endif
