/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Histogram of times: buckets [lo, hi), four to each power of two, so that a
 * bucket is at most a quarter as wide as its lower bound; below 8 ns, one each
 * ns. Pure: compiles in the kernel and in a host test.
 *
 * There is a bucket for every 64-bit value, so the probe tests no limit.
 */
#ifndef SCHEDSPLIT_HIST_H
#define SCHEDSPLIT_HIST_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#include <sys/cdefs.h>
#define u64 uint64_t
#endif

#define HIST_SUB 4
#define HIST_SUB_BITS 2		/* log2 of it */
/* 8 buckets below 8; 8 ... 2^64 is 61 powers of two. */
#define HIST_BUCKETS (2 * HIST_SUB + 61 * HIST_SUB)

/**
 * hist_bucket() - index of the bucket that holds @ns
 *
 * The three highest bits, 4 ... 7, say the quarter, and those below them are
 * shifted out. Nothing is shifted out of 0 ... 7, which are their own index.
 */
static __always_inline unsigned int
hist_bucket(u64 ns)
{
	/* 63 - clz as x86 wants it: bsr alone */
	unsigned int msb = 63 ^ __builtin_clzll(ns | (2 * HIST_SUB - 1));
	unsigned int shift = msb - HIST_SUB_BITS;

	return (unsigned int)(ns >> shift) + shift * HIST_SUB;
}

/** hist_lo() - lower bound of bucket @i, in ns */
static inline u64 hist_lo(unsigned int i)
{
	if (i < 2 * HIST_SUB)
		return i;
	return (u64)(HIST_SUB + i % HIST_SUB) << (i / HIST_SUB - 1);
}

/** hist_hi() - upper bound of bucket @i, in ns; U64_MAX: none */
static inline u64 hist_hi(unsigned int i)
{
	return i + 1 < HIST_BUCKETS ? hist_lo(i + 1) : ~0ULL;
}

#endif
