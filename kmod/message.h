/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes into netlink messages, attribute by attribute. */
#ifndef SCHEDSPLIT_MESSAGE_H
#define SCHEDSPLIT_MESSAGE_H

#include <linux/skbuff.h>
#include "counters.h"
#include "record.h"
#include "watch.h"

/*
 * Room for the largest message of its kind, attributes' headers included: all
 * buckets of both histograms and all pairs; all bounds; a task.
 */
#define MESSAGE_CPU_SIZE (2 * HIST_BUCKETS * 28 + 24 * 48 +		\
			  (SCHEDSPLIT_CAUSES + 1) * SCHEDSPLIT_DISTANCES * 40 + 512)
#define MESSAGE_LIFE_SIZE (HIST_BUCKETS * 36 + 512)
#define MESSAGE_COST_SIZE (HIST_BUCKETS * 28 +				\
			   SCHEDSPLIT_CLASSES * SCHEDSPLIT_CLASSES * 64 + 512)
#define MESSAGE_INFO_SIZE (HIST_BUCKETS * 40 + 1024)
#define MESSAGE_TASK_SIZE 768

/* That one message holds: a group's, the same with the leader on, its cores. */
#define MESSAGE_CONCURRENCIES 3

/* Of a message about a set of tasks on CPUs. */
static inline size_t message_concurrency_size(void)
{
	return MESSAGE_CONCURRENCIES * concurrency_slots() * 28;
}

int message_info(struct sk_buff *skb, unsigned int records_max);
int message_cpu(struct sk_buff *skb, const struct reading *reading, u64 time,
		unsigned int cpu, unsigned int class);
int message_life(struct sk_buff *skb, const struct reading *reading, u64 time,
		 unsigned int cpu, unsigned int class, unsigned int stage);
int message_cost(struct sk_buff *skb, const struct reading *reading, u64 time,
		 unsigned int cpu, unsigned int space);
int message_signals(struct sk_buff *skb, const struct reading *reading,
		    u64 time, unsigned int cpu);
int message_watch(struct sk_buff *skb, struct watch *watch, u64 *scratch);
int message_group(struct sk_buff *skb, struct group *g, u64 *scratch);
int message_task(struct sk_buff *skb, struct record *r);

#endif
