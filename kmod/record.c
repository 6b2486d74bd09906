// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include "record.h"
#include "watch.h"

struct hlist_head *record_hash;
DEFINE_RAW_SPINLOCK(record_lock);
struct pool record_pool, group_pool;

/* Groups that have a record which has not ended. Under record_lock. */
#define GROUP_HASH_BITS 10
static struct hlist_head group_hash[1 << GROUP_HASH_BITS];

/**
 * records_init() - before any watch
 * @max: limit on records, and on groups, of all watches together
 *
 * Returns 0 or -ENOMEM.
 */
int records_init(unsigned int max)
{
	size_t group_size = offsetof(struct group, concurrency) +
			    concurrency_size();

	record_hash = kvcalloc(1 << RECORD_HASH_BITS, sizeof(*record_hash),
			       GFP_KERNEL);
	if (!record_hash)
		return -ENOMEM;
	if (pool_init(&record_pool, "schedsplit_record", sizeof(struct record),
		      max))
		goto free_hash;
	if (pool_init(&group_pool, "schedsplit_group", group_size, max))
		goto destroy_records;
	return 0;

destroy_records:
	pool_destroy(&record_pool);
free_hash:
	kvfree(record_hash);
	return -ENOMEM;
}

void records_exit(void)
{
	pool_destroy(&group_pool);
	pool_destroy(&record_pool);
	kvfree(record_hash);
}

/* Groups. */

static struct hlist_head *group_head(const struct signal_struct *signal)
{
	return &group_hash[hash_ptr(signal, GROUP_HASH_BITS)];
}

/* Context: record_lock held. NULL: the pool is dry. */
static struct group *group_find_or_add(struct watch *watch,
				       struct task_struct *p)
{
	struct group *g;

	hlist_for_each_entry(g, group_head(p->signal), node)
		if (g->signal == p->signal && g->watch == watch)
			return g;
	g = pool_take(&group_pool);
	if (!g)
		return NULL;
	memset(g, 0, offsetof(struct group, concurrency));
	g->signal = p->signal;
	g->watch = watch;
	g->id = ++watch->nr_groups;
	g->tgid = p->tgid;
	g->start = ktime_get_mono_fast_ns();
	strscpy(g->comm, p->comm, sizeof(g->comm));
	INIT_LIST_HEAD(&g->records);
	/*
	 * Of a group that has several tasks already, some may be on CPUs, but
	 * none is counted there before its record is.
	 */
	g->multi = p->signal->nr_threads > 1;
	concurrency_begin(&g->concurrency, g->start);
	hlist_add_head(&g->node, group_head(p->signal));
	list_add_tail_rcu(&g->in_watch, &watch->groups);
	return g;
}

/*
 * A second task joins, made by the first: a group of one gets no other. So far
 * the group was not counted event by event; what ran is the first one's run
 * time, to now. It is on this CPU, and counted from now on.
 * Context: record_lock held, interrupts off.
 */
static void group_becomes_multi(struct group *g)
{
	struct record *first = list_first_entry(&g->records, struct record,
						in_group);
	u64 now = ktime_get_mono_fast_ns();

	if (!first->fresh)
		g->single_ns = first->run_ns - first->base.run_ns;
	concurrency_begin(&g->concurrency, now);
	if (first->on && !first->end && first->task == current) {
		g->single_ns = current->se.sum_exec_runtime -
			first->base.run_ns + local_clock() -
			current->se.exec_start;
		first->on |= ON_GROUPED;
		concurrency_add(&g->concurrency, 1);
	}
	WRITE_ONCE(g->multi, true);
}

/* Records. */

/* Context: RCU. */
static struct record *record_living(const struct watch *watch,
				    const struct task_struct *p)
{
	struct record *r = record_of(record_first(p), watch);

	/* One that has ended may hang there still, behind its successor. */
	return r && !READ_ONCE(r->end) ? r : NULL;
}

/**
 * record_add() - give a task a record, if it has none
 * @watch: in this watch
 * @p: the task
 * @newborn: @p has not run yet, and all its counts are 0
 *
 * Context: RCU, or whatever else keeps @p there. Interrupts may be on.
 */
void record_add(struct watch *watch, struct task_struct *p, bool newborn)
{
	struct record *r;
	struct group *g;
	unsigned long flags;

	raw_spin_lock_irqsave(&record_lock, flags);
	if (watch->stopped || record_living(watch, p))
		goto unlock;
	r = pool_take(&record_pool);
	if (!r)
		goto lost;
	g = group_find_or_add(watch, p);
	if (!g) {
		pool_give(&record_pool, r);
		goto lost;
	}
	memset(r, 0, sizeof(*r));
	r->task = p;
	r->watch = watch;
	r->group = g;
	r->fresh = !newborn;
	r->fresh_migrations = !newborn;
	r->class = task_class(p);
	r->seen = 1 << r->class;
	r->leader = thread_group_leader(p);
	r->tid = p->pid;
	strscpy(r->comm, p->comm, sizeof(r->comm));
	INIT_LIST_HEAD(&r->event);
	if (g->tasks && !g->multi)
		group_becomes_multi(g);
	g->tasks++;
	g->alive++;
	list_add_tail_rcu(&r->in_group, &g->records);
	list_add_tail_rcu(&r->in_watch, &watch->records);
	hlist_add_head_rcu(&r->node, &record_hash[hash_ptr(p, RECORD_HASH_BITS)]);
	watch->nr_records++;
	watch->generation++;
	/*
	 * Pairs with the barrier after rq->lock in __schedule(): a task that
	 * dies finds the record (watch_die()), or is seen dead here, and then
	 * has no switch to come that the record could count.
	 */
	smp_mb();
	if (READ_ONCE(p->__state) == TASK_DEAD) {
		record_end(r, SCHEDSPLIT_END_DEAD);
		record_unhash(r);
	}
	goto unlock;
lost:
	watch->lost++;
unlock:
	raw_spin_unlock_irqrestore(&record_lock, flags);
}

/**
 * record_end() - no event counts for a record any more
 * @r: the record
 * @end: why
 *
 * It stays in the hash until its task has been seen to be on no CPU as @r's.
 *
 * Context: record_lock held.
 */
void record_end(struct record *r, enum schedsplit_end end)
{
	struct group *g = r->group;

	if (r->end)
		return;
	strscpy(r->comm, r->task->comm, sizeof(r->comm));
	WRITE_ONCE(r->end, end);
	if (!--g->alive) {
		g->ended = ktime_get_mono_fast_ns();
		hlist_del(&g->node);
	}
	r->watch->generation++;
}

/**
 * record_unhash() - no probe finds a record any more
 * @r: the record. Some probe may still have it in hand.
 *
 * Context: record_lock held.
 */
void record_unhash(struct record *r)
{
	hlist_del_init_rcu(&r->node);
}

/** record_take_base() - note where the kernel's counts stand at the first event */
void record_take_base(struct record *r, const struct task_struct *p)
{
	r->base.nvcsw = p->nvcsw;
	r->base.nivcsw = p->nivcsw;
	r->base.run_ns = p->se.sum_exec_runtime;
	r->base.wait_ns = p->sched_info.run_delay;
	if (r->fresh_migrations) {
		r->base.nr_migrations = p->se.nr_migrations;
		r->nr_migrations = p->se.nr_migrations;
	}
	r->nvcsw = r->base.nvcsw;
	r->nivcsw = r->base.nivcsw;
	r->run_ns = r->base.run_ns;
	r->wait_ns = r->base.wait_ns;
	r->fresh_migrations = false;
	r->fresh = false;
}

/** record_enter() - @p, on this CPU already, begins to count for @r */
void record_enter(const struct cpu_state *s, struct record *r,
		  const struct task_struct *p)
{
	u8 on = ON_CPU | ON_PARTIAL;

	if (r->on || !record_counts(r))
		return;
	if (r->fresh)
		record_take_base(r, p);
	r->skip_ns = p->se.exec_start - s->since;
	concurrency_add(r->watch->concurrency, 1);
	if (READ_ONCE(r->group->multi)) {
		on |= ON_GROUPED;
		concurrency_add(&r->group->concurrency, 1);
	}
	WRITE_ONCE(r->on, on);
}

/** record_leave() - @r no longer counts as on this CPU */
void record_leave(struct record *r)
{
	if (r->on && !READ_ONCE(r->watch->stopped)) {
		concurrency_add(r->watch->concurrency, -1);
		if (r->on & ON_GROUPED)
			concurrency_add(&r->group->concurrency, -1);
	}
	WRITE_ONCE(r->on, 0);
}

/**
 * record_tally() - what was counted since a record began
 * @r: the record
 * @to: the result
 *
 * While its task is on a CPU, run and wait times are as of the scheduler's last
 * update, as in /proc schedstat.
 *
 * Context: RCU.
 */
void record_tally(struct record *r, struct tally *to)
{
	u64 run_ns = READ_ONCE(r->run_ns), wait_ns = READ_ONCE(r->wait_ns);

	/* Not ended: its task stays until after this RCU section. */
	if (READ_ONCE(r->on) && !READ_ONCE(r->end)) {
		run_ns = data_race(r->task->se.sum_exec_runtime);
		wait_ns = data_race(r->task->sched_info.run_delay);
	}
	to->voluntary = READ_ONCE(r->switches[1]);
	to->involuntary = READ_ONCE(r->switches[0]);
	to->migrations = READ_ONCE(r->migrations);
	to->wakeups = atomic64_read(&r->wakeups);
	to->run_ns = run_ns - r->base.run_ns;
	to->wait_ns = wait_ns - r->base.wait_ns;
}
