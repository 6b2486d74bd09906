/* SPDX-License-Identifier: GPL-2.0-only */
/* How far a task moves between CPUs, and why. */
#ifndef SCHEDSPLIT_MIGRATION_H
#define SCHEDSPLIT_MIGRATION_H

#include <linux/sched.h>
#include "counters.h"

int migration_init(void);
void migration_exit(void);

/** migration_distance() - from one CPU to another */
static __always_inline enum schedsplit_distance
migration_distance(const struct cpu_place *from, const struct cpu_place *to)
{
	if (from == to)
		return SCHEDSPLIT_DISTANCE_NONE;
	if (from->core == to->core)
		return SCHEDSPLIT_DISTANCE_SMT;
	if (from->llc == to->llc)
		return SCHEDSPLIT_DISTANCE_CACHE;
	if (from->node == to->node)
		return SCHEDSPLIT_DISTANCE_NODE;
	return SCHEDSPLIT_DISTANCE_REMOTE;
}

/* A CPU's stopper thread looks like this (sched_set_stop_task()); few others may. */
static inline bool by_stopper(void)
{
	return current->flags & PF_KTHREAD &&
	       current->rt_priority == MAX_RT_PRIO - 1;
}

/**
 * migration_cause() - why @p moves, as far as it can be told
 * @p: about to leave task_cpu(p), in set_task_cpu()
 *
 * An affinity that leaves the old CPU out is in force before the task moves
 * (do_set_cpus_allowed()); it is the reason even if a wake-up finds the new
 * CPU. select_task_rq() is called in TASK_WAKING (try_to_wake_up()). exec has the
 * stopper move its caller early (sched_exec()); so does load balancing with what
 * runs (active_load_balance_cpu_stop()), which is taken for exec in the midst of
 * one. What is moved while runnable is TASK_ON_RQ_MIGRATING (deactivate_task()):
 * by load balancing of every kind, NUMA balancing and the pulling and pushing of
 * real-time tasks among it.
 *
 * Context: p->pi_lock or its rq->lock.
 */
static inline enum schedsplit_cause migration_cause(const struct task_struct *p)
{
	if (!cpumask_test_cpu(task_cpu(p), p->cpus_ptr))
		return SCHEDSPLIT_CAUSE_AFFINITY;
	if (READ_ONCE(p->__state) == TASK_WAKING)
		return SCHEDSPLIT_CAUSE_WAKEUP;
	if (by_stopper() && compat_in_execve(p))
		return SCHEDSPLIT_CAUSE_EXEC;
	if (p->on_rq)
		return SCHEDSPLIT_CAUSE_BALANCE;
	return SCHEDSPLIT_CAUSE_OTHER;
}

#endif
