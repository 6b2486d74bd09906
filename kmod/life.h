/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times of a task's life: from its birth to its first wake-up, from that until it
 * is chosen to run, to exec, to its exit. And the time that a signal takes.
 */
#ifndef SCHEDSPLIT_LIFE_H
#define SCHEDSPLIT_LIFE_H

#include "counters.h"

/* For the probes; all but the first in process context, preemption off. */
void life_first_run(struct cpu_state *s, const struct task_struct *p);
void life_born(struct task_struct *p);
void life_woken(struct cpu_state *s, const struct task_struct *p);
void life_exec(const struct task_struct *p);
void life_exit(const struct task_struct *p);

void signal_generated(const struct task_struct *p, int sig, bool group);
void signal_delivered(int sig);

#endif
