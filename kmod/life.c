// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include "life.h"
#include "watch.h"

/* --- births and deaths --- */

static void count_life(struct cpu_state *s, const struct task_struct *p,
		       enum schedsplit_life stage, u64 ns)
{
	unsigned int class = task_class(p), bucket = hist_bucket(ns);
	struct record *r;

	s->counters.life[stage][class][bucket]++;
	if (!attends(s, ATTEND_WATCH))
		return;
	for (r = record_first(p); r; r = record_next(r))
		if (record_counts(r))
			r->watch->counters[s->cpu]->life[stage][class][bucket]++;
}

/* copy_process() stamps start_time by the same clock. */
static u64 age(const struct task_struct *p)
{
	return ktime_get_ns() - p->start_time;
}

/**
 * life_first_run() - from the first wake-up until it is chosen to run
 * @s: state of this CPU
 * @p: task that has been chosen to run, for the first time
 *
 * Legs of the wait that a migration has ended are in run_delay already, as in
 * sched_info_arrive(). The last one is timed by local_clock(), which is the run
 * queue's own (update_rq_clock()), but does not stand still from the wake-up of
 * a task on an idle CPU to its switch (rq_clock_skip_update()). The waker may
 * have stamped last_queued by its own CPU's: where that is ahead, no time went by.
 *
 * Context: switch probe.
 */
void life_first_run(struct cpu_state *s, const struct task_struct *p)
{
	s64 last_leg = 0;

	if (p->sched_info.last_queued)
		last_leg = local_clock() - p->sched_info.last_queued;
	count_life(s, p, SCHEDSPLIT_LIFE_RUN,
		   p->sched_info.run_delay + max(last_leg, 0LL));
}

/** life_woken() - the first wake-up. Context: wake_up_new_task(), interrupts off. */
void life_woken(struct cpu_state *s, const struct task_struct *p)
{
	count_life(s, p, SCHEDSPLIT_LIFE_WAKEUP, age(p));
}

static void count_current(const struct task_struct *p, enum schedsplit_life stage)
{
	unsigned long flags;

	/* Births and wake-ups of others are counted with interrupts off. */
	local_irq_save(flags);
	count_life(this_cpu_state(), p, stage, age(p));
	local_irq_restore(flags);
}

/** life_exec() - a program has been loaded. Context: the task. */
void life_exec(const struct task_struct *p)
{
	count_current(p, SCHEDSPLIT_LIFE_EXEC);
}

/** life_exit() - a task exits. Context: the task. */
void life_exit(const struct task_struct *p)
{
	count_current(p, SCHEDSPLIT_LIFE_EXIT);
}

/* --- signals --- */

/*
 * Signals that were sent and have not been taken yet. Some never are, having
 * been ignored, merged with one pending, or read by sigwait() or a signalfd:
 * their places are used again, the oldest first.
 */
#define PENDING_BITS 6
#define PENDING_EACH 8

struct pending {
	raw_spinlock_t lock;
	unsigned int n;
	struct pending_signal {
		const struct signal_struct *group;
		const struct task_struct *task;	/* NULL: to the process */
		int sig;
		u64 time;
	} signal[PENDING_EACH];
};

static struct pending pending[1 << PENDING_BITS] = {
	[0 ... (1 << PENDING_BITS) - 1] = {
		.lock = __RAW_SPIN_LOCK_UNLOCKED(pending.lock),
	},
};

static struct pending *pending_of(const struct signal_struct *group)
{
	return &pending[hash_ptr(group, PENDING_BITS)];
}

/* Takes the @i-th out; the others stay in order of time. */
static void pending_remove(struct pending *list, unsigned int i)
{
	list->n--;
	memmove(&list->signal[i], &list->signal[i + 1],
		(list->n - i) * sizeof(list->signal[0]));
}

/**
 * signal_generated() - a signal is pending
 * @p: to whom it was sent
 * @sig: its number
 * @group: to any thread of @p's group
 *
 * Context: siglock held, interrupts off (but on PREEMPT_RT).
 */
void signal_generated(const struct task_struct *p, int sig, bool group)
{
	struct pending *list = pending_of(p->signal);
	struct pending_signal signal = {
		.group = p->signal, .task = group ? NULL : p, .sig = sig,
		.time = ktime_get_mono_fast_ns(),
	};
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	this_cpu_state()->counters.signals.generated[group ? SCHEDSPLIT_SIGNAL_PROCESS :
				  SCHEDSPLIT_SIGNAL_THREAD]++;
	if (list->n == PENDING_EACH)
		pending_remove(list, 0);
	list->signal[list->n++] = signal;
	raw_spin_unlock_irqrestore(&list->lock, flags);
}

/*
 * The first one that current takes by @sig. Of a fatal signal to the process,
 * complete_signal() makes a SIGKILL for each of its threads.
 */
static bool pending_take(struct pending *list, int sig, struct pending_signal *to)
{
	const struct signal_struct *group = current->signal;
	const struct pending_signal *signal;
	unsigned int i;

	if (sig == SIGKILL && group->flags & SIGNAL_GROUP_EXIT &&
	    group->group_exit_code & 0x7f)
		sig = group->group_exit_code & 0x7f;
	for (i = 0; i < list->n; i++) {
		signal = &list->signal[i];
		if (signal->group != group || signal->sig != sig ||
		    (signal->task && signal->task != current))
			continue;
		*to = *signal;
		pending_remove(list, i);
		return true;
	}
	return false;
}

/**
 * signal_delivered() - current takes a signal
 * @sig: its number
 *
 * Context: siglock held, interrupts off (but on PREEMPT_RT).
 */
void signal_delivered(int sig)
{
	struct pending *list = pending_of(current->signal);
	struct pending_signal signal;
	struct signal_counters *c;
	unsigned long flags;
	unsigned int to;
	u64 ns;

	if (!data_race(list->n))
		return;
	raw_spin_lock_irqsave(&list->lock, flags);
	if (pending_take(list, sig, &signal)) {
		c = &this_cpu_state()->counters.signals;
		to = signal.task ? SCHEDSPLIT_SIGNAL_THREAD :
				   SCHEDSPLIT_SIGNAL_PROCESS;
		ns = ktime_get_mono_fast_ns() - signal.time;
		c->taken[to][task_class(current)]++;
		c->delay[to][hist_bucket(ns)]++;
	}
	raw_spin_unlock_irqrestore(&list->lock, flags);
}

/**
 * life_born() - what was pending for the task's addresses is nobody's
 * @p: a new task
 *
 * Memory of tasks and groups is used again.
 */
void life_born(struct task_struct *p)
{
	struct pending *list = pending_of(p->signal);
	unsigned long flags;
	unsigned int i = 0;

	if (!data_race(list->n))
		return;
	raw_spin_lock_irqsave(&list->lock, flags);
	while (i < list->n) {
		const struct pending_signal *signal = &list->signal[i];

		if (signal->task == p ||
		    (signal->group == p->signal && thread_group_leader(p)))
			pending_remove(list, i);
		else
			i++;
	}
	raw_spin_unlock_irqrestore(&list->lock, flags);
}
