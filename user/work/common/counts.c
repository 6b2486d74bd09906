// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's own counts of the calling task. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "counts.h"

/*
 * RUSAGE_THREAD is the task's own nvcsw and nivcsw, exact to the unit
 * (getrusage() in kernel/sys.c reads them from current). The thread's CPU
 * clock is up to date, unlike the first number of schedstat, which lags by up
 * to a tick while the task runs.
 */
void counts_read_switches(struct counts *counts)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	counts->switches_voluntary = usage.ru_nvcsw;
	counts->switches_involuntary = usage.ru_nivcsw;
	counts->run_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

static int64_t read_wait(void)
{
	char text[128], *at;

	if (read_file("/proc/thread-self/schedstat", text, sizeof(text)) <= 0)
		return -1;
	at = strchr(text, ' ');
	return at ? strtoll(at, NULL, 10) : -1;
}

void counts_read_files(struct counts *counts)
{
	static const char key[] = "nr_migrations";
	char text[4096], *at, *end;

	counts->wait_ns = read_wait();
	counts->migrations = -1;
	if (read_file("/proc/thread-self/sched", text, sizeof(text)) > 0) {
		at = strstr(text, key);
		at = at ? strchr(at, ':') : NULL;
		if (at) {
			counts->migrations = strtoll(at + 1, &end, 10);
			if (end == at + 1)
				counts->migrations = -1;
		}
	}
}

/*
 * A task that was switched out between two of the readings has a wait in one
 * only. Tried again, but not for ever: under strace every call is a switch.
 */
void counts_read_spent(struct spent *spent)
{
	struct counts before, after;

	counts_read_switches(&after);
	for (int tries = 0; tries < 8; tries++) {
		before = after;
		spent->wait_ns = read_wait();
		counts_read_switches(&after);
		spent->run_ns = after.run_ns;
		spent->at_ns = now_ns();
		counts_read_switches(&after);
		if (after.switches_voluntary == before.switches_voluntary &&
		    after.switches_involuntary == before.switches_involuntary)
			break;
	}
}

static int64_t add_known(int64_t sum, int64_t begin, int64_t end)
{
	return sum < 0 || begin < 0 || end < 0 ? -1 : sum + end - begin;
}

void counts_add(struct counts *sum, const struct counts *begin, const struct counts *end)
{
	sum->tasks++;
	sum->switches_voluntary += end->switches_voluntary - begin->switches_voluntary;
	sum->switches_involuntary += end->switches_involuntary - begin->switches_involuntary;
	sum->run_ns += end->run_ns - begin->run_ns;
	sum->wait_ns = add_known(sum->wait_ns, begin->wait_ns, end->wait_ns);
	sum->migrations = add_known(sum->migrations, begin->migrations, end->migrations);
}
