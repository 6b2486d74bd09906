/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of tasks and of thread groups, alive or dead.
 *
 * A record is one task in one watch. It is found by the task's address, never
 * by a pid: those change at exec and are used again. Records hang in a hash
 * that probes read under RCU. A task that leaves its CPU for good takes its
 * records out there and then, which is before its memory can be anybody else's;
 * as long as a record has not ended, its task is there. Memory of records is
 * freed with the watch only.
 *
 * What the switch probe writes to a record, it writes on the CPU that the task
 * is on, with interrupts off, so nothing else writes it meanwhile.
 */
#ifndef SCHEDSPLIT_RECORD_H
#define SCHEDSPLIT_RECORD_H

#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include "concurrency.h"
#include "counters.h"
#include "pool.h"

/* record.on */
#define ON_CPU 1	/* switched in, and counted in the watch's concurrency */
#define ON_GROUPED 2	/* ... and in the group's */
#define ON_LEADER 4	/* ... as its leader */
#define ON_PARTIAL 8	/* came on the CPU before the record began */

/**
 * struct tally - what was counted for a record. Times in ns.
 */
struct tally {
	u64 voluntary;
	u64 involuntary;
	u64 migrations;
	u64 wakeups;
	u64 run_ns;
	u64 wait_ns;
};

/**
 * struct kernel_counts - what the kernel counts for a task
 *
 * Of a task that is on no CPU, the first two are as of its last switch, and the
 * times too but for legs of a wait that a migration has ended.
 */
struct kernel_counts {
	u64 nvcsw;
	u64 nivcsw;
	u64 nr_migrations;
	u64 run_ns;
	u64 wait_ns;
};

/**
 * struct record - a task in a watch
 * @node:	in the hash, until the task has left its CPU for good
 * @counting:	@watch, while events count for the record without further ado;
 *		otherwise one that is always stopped: @fresh or @end is set
 * @plain:	the group, if it is counted by event, or else the watch: while
 *		tasks that have the same here take turns on a CPU, concurrency
 *		stays as it is. @r itself, which no other has, where there is
 *		more to do, or of such a group's leader: see
 *		record_set_plain(). Never NULL.
 * @on:		ON_*; written on the CPU that the task is on. 0 where cpu_state
 *		says it by @plain.
 * @end:	enum schedsplit_end
 * @fresh:	no switch seen yet: the base is to be taken at the first
 * @fresh_migrations: the same for migrations, whose events can come earlier
 * @exiting:	no switch may be the last one unnoticed
 * @final:	@last and @class are
 * @leader:	leads its group now
 * @was_thread:	but did not at first: an exec made it the leader
 * @class:	at the last event, if @final
 * @seen:	bit n: has been in class n at another event than a switch
 * @switches:	by events, by slot: [0] involuntary, [1] voluntary
 * @skip_ns:	with ON_PARTIAL, how much of the stay is not the record's
 * @untraced:	switches without a tracepoint
 * @base:	the kernel's counts at the first event
 * @last:	and after the last that counted, if @final
 * @as_thread:	with @was_thread, what had been counted until then
 * @event:	in the list of those that have died, or have left
 *
 * @counting, @end, @final and what goes with them are written under
 * record_lock.
 */
struct record {
	struct hlist_node node;
	struct task_struct *task;
	struct watch *counting;
	const void *plain;
	struct group *group;
	u8 on;
	u8 end;
	u8 class;
	bool fresh;
	bool fresh_migrations;
	bool exiting;
	bool final;
	bool leader;
	bool was_thread;
	u32 seen;
	struct watch *watch;
	u64 switches[SLOTS][2];
	atomic64_t wakeups;
	u64 migrations;
	u64 skip_ns;
	u64 untraced;
	struct kernel_counts base;
	struct kernel_counts last;
	struct tally as_thread;
	pid_t tid;
	char comm[TASK_COMM_LEN];
	struct list_head in_watch;
	struct list_head in_group;
	struct list_head event;
};

/**
 * struct group - a thread group in a watch
 * @signal:	identifies it while one of its records has not ended
 * @multi:	has, or had, more than one task: only then is its concurrency
 *		kept event by event. Until then, the time with one task on a CPU
 *		is that task's run time.
 * @start:	of the first record, CLOCK_MONOTONIC
 * @ended:	of the last one, if all have ended
 * @single_ns:	run time of the first task until there was a second
 * @concurrency: with @multi; by group_concurrency_slots(). Behind it is another
 *		one, group_cores(), of the cores of which several SMT siblings run
 *		the group's tasks.
 */
struct group {
	struct hlist_node node;
	struct signal_struct *signal;
	struct watch *watch;
	u32 id;
	pid_t tgid;
	u32 tasks;
	u32 alive;
	bool multi;
	char comm[TASK_COMM_LEN];
	struct list_head records;
	struct list_head in_watch;
	u64 start;
	u64 ended;
	u64 single_ns;
	struct concurrency concurrency;
};

static inline unsigned int group_concurrency_slots(void)
{
	return 2 * concurrency_slots();
}

static inline struct concurrency *group_cores(struct group *g)
{
	return (void *)&g->concurrency +
	       concurrency_size(group_concurrency_slots());
}

#define RECORD_HASH_BITS 14
extern struct hlist_head record_hash[1 << RECORD_HASH_BITS];

/*
 * Protects the hash for writing, groups, lists of records and groups, and end
 * states. Raw, and taken with interrupts off: a task's last switch takes it
 * under rq->lock. Only a pool's lock and core_lock are taken with it held.
 */
extern raw_spinlock_t record_lock;

extern struct pool record_pool, group_pool;

static __always_inline struct record *record_after(struct hlist_node *n,
						   const struct task_struct *p)
{
	struct record *r;

	for (; n; n = rcu_dereference_raw(hlist_next_rcu(n))) {
		r = hlist_entry(n, struct record, node);
		if (r->task == p)
			return r;
	}
	return NULL;
}

/** record_first() - a record of @p, or NULL. Context: RCU or preemption off. */
static __always_inline struct record *record_first(const struct task_struct *p)
{
	struct hlist_head *head = &record_hash[hash_ptr(p, RECORD_HASH_BITS)];

	return record_after(rcu_dereference_raw(hlist_first_rcu(head)), p);
}

/** record_next() - the next record of the same task, in another watch */
static __always_inline struct record *record_next(struct record *r)
{
	return record_after(rcu_dereference_raw(hlist_next_rcu(&r->node)),
			    r->task);
}

/* The record of the same task in @watch, beginning the search at @r. */
static __always_inline struct record *record_of(struct record *r,
						const struct watch *watch)
{
	while (r && r->watch != watch)
		r = record_next(r);
	return r;
}

int records_init(unsigned int max);
void records_exit(void);

struct record *record_living(const struct watch *watch,
			     const struct task_struct *p);
bool record_add(struct watch *watch, struct task_struct *p, bool newborn);
void record_end(struct record *r, enum schedsplit_end end);
void record_close(struct record *r);
void record_tally(struct record *r, struct tally *to);
void record_kernel(struct record *r, struct kernel_counts *to);
unsigned int record_class(struct record *r, u32 *seen);

/* For the probes, interrupts off. */
void record_exiting(struct record *r);
bool record_begin(struct record *r, const struct task_struct *p);
void record_set_plain(struct record *r);
u8 record_turn(const struct record *r);
void group_turn(struct cpu_state *s, const struct watch *watch,
		struct group *from, u8 from_on, struct group *to, u8 to_on);
void records_spell_out(struct cpu_state *s);
void record_finish(struct record *r, const struct task_struct *p);
void record_finish_before(struct record *r, const struct task_struct *p,
			  bool voluntary);
void record_enter(struct cpu_state *s, struct record *r,
		  const struct task_struct *p);
void record_leave(struct cpu_state *s, struct record *r);

#endif
