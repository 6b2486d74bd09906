/* SPDX-License-Identifier: GPL-2.0-only */
/* Thread groups whose tasks share a core: run on SMT siblings at a time. */
#ifndef SCHEDSPLIT_CORE_H
#define SCHEDSPLIT_CORE_H

#include "counters.h"

struct group;

void core_join(struct cpu_state *s);
void core_turn(struct cpu_state *s, unsigned int index, struct group *to,
	       bool counts);

#endif
