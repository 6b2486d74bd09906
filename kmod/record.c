// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include "core.h"
#include "record.h"
#include "watch.h"

struct hlist_head record_hash[1 << RECORD_HASH_BITS];
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
			    concurrency_size(group_concurrency_slots()) +
			    concurrency_size(concurrency_slots());

	if (pool_init(&record_pool, "schedsplit_record", sizeof(struct record),
		      max))
		return -ENOMEM;
	if (pool_init(&group_pool, "schedsplit_group", group_size, max))
		goto destroy_records;
	return 0;

destroy_records:
	pool_destroy(&record_pool);
	return -ENOMEM;
}

void records_exit(void)
{
	pool_destroy(&group_pool);
	pool_destroy(&record_pool);
}

/**
 * record_set_plain() - say anew which tasks take turns with @r's without effect
 * @r: the record
 *
 * Of a task that is on a CPU it takes effect when it is switched in next.
 *
 * Context: record_lock held.
 */
void record_set_plain(struct record *r)
{
	bool alone = record_first(r->task) == r && !record_next(r);

	lockdep_assert_held(&record_lock);
	if (r->counting != r->watch || r->exiting || !alone)
		WRITE_ONCE(r->plain, r);
	else if (r->group->multi)
		WRITE_ONCE(r->plain, r->leader ? (void *)r : r->group);
	else
		WRITE_ONCE(r->plain, r->watch);
}

static void set_plain_all(const struct task_struct *p)
{
	struct record *r;

	for (r = record_first(p); r; r = record_next(r))
		record_set_plain(r);
}

/**
 * records_spell_out() - say by record.on what cpu_state says by @plain
 * @s: state of this CPU
 *
 * Context: interrupts off.
 */
void records_spell_out(struct cpu_state *s)
{
	struct record *r = s->records;

	if (!s->plain)
		return;
	WRITE_ONCE(r->on, s->plain == r->group ? ON_CPU | ON_GROUPED : ON_CPU);
	s->plain = NULL;
}

/* Groups. */

static struct hlist_head *group_head(const struct signal_struct *signal)
{
	return &group_hash[hash_ptr(signal, GROUP_HASH_BITS)];
}

static void group_begin(struct group *g, u64 now)
{
	concurrency_begin(&g->concurrency, group_concurrency_slots(), now);
	concurrency_begin(group_cores(g), concurrency_slots(), now);
}

static int group_weight(u8 on)
{
	if (!(on & ON_GROUPED))
		return 0;
	return on & ON_LEADER ? CONCURRENCY_LEADER + 1 : 1;
}

/**
 * group_turn() - what a CPU runs of a watch's groups changes
 * @s: state of the CPU
 * @watch: the watch
 * @from: group of the task that leaves, or NULL
 * @from_on: its record's on
 * @to: group of the one that comes, or NULL
 * @to_on: what its record's on becomes
 *
 * Where both are of one group, and alike, its concurrency stays as it is.
 *
 * Context: interrupts off on the CPU, or the CPU is offline.
 */
void group_turn(struct cpu_state *s, const struct watch *watch,
		struct group *from, u8 from_on, struct group *to, u8 to_on)
{
	int leaves = group_weight(from_on), comes = group_weight(to_on);
	bool counts = !READ_ONCE(watch->stopped);

	core_turn(s, watch->index, comes ? to : NULL, counts);
	if (!counts)
		return;
	if (from == to) {
		comes -= leaves;
		leaves = 0;
	}
	if (comes)
		concurrency_add(&to->concurrency, comes);
	if (leaves)
		concurrency_add(&from->concurrency, -leaves);
}

/* Context: record_lock held. NULL: the pool is dry. */
static struct group *group_find_or_add(struct watch *watch,
				       struct task_struct *p)
{
	struct group *g;

	lockdep_assert_held(&record_lock);
	hlist_for_each_entry(g, group_head(p->signal), node)
		if (g->signal == p->signal && g->watch == watch)
			return g;
	g = pool_take(&group_pool);
	if (!g)
		return NULL;
	memset(g, 0, offsetof(struct group, concurrency));
	g->signal = p->signal;
	g->watch = watch;
	g->id = watch->nr_groups + 1;
	WRITE_ONCE(watch->nr_groups, g->id);
	g->tgid = p->tgid;
	g->start = ktime_get_mono_fast_ns();
	strscpy(g->comm, p->comm, sizeof(g->comm));
	INIT_LIST_HEAD(&g->records);
	/*
	 * Of a group that has several tasks already, some may be on CPUs, but
	 * none is counted there before its record is. One that joins just now
	 * may not be seen here: its record then makes @multi true.
	 */
	g->multi = data_race(p->signal->nr_threads) > 1;
	group_begin(g, g->start);
	hlist_add_head(&g->node, group_head(p->signal));
	list_add_tail_rcu(&g->in_watch, &watch->groups);
	return g;
}

/*
 * A second task joins, as a rule made by the first. So far the group was not
 * counted event by event; what ran is the first one's run time. If that is on
 * this CPU, it is counted from now on; elsewhere from its next switch.
 * Context: record_lock held, interrupts off.
 */
static void group_becomes_multi(struct group *g)
{
	struct record *first = list_first_entry(&g->records, struct record,
						in_group);
	struct cpu_state *s = this_cpu_state();
	struct kernel_counts kernel;

	lockdep_assert_held(&record_lock);
	record_kernel(first, &kernel);
	g->single_ns = kernel.run_ns;
	group_begin(g, ktime_get_mono_fast_ns());
	records_spell_out(s);
	if (first->on && !first->end && first->task == current) {
		g->single_ns += local_clock() -
				data_race(current->se.exec_start);
		first->on |= ON_GROUPED;
		if (first->leader)
			first->on |= ON_LEADER;
		group_turn(s, g->watch, NULL, 0, g, first->on);
	}
	/* local_clock() may have been the faster. */
	g->single_ns = min(g->single_ns, g->concurrency.start - g->start);
	/* Pairs with group_concurrency(): not before what goes with it. */
	smp_store_release(&g->multi, true);
	record_set_plain(first);
}

/* Records. */

/** record_living() - the record of @p in @watch that has not ended, or NULL */
struct record *record_living(const struct watch *watch,
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
 * Context: RCU, or whatever else keeps @p there. Interrupts may be on. Returns
 * whether it has been given one.
 */
bool record_add(struct watch *watch, struct task_struct *p, bool newborn)
{
	struct record *r;
	struct group *g;
	unsigned long flags;
	bool added = false;

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
	r->counting = newborn ? watch : &watch_nobody;
	/* Before a probe finds it: NULL is what cpu_state says. */
	r->plain = r;
	r->group = g;
	r->fresh = !newborn;
	r->fresh_migrations = !newborn;
	/* Not at the first switch: legs of the wait before it count. */
	r->base.wait_ns = data_race(p->sched_info.run_delay);
	r->last.wait_ns = r->base.wait_ns;
	r->seen = 1 << task_class(p);
	r->leader = data_race(thread_group_leader(p));
	/*
	 * Amid an exec of another thread than the leader: watch_exec() has yet
	 * to come, and sees to both unless it finds a leader. de_thread() makes
	 * it one after it has given it the pid.
	 */
	smp_rmb();
	r->tid = READ_ONCE(p->pid);
	strscpy(r->comm, p->comm, sizeof(r->comm));
	INIT_LIST_HEAD(&r->event);
	if (g->tasks && !g->multi)
		group_becomes_multi(g);
	g->tasks++;
	g->alive++;
	list_add_tail_rcu(&r->in_group, &g->records);
	list_add_tail_rcu(&r->in_watch, &watch->records);
	hlist_add_head_rcu(&r->node, &record_hash[hash_ptr(p, RECORD_HASH_BITS)]);
	WRITE_ONCE(watch->nr_records, watch->nr_records + 1);
	watch->nr_alive++;
	watch->generation++;
	/*
	 * Pairs with the barrier after rq->lock in __schedule(): a task that
	 * dies finds the record (watch_die()), or is seen dead here, and then
	 * has no switch to come that the record could count. The same goes for
	 * one that begins to exit (watch_exit_task()).
	 */
	smp_mb();
	/* @p itself sets it. */
	r->exiting = data_race(p->flags) & PF_EXITING;
	set_plain_all(p);
	added = true;
	if (READ_ONCE(p->__state) == TASK_DEAD) {
		record_end(r, SCHEDSPLIT_END_DEAD);
		record_close(r);
	}
	goto unlock;
lost:
	watch->lost++;
unlock:
	raw_spin_unlock_irqrestore(&record_lock, flags);
	return added;
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

	lockdep_assert_held(&record_lock);
	if (r->end)
		return;
	strscpy(r->comm, r->task->comm, sizeof(r->comm));
	WRITE_ONCE(r->end, end);
	WRITE_ONCE(r->counting, &watch_nobody);
	WRITE_ONCE(r->plain, r);
	if (!--g->alive) {
		g->ended = READ_ONCE(r->watch->stopped_at) ?:
			   ktime_get_mono_fast_ns();
		hlist_del(&g->node);
	}
	r->watch->nr_alive--;
	r->watch->generation++;
}

static struct kernel_counts kernel_counts(const struct task_struct *p)
{
	/* Each by itself, where the task runs on. */
	return (struct kernel_counts) {
		.nvcsw = data_race(p->nvcsw),
		.nivcsw = data_race(p->nivcsw),
		.nr_migrations = data_race(p->se.nr_migrations),
		.run_ns = data_race(p->se.sum_exec_runtime),
		.wait_ns = data_race(p->sched_info.run_delay),
	};
}

/*
 * @voluntary, @involuntary: 1 if the kernel has counted such a switch already
 * that does not count here.
 * Context: record_lock held; @p is there.
 */
static void finish_locked(struct record *r, const struct task_struct *p,
			  unsigned int voluntary, unsigned int involuntary)
{
	lockdep_assert_held(&record_lock);
	if (r->final)
		return;
	if (!r->fresh) {
		r->last = kernel_counts(p);
		r->last.nvcsw -= voluntary;
		r->last.nivcsw -= involuntary;
	} else if (!r->fresh_migrations) {
		r->last.nr_migrations = p->se.nr_migrations;
	}
	r->class = task_class(p);
	/* Pairs with those who read what goes with it. */
	smp_store_release(&r->final, true);
}

/**
 * record_close() - no probe finds a record any more
 * @r: the record, which has ended. Some probe may still have it in hand.
 *
 * Context: record_lock held; @r's task on no CPU as @r's, or leaving it.
 */
void record_close(struct record *r)
{
	lockdep_assert_held(&record_lock);
	/* Out of the hash, its task may be gone, and it has been closed before. */
	if (hlist_unhashed(&r->node))
		return;
	finish_locked(r, r->task, 0, 0);
	hlist_del_init_rcu(&r->node);
	set_plain_all(r->task);
}

/** record_exiting() - @r's task, which is current, has begun to exit */
void record_exiting(struct record *r)
{
	raw_spin_lock(&record_lock);
	r->exiting = true;
	record_set_plain(r);
	raw_spin_unlock(&record_lock);
}

/**
 * record_finish() - note where the kernel's counts stand after the last event
 * @r: a record for which events no longer count
 * @p: its task
 *
 * Whoever first comes upon an event that does not count calls this before it,
 * so that what the kernel has counted by then is what has been counted here.
 */
void record_finish(struct record *r, const struct task_struct *p)
{
	if (READ_ONCE(r->final))
		return;
	raw_spin_lock(&record_lock);
	finish_locked(r, p, 0, 0);
	raw_spin_unlock(&record_lock);
}

/**
 * record_finish_before() - record_finish() during a switch that does not count
 * @r: the record
 * @p: its task, which leaves
 * @voluntary: the switch is, and the kernel has counted it (++*switch_count)
 */
void record_finish_before(struct record *r, const struct task_struct *p,
			  bool voluntary)
{
	raw_spin_lock(&record_lock);
	finish_locked(r, p, voluntary, !voluntary);
	raw_spin_unlock(&record_lock);
}

/**
 * record_begin() - a task goes on the CPU: does a record of it count?
 * @r: the record
 * @p: its task
 *
 * The first time, it notes where the kernel's counts stand.
 */
bool record_begin(struct record *r, const struct task_struct *p)
{
	struct kernel_counts base;

	if (!record_counts(r)) {
		record_finish(r, p);
		return false;
	}
	if (likely(!r->fresh))
		return true;
	raw_spin_lock(&record_lock);
	if (!r->end) {
		base = kernel_counts(p);
		base.wait_ns = r->base.wait_ns;
		if (!r->fresh_migrations)
			base.nr_migrations = r->base.nr_migrations;
		r->base = base;
		r->fresh_migrations = false;
		/* Pairs with record_kernel(): not before the base. */
		smp_store_release(&r->fresh, false);
		WRITE_ONCE(r->counting, r->watch);
		record_set_plain(r);
	}
	raw_spin_unlock(&record_lock);
	return !r->fresh;
}

/** record_turn() - what @r's on becomes when its task is switched in */
u8 record_turn(const struct record *r)
{
	if (!READ_ONCE(r->group->multi))
		return ON_CPU;
	return r->leader ? ON_CPU | ON_GROUPED | ON_LEADER : ON_CPU | ON_GROUPED;
}

/** record_enter() - @p, on this CPU already, begins to count for @r */
void record_enter(struct cpu_state *s, struct record *r,
		  const struct task_struct *p)
{
	u8 turn = record_turn(r);

	if (r->on || !record_begin(r, p))
		return;
	r->skip_ns = data_race(p->se.exec_start) - s->since;
	concurrency_add(r->watch->concurrency, 1);
	group_turn(s, r->watch, NULL, 0, r->group, turn);
	WRITE_ONCE(r->on, turn | ON_PARTIAL);
}

/** record_leave() - @r no longer counts as on the CPU that @s is of */
void record_leave(struct cpu_state *s, struct record *r)
{
	if (r->on) {
		if (!READ_ONCE(r->watch->stopped))
			concurrency_add(r->watch->concurrency, -1);
		group_turn(s, r->watch, r->group, r->on, NULL, 0);
	}
	WRITE_ONCE(r->on, 0);
}

/**
 * record_kernel() - what the kernel has counted since a record began
 * @r: the record
 * @to: the result
 *
 * While its task is on a CPU, the times are as of the scheduler's last update,
 * as in /proc schedstat.
 *
 * Context: RCU: until a record is final its task is there, and stays until
 * after this RCU section.
 */
void record_kernel(struct record *r, struct kernel_counts *to)
{
	struct kernel_counts now;
	bool final, fresh;

	/* Pairs with finish_locked(). */
	final = smp_load_acquire(&r->final);
	/* Pairs with record_begin(): there may be no base yet. */
	fresh = smp_load_acquire(&r->fresh);
	if (fresh && !final) {
		memset(to, 0, sizeof(*to));
		return;
	}
	now = final ? r->last : kernel_counts(r->task);
	to->nvcsw = now.nvcsw - r->base.nvcsw;
	to->nivcsw = now.nivcsw - r->base.nivcsw;
	to->nr_migrations = now.nr_migrations - r->base.nr_migrations;
	to->run_ns = now.run_ns - r->base.run_ns;
	to->wait_ns = now.wait_ns - r->base.wait_ns;
}

/**
 * record_tally() - what was counted since a record began
 * @r: the record
 * @to: the result
 *
 * Context: RCU.
 */
void record_tally(struct record *r, struct tally *to)
{
	struct kernel_counts kernel;
	unsigned int slot;

	record_kernel(r, &kernel);
	to->voluntary = 0;
	to->involuntary = 0;
	for (slot = 0; slot < SLOTS; slot++) {
		to->involuntary += READ_ONCE(r->switches[slot][0]);
		to->voluntary += READ_ONCE(r->switches[slot][1]);
	}
	to->migrations = READ_ONCE(r->migrations);
	to->wakeups = atomic64_read(&r->wakeups);
	to->run_ns = kernel.run_ns;
	to->wait_ns = kernel.wait_ns;
}

/**
 * record_class() - class of a record's task at its last event
 * @r: the record
 * @seen: bit n: has been in class n
 *
 * Context: RCU.
 */
unsigned int record_class(struct record *r, u32 *seen)
{
	unsigned int slot, now;

	/* Pairs with finish_locked(). */
	now = smp_load_acquire(&r->final) ? r->class : task_class(r->task);
	*seen = READ_ONCE(r->seen) | 1 << now;
	for (slot = 0; slot < SLOTS; slot++)
		if (READ_ONCE(r->switches[slot][0]) ||
		    READ_ONCE(r->switches[slot][1]))
			*seen |= 1 << slot_class(slot);
	return now;
}
