// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a worker takes of memory: creates workers in equal steps, and each time
 * all of them are at rest adds up what the kernel says of their processes.
 *
 *	pss		Pss of /proc/PID/smaps_rollup: pages, those that several map
 *			divided among them
 *	pss_anon	the part of it that is anonymous memory, in no file
 *	page_tables	VmPTE of /proc/PID/status
 *	kernel_stacks	tasks, times what a kernel stack takes
 *	total		pss + page_tables + kernel_stacks
 *
 * Each figure is the slope of a straight line through the steps, bytes per
 * worker: what the program takes before its first worker cancels, and what it
 * takes once (a library's page) counts for next to nothing.
 *
 * The files' part of pss is no memory that a worker takes: their pages are there
 * once, however many map them. What grows is the share of them that falls to us
 * and not to other programs with the same libraries: the more, the fewer of
 * those run and the fewer workers there are yet. pss_anon is free of that.
 *
 * Not in it: the kernel's own objects (task_struct, the list of mappings,
 * descriptor tables, the top level of the page tables), which no file of /proc
 * states for a process.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arm.h"
#include "common/clock.h"
#include "common/futex.h"
#include "common/procfs.h"
#include "common/protocol.h"

#define WORKERS_MAX	4096
#define STEPS		8
#define WORK_SIZE	(256 * 1024)	/* what a worker mallocs, or dirties */
/* Below malloc()'s threshold for a mapping of its own: it comes from an arena. */
#define PIECE_SIZE	4096
#define KNEE		0.2		/* relative change of slope that is one */

enum state { IDLE, MALLOC, DIRTY };
enum figure { PSS, PSS_ANON, PAGE_TABLES, KERNEL_STACKS, TOTAL, FIGURES };

static const char *const figure_name[FIGURES] = {
	"pss", "pss_anon", "page_tables", "kernel_stacks", "total",
};

/* In shared memory. */
struct gates {
	uint32_t	arrived;	/* futex: workers at rest */
	uint32_t	release;	/* futex: 1 when they may end */
};

struct footprint {
	enum arm	arm;
	enum state	state;
	unsigned int	workers;
	struct arm_worker *handle;
	struct gates	*gates;
	char		*inherited;	/* WORK_SIZE, private, dirtied by the creator */
	int64_t		kernel_stack;	/* bytes a task */
	int64_t		x[STEPS];	/* workers */
	int64_t		y[FIGURES][STEPS];	/* bytes */
};

/* ---- a worker ---- */

struct piece {
	struct piece	*next;
	char		rest[PIECE_SIZE - sizeof(struct piece *)];
};

static struct piece *allocate(void)
{
	struct piece *all = NULL;

	for (size_t size = 0; size < WORK_SIZE; size += PIECE_SIZE) {
		struct piece *piece = malloc(sizeof(*piece));

		if (!piece)
			die("a worker has no memory");
		memset(piece, 1, sizeof(*piece));
		piece->next = all;
		all = piece;
	}
	return all;
}

static void release_all(struct piece *all)
{
	while (all) {
		struct piece *next = all->next;

		free(all);
		all = next;
	}
}

static void rest(struct gates *gates)
{
	__atomic_add_fetch(&gates->arrived, 1, __ATOMIC_SEQ_CST);
	futex_wake(&gates->arrived, 1);
	while (!__atomic_load_n(&gates->release, __ATOMIC_SEQ_CST))
		futex_wait(&gates->release, 0);
}

static void work(void *arg)
{
	struct footprint *f = arg;
	struct piece *all = NULL;

	if (f->state == MALLOC)
		all = allocate();
	else if (f->state == DIRTY)
		memset(f->inherited, 2, WORK_SIZE);
	rest(f->gates);
	release_all(all);
}

/* ---- what they take ---- */

/* Bytes of the line @name, which is in kB. */
static int64_t bytes(const char *text, const char *name)
{
	int64_t kb = procfs_number(text, name);

	if (kb < 0)
		die("/proc does not say %s", name);
	return kb * 1024;
}

static void add_process(const struct footprint *f, pid_t pid, int64_t sum[FIGURES])
{
	char text[PROCFS_SIZE];

	if (procfs_read(pid, "smaps_rollup", text))
		die("/proc/%d/smaps_rollup: %s", (int)pid, strerror(errno));
	sum[PSS] += bytes(text, "Pss:");
	sum[PSS_ANON] += bytes(text, "Pss_Anon:");
	if (procfs_read(pid, "status", text))
		die("/proc/%d/status: %s", (int)pid, strerror(errno));
	sum[PAGE_TABLES] += bytes(text, "VmPTE:");
	sum[KERNEL_STACKS] += procfs_number(text, "Threads:") * f->kernel_stack;
}

/* All distinct processes, this one included. */
static void take(const struct footprint *f, unsigned int workers, int64_t sum[FIGURES])
{
	memset(sum, 0, FIGURES * sizeof(*sum));
	add_process(f, getpid(), sum);
	for (unsigned int i = 0; i < workers && f->arm == ARM_PROCESS; i++)
		add_process(f, f->handle[i].pid, sum);
	sum[TOTAL] = sum[PSS] + sum[PAGE_TABLES] + sum[KERNEL_STACKS];
}

/*
 * THREAD_SIZE, which the kernel states nowhere: all stacks over all tasks, of
 * which idle ones and counters that lag hide the exact figure, to the nearest
 * power of two. Where a container's /proc hides these too: 16 KiB, as on
 * x86-64 and arm64 without KASAN.
 */
static int64_t kernel_stack_size(void)
{
	char text[PROCFS_SIZE];
	const char *slash;
	int64_t all, tasks, size = 4096;

	if (procfs_read_system("meminfo", text))
		return 16384;
	all = procfs_number(text, "KernelStack:") * 1024;
	if (procfs_read_system("loadavg", text))
		return 16384;
	slash = strchr(text, '/');
	tasks = slash ? strtoll(slash + 1, NULL, 10) : 0;
	if (all <= 0 || tasks <= 0 || all / tasks < 4096)
		return 16384;
	while (2 * all > 3 * size * tasks)
		size *= 2;
	return size;
}

static void find_the_dead(void)
{
	siginfo_t info = { .si_pid = 0 };

	if (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
		die("a worker ended early, %s %d",
		    info.si_code == CLD_EXITED ? "status" : "signal", info.si_status);
}

static void wait_for_rest(const struct footprint *f, unsigned int workers)
{
	uint32_t n;

	while ((n = __atomic_load_n(&f->gates->arrived, __ATOMIC_SEQ_CST)) < workers) {
		if (f->arm == ARM_PROCESS)
			find_the_dead();
		futex_wait_for(&f->gates->arrived, n, 1000);
	}
}

static void climb(struct footprint *f)
{
	unsigned int workers = 0;

	for (unsigned int step = 0; step < STEPS; step++) {
		int64_t sum[FIGURES];

		f->x[step] = (int64_t)f->workers * (step + 1) / STEPS;
		for (; workers < f->x[step]; workers++) {
			int err = arm_create(f->arm, &f->handle[workers], work, f);

			if (err)
				die("cannot create worker %u of %u: %s", workers + 1, f->workers,
				    strerror(err));
		}
		wait_for_rest(f, workers);
		take(f, workers, sum);
		for (int i = 0; i < FIGURES; i++)
			f->y[i][step] = sum[i];
	}
}

static void end_all(struct footprint *f)
{
	__atomic_store_n(&f->gates->release, 1, __ATOMIC_SEQ_CST);
	futex_wake(&f->gates->release, INT_MAX);
	for (unsigned int i = 0; i < f->workers; i++)
		if (arm_join(f->arm, &f->handle[i]))
			die("worker %u did not end well", i);
}

/* ---- lines through the steps ---- */

/* Least squares, as an exact fraction. */
static void report_slope(const char *name, const int64_t *x, const int64_t *y)
{
	int64_t sx = 0, sy = 0, sxx = 0, sxy = 0;

	for (int i = 0; i < STEPS; i++) {
		sx += x[i];
		sy += y[i];
		sxx += x[i] * x[i];
		sxy += x[i] * y[i];
	}
	report_metric(name, STEPS * sxy - sx * sy, STEPS * sxx - sx * sx);
}

/* Likewise through steps @from to @to; the squares that are left over in @rest. */
static double slope(const int64_t *x, const int64_t *y, int from, int to, double *left_over)
{
	double n = to - from + 1, mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0;

	for (int i = from; i <= to; i++) {
		mx += (double)x[i] / n;
		my += (double)y[i] / n;
	}
	for (int i = from; i <= to; i++) {
		sxx += ((double)x[i] - mx) * ((double)x[i] - mx);
		sxy += ((double)x[i] - mx) * ((double)y[i] - my);
		syy += ((double)y[i] - my) * ((double)y[i] - my);
	}
	*left_over += syy - sxy * sxy / sxx;
	return sxy / sxx;
}

/*
 * Two lines that meet at a step: the step at which they fit best, if their
 * slopes differ by more than KNEE; else 0. Each line has three steps or more.
 */
static int64_t knee(const int64_t *x, const int64_t *y)
{
	double least = INFINITY;
	int64_t at = 0;

	for (int step = 2; step <= STEPS - 3; step++) {
		double left_over = 0;
		double before = slope(x, y, 0, step, &left_over);
		double after = slope(x, y, step, STEPS - 1, &left_over);

		if (left_over >= least)
			continue;
		least = left_over;
		at = fabs(after - before) > KNEE * fabs(before) ? x[step] : 0;
	}
	return at;
}

/* ---- the program ---- */

static enum state state_from_name(const char *name)
{
	if (!strcmp(name, "idle"))
		return IDLE;
	if (!strcmp(name, "malloc"))
		return MALLOC;
	if (!strcmp(name, "dirty"))
		return DIRTY;
	die("argument state: '%s' is none of idle, malloc, dirty", name);
}

static void *map(int flags, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("cannot map %zu bytes: %s", size, strerror(errno));
	return memory;
}

/* All that the creator will touch is touched: only workers may take memory later. */
static void prepare(struct footprint *f)
{
	size_t size = f->workers * sizeof(*f->handle);
	int64_t sum[FIGURES];

	if (access("/proc/self/smaps_rollup", R_OK))
		unavailable("this kernel has no /proc/PID/smaps_rollup");
	f->gates = map(MAP_SHARED, sizeof(*f->gates));
	f->inherited = map(MAP_PRIVATE, WORK_SIZE);
	memset(f->inherited, 1, WORK_SIZE);
	f->handle = map(MAP_PRIVATE, size);
	memset(f->handle, 0, size);
	f->kernel_stack = kernel_stack_size();
	take(f, 0, sum);
}

int main(int argc, char **argv)
{
	static struct footprint f;
	int64_t begin;

	protocol_start(argc, argv);
	f.arm = arm_from_name(argument_text("arm"));
	if (f.arm == ARM_OTHER)
		die("argument arm: 'other' cannot malloc beside its creator");
	f.state = state_from_name(argument_text("state"));
	f.workers = (unsigned int)argument_number("workers", 2 * STEPS, WORKERS_MAX);
	prepare(&f);

	report_ready();
	begin = now_ns();
	climb(&f);
	report_count("interval_ns", now_ns() - begin);
	report_done();
	for (int i = 0; i < FIGURES; i++)
		report_slope(figure_name[i], f.x, f.y[i]);
	report_metric("knee", knee(f.x, f.y[TOTAL]), 1);
	report_count("kernel_stack", f.kernel_stack);
	end_all(&f);
	report_end();
	return 0;
}
