/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pools of objects for those who may not allocate: births are recorded with
 * preemption off, where PREEMPT_RT allows no allocator to be called at all. A
 * kernel thread of FIFO priority keeps a reserve.
 */
#ifndef SCHEDSPLIT_POOL_H
#define SCHEDSPLIT_POOL_H

#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/**
 * struct pool - objects of one kind; each begins with a struct hlist_node
 * @reserve:	so many are kept free while the pool is open; 0: it is closed
 * @used:	taken and not given back
 * @max:	limit on @used and @nr_free together
 */
struct pool {
	raw_spinlock_t lock;
	struct hlist_head free;
	unsigned int nr_free;
	unsigned int used;
	unsigned int reserve;
	unsigned int max;
	struct kmem_cache *cache;
	struct irq_work kick;
	struct kthread_work refill;
};

int pool_init(struct pool *pool, const char *name, size_t size,
	      unsigned int max);
void pool_destroy(struct pool *pool);
int pool_open(struct pool *pool, unsigned int reserve, unsigned int more);
void pool_close(struct pool *pool);
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object);
void pool_free(struct pool *pool, void *object);

static inline unsigned int pool_used(const struct pool *pool)
{
	return READ_ONCE(pool->used);
}

int pools_start(void);
void pools_stop(void);

#endif
