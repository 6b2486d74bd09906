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
 *
 * With rss_mib=N the creator has so much private dirty memory, whose page
 * tables a fork copies. What fork leaves to be paid later, it charges to its
 * creator's writes: while one more worker rests the creator rewrites a word in
 * each page, and that is timed, whatever the method.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arm.h"
#include "common/clock.h"
#include "common/counts.h"
#include "common/futex.h"
#include "common/protocol.h"

#define CREATIONS_MAX	1000000
#define HUGE_PAGE	((size_t)2 << 20)

/* In a memfd, so that forked, cloned and exec'd workers alike can write it. */
struct stamp {
	int64_t	 ns;
	int	 cpu;
	uint32_t hold;		/* workers shall rest before they end */
	uint32_t resting;	/* futex: 1 when the worker does */
	uint32_t release;	/* futex: 1 when it may end */
};

static struct stamp *stamp;
static int stamp_fd;
static char stamp_fd_text[16];
static void *clone_stack;
static size_t thread_stack_size;
static pid_t worker_pid;	/* the one worker there is at a time */
static pthread_t worker_thread;

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

static void rest(void)
{
	__atomic_store_n(&stamp->resting, 1, __ATOMIC_SEQ_CST);
	futex_wake(&stamp->resting, 1);
	while (!__atomic_load_n(&stamp->release, __ATOMIC_SEQ_CST))
		futex_wait(&stamp->release, 0);
}

/* The work function. */
static void work(void)
{
	stamp->ns = now_ns();
	stamp->cpu = this_cpu();
	if (stamp->hold)
		rest();
}

static char own_name[] = "start", stamp_command[] = "--stamp";
static char *const stamp_argv[] = { own_name, stamp_command, stamp_fd_text, NULL };
extern char **environ;

static void join_process(void)
{
	int status;

	if (waitpid(worker_pid, &status, 0) != worker_pid)
		die("cannot wait for worker %d: %s", (int)worker_pid, strerror(errno));
	if (status)
		die("worker %d ended with wait status %d", (int)worker_pid, status);
}

static void join_thread(void)
{
	int err = pthread_join(worker_thread, NULL);

	if (err)
		die("pthread_join: %s", strerror(err));
}

static void by_fork(void)
{
	worker_pid = fork();
	if (worker_pid < 0)
		die("fork: %s", strerror(errno));
	if (!worker_pid) {
		work();
		_exit(0);
	}
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
	worker_pid = pid;
}

static void by_posix_spawn(void)
{
	int err = posix_spawn(&worker_pid, "/proc/self/exe", NULL, NULL, stamp_argv, environ);

	if (err)
		die("posix_spawn: %s", strerror(err));
}

static int cloned(void *arg)
{
	(void)arg;
	work();
	return 0;
}

static void by_clone_vm(void)
{
	worker_pid = clone_with_stack(ARM_OTHER_FLAGS, clone_stack, ARM_STACK_SIZE, cloned, NULL);
	if (worker_pid < 0)
		die("clone3(CLONE_VM): %s", strerror(-worker_pid));
}

static void *thread(void *arg)
{
	(void)arg;
	work();
	return NULL;
}

static void create_thread(const pthread_attr_t *attr)
{
	int err = pthread_create(&worker_thread, attr, thread, NULL);

	if (err)
		die("pthread_create: %s", strerror(err));
}

/* The first thread of a program leaves its stack to the next, and so on. */
static void by_pthread_cached(void)
{
	create_thread(NULL);
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
	create_thread(&attr);
	pthread_attr_destroy(&attr);
}

static const struct method {
	const char *name;
	void (*create)(void);
	void (*join)(void);
	bool thread;		/* makes its creator a leader */
} methods[] = {
	{ "fork", by_fork, join_process, false },
	{ "vfork-exec", by_vfork_exec, join_process, false },
	{ "posix-spawn", by_posix_spawn, join_process, false },
	{ "clone-vm", by_clone_vm, join_process, false },
	{ "pthread-cold", by_pthread_cold, join_thread, true },
	{ "pthread-cached", by_pthread_cached, join_thread, true },
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
	int64_t ns = now_ns();
	int cpu = this_cpu();

	stamp_fd = atoi(fd);
	map_stamp();
	stamp->ns = ns;
	stamp->cpu = cpu;
	if (stamp->hold)
		rest();
	return 0;
}

/* Memory of the creator that a worker must not have for nothing. */
static struct {
	volatile char	*start;
	size_t		 size;
	int64_t		 huge_kib;	/* of it, when it was filled; -1: not known */
} memory;

/* How much of this process's memory is in transparent huge pages; -1: not known. */
static int64_t huge_kib(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	long long kib = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "AnonHugePages: %lld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

/*
 * Private and dirty, and the worse to fork the more there is. The tool has
 * turned huge pages off unless they are asked for; then the memory is aligned,
 * or its ends would not be in any. Filled in by the kernel in one go, since it
 * is filled anew in every trial.
 */
static void grow(void)
{
	bool huge = !strcmp(argument_text("huge_pages"), "on");
	char *start;

	memory.size = (size_t)argument_number("rss_mib", 0, 1 << 20) << 20;
	if (!memory.size)
		return;
	start = mmap(NULL, memory.size + HUGE_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		die("cannot map %zu MiB: %s", memory.size >> 20, strerror(errno));
	start += HUGE_PAGE - (uintptr_t)start % HUGE_PAGE;
	memory.start = start;
	if (huge && madvise(start, memory.size, MADV_HUGEPAGE))
		unavailable("the kernel has no huge pages: %s", strerror(errno));
	/* Not before Linux 5.14. */
	if (madvise(start, memory.size, MADV_POPULATE_WRITE))
		memset(start, 1, memory.size);
	memory.huge_kib = huge_kib();
	if (huge && !memory.huge_kib)
		unavailable("the kernel gave none of %zu MiB as huge pages", memory.size >> 20);
}

static int64_t faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

/* What the creator's next write to each page takes while a new worker lives. */
static void time_rewriting(const struct method *method)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int64_t faults, begin_ns, ns;

	if (!memory.size)
		return;
	stamp->hold = 1;
	method->create();
	while (!__atomic_load_n(&stamp->resting, __ATOMIC_SEQ_CST))
		futex_wait(&stamp->resting, 0);
	faults = faults_so_far();
	begin_ns = now_ns();
	for (size_t at = 0; at < memory.size; at += page)
		memory.start[at]++;
	ns = now_ns() - begin_ns;
	faults = faults_so_far() - faults;
	__atomic_store_n(&stamp->release, 1, __ATOMIC_SEQ_CST);
	futex_wake(&stamp->release, 1);
	method->join();
	report_metric("creator_rewrite", ns, 1);
	report_count("creator_faults", faults);
	report_count("huge_kib", memory.huge_kib);
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
	if (!n)
		report_metric(name, 0, 0);
	else if (n % 2)
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
	grow();
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

	/* One that is not counted: caches, lazy binding. */
	method->create();
	method->join();
	counts_read_files(&begin);
	report_ready();
	counts_read_switches(&begin);
	started = now_ns();
	for (size_t i = 0; i < creations; i++) {
		int cpu = this_cpu();
		int64_t before = now_ns(), after;

		method->create();
		method->join();
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
	/* None at all if the kernel started every worker on its creator's own CPU. */
	report_median("first_instruction", first, kept);
	report_median("joined", joined, kept);
	time_rewriting(method);
	report_end();
	return 0;
}
