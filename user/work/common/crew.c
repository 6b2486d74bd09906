// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a workload's work function in N workers of one arm: see crew.h. */
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "clock.h"
#include "counts.h"
#include "crew.h"
#include "futex.h"
#include "protocol.h"

void *crew_shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("cannot map %zu bytes: %s", size, strerror(errno));
	return memory;
}

void worker_fail(struct worker *worker, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(worker->error, sizeof(worker->error), fmt, ap);
	va_end(ap);
	/* A thread takes the whole program with it; it must speak itself. */
	if (worker->crew->arm == ARM_THREAD)
		die("worker %u: %s", worker->index, worker->error);
	_exit(1);
}

void crew_begin(struct worker *worker)
{
	counts_read_switches(&worker->begin);
	worker->begin_ns = now_ns();
}

void crew_end(struct worker *worker)
{
	worker->end_ns = now_ns();
	counts_read_switches(&worker->end);
}

/* Where the mask that all workers inherit holds one CPU, nobody can move. */
static void pin(struct worker *worker)
{
	struct crew *crew = worker->crew;
	cpu_set_t mask;

	worker->pinned = crew->pin || crew->n_cpus == 1;
	if (!crew->pin)
		return;
	CPU_ZERO(&mask);
	CPU_SET(crew->cpus[worker->index % crew->n_cpus], &mask);
	if (sched_setaffinity(0, sizeof(mask), &mask))
		worker_fail(worker, "cannot move to CPU %d: %s",
			    crew->cpus[worker->index % crew->n_cpus], strerror(errno));
}

static void arrive(uint32_t *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
	futex_wake(counter, 1);
}

static void pass(uint32_t *gate)
{
	while (!__atomic_load_n(gate, __ATOMIC_SEQ_CST))
		futex_wait(gate, 0);
}

static void open_gate(uint32_t *gate)
{
	__atomic_store_n(gate, 1, __ATOMIC_SEQ_CST);
	futex_wake(gate, INT_MAX);
}

/* The life of a worker, the same in every arm. */
static void run_worker(void *arg)
{
	struct worker *worker = arg;
	struct crew *crew = worker->crew;
	const struct workload *workload = crew->workload;

	pin(worker);
	if (workload->prepare)
		workload->prepare(worker);
	counts_read_files(&worker->begin);
	/* A first time, so that the next meets no page fault. */
	counts_read_spent(&worker->spent_begin);
	if (crew->steady) {
		arrive(&crew->arrived);
		pass(&crew->open);
	}
	/* Past the gate: the wait for a CPU there is not the work's. */
	counts_read_spent(&worker->spent_begin);
	if (!workload->marks_its_own_interval)
		crew_begin(worker);
	workload->work(worker);
	if (!workload->marks_its_own_interval)
		crew_end(worker);
	counts_read_spent(&worker->spent_end);
	counts_read_files(&worker->end);
	if (crew->steady) {
		arrive(&crew->finished);
		pass(&crew->release);
	}
	if (workload->check)
		workload->check(worker);
}

static void woken_by_a_death(int sig)
{
	(void)sig;
}

/* A worker process that ended before its time: say which, and why. */
static void find_the_dead(const struct crew *crew)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return;
	for (unsigned int i = 0; i < crew->workers; i++)
		if (crew->worker[i].error[0])
			die("worker %u: %s", i, crew->worker[i].error);
	die("a worker ended early, %s %d", info.si_code == CLD_EXITED ? "status" : "signal",
	    info.si_status);
}

static void wait_for_all(const struct crew *crew, uint32_t *counter)
{
	uint32_t n;

	while ((n = __atomic_load_n(counter, __ATOMIC_SEQ_CST)) < crew->workers) {
		/* A timeout as well: a death just before the sleep wakes nobody. */
		if (crew->arm != ARM_THREAD)
			find_the_dead(crew);
		futex_wait_for(counter, n, 1000);
	}
}

static void create_all(struct crew *crew, struct arm_worker *handle)
{
	for (unsigned int i = 0; i < crew->workers; i++) {
		int err = arm_create(crew->arm, &handle[i], run_worker, &crew->worker[i]);

		if (err)
			die("cannot create worker %u of %u: %s", i + 1, crew->workers,
			    strerror(err));
	}
}

static void join_all(const struct crew *crew, struct arm_worker *handle)
{
	for (unsigned int i = 0; i < crew->workers; i++) {
		int status = arm_join(crew->arm, &handle[i]);

		if (crew->worker[i].error[0])
			die("worker %u: %s", i, crew->worker[i].error);
		if (status < 0)
			die("cannot wait for worker %u", i);
		if (WIFSIGNALED(status))
			die("worker %u: killed by signal %d", i, WTERMSIG(status));
		if (status)
			die("worker %u: status %d", i, WEXITSTATUS(status));
	}
}

static void run_steady(struct crew *crew, struct arm_worker *handle)
{
	create_all(crew, handle);
	wait_for_all(crew, &crew->arrived);
	if (crew->workload->assembled)
		crew->workload->assembled(crew);
	report_ready();
	crew->begin_ns = now_ns();
	open_gate(&crew->open);
	wait_for_all(crew, &crew->finished);
	for (unsigned int i = 0; i < crew->workers; i++)
		if (crew->worker[i].end_ns > crew->end_ns)
			crew->end_ns = crew->worker[i].end_ns;
	report_done();
	open_gate(&crew->release);
	join_all(crew, handle);
}

static void run_created(struct crew *crew, struct arm_worker *handle)
{
	report_ready();
	crew->begin_ns = now_ns();
	create_all(crew, handle);
	join_all(crew, handle);
	crew->end_ns = now_ns();
	report_done();
}

static void report_crew(const struct crew *crew)
{
	struct counts all = { 0 }, pinned = { 0 };

	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *w = &crew->worker[i];

		counts_add(&all, &w->begin, &w->end);
		if (w->pinned)
			counts_add(&pinned, &w->begin, &w->end);
	}
	if (crew->workload->marks_its_own_interval)
		report_count("interval_ns", crew->worker[0].end_ns - crew->worker[0].begin_ns);
	else
		report_count("interval_ns", crew->end_ns - crew->begin_ns);
	/* A worker of arm `other` leads a group without another thread. */
	report_counts(crew->arm == ARM_THREAD ? "thread" : "process", &all);
	if (pinned.migrations >= 0)
		report_count("pinned_migrations", pinned.migrations);
}

void crew_report_shares(const struct crew *crew)
{
	int64_t all = 0, run = 0, wait = 0;
	bool known = true;

	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *w = &crew->worker[i];

		known &= w->spent_begin.wait_ns >= 0 && w->spent_end.wait_ns >= 0;
		all += w->spent_end.at_ns - w->spent_begin.at_ns;
		run += w->spent_end.run_ns - w->spent_begin.run_ns;
		wait += w->spent_end.wait_ns - w->spent_begin.wait_ns;
	}
	report_metric("on_cpu", run, known ? all : 0);
	report_metric("runnable", wait, known ? all : 0);
	report_metric("blocked", all - run - wait, known ? all : 0);
}

void crew_report_throughput(const struct crew *crew)
{
	int64_t units;

	for (unsigned int i = 1; i < crew->workers; i++)
		if (crew->worker[i].result != crew->worker[0].result)
			die("worker %u computed %llu, worker 0 %llu", i,
			    (unsigned long long)crew->worker[i].result,
			    (unsigned long long)crew->worker[0].result);
	if (__builtin_mul_overflow((int64_t)crew->iterations, (int64_t)crew->workers, &units) ||
	    __builtin_mul_overflow(units, (int64_t)1000000000, &units))
		die("%llu iterations are too many", (unsigned long long)crew->iterations);
	report_metric("throughput", units, crew->end_ns - crew->begin_ns);
}

void crew_report_work(const struct crew *crew)
{
	crew_report_throughput(crew);
	crew_report_shares(crew);
}

static struct crew *crew_from_arguments(const struct workload *workload)
{
	struct crew *crew = crew_shared_memory(sizeof(*crew));
	const char *start = argument_text("start");
	const char *workers = workload->workers ? workload->workers : "workers";

	crew->workload = workload;
	crew->arm = arm_from_name(argument_text("arm"));
	crew->workers = (unsigned int)argument_number(workers, 1, CREW_WORKERS_MAX);
	crew->iterations = (uint64_t)argument_number("iterations", 1, INT64_MAX);
	crew->n_cpus = argument_list("cpus", crew->cpus, CREW_CPUS_MAX);
	crew->pin = argument_number("pin", 0, 1);
	crew->steady = !strcmp(start, "steady");
	if (!crew->steady && strcmp(start, "created"))
		die("argument start: '%s' is none of steady, created", start);
	crew->worker = crew_shared_memory(crew->workers * sizeof(*crew->worker));
	for (unsigned int i = 0; i < crew->workers; i++) {
		crew->worker[i].crew = crew;
		crew->worker[i].index = i;
	}
	return crew;
}

int crew_main(int argc, char **argv, const struct workload *workload)
{
	/* No SA_RESTART: the main task's sleeps shall end when a worker dies. */
	struct sigaction death = { .sa_handler = woken_by_a_death };
	struct arm_worker *handle;
	struct crew *crew;

	protocol_start(argc, argv);
	crew = crew_from_arguments(workload);
	sigaction(SIGCHLD, &death, NULL);
	if (workload->setup)
		workload->setup(crew);
	handle = calloc(crew->workers, sizeof(*handle));
	if (!handle)
		die("no memory for %u workers", crew->workers);

	if (crew->steady)
		run_steady(crew, handle);
	else
		run_created(crew, handle);
	report_crew(crew);
	workload->report(crew);
	report_end();
	return 0;
}
