/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The direct cost of a switch: from the end of the sched_switch probe, in the
 * task that leaves, to the first instruction of finish_task_switch(), in the
 * one that comes. Between the two lie what prepare_task_switch() does
 * (sched_info, perf events and other notifiers of the task that leaves), the
 * switch of the address space (switch_mm_irqs_off()) and that of registers and
 * stack (switch_to()); not the choice of the next task.
 *
 * Hooked, through ftrace, only while somebody asks.
 */
#ifndef SCHEDSPLIT_COST_H
#define SCHEDSPLIT_COST_H

#include <linux/timex.h>
#include "counters.h"

/**
 * struct cost_info - what is known of the hook
 * @available:	this kernel has it
 * @attached:	those that asked for it
 * @khz:	cycles a millisecond
 * @window:	cycles that measuring adds to a cost: the hook's own, median
 * @probe:	cycles that all that is done at a switch takes, warm, per switch
 */
struct cost_info {
	bool available;
	unsigned int attached;
	u32 khz;
	u32 window;
	u32 probe;
};

void cost_init(void);
void cost_exit(void);
void cost_info(struct cost_info *info);
int cost_attach(const void *owner);
int cost_detach(const void *owner);

/**
 * cost_begin() - a switch begins: the last thing that its probe does
 * @s: state of this CPU
 * @kind: switch_kind()
 *
 * A switch that found no end, as when the hook has been taken away, is said.
 */
static __always_inline void cost_begin(struct cpu_state *s, unsigned long kind)
{
	if (unlikely(s->cost_start))
		s->counters.cost.missed++;
	s->cost_kind = kind;
	s->cost_flushed = false;
	s->cost_start = get_cycles();
}

/* The cost counts for @c as well, a watch's. */
static __always_inline void cost_also(struct cpu_state *s, struct counters *c)
{
	s->cost_also[s->cost_watches++] = &c->cost;
}

#endif
