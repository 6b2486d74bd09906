// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints and what is done at each.
 *
 * sched_switch runs under rq->lock with interrupts off: no allocation, wake-up,
 * printk or sleeping lock there, nor in what it calls.
 */
#include <linux/cgroup.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/clock.h>
#include <linux/tracepoint.h>
#include <trace/events/cgroup.h>
#include <trace/events/sched.h>
#include <trace/events/task.h>
#include "counters.h"
#include "probes.h"
#include "watch.h"

/**
 * struct stay - a stay on a CPU, and the switch that ends it
 * @space:	enum schedsplit_space of the switch
 * @voluntary:	1, or 0: involuntary
 * @from:	class of the task that leaves
 * @to:		class of the one that comes
 * @run_ns:	length of the stay
 * @wait_ns:	last leg of the wait before it, if @waited
 * @whole:	the start of the stay is known
 * @waited:	there was a wait
 */
struct stay {
	unsigned int space;
	unsigned int voluntary;
	unsigned int from;
	unsigned int to;
	u64 run_ns;
	u64 wait_ns;
	bool whole;
	bool waited;
};

static __always_inline void count_stay(struct class_counters *c,
				       const struct stay *stay)
{
	c->run_ns += stay->run_ns;
	if (unlikely(!stay->whole))
		return;
	c->slice[hist_bucket(stay->run_ns)]++;
	if (stay->waited) {
		c->wait_ns += stay->wait_ns;
		c->wait[hist_bucket(stay->wait_ns)]++;
	}
}

/* @out's task leaves the CPU that @s is of. */
static __always_inline void count_out(struct cpu_state *s, struct record *out,
				      const struct task_struct *prev,
				      const struct stay *stay)
{
	struct counters *c = out->watch->counters[s->cpu];

	c->switches[stay->space][stay->voluntary][stay->from][stay->to]++;
	if (likely(!(out->on & ON_PARTIAL)))
		count_stay(&c->class[stay->from], stay);
	else
		c->class[stay->from].run_ns += stay->run_ns - out->skip_ns;
	out->switches[stay->voluntary]++;
	out->nvcsw = prev->nvcsw;
	out->nivcsw = prev->nivcsw;
	out->nr_migrations = prev->se.nr_migrations;
	out->run_ns = prev->se.sum_exec_runtime;
	out->wait_ns = prev->sched_info.run_delay;
	out->class = stay->from;
	out->seen |= 1 << stay->from;
}

/*
 * The records of @next go on the CPU, then those of @prev leave it. Where both
 * are of one watch, or one group, its concurrency stays as it is.
 */
static __always_inline void
switch_records(struct cpu_state *s, struct task_struct *prev,
	       struct task_struct *next, const struct stay *stay)
{
	struct record *out = s->records, *in = record_first(next), *r, *peer;

	s->records = in;
	for (r = in; r; r = record_next(r)) {
		u8 on = ON_CPU;

		if (unlikely(!record_counts(r)))
			continue;
		if (unlikely(r->fresh))
			record_take_base(r, next);
		peer = record_of(out, r->watch);
		if (!peer || !peer->on) {
			concurrency_add(r->watch->concurrency, 1);
			peer = NULL;
		}
		if (READ_ONCE(r->group->multi)) {
			on |= ON_GROUPED;
			if (!peer || peer->group != r->group ||
			    !(peer->on & ON_GROUPED))
				concurrency_add(&r->group->concurrency, 1);
		}
		WRITE_ONCE(r->on, on);
	}

	for (r = out; r; r = record_next(r)) {
		if (!r->on)
			continue;
		if (likely(!READ_ONCE(r->watch->stopped))) {
			peer = record_of(in, r->watch);
			if (!peer || !peer->on) {
				concurrency_add(r->watch->concurrency, -1);
				peer = NULL;
			}
			if (r->on & ON_GROUPED &&
			    (!peer || peer->group != r->group ||
			     !(peer->on & ON_GROUPED)))
				concurrency_add(&r->group->concurrency, -1);
			if (likely(!READ_ONCE(r->end)))
				count_out(s, r, prev, stay);
		}
		WRITE_ONCE(r->on, 0);
	}
}

/**
 * count_switch() - count one switch
 * @s: state of this CPU
 * @prev: the task that leaves
 * @next: the task that comes
 * @watched: there are watches
 * @whole: the start of the stay that ends is known
 *
 * No clock is read. The scheduler's own stamp, se.exec_start, was set by
 * set_next_task() for @next and by update_curr() in put_prev_task() for @prev,
 * so that run times equal sum_exec_runtime. Only the idle task has no account,
 * nor a stamp on 6.1: it is timed by local_clock(). A wait is what
 * sched_info_arrive() made of it.
 */
static __always_inline void
count_switch(struct cpu_state *s, struct task_struct *prev,
	     struct task_struct *next, bool watched, bool whole)
{
	struct stay stay = {
		.from = task_class(prev),
		.to = task_class(next),
		.voluntary = prev->nvcsw != s->nvcsw,
		.space = classify_space(next->mm, prev->active_mm,
					prev->signal == next->signal),
		.run_ns = prev->se.exec_start - s->since,
		.whole = whole,
		.waited = s->queued,
	};

	if (unlikely(stay.from == SCHEDSPLIT_CLASS_IDLE))
		stay.run_ns = local_clock() - s->idle_clock;
	if (stay.waited)
		stay.wait_ns = prev->sched_info.last_arrival - s->queued;

	s->counters.switches[stay.space][stay.voluntary][stay.from][stay.to]++;
	count_stay(&s->counters.class[stay.from], &stay);
	if (watched)
		switch_records(s, prev, next, &stay);

	s->curr = next;
	s->nvcsw = next->nvcsw;
	s->since = next->se.exec_start;
	s->queued = next->sched_info.last_queued;
	if (unlikely(stay.to == SCHEDSPLIT_CLASS_IDLE))
		s->idle_clock = local_clock();
}

/*
 * @prev is not the task that was switched in last. On the first switch of a
 * CPU that is as it should be. Later, a switch has gone by unseen: tracepoints
 * do nothing on a CPU that is not online (cpu_online() in their call site).
 * What then began unseen is dropped, and whether @prev leaves voluntarily is
 * taken from its state, as __schedule() does.
 */
static noinline void switch_unseen(struct cpu_state *s, bool preempt,
				   struct task_struct *prev,
				   struct task_struct *next,
				   unsigned int prev_state)
{
	if (s->first != prev) {
		if (s->curr) {
			s->untraced++;
			watch_lost_switch(s);
		}
		s->nvcsw = prev->nvcsw - (!preempt && prev_state);
		s->since = prev->se.exec_start;
		s->idle_clock = local_clock();
		s->queued = 0;
		s->curr = prev;
		if (static_branch_unlikely(&watching))
			watch_enter_cpu(s, prev);
	}
	s->first = NULL;
	count_switch(s, prev, next, static_branch_unlikely(&watching), false);
	if (static_branch_unlikely(&watching) && prev_state & TASK_DEAD)
		watch_die(prev);
}

static noinline void switch_watched(struct cpu_state *s,
				    struct task_struct *prev,
				    struct task_struct *next,
				    unsigned int prev_state)
{
	count_switch(s, prev, next, true, true);
	if (unlikely(prev_state & TASK_DEAD))
		watch_die(prev);
}

static void probe_sched_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next,
			       unsigned int prev_state)
{
	struct cpu_state *s = this_cpu_state();

	if (unlikely(prev != s->curr))
		switch_unseen(s, preempt, prev, next, prev_state);
	else if (static_branch_unlikely(&watching))
		switch_watched(s, prev, next, prev_state);
	else
		count_switch(s, prev, next, false, true);
}

static noinline void wakeup_watched(struct task_struct *p, unsigned int cpu,
				    unsigned int class)
{
	struct record *r;

	for (r = record_first(p); r; r = record_next(r)) {
		if (!record_counts(r))
			continue;
		local64_inc(&r->watch->counters[cpu]->class[class].wakeups);
		/* A task that wakes itself holds no lock (try_to_wake_up()). */
		atomic64_inc(&r->wakeups);
	}
}

static void probe_sched_wakeup(void *data, struct task_struct *p)
{
	struct cpu_state *s = this_cpu_state();
	unsigned int class = task_class(p);

	local64_inc(&s->counters.class[class].wakeups);
	if (static_branch_unlikely(&watching))
		wakeup_watched(p, s->cpu, class);
}

/* Context: p->pi_lock or its rq->lock, interrupts off (set_task_cpu()). */
static void probe_sched_migrate_task(void *data, struct task_struct *p,
				     int dest_cpu)
{
	struct cpu_state *s = this_cpu_state();
	unsigned int class = task_class(p);
	struct record *r;

	/* set_task_cpu() counts, as we do, only moves to another CPU. */
	if (task_cpu(p) == dest_cpu)
		return;
	s->counters.class[class].migrations++;
	if (!static_branch_unlikely(&watching))
		return;
	for (r = record_first(p); r; r = record_next(r)) {
		if (!record_counts(r))
			continue;
		if (r->fresh_migrations) {
			r->fresh_migrations = false;
			r->base.nr_migrations = p->se.nr_migrations;
		}
		r->watch->counters[s->cpu]->class[class].migrations++;
		r->migrations++;
		/* The tracepoint comes before ++p->se.nr_migrations. */
		r->nr_migrations = p->se.nr_migrations + 1;
	}
}

/* create_io_thread() passes here, but not through sched_process_fork. */
static void probe_task_newtask(void *data, struct task_struct *child,
			       unsigned long clone_flags)
{
	preempt_disable_notrace();
	local64_inc(&this_cpu_state()->counters.class[task_class(child)].forks);
	if (static_branch_unlikely(&watching))
		watch_newtask(child);
	preempt_enable_notrace();
}

static void probe_sched_process_exit(void *data, struct task_struct *p)
{
	unsigned int class = task_class(p);

	preempt_disable_notrace();
	local64_inc(&this_cpu_state()->counters.class[class].exits);
	if (static_branch_unlikely(&watching))
		watch_exit_task(p, class);
	preempt_enable_notrace();
}

static void probe_sched_process_exec(void *data, struct task_struct *p,
				     pid_t old_pid, struct linux_binprm *bprm)
{
	if (static_branch_unlikely(&watching))
		watch_exec(p);
}

static void probe_cgroup_attach_task(void *data, struct cgroup *cgroup,
				     const char *path,
				     struct task_struct *leader,
				     bool threadgroup)
{
	if (static_branch_unlikely(&watching))
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
	{ "sched_process_exit", probe_sched_process_exit,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "cgroup_attach_task", probe_cgroup_attach_task,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "sched_migrate_task", probe_sched_migrate_task,
	  TRACEPOINT_DEFAULT_PRIO },
	{ "sched_wakeup", probe_sched_wakeup, TRACEPOINT_DEFAULT_PRIO },
	{ "sched_switch", probe_sched_switch, INT_MIN },
};

/* Registering by name loses the compiler's check: this is it. */
static inline void check_prototypes(void)
{
	check_trace_callback_type_task_newtask(probe_task_newtask);
	check_trace_callback_type_sched_process_exec(probe_sched_process_exec);
	check_trace_callback_type_sched_process_exit(probe_sched_process_exit);
	check_trace_callback_type_cgroup_attach_task(probe_cgroup_attach_task);
	check_trace_callback_type_sched_migrate_task(probe_sched_migrate_task);
	check_trace_callback_type_sched_wakeup(probe_sched_wakeup);
	check_trace_callback_type_sched_switch(probe_sched_switch);
}

static void match_hook(struct tracepoint *tracepoint, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (!strcmp(tracepoint->name, hooks[i].name))
			hooks[i].tracepoint = tracepoint;
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
