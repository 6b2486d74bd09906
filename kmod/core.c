// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include "core.h"
#include "record.h"

/*
 * Each CPU shows what group it runs of each watch. Who changes that looks at the
 * CPUs of the same core, under a lock that only they share. As long as tasks of
 * one group take turns on a CPU, nobody comes here.
 */

static DEFINE_RAW_SPINLOCK(join_lock);

/**
 * core_join() - a CPU has come online for the first time
 * @s: its state, with its place
 *
 * The first of a core's CPUs keeps the lock. None ever leaves: one that is
 * offline shows nothing.
 *
 * Context: the CPU's own hotplug thread.
 */
void core_join(struct cpu_state *s)
{
	struct cpu_state *o;
	unsigned long flags;
	unsigned int cpu;

	raw_spin_lock_irqsave(&join_lock, flags);
	if (s->core)
		goto unlock;
	for_each_possible_cpu(cpu) {
		o = per_cpu(cpu_state, cpu);
		if (o == s || !o->core || o->place.core != s->place.core)
			continue;
		raw_spin_lock(&o->core->core_lock);
		s->sibling = o->sibling;
		WRITE_ONCE(s->core, o->core);
		WRITE_ONCE(o->sibling, s);
		raw_spin_unlock(&o->core->core_lock);
		goto unlock;
	}
	raw_spin_lock_init(&s->core_lock);
	s->sibling = s;
	WRITE_ONCE(s->core, s);
unlock:
	raw_spin_unlock_irqrestore(&join_lock, flags);
}

/* Does exactly one of @s's siblings run @g? */
static bool one_sibling_runs(const struct cpu_state *s, unsigned int index,
			     const struct group *g)
{
	const struct cpu_state *o;
	unsigned int n = 0;

	for (o = s->sibling; o != s; o = o->sibling)
		n += o->beside[index] == g;
	return n == 1;
}

/**
 * core_turn() - what a CPU runs of a watch's groups changes
 * @s: state of the CPU
 * @index: of the watch
 * @to: group of several tasks that has one here from now on, or NULL
 * @counts: the watch has not been stopped
 *
 * Context: interrupts off on the CPU, or the CPU is offline.
 */
void core_turn(struct cpu_state *s, unsigned int index, struct group *to,
	       bool counts)
{
	struct group *from = s->beside[index];
	struct cpu_state *core = READ_ONCE(s->core);
	unsigned long flags;

	if (from == to || !core || READ_ONCE(s->sibling) == s)
		return;
	raw_spin_lock_irqsave(&core->core_lock, flags);
	s->beside[index] = to;
	if (counts && from && one_sibling_runs(s, index, from))
		concurrency_add(group_cores(from), -1);
	if (counts && to && one_sibling_runs(s, index, to))
		concurrency_add(group_cores(to), 1);
	raw_spin_unlock_irqrestore(&core->core_lock, flags);
}
