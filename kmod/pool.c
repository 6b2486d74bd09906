// SPDX-License-Identifier: GPL-2.0-only
#include <linux/sched.h>
#include "pool.h"

/* Objects allocated between two lockings. */
#define BATCH 64

static struct kthread_worker *refiller;

static bool wants(const struct pool *pool, unsigned int free)
{
	unsigned int have = READ_ONCE(pool->nr_free);

	return have < free && have + READ_ONCE(pool->used) < pool->max;
}

/* Context: process; may sleep. Returns 0 or -ENOMEM. */
static int fill(struct pool *pool, unsigned int free)
{
	struct hlist_node *batch[BATCH];
	unsigned int i, n;

	while (wants(pool, free)) {
		for (n = 0; n < BATCH; n++) {
			batch[n] = kmem_cache_alloc(pool->cache, GFP_KERNEL);
			if (!batch[n])
				break;
		}
		raw_spin_lock_irq(&pool->lock);
		for (i = 0; i < n; i++)
			hlist_add_head(batch[i], &pool->free);
		WRITE_ONCE(pool->nr_free, pool->nr_free + n);
		raw_spin_unlock_irq(&pool->lock);
		if (n < BATCH)
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

/* Out of memory: the next that takes an object asks again. */
static void refill(struct kthread_work *work)
{
	struct pool *pool = container_of(work, struct pool, refill);

	fill(pool, READ_ONCE(pool->reserve));
}

/* Hard interrupt context on PREEMPT_RT too: the taker may hold a raw lock. */
static void kick(struct irq_work *work)
{
	kthread_queue_work(refiller, &container_of(work, struct pool, kick)->refill);
}

/**
 * pool_init() - an empty, closed pool
 * @pool: what to make one of
 * @name: of the slab cache
 * @size: of an object
 * @max: limit on objects
 *
 * Returns 0 or -ENOMEM.
 */
int pool_init(struct pool *pool, const char *name, size_t size, unsigned int max)
{
	pool->cache = kmem_cache_create(name, size, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!pool->cache)
		return -ENOMEM;
	raw_spin_lock_init(&pool->lock);
	pool->max = max;
	pool->kick = IRQ_WORK_INIT_HARD(kick);
	kthread_init_work(&pool->refill, refill);
	return 0;
}

/* Nobody takes any more, and all has been given back or freed. */
void pool_destroy(struct pool *pool)
{
	pool_close(pool);
	kmem_cache_destroy(pool->cache);
}

/**
 * pool_open() - have objects ready
 * @pool: the pool
 * @reserve: so many are kept free from now on
 * @more: so many more are wanted at once
 *
 * Where the limit is nearer than that, there are as many as it allows.
 *
 * Context: process; may sleep. Returns 0 or -ENOMEM.
 */
int pool_open(struct pool *pool, unsigned int reserve, unsigned int more)
{
	WRITE_ONCE(pool->reserve, reserve);
	return fill(pool, reserve + more);
}

/**
 * pool_close() - give up the reserve, and all other memory that is free
 * @pool: the pool
 *
 * Context: process; may sleep.
 */
void pool_close(struct pool *pool)
{
	struct hlist_node *n, *next;
	struct hlist_head free;

	WRITE_ONCE(pool->reserve, 0);
	irq_work_sync(&pool->kick);
	kthread_cancel_work_sync(&pool->refill);
	raw_spin_lock_irq(&pool->lock);
	hlist_move_list(&pool->free, &free);
	WRITE_ONCE(pool->nr_free, 0);
	raw_spin_unlock_irq(&pool->lock);
	hlist_for_each_safe(n, next, &free)
		kmem_cache_free(pool->cache, n);
}

/**
 * pool_take() - an object, its content undefined
 * @pool: the pool
 *
 * Context: any with interrupts off. Returns NULL if the
 * pool is dry.
 */
void *pool_take(struct pool *pool)
{
	struct hlist_node *n;

	raw_spin_lock(&pool->lock);
	n = pool->free.first;
	if (n && pool->used >= pool->max)
		n = NULL;
	if (n) {
		hlist_del(n);
		WRITE_ONCE(pool->nr_free, pool->nr_free - 1);
		WRITE_ONCE(pool->used, pool->used + 1);
	}
	if (wants(pool, READ_ONCE(pool->reserve) / 2))
		irq_work_queue(&pool->kick);
	raw_spin_unlock(&pool->lock);
	return n;
}

/** pool_give() - back to the reserve. Context: as pool_take(). */
void pool_give(struct pool *pool, void *object)
{
	raw_spin_lock(&pool->lock);
	hlist_add_head(object, &pool->free);
	WRITE_ONCE(pool->nr_free, pool->nr_free + 1);
	WRITE_ONCE(pool->used, pool->used - 1);
	raw_spin_unlock(&pool->lock);
}

/** pool_free() - back to the kernel. Context: process. */
void pool_free(struct pool *pool, void *object)
{
	raw_spin_lock_irq(&pool->lock);
	WRITE_ONCE(pool->used, pool->used - 1);
	raw_spin_unlock_irq(&pool->lock);
	kmem_cache_free(pool->cache, object);
}

/** pools_start() - before any pool is opened. Returns 0 or a negative error. */
int pools_start(void)
{
	refiller = kthread_create_worker(0, "schedsplit");
	if (IS_ERR(refiller))
		return PTR_ERR(refiller);
	/* A storm of births must not starve it. */
	sched_set_fifo_low(refiller->task);
	return 0;
}

void pools_stop(void)
{
	kthread_destroy_worker(refiller);
}
