// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cgroup.h>
#include <linux/cpu.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "netlink.h"
#include "watch.h"

struct watch watch_nobody = { .stopped = true };

/*
 * Births take records from a reserve: at 20,000 a second it lasts for 0.4 s.
 * Groups are born less often, as a fork costs more than a thread.
 */
#define RECORDS_RESERVE 8192
#define GROUPS_RESERVE 2048
/* Whoever measures again and again takes one watch after the other. */
#define POOLS_LINGER HZ

/* Serialises begin and end of watches, and settle(). */
static DEFINE_MUTEX(watch_mutex);
/* Those that record births, read under RCU; and all of them. */
static LIST_HEAD(active);
static LIST_HEAD(watches);
static unsigned int nr_watches;
static DECLARE_BITMAP(indices, SCHEDSPLIT_WATCHES_MAX);
static u32 last_id;

/* --- memory --- */

static void close_pools(struct work_struct *work)
{
	mutex_lock(&watch_mutex);
	if (!nr_watches) {
		pool_close(&record_pool);
		pool_close(&group_pool);
	}
	mutex_unlock(&watch_mutex);
}

static DECLARE_DELAYED_WORK(close_work, close_pools);

/* Context: watch_mutex held. */
static void close_pools_later(void)
{
	if (!nr_watches)
		mod_delayed_work(system_unbound_wq, &close_work, POOLS_LINGER);
}

/* --- what a CPU runs at the moment --- */

/*
 * The task on this CPU may have got a record, or one of its records may have
 * ended, since it was switched in. Interrupts off.
 */
void watch_enter_cpu(struct cpu_state *s, const struct task_struct *p)
{
	struct record *r;

	records_spell_out(s);
	for (r = s->records; r; r = record_next(r)) {
		if (record_counts(r))
			continue;
		record_finish(r, p);
		record_leave(s, r);
	}
	s->records = record_first(p);
	for (r = s->records; r; r = record_next(r))
		record_enter(s, r, p);
}

static void enter_this_cpu(void *unused)
{
	watch_enter_cpu(this_cpu_state(), current);
}

/**
 * watch_lost_switch() - the last task seen on a CPU has left it unseen
 * @s: state of the CPU
 *
 * A per-CPU kernel thread, parked by now, as the CPU went offline with it.
 *
 * Context: interrupts off on the CPU, or the CPU is offline.
 */
void watch_lost_switch(struct cpu_state *s)
{
	struct record *r;

	records_spell_out(s);
	for (r = s->records; r; r = record_next(r)) {
		if (r->on && !r->final)
			r->untraced++;
		record_leave(s, r);
	}
	s->records = NULL;
}

/*
 * Every CPU runs @fn on itself. One that is offline leaves what it had: its
 * tracepoints are silent, and it does not come back while we look.
 */
static void on_all_cpus(smp_call_func_t fn, void *info)
{
	unsigned int cpu;

	cpus_read_lock();
	on_each_cpu(fn, info, 1);
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			watch_lost_switch(per_cpu(cpu_state, cpu));
	cpus_read_unlock();
}

/**
 * watch_in_progress() - cpu_in_progress() for a watch
 * @watch: the watch
 * @s: state of this CPU
 * @run_ns: 0 if what runs here is not of @watch
 * @wait_ns: the same
 *
 * Context: interrupts off.
 */
void watch_in_progress(const struct watch *watch, struct cpu_state *s,
		       u64 *run_ns, u64 *wait_ns)
{
	const struct record *r = record_of(s->records, watch);

	records_spell_out(s);
	*run_ns = 0;
	*wait_ns = 0;
	if (!r || !r->on || r->end)
		return;
	cpu_in_progress(s, run_ns, wait_ns);
	if (r->on & ON_PARTIAL) {
		*run_ns -= r->skip_ns;
		*wait_ns = 0;
	}
}

/* --- what need not, or cannot, be done in a probe --- */

/*
 * Records of tasks that died, to be told of; and that left their cgroup. Tasks
 * have moved: what CPUs run may have to be looked up again. Under record_lock.
 */
static LIST_HEAD(dead);
static LIST_HEAD(left);
static bool moved;

static void settle(struct work_struct *work)
{
	struct record *r, *next;
	LIST_HEAD(told);
	LIST_HEAD(gone);
	bool enter;

	mutex_lock(&watch_mutex);
	raw_spin_lock_irq(&record_lock);
	list_splice_init(&dead, &told);
	list_splice_init(&left, &gone);
	enter = moved;
	moved = false;
	raw_spin_unlock_irq(&record_lock);

	if (enter)
		on_all_cpus(enter_this_cpu, NULL);

	/*
	 * No CPU has these as on it any more, nor will any again. One by one:
	 * they can be many, and others wait for the lock with interrupts off.
	 */
	list_for_each_entry_safe(r, next, &gone, event) {
		raw_spin_lock_irq(&record_lock);
		list_del_init(&r->event);
		record_close(r);
		raw_spin_unlock_irq(&record_lock);
		cond_resched();
	}
	list_for_each_entry_safe(r, next, &told, event) {
		list_del_init(&r->event);
		netlink_notify_exit(r);
	}
	mutex_unlock(&watch_mutex);
}

static DECLARE_WORK(settle_work, settle);

static void settle_soon(struct irq_work *work)
{
	queue_work(system_unbound_wq, &settle_work);
}

static struct irq_work settle_irq_work = IRQ_WORK_INIT_HARD(settle_soon);

/* --- births, execs, exits, moves --- */

static bool in_cgroup(struct task_struct *p, struct cgroup *cgroup)
{
	return cgroup_is_descendant(task_css_set(p)->dfl_cgrp, cgroup);
}

/*
 * Bring @p's record in a cgroup watch in line with where @p is. RCU.
 * Returns whether one has begun or ended.
 */
static bool cgroup_check(struct watch *watch, struct task_struct *p)
{
	bool ended = false;
	unsigned long flags;
	struct record *r;

	if (in_cgroup(p, watch->cgroup))
		return record_add(watch, p, false);
	raw_spin_lock_irqsave(&record_lock, flags);
	r = record_of(record_first(p), watch);
	if (r && !r->end) {
		record_end(r, SCHEDSPLIT_END_LEFT);
		list_add_tail(&r->event, &left);
		moved = true;
		irq_work_queue(&settle_irq_work);
		ended = true;
	}
	raw_spin_unlock_irqrestore(&record_lock, flags);
	return ended;
}

/* Whoever moved @p has found its record, or the move is seen here. RCU. */
static void cgroup_recheck(struct watch *watch, struct task_struct *p)
{
	/* Pairs with the lock taken by cgroup_check() of the mover. */
	smp_mb();
	if (watch->cgroup && !in_cgroup(p, watch->cgroup))
		cgroup_check(watch, p);
}

/**
 * watch_newtask() - give a new task a record in every watch that wants one
 * @child: the task
 *
 * Context: its creator, before the task runs; preemption off.
 */
void watch_newtask(struct task_struct *child)
{
	unsigned int slot = task_slot(child);
	struct watch *w;
	bool wanted;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &active, active) {
		switch (w->kind) {
		case SCHEDSPLIT_KIND_ALL:
			wanted = true;
			break;
		case SCHEDSPLIT_KIND_CGROUP:
			wanted = in_cgroup(child, w->cgroup);
			break;
		default:
			wanted = record_living(w, current);
		}
		if (!wanted || READ_ONCE(w->stopped))
			continue;
		record_add(w, child, true);
		cgroup_recheck(w, child);
		local64_inc(&w->counters[this_cpu_state()->cpu]->forks[slot]);
	}
	rcu_read_unlock();
}

/**
 * watch_exec() - note the new name, and the new TID where de_thread() gave one
 * @p: the task, which is current
 */
void watch_exec(struct task_struct *p)
{
	struct record *r;
	struct tally tally;
	unsigned long flags;

	rcu_read_lock();
	for (r = record_first(p); r; r = record_next(r)) {
		if (!record_counts(r))
			continue;
		record_tally(r, &tally);
		raw_spin_lock_irqsave(&record_lock, flags);
		strscpy(r->comm, p->comm, sizeof(r->comm));
		strscpy(r->group->comm, p->comm, sizeof(r->group->comm));
		if (!r->leader) {
			r->tid = p->pid;
			r->leader = true;
			r->was_thread = true;
			r->as_thread = tally;
			record_set_plain(r);
		}
		raw_spin_unlock_irqrestore(&record_lock, flags);
	}
	rcu_read_unlock();
}

/** watch_exit_task() - count an exit. Context: the task, preemption off. */
void watch_exit_task(struct task_struct *p, unsigned int slot)
{
	struct cpu_state *s = this_cpu_state();
	unsigned long flags;
	struct record *r;

	local_irq_save(flags);
	records_spell_out(s);
	for (r = record_first(p); r; r = record_next(r)) {
		if (record_counts(r))
			local64_inc(&r->watch->counters[s->cpu]->exits[slot]);
		record_exiting(r);
	}
	local_irq_restore(flags);
}

/**
 * watch_die() - a task leaves its CPU for good
 * @p: the task
 *
 * Context: switch probe, of the switch with TASK_DEAD (do_task_dead()), once it
 * has been counted.
 */
void watch_die(struct task_struct *p)
{
	struct record *r;

	raw_spin_lock(&record_lock);
	for (r = record_first(p); r; r = record_next(r)) {
		if (!r->end && !r->watch->stopped && netlink_exit_is_awaited()) {
			list_add_tail(&r->event, &dead);
			irq_work_queue(&settle_irq_work);
		}
		record_end(r, r->watch->stopped ? SCHEDSPLIT_END_STOPPED :
						  SCHEDSPLIT_END_DEAD);
		record_close(r);
	}
	raw_spin_unlock(&record_lock);
}

/**
 * watch_cgroup_attach() - tasks have moved to another cgroup
 * @leader: the task that has moved
 * @threadgroup: with all of its group
 *
 * Of any hierarchy: where it is now decides. Context: the mover, preemption
 * off.
 */
void watch_cgroup_attach(struct task_struct *leader, bool threadgroup)
{
	struct task_struct *p;
	bool concerned = false;
	unsigned long flags;
	struct watch *w;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &active, active) {
		if (w->kind != SCHEDSPLIT_KIND_CGROUP)
			continue;
		if (threadgroup)
			for_each_thread(leader, p)
				concerned |= cgroup_check(w, p);
		else
			concerned |= cgroup_check(w, leader);
	}
	rcu_read_unlock();
	if (!concerned)
		return;
	raw_spin_lock_irqsave(&record_lock, flags);
	moved = true;
	irq_work_queue(&settle_irq_work);
	raw_spin_unlock_irqrestore(&record_lock, flags);
}

/* --- begin --- */

/* Calls @fn for every task that @watch begins with. Returns 0 or -errno. */
static int walk_pid(struct watch *watch, u32 nr,
		    void (*fn)(struct watch *watch, struct task_struct *p))
{
	struct task_struct *p, *t;
	int err = -ESRCH;

	rcu_read_lock();
	p = pid_task(find_pid_ns(nr, &init_pid_ns), PIDTYPE_PID);
	if (!p)
		goto unlock;
	if (watch->kind == SCHEDSPLIT_KIND_TASK) {
		if (READ_ONCE(p->__state) == TASK_DEAD)
			goto unlock;
		fn(watch, p);
		err = 0;
	} else if (data_race(thread_group_leader(p))) {
		for_each_thread(p, t) {
			if (READ_ONCE(t->__state) == TASK_DEAD)
				continue;
			fn(watch, t);
			err = 0;
		}
	} else {
		err = -ECHILD;
	}
unlock:
	rcu_read_unlock();
	return err;
}

static int walk(struct watch *watch, struct watch_spec *spec,
		void (*fn)(struct watch *watch, struct task_struct *p))
{
	struct task_struct *group, *p;
	int err = 0;

	for (spec->bad = 0; spec->bad < spec->nr_pids; spec->bad++) {
		err = walk_pid(watch, spec->pids[spec->bad], fn);
		if (err)
			return err;
	}
	if (spec->nr_pids)
		return 0;
	rcu_read_lock();
	for_each_process_thread(group, p) {
		if (READ_ONCE(p->__state) == TASK_DEAD)
			continue;
		if (!watch->cgroup || in_cgroup(p, watch->cgroup))
			fn(watch, p);
	}
	rcu_read_unlock();
	return 0;
}

/* On the first walk there are no records, but what they will take. */
static void count_task(struct watch *watch, struct task_struct *p)
{
	watch->nr_records++;
}

static void add_task(struct watch *watch, struct task_struct *p)
{
	record_add(watch, p, false);
	cgroup_recheck(watch, p);
}

static void watch_free(struct kref *ref)
{
	struct watch *watch = container_of(ref, struct watch, ref);
	struct record *r, *next;
	struct group *g, *next_group;
	unsigned int cpu;

	list_for_each_entry_safe(r, next, &watch->records, in_watch) {
		pool_free(&record_pool, r);
		cond_resched();
	}
	list_for_each_entry_safe(g, next_group, &watch->groups, in_watch) {
		pool_free(&group_pool, g);
		cond_resched();
	}
	for_each_possible_cpu(cpu)
		kvfree(watch->counters[cpu]);
	if (watch->cgroup)
		cgroup_put(watch->cgroup);
	kfree(watch->concurrency);
	kfree(watch);
}

/** watch_put() - give back what watch_get() gave. Context: process. */
void watch_put(struct watch *watch)
{
	kref_put(&watch->ref, watch_free);
}

/* An empty watch, not yet in any list; ERR_PTR() on failure. */
static struct watch *watch_alloc(const struct watch_spec *spec)
{
	struct watch *watch;
	unsigned int cpu;
	int err = -ENOMEM;

	watch = kzalloc(struct_size(watch, counters, nr_cpu_ids), GFP_KERNEL);
	if (!watch)
		return ERR_PTR(-ENOMEM);
	kref_init(&watch->ref);
	INIT_LIST_HEAD(&watch->records);
	INIT_LIST_HEAD(&watch->groups);
	watch->kind = spec->kind;
	watch->generation = 1;
	watch->concurrency = kmalloc(concurrency_size(concurrency_slots()),
				     GFP_KERNEL);
	if (!watch->concurrency)
		goto free;
	for_each_possible_cpu(cpu) {
		watch->counters[cpu] = counters_alloc(cpu);
		if (!watch->counters[cpu])
			goto free;
	}
	if (spec->kind == SCHEDSPLIT_KIND_CGROUP) {
		watch->cgroup = cgroup_get_from_path(spec->cgroup);
		if (IS_ERR(watch->cgroup)) {
			err = PTR_ERR(watch->cgroup);
			watch->cgroup = NULL;
			goto free;
		}
	}
	return watch;
free:
	watch_put(watch);
	return ERR_PTR(err);
}

static void watch_stop_locked(struct watch *watch);
static void watch_del_locked(struct watch *watch);

/**
 * watch_new() - begin to watch
 * @spec: what
 * @owner: whose it is
 *
 * Births are recorded first, then those that are there, where a task may be
 * found that has its record already; then each CPU looks at what it runs.
 *
 * Context: process; may sleep. Returns the watch, for watch_put(), or an
 * ERR_PTR(): -ENODEV the module is going, -ESRCH no such task, -ECHILD it is a thread,
 * not a process, -ENOSPC too many watches, -ENOMEM, or what
 * cgroup_get_from_path() says.
 */
struct watch *watch_new(struct watch_spec *spec, const void *owner)
{
	struct watch *watch = watch_alloc(spec);
	unsigned int found;
	int err;

	if (IS_ERR(watch))
		return watch;
	mutex_lock(&watch_mutex);
	err = -ENODEV;
	/* The module stays as long as there are watches, unless it is going. */
	if (!try_module_get(THIS_MODULE))
		goto put;
	err = -ENOSPC;
	if (nr_watches == SCHEDSPLIT_WATCHES_MAX)
		goto put_module;
	err = walk(watch, spec, count_task);
	if (err)
		goto put_module;
	found = watch->nr_records;
	watch->nr_records = 0;
	err = pool_open(&record_pool, RECORDS_RESERVE, found);
	if (!err)
		err = pool_open(&group_pool, GROUPS_RESERVE, found);
	if (err)
		goto close;

	watch->id = ++last_id ?: ++last_id;
	watch->owner = owner;
	watch->index = find_first_zero_bit(indices, SCHEDSPLIT_WATCHES_MAX);
	__set_bit(watch->index, indices);
	concurrency_begin(watch->concurrency, concurrency_slots(),
			  ktime_get_mono_fast_ns());
	if (list_empty(&active))
		cpus_attend(ATTEND_WATCH, true);
	list_add_tail(&watch->node, &watches);
	nr_watches++;
	list_add_tail_rcu(&watch->active, &active);
	/* Who is born from here on is recorded; the others are found. */
	smp_mb();

	err = walk(watch, spec, add_task);
	if (err) {
		watch_del_locked(watch);
		goto unlock;
	}
	on_all_cpus(enter_this_cpu, NULL);
	kref_get(&watch->ref);		/* the caller's */
	mutex_unlock(&watch_mutex);
	return watch;

close:
	close_pools_later();
put_module:
	module_put(THIS_MODULE);
put:
	watch_put(watch);
unlock:
	mutex_unlock(&watch_mutex);
	return ERR_PTR(err);
}

/* --- end --- */

static void leave_this_cpu(void *info)
{
	struct watch *watch = info;
	struct cpu_state *s = this_cpu_state();
	struct record *r = record_of(s->records, watch);
	struct slot_counters *c;
	u64 run_ns, wait_ns;

	records_spell_out(s);
	if (!r || !r->on)
		return;
	if (!r->end) {
		c = &watch->counters[s->cpu]->slot[task_slot(current)];
		watch_in_progress(watch, s, &run_ns, &wait_ns);
		c->run_ns += run_ns;
		c->wait_ns += wait_ns;
	}
	record_finish(r, current);
	record_leave(s, r);
}

/*
 * One word stops all CPUs. A probe of a switch, a wakeup or a migration that had
 * looked at it before has ended when its CPU has answered; those of a birth, an
 * exec or an exit at the end of the grace period. From then on nothing is
 * written to the watch.
 */
static void watch_stop_locked(struct watch *watch)
{
	struct record *r;
	unsigned int n = 0;

	if (watch->stopped_at)
		return;
	list_del_rcu(&watch->active);
	raw_spin_lock_irq(&record_lock);
	WRITE_ONCE(watch->stopped, true);
	raw_spin_unlock_irq(&record_lock);
	on_all_cpus(leave_this_cpu, watch);
	WRITE_ONCE(watch->stopped_at, ktime_get_mono_fast_ns());

	list_for_each_entry(r, &watch->records, in_watch) {
		raw_spin_lock_irq(&record_lock);
		record_end(r, SCHEDSPLIT_END_STOPPED);
		record_close(r);
		raw_spin_unlock_irq(&record_lock);
		if (!(++n % 1024))
			cond_resched();
	}
	/* Whoever has found a record has done with it, and so has every CPU. */
	on_all_cpus(enter_this_cpu, NULL);
	synchronize_rcu();
	if (list_empty(&active))
		cpus_attend(ATTEND_WATCH, false);
}

/**
 * watch_stop() - no event after this counts
 * @watch: the watch
 *
 * Its records can be read until it is deleted, and do not change any more. A
 * stay on a CPU that ends in the very moment between the stop and that CPU's
 * notice of it does not count.
 *
 * Context: process; may sleep.
 */
void watch_stop(struct watch *watch)
{
	mutex_lock(&watch_mutex);
	watch_stop_locked(watch);
	mutex_unlock(&watch_mutex);
}

static void watch_del_locked(struct watch *watch)
{
	struct record *r;

	/* Another thread of its owner may have been faster. */
	if (list_empty(&watch->node))
		return;
	watch_stop_locked(watch);
	list_for_each_entry(r, &watch->records, in_watch) {
		raw_spin_lock_irq(&record_lock);
		list_del_init(&r->event);
		raw_spin_unlock_irq(&record_lock);
		cond_resched();
	}
	list_del_init(&watch->node);
	__clear_bit(watch->index, indices);
	nr_watches--;
	close_pools_later();
	watch_put(watch);
	module_put(THIS_MODULE);
}

/**
 * watch_del() - stop a watch and forget it
 * @watch: the watch
 *
 * Context: process; may sleep.
 */
void watch_del(struct watch *watch)
{
	mutex_lock(&watch_mutex);
	watch_del_locked(watch);
	mutex_unlock(&watch_mutex);
}

/** watch_del_all() - delete all watches of @owner */
void watch_del_all(const void *owner)
{
	struct watch *watch, *next;

	mutex_lock(&watch_mutex);
	list_for_each_entry_safe(watch, next, &watches, node)
		if (watch->owner == owner)
			watch_del_locked(watch);
	mutex_unlock(&watch_mutex);
}

/**
 * watch_get() - find a watch
 * @id: its number
 * @owner: whose it must be
 *
 * Returns it, for watch_put(), or NULL.
 */
struct watch *watch_get(u32 id, const void *owner)
{
	struct watch *watch, *found = NULL;

	mutex_lock(&watch_mutex);
	list_for_each_entry(watch, &watches, node)
		if (watch->id == id && watch->owner == owner) {
			kref_get(&watch->ref);
			found = watch;
			break;
		}
	mutex_unlock(&watch_mutex);
	return found;
}

/** watch_count() - how many there are */
unsigned int watch_count(void)
{
	return READ_ONCE(nr_watches);
}

/** watch_exit() - once no probe runs, and no watch is left */
void watch_exit(void)
{
	irq_work_sync(&settle_irq_work);
	cancel_work_sync(&settle_work);
	cancel_delayed_work_sync(&close_work);
}
