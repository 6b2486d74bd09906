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
#endif

/**
 * classify() - class of a task
 * @flags: task_struct.flags
 * @pid: task_struct.pid; 0 is the idle task alone. PF_IDLE will not do: an
 *	idle-injecting kthread sets it for a while (play_idle_precise()).
 * @exit_signal: task_struct.exit_signal; negative in all but the leader, see
 *	thread_group_leader()
 * @nr_threads: signal_struct.nr_threads. User workers count: they are members
 *	of the group, and /proc/PID/task shows them. 0 in a leader that has
 *	been reaped and has its last switch before it.
 *
 * Kernel threads and the idle task lead a group of one, so they are told apart
 * first.
 */
static inline __attribute__((__always_inline__)) unsigned int
classify(unsigned int flags, int pid, int exit_signal, int nr_threads)
{
	if (flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)) {
		if (!(flags & PF_KTHREAD))
			return SCHEDSPLIT_CLASS_WORKER;
		return pid ? SCHEDSPLIT_CLASS_KTHREAD : SCHEDSPLIT_CLASS_IDLE;
	}
	if (exit_signal < 0)
		return SCHEDSPLIT_CLASS_THREAD;
	return nr_threads > 1 ? SCHEDSPLIT_CLASS_LEADER :
				SCHEDSPLIT_CLASS_PROCESS;
}

/**
 * classify_space() - what a switch does to the user address space
 * @next_mm: next->mm
 * @active_mm: prev->active_mm; these two are what context_switch() hands to
 *	switch_mm_irqs_off()
 * @same_group: prev and next are of one thread group
 */
static inline __attribute__((__always_inline__)) unsigned int
classify_space(const void *next_mm, const void *active_mm, int same_group)
{
	if (!next_mm)
		return SCHEDSPLIT_SPACE_LAZY;
	if (next_mm != active_mm)
		return SCHEDSPLIT_SPACE_CROSS;
	return same_group ? SCHEDSPLIT_SPACE_SAME_GROUP : SCHEDSPLIT_SPACE_SAME;
}

#ifdef __KERNEL__
static __always_inline unsigned int task_class(const struct task_struct *p)
{
	return classify(data_race(p->flags), p->pid, data_race(p->exit_signal),
			data_race(p->signal->nr_threads));
}
#endif

#endif
