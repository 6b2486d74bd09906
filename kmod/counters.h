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

/* Times in ns. A power of two in size, so that an index is shifted. */
struct slot_counters {
	u64 run_ns;
	u64 wait_ns;
	u64 slice[HIST_BUCKETS];
	u64 wait[HIST_BUCKETS];
	u64 unused[6];
};

static_assert(sizeof(struct slot_counters) == 4096);

#define SWITCH_KINDS (SCHEDSPLIT_SPACES * 2 * SLOTS * SLOTS)

/* Direct costs, in cycles: see cost.h. By switch_kind(), or by space. */
struct cost_counters {
	u64 cycles[SWITCH_KINDS];
	u64 count[SWITCH_KINDS];
	u64 hist[SCHEDSPLIT_SPACES][HIST_BUCKETS];
	u64 flushed[SCHEDSPLIT_SPACES];
	u64 missed;
};

/* Signals, counted under the lock of their place in the table of pending ones. */
struct signal_counters {
	u64 generated[SCHEDSPLIT_SIGNAL_TOS];
	u64 taken[SCHEDSPLIT_SIGNAL_TOS][SCHEDSPLIT_CLASSES];
	u64 delay[SCHEDSPLIT_SIGNAL_TOS][HIST_BUCKETS];
};

/*
 * One matrix, incremented once a switch, from which classes, handoff, space
 * and total derive: they cannot but add up to the same number.
 */
struct counters {
	u64 switches[SWITCH_KINDS];	/* by switch_kind() */
	/* These are also counted where interrupts may be on. */
	local64_t wakeups[SLOTS];
	local64_t forks[SLOTS];
	local64_t exits[SLOTS];
	/* Written with a run queue's or the task's own lock held. */
	u64 migrations[SLOTS][SCHEDSPLIT_CAUSES][SCHEDSPLIT_DISTANCES];
	u64 placements[SLOTS][SCHEDSPLIT_DISTANCES];	/* at birth */
	struct slot_counters slot[SLOTS];
	struct cost_counters cost;
	/*
	 * What follows is of rare events, and read by whoever asks, whatever the
	 * CPU does meanwhile.
	 */
	u64 life[SCHEDSPLIT_LIVES][SCHEDSPLIT_CLASSES][HIST_BUCKETS];
	struct signal_counters signals;	/* of the system only */
};

#define COUNTERS_TOGETHER offsetof(struct counters, life)

/**
 * switch_kind() - index of a kind of switch
 * @space: enum schedsplit_space
 * @voluntary: 0 or 1
 * @from: slot of the task that leaves
 * @to: slot of the one that comes
 */
static __always_inline unsigned long
switch_kind(unsigned long space, unsigned long voluntary, unsigned long from,
	    unsigned long to)
{
	return ((space * 2 + voluntary) * SLOTS + from) * SLOTS + to;
}

/* Where a CPU is: equal numbers mean the same core, last-level cache, node. */
struct cpu_place {
	u64 core;
	u32 llc;
	int node;
};

/**
 * struct cpu_state - what one CPU knows between two switches
 * @user:	task last switched in, if it is none of the kernel's own: what the
 *		fast path is for
 * @curr:	the same whatever it is; out of date where @user is set
 * @nvcsw:	its nvcsw at that time. ++*switch_count in __schedule() comes
 *		before the tracepoint, so a switch was voluntary if it differs.
 * @since:	when it came on the CPU, by its se.exec_start
 * @queued:	its sched_info.last_queued at that time; 0: did not wait
 * @records:	first of its records; see record_next()
 * @plain:	if it has one record only, that's record.plain; or NULL
 * @attention:	what there is to do besides counting, enum attention; see
 *		cpus_attend(). No static key: watches come and go, and each patching of
 *		the kernel's text would stop all CPUs for a moment.
 * @cpu:	number of this CPU
 * @core:	state of the first of the CPUs of its core
 * @sibling:	of the next of them, in a ring
 * @core_lock:	of the first: for all of them
 * @beside:	group of several tasks that has one on this CPU, by the index of its
 *		watch; see core_turn()
 * @place:	where it is
 * @idle_clock:	local_clock() when the CPU went idle: the idle task has no account
 * @first:	task that ran when counting began here: its interval has no
 *		known start
 * @untraced:	switches that went by without the tracepoint
 * @cost_start:	get_cycles() when the switch that goes on began; 0: none does, or
 *		nobody asks for its cost
 * @cost_kind:	its switch_kind()
 * @cost_flushed: it has flushed the TLB
 * @cost_watches: watches that it is of
 * @cost_also:	their counters
 *
 * Written with interrupts off, on its own CPU.
 */
struct cpu_state {
	struct task_struct *user;
	unsigned long nvcsw;
	u64 since;
	u64 queued;
	struct record *records;
	const void *plain;
	unsigned long attention;
	unsigned long cpu;
	struct cpu_place place;
	struct task_struct *curr;
	u64 idle_clock;
	struct task_struct *first;
	u64 untraced;
	u64 cost_start;
	unsigned long cost_kind;
	bool cost_flushed;
	unsigned int cost_watches;
	struct cost_counters *cost_also[SCHEDSPLIT_WATCHES_MAX];
	struct cpu_state *core;
	struct cpu_state *sibling;
	raw_spinlock_t core_lock;
	struct group *beside[SCHEDSPLIT_WATCHES_MAX];
	struct counters counters;
};

/* Bits of cpu_state.attention. */
enum attention {
	ATTEND_WATCH,	/* there are watches */
	ATTEND_COST,	/* costs are measured */
};

static __always_inline bool attends(const struct cpu_state *s,
				    enum attention bit)
{
	return data_race(s->attention) & BIT(bit);
}

void cpus_attend(enum attention bit, bool on);

DECLARE_PER_CPU(struct cpu_state *, cpu_state);

/** cpu_curr() - task last switched in; NULL before the first */
static inline struct task_struct *cpu_curr(const struct cpu_state *s)
{
	return s->user ?: s->curr;
}

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
