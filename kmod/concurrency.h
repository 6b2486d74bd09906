/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Concurrency: the time during which exactly k tasks of a set were on CPUs.
 *
 * One word, shared by all CPUs, holds the time of the last change and the
 * count since then. A CPU touches it when it changes the count: not on a switch
 * between two tasks of the set.
 *
 * CPUs' scheduler clocks may be skewed, so the time is CLOCK_MONOTONIC, one
 * clock for all of them. It is read after the word was, within the loop that
 * replaces it, so it is not earlier than the time found there. Where a clock
 * source is skewed nevertheless, the negative interval is added as it is: the
 * times then still add up to all that passed, and nothing is clamped.
 */
#ifndef SCHEDSPLIT_CONCURRENCY_H
#define SCHEDSPLIT_CONCURRENCY_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/overflow.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

/*
 * NR_CPUS is at most 8192; one bit more says that the leader is one of those
 * counted. 49 bits of ns are 6.5 days: so long may one state last, less the skew
 * that is allowed for. A reading renews the word.
 */
#define CONCURRENCY_COUNT_BITS 14
#define CONCURRENCY_COUNT ((1ULL << CONCURRENCY_COUNT_BITS) - 1)
#define CONCURRENCY_LEADER BIT_ULL(CONCURRENCY_COUNT_BITS)
#define CONCURRENCY_STATE_BITS (CONCURRENCY_COUNT_BITS + 1)
#define CONCURRENCY_STATE ((1ULL << CONCURRENCY_STATE_BITS) - 1)
#define CONCURRENCY_SKEW BIT_ULL(40)	/* ns: 18 minutes */

/**
 * struct concurrency - one set of tasks
 * @word:	time of the last change in ns, modulo 2^49, << 15 | leader << 14 |
 *		count
 * @slots:	of @ns: concurrency_slots(), or twice as many
 * @start:	time at which counting began
 * @ns:		[k]: time with k tasks on CPUs, for k = 0 ... nr_cpu_ids; the one
 *		beyond would take what cannot be, instead of memory behind it.
 *		Then, if there are twice as many, the same again for the time in
 *		which the leader was one of them.
 */
struct concurrency {
	atomic64_t word;
	u64 start;
	unsigned int slots;
	atomic64_t ns[];
};

static inline unsigned int concurrency_slots(void)
{
	return nr_cpu_ids + 2;
}

static inline size_t concurrency_size(unsigned int slots)
{
	return struct_size((struct concurrency *)NULL, ns, slots);
}

void concurrency_begin(struct concurrency *c, unsigned int slots, u64 now);
int concurrency_read(struct concurrency *c, u64 until, u64 *ns);

/* Where a state's time is. */
static __always_inline unsigned int concurrency_slot(const struct concurrency *c,
						     u64 word)
{
	unsigned int running = word & CONCURRENCY_COUNT;

	if (unlikely(running > nr_cpu_ids))
		running = nr_cpu_ids + 1;
	if (word & CONCURRENCY_LEADER && c->slots > concurrency_slots())
		running += concurrency_slots();
	return running;
}

/**
 * concurrency_add() - one task more (@change 1) or less (-1) is on a CPU
 *
 * Of a leader, CONCURRENCY_LEADER + 1 more or less; of one that takes turns with
 * a thread, the difference.
 *
 * Context: any, the switch probe included; the time is that of the call.
 */
static __always_inline void concurrency_add(struct concurrency *c, int change)
{
	u64 old = atomic64_read(&c->word), new, now, passed;

	do {
		/* The word before the clock, as explained above. */
		smp_rmb();
		now = ktime_get_mono_fast_ns();
		new = (now << CONCURRENCY_STATE_BITS) |
		      ((old + change) & CONCURRENCY_STATE);
	} while (!atomic64_try_cmpxchg(&c->word, (s64 *)&old, new));

	passed = (new >> CONCURRENCY_STATE_BITS) -
		 (old >> CONCURRENCY_STATE_BITS) + CONCURRENCY_SKEW;
	passed &= ~0ULL >> CONCURRENCY_STATE_BITS;
	atomic64_add(passed - CONCURRENCY_SKEW,
		     &c->ns[concurrency_slot(c, old)]);
}

#endif
