// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints and what is done at each.
 *
 * sched_switch runs under rq->lock with interrupts off: no allocation, wake-up,
 * printk or sleeping lock there, nor in what it calls.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cgroup.h>
#include <linux/kcsan-checks.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/clock.h>
#include <linux/tracepoint.h>
#include <trace/events/cgroup.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>
#include <trace/events/task.h>
#include "cost.h"
#include "counters.h"
#include "life.h"
#include "migration.h"
#include "probes.h"
#include "watch.h"

/**
 * struct stay - a stay on a CPU, and the switch that ends it
 * @kind:	switch_kind() of the switch
 * @slot:	of the task that leaves
 * @voluntary:	1, or 0: involuntary
 * @run_ns:	length of the stay
 * @queued:	when the last leg of the wait before it began; 0: no wait
 * @arrived:	and when it ended
 * @whole:	the start of the stay is known
 */
struct stay {
	unsigned long kind;
	unsigned long slot;
	unsigned long voluntary;
	u64 run_ns;
	u64 queued;
	u64 arrived;
	bool whole;
};

static __always_inline unsigned long
switch_space(const struct task_struct *prev, const struct task_struct *next,
	     const struct signal_struct *from, const struct signal_struct *to)
{
	return classify_space(next->mm, prev->active_mm, from == to);
}

/*
 * No clock is read. The scheduler's own stamp, se.exec_start, was set by
 * set_next_task() for @next and by update_curr() in put_prev_task() for @prev,
 * so that run times equal sum_exec_runtime. Only the idle task has no account,
 * nor a stamp on 6.1: it is timed by local_clock(). A wait is what
 * sched_info_arrive() made of it.
 *
 * @from: slot of @prev
 * @kind: switch_kind() of the space and of @next's slot
 */
static __always_inline struct stay
stay_end(const struct cpu_state *s, const struct task_struct *prev,
	 unsigned long from, unsigned long kind)
{
	struct stay stay = {
		.slot = from,
		/* 0 or 1, as no switch has gone by unseen */
		.voluntary = (prev->nvcsw - s->nvcsw) & 1,
		.run_ns = prev->se.exec_start - s->since,
		.queued = s->queued,
		.arrived = prev->sched_info.last_arrival,
		.whole = true,
	};

	stay.kind = kind + switch_kind(0, stay.voluntary, from, 0);
	return stay;
}

/* @both: the same for @also */
static __always_inline void count_stays(struct counters *c,
					struct counters *also, bool both,
					const struct stay *stay)
{
	struct slot_counters *slot = &c->slot[stay->slot], *also_slot;
	unsigned long bucket;
	u64 wait_ns;

	c->switches[stay->kind]++;
	if (both)
		also->switches[stay->kind]++;
	barrier();	/* now, or it takes registers until then */

	OPTIMIZER_HIDE_VAR(slot);	/* the base of what follows */
	slot->run_ns += stay->run_ns;
	if (both) {
		also_slot = &also->slot[stay->slot];
		OPTIMIZER_HIDE_VAR(also_slot);
		also_slot->run_ns += stay->run_ns;
	}
	if (!stay->whole)
		return;
	bucket = hist_bucket(stay->run_ns);
	slot->slice[bucket]++;
	if (both)
		also_slot->slice[bucket]++;
	if (!stay->queued)
		return;
	wait_ns = stay->arrived - stay->queued;
	bucket = hist_bucket(wait_ns);
	slot->wait_ns += wait_ns;
	slot->wait[bucket]++;
	if (both) {
		also_slot->wait_ns += wait_ns;
		also_slot->wait[bucket]++;
	}
}

static __always_inline void count_stay(struct counters *c,
				       const struct stay *stay)
{
	count_stays(c, NULL, false, stay);
}

/* @next has come on the CPU. */
static __always_inline void stay_begin(struct cpu_state *s,
				       const struct task_struct *next)
{
	s->nvcsw = next->nvcsw;
	s->since = next->se.exec_start;
	s->queued = next->sched_info.last_queued;
}

static void count_record(struct cpu_state *s, struct record *r,
			 const struct stay *stay)
{
	struct stay part = *stay;

	if (r->on & ON_PARTIAL) {
		part.whole = false;
		part.run_ns -= r->skip_ns;
	}
	count_stay(r->watch->counters[s->cpu], &part);
	if (attends(s, ATTEND_COST))
		cost_also(s, r->watch->counters[s->cpu]);
	r->switches[stay->slot][stay->voluntary]++;
}

/*
 * The records of @next go on the CPU, then those of @prev leave it. Where both
 * are of one watch, or one group, its concurrency stays as it is.
 */
static void switch_records(struct cpu_state *s, const struct task_struct *prev,
			   const struct task_struct *next,
			   const struct stay *stay)
{
	struct record *out, *in = record_first(next), *r, *peer;
	const void *plain;
	bool grouped;
	u8 turn;

	records_spell_out(s);
	out = s->records;
	for (r = in; r; r = record_next(r)) {
		if (!record_begin(r, next))
			continue;
		turn = record_turn(r);
		peer = record_of(out, r->watch);
		if (!peer || !peer->on) {
			concurrency_add(r->watch->concurrency, 1);
			group_turn(s, r->watch, NULL, 0, r->group, turn);
		} else {
			group_turn(s, r->watch, peer->group, peer->on,
				   r->group, turn);
		}
		WRITE_ONCE(r->on, turn);
	}

	for (r = out; r; r = record_next(r)) {
		if (!r->on)
			continue;
		peer = record_of(in, r->watch);
		if (!peer || !peer->on) {
			if (!READ_ONCE(r->watch->stopped))
				concurrency_add(r->watch->concurrency, -1);
			group_turn(s, r->watch, r->group, r->on, NULL, 0);
		}
		if (record_counts(r))
			count_record(s, r, stay);
		else
			record_finish_before(r, prev, stay->voluntary);
		WRITE_ONCE(r->on, 0);
	}
	s->records = in;
	if (!in || !in->on)
		return;
	plain = READ_ONCE(in->plain);
	/* Only what records_spell_out() makes the same of again. */
	grouped = plain == in->group;
	if (plain != in && grouped == !!(in->on & ON_GROUPED)) {
		s->plain = plain;
		WRITE_ONCE(in->on, 0);
	}
}

/*
 * @prev is not the task that was switched in last. On the first switch of a
 * CPU that is as it should be. Later, a switch has gone by unseen: tracepoints
 * do nothing on a CPU that is not online (cpu_online() in their call site).
 * What then began unseen is dropped, and whether @prev leaves voluntarily is
 * taken from its state, as __schedule() does.
 */
static void began_unseen(struct cpu_state *s, const struct task_struct *prev,
			 bool voluntary)
{
	if (s->first == prev)
		return;
	if (cpu_curr(s)) {
		s->untraced++;
		watch_lost_switch(s);
	}
	s->nvcsw = prev->nvcsw - voluntary;
	s->since = prev->se.exec_start;
	s->idle_clock = local_clock();
	s->queued = 0;
	if (attends(s, ATTEND_WATCH))
		watch_enter_cpu(s, prev);
}

/* Any switch. */
static noinline void switch_slowly(struct cpu_state *s, bool preempt,
				   struct task_struct *prev,
				   struct task_struct *next,
				   unsigned int prev_state)
{
	bool unseen = cpu_curr(s) != prev;
	struct stay stay;

	if (unseen)
		began_unseen(s, prev, !preempt && prev_state);
	s->first = NULL;
	stay = stay_end(s, prev, task_slot(prev),
			switch_kind(switch_space(prev, next, prev->signal,
						 next->signal),
				    0, 0, task_slot(next)));
	stay.whole = !unseen;
	if (is_idle_task(prev))
		stay.run_ns = local_clock() - s->idle_clock;
	count_stay(&s->counters, &stay);
	s->cost_watches = 0;
	if (attends(s, ATTEND_WATCH)) {
		switch_records(s, prev, next, &stay);
		if (prev_state & TASK_DEAD)
			watch_die(prev);
	}
	if (!next->sched_info.pcount && !is_idle_task(next))
		life_first_run(s, next);
	stay_begin(s, next);
	s->user = task_is_kernel(next) || !next->mm ? NULL : next;
	s->curr = next;
	if (is_idle_task(next))
		s->idle_clock = local_clock();
	if (attends(s, ATTEND_COST))
		cost_begin(s, stay.kind);
}

/* Neither task is one of the kernel's own, and nothing was unseen. */
static __always_inline struct stay
stay_end_user(const struct cpu_state *s, const struct task_struct *prev,
	      const struct task_struct *next)
{
	const struct signal_struct *leaves = prev->signal;
	const struct signal_struct *comes = next->signal;
	unsigned long kind, from;

	/* One after the other takes fewer registers than all at once. */
	kind = switch_kind(switch_space(prev, next, leaves, comes), 0, 0, 0);
	barrier();
	kind += switch_kind(0, 0, 0, task_slot_user(next, comes));
	OPTIMIZER_HIDE_VAR(kind);
	barrier();
	from = task_slot_user(prev, leaves);
	barrier();
	return stay_end(s, prev, from, kind);
}

/*
 * One record of each task, and nothing changes but who is on: see record.plain.
 */
static noinline notrace void switch_watched(struct cpu_state *s, bool preempt,
					    struct task_struct *prev,
					    struct task_struct *next,
					    unsigned int prev_state)
{
	struct record *out, *in = record_first(next);
	struct watch *watch;

	/* What changes right now may be seen at the next switch. */
	if (unlikely(!in || data_race(in->plain) != s->plain))
		goto slowly;
	out = s->records;
	/* Either is right while it changes: before or after the cut. */
	watch = data_race(out->counting);
	if (likely(!data_race(watch->stopped))) {
		struct counters *also = watch->counters[s->cpu];
		/* Set where it is declared, or the compiler sets it to 0 first. */
		struct stay stay = stay_end_user(s, prev, next);

		s->records = in;
		out->switches[stay.slot][stay.voluntary]++;
		count_stays(&s->counters, also, true, &stay);
		stay_begin(s, next);
		s->user = next;
		if (unlikely(attends(s, ATTEND_COST))) {
			s->cost_watches = 0;
			cost_also(s, also);
			cost_begin(s, stay.kind);
		}
		return;
	}
slowly:
	switch_slowly(s, preempt, prev, next, prev_state);
}

/*
 * Nobody watches, but costs are measured; unless the last watch ended between
 * our caller's two looks.
 */
static noinline notrace void switch_costed(struct cpu_state *s,
					   struct task_struct *prev,
					   struct task_struct *next)
{
	struct stay stay = stay_end_user(s, prev, next);

	count_stay(&s->counters, &stay);
	stay_begin(s, next);
	s->user = next;
	s->cost_watches = 0;
	if (attends(s, ATTEND_COST))
		cost_begin(s, stay.kind);
}

/* Here and in what it calls, a hook for the function tracer would cost too. */
static notrace void probe_sched_switch(void *data, bool preempt,
				       struct task_struct *prev,
				       struct task_struct *next,
				       unsigned int prev_state)
{
	struct cpu_state *s = this_cpu_state();

	/* Whoever comes and has no mm any more, or is new, is looked at more closely. */
	if (unlikely(prev != s->user || task_is_kernel(next) || !next->mm ||
		     !next->sched_info.pcount)) {
		switch_slowly(s, preempt, prev, next, prev_state);
	} else if (unlikely(data_race(s->attention))) {
		/* Read anew, it needs no register before. */
		barrier();
		if (attends(s, ATTEND_WATCH))
			switch_watched(s, preempt, prev, next, prev_state);
		else
			switch_costed(s, prev, next);
	} else {
		struct stay stay = stay_end_user(s, prev, next);

		count_stay(&s->counters, &stay);
		stay_begin(s, next);
		s->user = next;
	}
}

static noinline notrace void wakeup_watched(struct task_struct *p,
					    unsigned long cpu,
					    unsigned long slot)
{
	struct record *r;

	for (r = record_first(p); r; r = record_next(r)) {
		/* The same but for a record whose base is to be taken yet. */
		struct watch *watch = data_race(r->counting);

		/* As in switch_watched(). */
		if (unlikely(data_race(watch->stopped))) {
			if (!record_counts(r))
				continue;
			watch = r->watch;
		}
		local64_inc(&watch->counters[cpu]->wakeups[slot]);
		/* A task that wakes itself holds no lock (try_to_wake_up()). */
		atomic64_inc(&r->wakeups);
	}
}

static notrace void probe_sched_wakeup(void *data, struct task_struct *p)
{
	struct cpu_state *s = this_cpu_state();
	unsigned long slot;

	slot = unlikely(task_is_kernel(p)) ? task_slot(p) :
					  task_slot_user(p, p->signal);
	local64_inc(&s->counters.wakeups[slot]);
	if (unlikely(attends(s, ATTEND_WATCH)))
		wakeup_watched(p, s->cpu, slot);
}

static noinline void migration_watched(struct task_struct *p, unsigned int cpu,
				       unsigned long slot,
				       enum schedsplit_cause cause,
				       enum schedsplit_distance distance)
{
	struct record *r;

	for (r = record_first(p); r; r = record_next(r)) {
		if (!record_counts(r)) {
			record_finish(r, p);
			continue;
		}
		if (r->fresh_migrations) {
			r->fresh_migrations = false;
			r->base.nr_migrations = p->se.nr_migrations;
		}
		r->watch->counters[cpu]->migrations[slot][cause][distance]++;
		r->migrations++;
	}
}

/* Context: p->pi_lock or its rq->lock, interrupts off (set_task_cpu()). */
static void probe_sched_migrate_task(void *data, struct task_struct *p,
				     int dest_cpu)
{
	struct cpu_state *s = this_cpu_state();
	unsigned long slot = task_slot(p);
	enum schedsplit_distance distance;
	enum schedsplit_cause cause;

	/* set_task_cpu() counts, as we do, only moves to another CPU. */
	if (task_cpu(p) == dest_cpu)
		return;
	cause = migration_cause(p);
	distance = migration_distance(&per_cpu(cpu_state, task_cpu(p))->place,
				      &per_cpu(cpu_state, dest_cpu)->place);
	s->counters.migrations[slot][cause][distance]++;
	if (unlikely(attends(s, ATTEND_WATCH)))
		migration_watched(p, s->cpu, slot, cause, distance);
}

/*
 * A new task's first place is no migration (__set_task_cpu() in
 * wake_up_new_task()). How far from where its creator runs?
 *
 * Context: its creator, with p's rq->lock held.
 */
static void probe_sched_wakeup_new(void *data, struct task_struct *p)
{
	struct cpu_state *s = this_cpu_state();
	unsigned long slot = task_slot(p);
	enum schedsplit_distance distance;
	struct record *r;

	distance = migration_distance(&s->place,
				      &per_cpu(cpu_state, task_cpu(p))->place);
	s->counters.placements[slot][distance]++;
	life_woken(s, p);
	if (!attends(s, ATTEND_WATCH))
		return;
	for (r = record_first(p); r; r = record_next(r))
		if (record_counts(r))
			r->watch->counters[s->cpu]->placements[slot][distance]++;
}

/* create_io_thread() passes here, but not through sched_process_fork. */
static void probe_task_newtask(void *data, struct task_struct *child,
			       unsigned long clone_flags)
{
	preempt_disable_notrace();
	local64_inc(&this_cpu_state()->counters.forks[task_slot(child)]);
	life_born(child);
	watch_newtask(child);
	preempt_enable_notrace();
}

static void probe_sched_process_exit(void *data, struct task_struct *p)
{
	unsigned long slot = task_slot(p);

	preempt_disable_notrace();
	local64_inc(&this_cpu_state()->counters.exits[slot]);
	life_exit(p);
	watch_exit_task(p, slot);
	preempt_enable_notrace();
}

static void probe_sched_process_exec(void *data, struct task_struct *p,
				     pid_t old_pid, struct linux_binprm *bprm)
{
	preempt_disable_notrace();
	life_exec(p);
	preempt_enable_notrace();
	watch_exec(p);
}

static void probe_signal_generate(void *data, int sig,
				  struct kernel_siginfo *info,
				  struct task_struct *p, int group, int result)
{
	preempt_disable_notrace();
	if (result == TRACE_SIGNAL_DELIVERED)
		signal_generated(p, sig, group);
	preempt_enable_notrace();
}

static void probe_signal_deliver(void *data, int sig,
				 struct kernel_siginfo *info,
				 struct k_sigaction *ka)
{
	preempt_disable_notrace();
	signal_delivered(sig);
	preempt_enable_notrace();
}

static void probe_cgroup_attach_task(void *data, struct cgroup *cgroup,
				     const char *path,
				     struct task_struct *leader,
				     bool threadgroup)
{
	watch_cgroup_attach(leader, threadgroup);
}

/*
 * Tracepoints are not exported to modules: they are found by name. The switch
 * probe comes last in order, so that others' probes are not between it and the
 * switch.
 */
static struct hook {
	const char *name;
	void *probe;
	int priority;
	struct tracepoint *tracepoint;
	bool attached;
} hooks[] = {
	{ "task_newtask", probe_task_newtask, TRACEPOINT_DEFAULT_PRIO },
	{ "sched_process_exec", probe_sched_process_exec,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "signal_generate", probe_signal_generate, TRACEPOINT_DEFAULT_PRIO },
	{ "signal_deliver", probe_signal_deliver, TRACEPOINT_DEFAULT_PRIO },
	{ "sched_process_exit", probe_sched_process_exit,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "cgroup_attach_task", probe_cgroup_attach_task,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "sched_migrate_task", probe_sched_migrate_task,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "sched_wakeup", probe_sched_wakeup, TRACEPOINT_DEFAULT_PRIO },
	{ "sched_wakeup_new", probe_sched_wakeup_new, TRACEPOINT_DEFAULT_PRIO },
	{ "sched_switch", probe_sched_switch, INT_MIN },
};

/* Registering by name loses the compiler's check: this is it. */
static inline void check_prototypes(void)
{
	check_trace_callback_type_task_newtask(probe_task_newtask);
	check_trace_callback_type_sched_process_exec(probe_sched_process_exec);
	check_trace_callback_type_signal_generate(probe_signal_generate);
	check_trace_callback_type_signal_deliver(probe_signal_deliver);
	check_trace_callback_type_sched_process_exit(probe_sched_process_exit);
	check_trace_callback_type_cgroup_attach_task(probe_cgroup_attach_task);
	check_trace_callback_type_sched_migrate_task(probe_sched_migrate_task);
	check_trace_callback_type_sched_wakeup(probe_sched_wakeup);
	check_trace_callback_type_sched_wakeup_new(probe_sched_wakeup_new);
	check_trace_callback_type_sched_switch(probe_sched_switch);
}

static void match_hook(struct tracepoint *tracepoint, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (!strcmp(tracepoint->name, hooks[i].name))
			hooks[i].tracepoint = tracepoint;
}

#define CALIBRATIONS 1024

/**
 * probes_calibrate() - what the switch probe takes, costs included, when warm
 * @cycles: get_cycles() a switch
 *
 * The same code on counters that are thrown away, as if a task took turns with
 * itself. Context: process; may sleep. Returns 0 or -ENOMEM.
 */
int probes_calibrate(u32 *cycles)
{
	struct cpu_state *s = kvzalloc(sizeof(*s), GFP_KERNEL);
	u64 best = U64_MAX, start;
	unsigned int round, i;
	unsigned long flags;

	if (!s)
		return -ENOMEM;
	s->attention = BIT(ATTEND_COST);
	/* Others may bring the task's times up to date meanwhile: any will do. */
	kcsan_disable_current();
	for (round = 0; round < 8; round++) {
		local_irq_save(flags);
		start = get_cycles();
		for (i = 0; i < CALIBRATIONS / 8; i++) {
			switch_costed(s, current, current);
			s->cost_start = 0;
		}
		best = min(best, get_cycles() - start);
		local_irq_restore(flags);
	}
	kcsan_enable_current();
	*cycles = div_u64(best, CALIBRATIONS / 8);
	kvfree(s);
	return 0;
}

/** probes_name() - name of the @i-th tracepoint attached; NULL after the last */
const char *probes_name(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].name : NULL;
}

/**
 * probes_detach() - detach every probe that is attached
 *
 * Returns when none runs any more.
 */
void probes_detach(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!hooks[i].attached)
			continue;
		tracepoint_probe_unregister(hooks[i].tracepoint, hooks[i].probe,
					    NULL);
		hooks[i].attached = false;
	}
	tracepoint_synchronize_unregister();
}

/**
 * probes_attach() - attach all probes, or none
 *
 * Returns 0 or a negative error.
 */
int probes_attach(void)
{
	unsigned int i;
	int err;

	check_prototypes();
	for_each_kernel_tracepoint(match_hook, NULL);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!hooks[i].tracepoint) {
			pr_err("this kernel has no tracepoint %s\n",
			       hooks[i].name);
			err = -ENOENT;
			goto detach;
		}
		err = tracepoint_probe_register_prio(hooks[i].tracepoint,
						     hooks[i].probe, NULL,
						     hooks[i].priority);
		if (err) {
			pr_err("cannot attach to %s: %d\n", hooks[i].name, err);
			goto detach;
		}
		hooks[i].attached = true;
	}
	return 0;

detach:
	probes_detach();
	return err;
}
