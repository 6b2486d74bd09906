/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which class a task is of, and which kind a switch. Pure: compiles in the
 * kernel and in a host test, which brings PF_* constants of its own.
 */
#ifndef SCHEDSPLIT_CLASSIFY_H
#define SCHEDSPLIT_CLASSIFY_H

#ifdef __KERNEL__
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "compat.h"
#include "uapi/schedsplit.h"
#else
#include <sys/cdefs.h>
#endif

/* Tasks of the kernel's own, idle among them. */
#define PF_KERNEL (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)

/*
 * What counters are indexed by: a class, but that threads have several slots,
 * for then finding a user task's slot takes four instructions and no branch.
 */
enum slot {
	SLOT_LEADER,
	SLOT_PROCESS,
	SLOT_THREAD = 3,	/* of exit_signal -1, as all are */
	SLOT_LAST_THREAD,	/* of its group: the leader is dead and gone */
	SLOT_IDLE,
	SLOT_KTHREAD,
	SLOT_WORKER,
	SLOTS,			/* a power of two: an index is shifted */
};

/** slot_class() - class of a slot */
static inline unsigned int slot_class(unsigned int slot)
{
	static const unsigned char class[SLOTS] = {
		[SLOT_LEADER] = SCHEDSPLIT_CLASS_LEADER,
		[SLOT_PROCESS] = SCHEDSPLIT_CLASS_PROCESS,
		[SLOT_THREAD - 1] = SCHEDSPLIT_CLASS_THREAD,
		[SLOT_THREAD] = SCHEDSPLIT_CLASS_THREAD,
		[SLOT_LAST_THREAD] = SCHEDSPLIT_CLASS_THREAD,
		[SLOT_IDLE] = SCHEDSPLIT_CLASS_IDLE,
		[SLOT_KTHREAD] = SCHEDSPLIT_CLASS_KTHREAD,
		[SLOT_WORKER] = SCHEDSPLIT_CLASS_WORKER,
	};

	return class[slot];
}

/**
 * classify_user() - slot of a task that has none of PF_KERNEL
 * @exit_signal: as for classify_slot()
 * @nr_threads: as for classify_slot()
 *
 * An exit signal is negative, or it is below 2^30: the two highest bits say
 * which. Whoever is alone in its group comes one slot later.
 */
static __always_inline unsigned long
classify_user(int exit_signal, int nr_threads)
{
	unsigned int slot = (unsigned int)exit_signal >> 30;

	/* Where gcc sees more, it does not see that the carry will do. */
	__asm__("" : "+r" (slot));
	if ((unsigned int)nr_threads < 2)
		slot++;
	return slot;
}

/**
 * classify_slot() - slot of a task
 * @flags: task_struct.flags
 * @pid: task_struct.pid; 0 is the idle task alone. PF_IDLE will not do: an
 *	idle-injecting kthread sets it for a while (play_idle_precise()).
 * @exit_signal: task_struct.exit_signal; negative in all but the leader, see
 *	thread_group_leader()
 * @nr_threads: signal_struct.nr_threads. User workers count: they are members
 *	of the group, and /proc/PID/task shows them. 0 in a leader that has
 *	been reaped and has its last switch before it.
 * @worker: task_struct.worker_private. On 6.1, io_worker_exit() clears
 *	PF_IO_WORKER before do_exit(), but leaves this.
 *
 * Kernel threads and the idle task lead a group of one, so they are told apart
 * first.
 */
static __always_inline unsigned long
classify_slot(unsigned int flags, int pid, int exit_signal, int nr_threads,
	      const void *worker)
{
	if (flags & PF_KERNEL) {
		if (!(flags & PF_KTHREAD))
			return SLOT_WORKER;
		return pid ? SLOT_KTHREAD : SLOT_IDLE;
	}
	if (worker && exit_signal < 0)
		return SLOT_WORKER;
	return classify_user(exit_signal, nr_threads);
}

/** classify() - class of a task; see classify_slot() */
static inline unsigned int classify(unsigned int flags, int pid,
				    int exit_signal, int nr_threads,
				    const void *worker)
{
	return slot_class(classify_slot(flags, pid, exit_signal, nr_threads,
					worker));
}

/**
 * classify_space() - what a switch does to the user address space
 * @next_mm: next->mm
 * @active_mm: prev->active_mm; these two are what context_switch() hands to
 *	switch_mm_irqs_off()
 * @same_group: prev and next are of one thread group
 */
static __always_inline unsigned long
classify_space(const void *next_mm, const void *active_mm, int same_group)
{
	/* Not that it is likelier, but here the jump costs less. */
	if (__builtin_expect(next_mm == active_mm, 1))
		return same_group ? SCHEDSPLIT_SPACE_SAME_GROUP :
				    SCHEDSPLIT_SPACE_SAME;
	return next_mm ? SCHEDSPLIT_SPACE_CROSS : SCHEDSPLIT_SPACE_LAZY;
}

#ifdef __KERNEL__
/*
 * A task's flags, signals and group change while others look; what is read was
 * true a moment ago, and one word of each is read once.
 */
static __always_inline bool task_is_kernel(const struct task_struct *p)
{
	/* Never changed, but see classify_slot() of a worker that exits. */
	return data_race(p->flags) & PF_KERNEL;
}

/** task_slot_user() - slot of @p, none of the kernel's own, of group @signal */
static __always_inline unsigned long
task_slot_user(const struct task_struct *p, const struct signal_struct *signal)
{
	/* As said above. */
	return classify_user(data_race(p->exit_signal),
			     data_race(signal->nr_threads));
}

static __always_inline unsigned long task_slot(const struct task_struct *p)
{
	/* As said above. */
	return classify_slot(data_race(p->flags), p->pid,
			     data_race(p->exit_signal),
			     data_race(p->signal->nr_threads),
			     data_race(p->worker_private));
}

static inline unsigned int task_class(const struct task_struct *p)
{
	return slot_class(task_slot(p));
}
#endif

#endif
