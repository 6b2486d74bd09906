// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "concurrency.h"

/* Readings that collide with changes before giving up: about 10 ms. */
#define READ_TRIES 100000

/**
 * concurrency_begin() - start with nobody on a CPU
 * @c: has room for @slots
 * @slots: concurrency_slots(), or twice as many
 * @now: CLOCK_MONOTONIC
 */
void concurrency_begin(struct concurrency *c, unsigned int slots, u64 now)
{
	memset(c, 0, concurrency_size(slots));
	c->slots = slots;
	c->start = now;
	atomic64_set(&c->word, now << CONCURRENCY_STATE_BITS);
}

/**
 * concurrency_read() - times with k tasks on CPUs
 * @c: the set of tasks
 * @until: CLOCK_MONOTONIC, no later than now; a change after it counts up to
 *	that change. 0: until now.
 * @ns: as many as @c has slots
 *
 * Whoever changes the word adds the time that it ended afterwards. The reading
 * holds if the word did not change meanwhile and the times add up to what had
 * passed when it was written: then nobody is in between.
 *
 * Context: process; may sleep. Returns 0, or -EAGAIN if changes came too
 * closely.
 */
int concurrency_read(struct concurrency *c, u64 until, u64 *ns)
{
	unsigned int k, tries;
	u64 word, sum;

	if (!until)
		concurrency_add(c, 0);
	for (tries = 0; tries < READ_TRIES; tries++) {
		word = atomic64_read(&c->word);
		/* The word before the times, and again behind them. */
		smp_rmb();
		sum = c->start;
		for (k = 0; k < c->slots; k++) {
			ns[k] = atomic64_read(&c->ns[k]);
			sum += ns[k];
		}
		/* As above. */
		smp_rmb();
		if (word == atomic64_read(&c->word) &&
		    sum << CONCURRENCY_STATE_BITS == (word & ~CONCURRENCY_STATE)) {
			if (until > sum)
				ns[concurrency_slot(c, word)] += until - sum;
			return 0;
		}
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return -EAGAIN;
}
