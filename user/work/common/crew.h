/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crew: N workers of one arm that run one work function, in step.
 *
 * With start=steady they are created, prepare, and wait at a gate; the
 * measured part is from the gate's opening to the last worker's end. With
 * start=created the measured part is from before the first one's creation to
 * after the last one was joined.
 */
#ifndef SCHEDSPLIT_WORK_CREW_H
#define SCHEDSPLIT_WORK_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "arm.h"
#include "counts.h"

#define CREW_CPUS_MAX		1024
#define CREW_WORKERS_MAX	4096

/*
 * In memory that all arms share. Aligned to two cache lines (x86 fetches them
 * in pairs), so that no worker's writes slow another's.
 */
struct worker {
	struct crew	*crew;
	unsigned int	index;
	uint64_t	result;		/* of the work: equal in all workers */
	void		*state;		/* the workload's, from prepare() */
	bool		pinned;
	int64_t		begin_ns;
	int64_t		end_ns;
	struct counts	begin;
	struct counts	end;
	struct spent	spent_begin;
	struct spent	spent_end;
	char		error[160];	/* empty: none */
} __attribute__((aligned(128)));

struct workload {
	/* Once, before there are workers: what they share. May be NULL. */
	void (*setup)(struct crew *crew);
	/* In each worker, before the gate. May be NULL. */
	void (*prepare)(struct worker *worker);
	/* Once, when all are at the gate; not with start=created. May be NULL. */
	void (*assembled)(struct crew *crew);
	/* The work function: crew->iterations units of work. */
	void (*work)(struct worker *worker);
	/*
	 * In each worker, after its work: check the result. May be NULL. With
	 * start=created it is part of the worker's life, and so is measured.
	 */
	void (*check)(struct worker *worker);
	/* Once, after the measured part: the metrics. */
	void (*report)(const struct crew *crew);
	/* work() itself calls crew_begin() and crew_end(), past a warm-up. */
	bool marks_its_own_interval;
	/* The argument that says how many workers. NULL: "workers". */
	const char *workers;
};

struct crew {
	const struct workload	*workload;
	enum arm	arm;
	uint64_t	iterations;	/* for each worker */
	unsigned int	workers;
	int		cpus[CREW_CPUS_MAX];
	unsigned int	n_cpus;
	bool		pin;		/* worker i to cpus[i % n_cpus] */
	bool		steady;
	int64_t		begin_ns;
	int64_t		end_ns;
	uint32_t	arrived;	/* futex: workers at the gate */
	uint32_t	open;		/* futex: 1 when the gate is */
	uint32_t	finished;	/* futex: workers past their work */
	uint32_t	release;	/* futex: 1 when workers may end */
	void		*shared;	/* the workload's, from setup() */
	struct worker	*worker;
};

/**
 * crew_main() - main() of a workload
 *
 * Arguments: arm, workers, iterations, cpus, pin=0|1, start=steady|created.
 */
int crew_main(int argc, char **argv, const struct workload *workload);

/* Ends the program from within a worker, saying why. */
void worker_fail(struct worker *worker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* The measured interval of one worker. */
void crew_begin(struct worker *worker);
void crew_end(struct worker *worker);

/* Memory that workers of every arm see at the same address. */
void *crew_shared_memory(size_t size);

/*
 * Metrics `on_cpu`, `runnable`, `blocked`: shares of the workers' time from the
 * gate (with start=created, from before the work) to after it, which add up to 1;
 * without a value on a kernel without schedstats. What is neither on a CPU nor
 * waiting for one is blocked: so is what interrupts or a hypervisor took, where the
 * kernel tells. The time on a CPU is by another clock than the whole, so that a
 * worker that never blocks may show some millionths less than 0.
 */
void crew_report_shares(const struct crew *crew);

/* Metric `throughput`: units of work a second, all workers together. */
void crew_report_throughput(const struct crew *crew);

/* All four: what a workload reports that has no figures of its own. */
void crew_report_work(const struct crew *crew);

#endif
