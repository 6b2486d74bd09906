/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters that are always on: one set for each CPU, written by that CPU
 * alone. A watch has sets of the same kind.
 */
#ifndef SCHEDSPLIT_COUNTERS_H
#define SCHEDSPLIT_COUNTERS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <asm/local64.h>
#include "classify.h"
#include "hist.h"

struct record;
struct watch;

/* Classes in an index of the matrix: a power of two, so that it is shifted. */
#define CLASS_SPAN 8

/* Times in ns. */
struct class_counters {
	u64 run_ns;
	u64 wait_ns;
	u64 migrations;
	/* These three are also counted where interrupts may be on. */
	local64_t wakeups;
	local64_t forks;
	local64_t exits;
	u64 slice[HIST_BUCKETS];
	u64 wait[HIST_BUCKETS];
};

/*
 * One matrix, incremented once a switch, from which classes, handoff, space
 * and total derive: they cannot but add up to the same number.
 */
struct counters {
	u64 switches[SCHEDSPLIT_SPACES][2][CLASS_SPAN][CLASS_SPAN];
	struct class_counters class[SCHEDSPLIT_CLASSES];
};

/**
 * struct cpu_state - what one CPU knows between two switches
 * @curr:	task last switched in; NULL before the first
 * @nvcsw:	@curr->nvcsw at that time. ++*switch_count in __schedule() comes
 *		before the tracepoint, so a switch was voluntary if it differs.
 * @since:	when @curr came on the CPU, by its se.exec_start
 * @queued:	@curr->sched_info.last_queued at that time; 0: did not wait
 * @records:	first of @curr's records; see record_next()
 * @cpu:	number of this CPU
 * @idle_clock:	local_clock() when the CPU went idle: the idle task has no account
 * @first:	task that ran when counting began here: its interval has no
 *		known start
 * @untraced:	switches that went by without the tracepoint
 *
 * Written with interrupts off, on its own CPU.
 */
struct cpu_state {
	struct task_struct *curr;
	unsigned long nvcsw;
	u64 since;
	u64 queued;
	struct record *records;
	unsigned int cpu;
	u64 idle_clock;
	struct task_struct *first;
	u64 untraced;
	struct counters counters;
};

DECLARE_PER_CPU(struct cpu_state *, cpu_state);

static __always_inline struct cpu_state *this_cpu_state(void)
{
	return __this_cpu_read(cpu_state);
}

/**
 * struct reading - one CPU's counters as read
 * @valid: the CPU is possible
 */
struct reading {
	bool valid;
	u64 untraced;
	struct counters counters;
};

int counters_init(void);
void counters_free(void);
void counters_start(void);
struct counters *counters_alloc(unsigned int cpu);
struct reading *counters_read(struct watch *watch);

void cpu_in_progress(const struct cpu_state *s, u64 *run_ns, u64 *wait_ns);

#endif
