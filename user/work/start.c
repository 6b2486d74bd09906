// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts workers one after the other, each of which does nothing but stamp the
 * time, and joins each before the next. Two times are taken of every one: from
 * just before its creation to the first statement of its work function, and to
 * the return of the call that joined it. A trial's figures are the medians.
 *
 * The work function is the same in all methods. Where the worker is a program
 * of its own (vfork-exec, posix-spawn) that comes after the dynamic loader, as
 * in any program; the program is this one, started anew.
 *
 * With cpus=A everything runs on A. With cpus=A,B the creator may use both and
 * the kernel places the worker, as it does in life: creations whose worker
 * first ran on the creator's own CPU are counted and left out of the medians.
 * (Forcing the worker elsewhere would put a migration or a sched_setaffinity()
 * into what is timed.)
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arm.h"
#include "common/clock.h"
#include "common/counts.h"
#include "common/protocol.h"

#define CREATIONS_MAX	1000000

/* In a memfd, so that forked, cloned and exec'd workers alike can write it. */
struct stamp {
	int64_t	ns;
	int	cpu;
};

static struct stamp *stamp;
static int stamp_fd;
static char stamp_fd_text[16];
static void *clone_stack;
static size_t thread_stack_size;

/*
 * Not sched_getcpu(): glibc takes that from the thread's rseq area, and the
 * worker of clone-vm would read its creator's.
 */
static int this_cpu(void)
{
	unsigned int cpu = 0;

	syscall(SYS_getcpu, &cpu, NULL, NULL);
	return (int)cpu;
}

/* The work function. */
static void work(void)
{
	stamp->ns = now_ns();
	stamp->cpu = this_cpu();
}

static char own_name[] = "start", stamp_command[] = "--stamp";
static char *const stamp_argv[] = { own_name, stamp_command, stamp_fd_text, NULL };
extern char **environ;

static void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("cannot wait for worker %d: %s", (int)pid, strerror(errno));
	if (status)
		die("worker %d ended with wait status %d", (int)pid, status);
}

static void by_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		work();
		_exit(0);
	}
	wait_for(pid);
}

static void by_vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid < 0)
		die("vfork: %s", strerror(errno));
	if (!pid) {
		execve("/proc/self/exe", stamp_argv, environ);
		_exit(127);
	}
	wait_for(pid);
}

static void by_posix_spawn(void)
{
	pid_t pid;
	int err = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, stamp_argv, environ);

	if (err)
		die("posix_spawn: %s", strerror(err));
	wait_for(pid);
}

static int cloned(void *arg)
{
	(void)arg;
	work();
	return 0;
}

static void by_clone_vm(void)
{
	pid_t pid = clone_with_stack(ARM_OTHER_FLAGS, clone_stack, ARM_STACK_SIZE, cloned, NULL);

	if (pid < 0)
		die("clone3(CLONE_VM): %s", strerror(-pid));
	wait_for(pid);
}

static void *thread(void *arg)
{
	(void)arg;
	work();
	return NULL;
}

static void create_and_join(const pthread_attr_t *attr)
{
	pthread_t id;
	int err = pthread_create(&id, attr, thread, NULL);

	if (err)
		die("pthread_create: %s", strerror(err));
	err = pthread_join(id, NULL);
	if (err)
		die("pthread_join: %s", strerror(err));
}

/* The first thread of a program leaves its stack to the next, and so on. */
static void by_pthread_cached(void)
{
	create_and_join(NULL);
}

/*
 * glibc takes a cached stack only if it is large enough (get_cached_stack() in
 * nptl/allocatestack.c), so each thread asks for a page more than the last and
 * never finds one: its stack is mapped and faulted in anew.
 */
static void by_pthread_cold(void)
{
	pthread_attr_t attr;
	int err;

	thread_stack_size += (size_t)sysconf(_SC_PAGESIZE);
	pthread_attr_init(&attr);
	err = pthread_attr_setstacksize(&attr, thread_stack_size);
	if (err)
		die("a stack of %zu bytes: %s", thread_stack_size, strerror(err));
	create_and_join(&attr);
	pthread_attr_destroy(&attr);
}

static const struct method {
	const char *name;
	void (*create_and_join)(void);
	bool thread;		/* makes its creator a leader */
} methods[] = {
	{ "fork", by_fork, false },
	{ "vfork-exec", by_vfork_exec, false },
	{ "posix-spawn", by_posix_spawn, false },
	{ "clone-vm", by_clone_vm, false },
	{ "pthread-cold", by_pthread_cold, true },
	{ "pthread-cached", by_pthread_cached, true },
};

static const struct method *method_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(name, methods[i].name))
			return &methods[i];
	die("argument method: '%s' is unknown", name);
}

static void map_stamp(void)
{
	stamp = mmap(NULL, sizeof(*stamp), PROT_READ | PROT_WRITE, MAP_SHARED, stamp_fd, 0);
	if (stamp == MAP_FAILED)
		die("cannot map the stamp: %s", strerror(errno));
}

/* The descriptor is inherited on purpose: no MFD_CLOEXEC. */
static void make_stamp(void)
{
	stamp_fd = memfd_create("stamp", 0);
	if (stamp_fd < 0 || ftruncate(stamp_fd, sizeof(*stamp)))
		die("cannot make the stamp: %s", strerror(errno));
	snprintf(stamp_fd_text, sizeof(stamp_fd_text), "%d", stamp_fd);
	map_stamp();
}

/* What the exec'd worker does: the time first, then where to write it. */
static int stamp_and_exit(const char *fd)
{
	struct stamp mine = { .ns = now_ns(), .cpu = this_cpu() };

	stamp_fd = atoi(fd);
	map_stamp();
	*stamp = mine;
	return 0;
}

/* Private dirty memory that a fork must copy the page tables of. */
static void grow(size_t mib)
{
	size_t size = mib << 20;
	char *memory;

	if (!mib)
		return;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("cannot map %zu MiB: %s", mib, strerror(errno));
	memset(memory, 1, size);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of an even number, the sum of the middle two, over 2: an exact fraction. */
static void report_median(const char *name, int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), compare);
	if (n % 2)
		report_metric(name, ns[n / 2], 1);
	else
		report_metric(name, ns[n / 2 - 1] + ns[n / 2], 2);
}

int main(int argc, char **argv)
{
	struct counts begin, end, creator = { 0 };
	int64_t *first, *joined, started, interval;
	const struct method *method;
	size_t creations, kept = 0;
	unsigned int n_cpus;
	int cpus[2];

	if (argc == 3 && !strcmp(argv[1], stamp_command))
		return stamp_and_exit(argv[2]);

	protocol_start(argc, argv);
	method = method_from_name(argument_text("method"));
	n_cpus = argument_list("cpus", cpus, 2);
	creations = (size_t)argument_number("iterations", 1, CREATIONS_MAX);
	grow((size_t)argument_number("rss_mib", 0, 1 << 20));
	make_stamp();
	first = calloc(creations, sizeof(*first));
	joined = calloc(creations, sizeof(*joined));
	clone_stack = mmap(NULL, ARM_STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (!first || !joined || clone_stack == MAP_FAILED)
		die("no memory for %zu creations", creations);
	memset(first, 0, creations * sizeof(*first));
	memset(joined, 0, creations * sizeof(*joined));
	thread_stack_size = 8 << 20;

	/* One of each kind that is not counted: caches, lazy binding. */
	method->create_and_join();
	counts_read_files(&begin);
	report_ready();
	counts_read_switches(&begin);
	started = now_ns();
	for (size_t i = 0; i < creations; i++) {
		int cpu = this_cpu();
		int64_t before = now_ns(), after;

		method->create_and_join();
		after = now_ns();
		if (n_cpus == 2 && stamp->cpu == cpu)
			continue;
		first[kept] = stamp->ns - before;
		joined[kept++] = after - before;
	}
	interval = now_ns() - started;
	counts_read_switches(&end);
	report_done();
	counts_read_files(&end);

	report_count("interval_ns", interval);
	report_count("creations", (int64_t)creations);
	report_count("creations_same_cpu", n_cpus == 2 ? (int64_t)(creations - kept) :
							 (int64_t)creations);
	counts_add(&creator, &begin, &end);
	report_counts(method->thread ? "leader" : "process", &creator);
	if (n_cpus == 1 && creator.migrations >= 0)
		report_count("pinned_migrations", creator.migrations);
	if (!kept)
		unavailable("the kernel started each of %zu workers on its creator's own CPU",
			    creations);
	report_median("first_instruction", first, kept);
	report_median("joined", joined, kept);
	report_end();
	return 0;
}
