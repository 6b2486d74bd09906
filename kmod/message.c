// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each of these returns 0, -EMSGSIZE if @skb has no room left (the caller takes
 * back what was begun), or another negative error. Context: process.
 */
#include <linux/cpumask.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>
#include "cost.h"
#include "message.h"
#include "probes.h"
#include "version.h"

#define put_u64(skb, type, value) \
	nla_put_u64_64bit(skb, type, value, SCHEDSPLIT_A_PAD)

/* One word pads in every nest. */
static_assert(SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_COUNTERS_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_HANDOFF_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_BUCKET_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_BOUND_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_LIVE_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_CONCURRENCY_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_TASK_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_GROUP_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_KERNEL_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_COST_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_SPACE_ATTR_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_MOVES_PAD &&
	      SCHEDSPLIT_A_PAD == (int)SCHEDSPLIT_SIGNAL_PAD);

static int put_live(struct sk_buff *skb)
{
	u64 live[SCHEDSPLIT_CLASSES] = {
		[SCHEDSPLIT_CLASS_IDLE] = num_online_cpus(),
	};
	struct task_struct *group, *p;
	struct nlattr *nest;
	unsigned int class;

	rcu_read_lock();
	for_each_process_thread(group, p)
		/* Who exits now is alive or not. */
		if (!data_race(p->exit_state))
			live[task_class(p)]++;
	rcu_read_unlock();
	for (class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		nest = nla_nest_start(skb, SCHEDSPLIT_A_LIVE);
		if (!nest ||
		    nla_put_u32(skb, SCHEDSPLIT_LIVE_CLASS, class) ||
		    put_u64(skb, SCHEDSPLIT_LIVE_TASKS, live[class]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_bounds(struct sk_buff *skb)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		nest = nla_nest_start(skb, SCHEDSPLIT_A_BOUND);
		if (!nest ||
		    nla_put_u32(skb, SCHEDSPLIT_BOUND_INDEX, i) ||
		    put_u64(skb, SCHEDSPLIT_BOUND_LO, hist_lo(i)) ||
		    put_u64(skb, SCHEDSPLIT_BOUND_HI, hist_hi(i)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_cost_hook(struct sk_buff *skb)
{
	struct cost_info cost;
	struct nlattr *nest;

	cost_info(&cost);
	if (!cost.available)
		return 0;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_COST_HOOK);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_HOOK_SOCKETS, cost.attached) ||
	    nla_put_u32(skb, SCHEDSPLIT_HOOK_KHZ, cost.khz) ||
	    nla_put_u32(skb, SCHEDSPLIT_HOOK_WINDOW, cost.window) ||
	    nla_put_u32(skb, SCHEDSPLIT_HOOK_PROBE, cost.probe))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/** message_info() - INFO_GET; @records_max as the module parameter */
int message_info(struct sk_buff *skb, unsigned int records_max)
{
	unsigned int i;

	if (nla_put_string(skb, SCHEDSPLIT_A_VERSION, SCHEDSPLIT_VERSION) ||
	    put_u64(skb, SCHEDSPLIT_A_TIME, ktime_get_ns()) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CPUS, nr_cpu_ids) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_RECORDS_MAX, records_max) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_RECORDS, pool_used(&record_pool)) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_WATCHES, watch_count()))
		return -EMSGSIZE;
	for (i = 0; probes_name(i); i++)
		if (nla_put_string(skb, SCHEDSPLIT_A_HOOK, probes_name(i)))
			return -EMSGSIZE;
	return put_cost_hook(skb) ?: put_live(skb) ?: put_bounds(skb);
}

static int put_tally(struct sk_buff *skb, const struct tally *tally)
{
	if (put_u64(skb, SCHEDSPLIT_COUNTERS_VOLUNTARY, tally->voluntary) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_INVOLUNTARY, tally->involuntary) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_MIGRATIONS, tally->migrations) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_WAKEUPS, tally->wakeups) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_RUN_NS, tally->run_ns) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_WAIT_NS, tally->wait_ns))
		return -EMSGSIZE;
	return 0;
}

static int put_counters(struct sk_buff *skb, int type, const struct tally *tally)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || put_tally(skb, tally))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static u64 slot_migrations(const struct counters *c, unsigned int slot)
{
	unsigned int cause, distance;
	u64 sum = 0;

	for (cause = 0; cause < SCHEDSPLIT_CAUSES; cause++)
		for (distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
			sum += c->migrations[slot][cause][distance];
	return sum;
}

/* @cause SCHEDSPLIT_CAUSES: placements */
static int put_moves(struct sk_buff *skb, const struct counters *c,
		     unsigned int class, unsigned int cause,
		     unsigned int distance)
{
	struct nlattr *nest;
	unsigned int slot;
	u64 count = 0;

	for (slot = 0; slot < SLOTS; slot++)
		if (slot_class(slot) == class)
			count += cause < SCHEDSPLIT_CAUSES ?
				 c->migrations[slot][cause][distance] :
				 c->placements[slot][distance];
	if (!count)
		return 0;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_MOVES);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_MOVES_DISTANCE, distance) ||
	    (cause < SCHEDSPLIT_CAUSES &&
	     nla_put_u32(skb, SCHEDSPLIT_MOVES_CAUSE, cause)) ||
	    put_u64(skb, SCHEDSPLIT_MOVES_COUNT, count))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_all_moves(struct sk_buff *skb, const struct counters *c,
			 unsigned int class)
{
	unsigned int cause, distance;
	int err = 0;

	for (cause = 0; cause <= SCHEDSPLIT_CAUSES; cause++)
		for (distance = 0; distance < SCHEDSPLIT_DISTANCES && !err;
		     distance++)
			err = put_moves(skb, c, class, cause, distance);
	return err;
}

static int put_class_counters(struct sk_buff *skb, const struct counters *c,
			      unsigned int class)
{
	struct nlattr *nest = nla_nest_start(skb, SCHEDSPLIT_A_COUNTERS);
	struct tally tally = {};
	u64 forks = 0, exits = 0;
	unsigned int from, to, space;

	for (from = 0; from < SLOTS; from++) {
		if (slot_class(from) != class)
			continue;
		tally.migrations += slot_migrations(c, from);
		tally.wakeups += local64_read(&c->wakeups[from]);
		tally.run_ns += c->slot[from].run_ns;
		tally.wait_ns += c->slot[from].wait_ns;
		forks += local64_read(&c->forks[from]);
		exits += local64_read(&c->exits[from]);
		for (space = 0; space < SCHEDSPLIT_SPACES; space++) {
			for (to = 0; to < SLOTS; to++) {
				tally.involuntary +=
					c->switches[switch_kind(space, 0, from, to)];
				tally.voluntary +=
					c->switches[switch_kind(space, 1, from, to)];
			}
		}
	}
	if (!nest || put_tally(skb, &tally) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_FORKS, forks) ||
	    put_u64(skb, SCHEDSPLIT_COUNTERS_EXITS, exits))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_handoff(struct sk_buff *skb, const struct counters *c,
		       unsigned int class, unsigned int to_class,
		       unsigned int space)
{
	u64 voluntary = 0, involuntary = 0;
	unsigned int from, to;
	struct nlattr *nest;

	for (from = 0; from < SLOTS; from++) {
		for (to = 0; to < SLOTS; to++) {
			if (slot_class(from) != class || slot_class(to) != to_class)
				continue;
			involuntary += c->switches[switch_kind(space, 0, from, to)];
			voluntary += c->switches[switch_kind(space, 1, from, to)];
		}
	}
	if (!voluntary && !involuntary)
		return 0;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_HANDOFF);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_HANDOFF_TO, to_class) ||
	    nla_put_u32(skb, SCHEDSPLIT_HANDOFF_SPACE, space) ||
	    put_u64(skb, SCHEDSPLIT_HANDOFF_VOLUNTARY, voluntary) ||
	    put_u64(skb, SCHEDSPLIT_HANDOFF_INVOLUNTARY, involuntary))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_handoffs(struct sk_buff *skb, const struct counters *c,
			unsigned int class)
{
	unsigned int to, space;
	int err = 0;

	for (to = 0; to < SCHEDSPLIT_CLASSES; to++)
		for (space = 0; space < SCHEDSPLIT_SPACES && !err; space++)
			err = put_handoff(skb, c, class, to, space);
	return err;
}

static int put_bucket(struct sk_buff *skb, int type, unsigned int i, u64 count)
{
	struct nlattr *nest;

	if (!count)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_BUCKET_INDEX, i) ||
	    put_u64(skb, SCHEDSPLIT_BUCKET_COUNT, count))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_life(struct sk_buff *skb, unsigned int stage, unsigned int i,
		    u64 count)
{
	struct nlattr *nest;

	if (!count)
		return 0;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_LIFE);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_BUCKET_STAGE, stage) ||
	    nla_put_u32(skb, SCHEDSPLIT_BUCKET_INDEX, i) ||
	    put_u64(skb, SCHEDSPLIT_BUCKET_COUNT, count))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/** message_life() - CPU_GET: one histogram of lives; see message_cpu() */
int message_life(struct sk_buff *skb, const struct reading *reading, u64 time,
		 unsigned int cpu, unsigned int class, unsigned int stage)
{
	const u64 *count = reading->counters.life[stage][class];
	unsigned int i;

	if (put_u64(skb, SCHEDSPLIT_A_TIME, time) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CPU, cpu) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CLASS, class))
		return -EMSGSIZE;
	for (i = 0; i < HIST_BUCKETS; i++)
		if (put_life(skb, stage, i, count[i]))
			return -EMSGSIZE;
	return 0;
}

static int put_hists(struct sk_buff *skb, const struct counters *c,
		     unsigned int class)
{
	unsigned int i, slot;
	u64 slice, wait;

	for (i = 0; i < HIST_BUCKETS; i++) {
		slice = 0;
		wait = 0;
		for (slot = 0; slot < SLOTS; slot++) {
			if (slot_class(slot) != class)
				continue;
			slice += c->slot[slot].slice[i];
			wait += c->slot[slot].wait[i];
		}
		if (put_bucket(skb, SCHEDSPLIT_A_SLICE, i, slice) ||
		    put_bucket(skb, SCHEDSPLIT_A_WAIT, i, wait))
			return -EMSGSIZE;
	}
	return 0;
}

/**
 * message_cpu() - CPU_GET
 * @skb: the message
 * @reading: of all CPUs
 * @time: when it was taken
 * @cpu: which CPU to tell of
 * @class: and which class
 */
int message_cpu(struct sk_buff *skb, const struct reading *reading, u64 time,
		unsigned int cpu, unsigned int class)
{
	const struct counters *c = &reading->counters;

	if (put_u64(skb, SCHEDSPLIT_A_TIME, time) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CPU, cpu) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CLASS, class) ||
	    put_u64(skb, SCHEDSPLIT_A_UNTRACED, reading->untraced))
		return -EMSGSIZE;
	return put_class_counters(skb, c, class) ?:
	       put_handoffs(skb, c, class) ?:
	       put_all_moves(skb, c, class) ?:
	       put_hists(skb, c, class);
}

static int put_cost(struct sk_buff *skb, const struct cost_counters *c,
		    unsigned int from_class, unsigned int to_class,
		    unsigned int space)
{
	unsigned int from, to, voluntary;
	u64 count = 0, cycles = 0;
	struct nlattr *nest;
	unsigned long kind;

	for (from = 0; from < SLOTS; from++) {
		for (to = 0; to < SLOTS; to++) {
			if (slot_class(from) != from_class ||
			    slot_class(to) != to_class)
				continue;
			for (voluntary = 0; voluntary < 2; voluntary++) {
				kind = switch_kind(space, voluntary, from, to);
				count += c->count[kind];
				cycles += c->cycles[kind];
			}
		}
	}
	if (!count)
		return 0;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_COST);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_COST_FROM, from_class) ||
	    nla_put_u32(skb, SCHEDSPLIT_COST_TO, to_class) ||
	    nla_put_u32(skb, SCHEDSPLIT_COST_SPACE, space) ||
	    put_u64(skb, SCHEDSPLIT_COST_COUNT, count) ||
	    put_u64(skb, SCHEDSPLIT_COST_CYCLES, cycles))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_cost_space(struct sk_buff *skb, const struct cost_counters *c,
			  unsigned int space)
{
	struct nlattr *nest = nla_nest_start(skb, SCHEDSPLIT_A_COST_SPACE);
	unsigned int i;

	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_SPACE_ATTR_SPACE, space) ||
	    put_u64(skb, SCHEDSPLIT_SPACE_ATTR_FLUSHED, c->flushed[space]))
		return -EMSGSIZE;
	for (i = 0; i < HIST_BUCKETS; i++)
		if (put_bucket(skb, SCHEDSPLIT_SPACE_ATTR_BUCKET, i,
			       c->hist[space][i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/** message_cost() - CPU_GET: the direct costs of a space; see message_cpu() */
int message_cost(struct sk_buff *skb, const struct reading *reading, u64 time,
		 unsigned int cpu, unsigned int space)
{
	const struct cost_counters *c = &reading->counters.cost;
	unsigned int from, to;
	int err = 0;

	if (put_u64(skb, SCHEDSPLIT_A_TIME, time) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CPU, cpu) ||
	    put_u64(skb, SCHEDSPLIT_A_COST_MISSED, space ? 0 : c->missed))
		return -EMSGSIZE;
	for (from = 0; from < SCHEDSPLIT_CLASSES && !err; from++)
		for (to = 0; to < SCHEDSPLIT_CLASSES && !err; to++)
			err = put_cost(skb, c, from, to, space);
	return err ?: put_cost_space(skb, c, space);
}

static int put_signal(struct sk_buff *skb, const struct signal_counters *c,
		      unsigned int to)
{
	struct nlattr *nest = nla_nest_start(skb, SCHEDSPLIT_A_SIGNAL), *taken;
	unsigned int i;

	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_SIGNAL_TO, to) ||
	    put_u64(skb, SCHEDSPLIT_SIGNAL_GENERATED, c->generated[to]))
		return -EMSGSIZE;
	for (i = 0; i < SCHEDSPLIT_CLASSES; i++) {
		taken = nla_nest_start(skb, SCHEDSPLIT_SIGNAL_TAKEN);
		if (!taken ||
		    nla_put_u32(skb, SCHEDSPLIT_LIVE_CLASS, i) ||
		    put_u64(skb, SCHEDSPLIT_LIVE_TASKS, c->taken[to][i]))
			return -EMSGSIZE;
		nla_nest_end(skb, taken);
	}
	for (i = 0; i < HIST_BUCKETS; i++)
		if (put_bucket(skb, SCHEDSPLIT_SIGNAL_BUCKET, i,
			       c->delay[to][i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/** message_signals() - CPU_GET: signals taken on a CPU; see message_cpu() */
int message_signals(struct sk_buff *skb, const struct reading *reading,
		    u64 time, unsigned int cpu)
{
	unsigned int to;
	int err = 0;

	if (put_u64(skb, SCHEDSPLIT_A_TIME, time) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_CPU, cpu))
		return -EMSGSIZE;
	for (to = 0; to < SCHEDSPLIT_SIGNAL_TOS && !err; to++)
		err = put_signal(skb, &reading->counters.signals, to);
	return err;
}

static int put_concurrency(struct sk_buff *skb, int type, const u64 *ns)
{
	struct nlattr *nest;
	unsigned int k;

	for (k = 0; k < concurrency_slots(); k++) {
		if (!ns[k])
			continue;
		nest = nla_nest_start(skb, type);
		if (!nest ||
		    nla_put_u32(skb, SCHEDSPLIT_CONCURRENCY_RUNNING, k) ||
		    put_u64(skb, SCHEDSPLIT_CONCURRENCY_NS, ns[k]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/** message_watch() - WATCH_GET; @scratch has room for concurrency_slots() */
int message_watch(struct sk_buff *skb, struct watch *watch, u64 *scratch)
{
	u64 duration = 0, lost;
	u32 records, alive, generation;
	unsigned int k;
	int err;

	err = concurrency_read(watch->concurrency,
			       READ_ONCE(watch->stopped_at), scratch);
	if (err)
		return err;
	for (k = 0; k < concurrency_slots(); k++)
		duration += scratch[k];
	raw_spin_lock_irq(&record_lock);
	records = watch->nr_records;
	alive = watch->nr_alive;
	lost = watch->lost;
	generation = watch->generation;
	raw_spin_unlock_irq(&record_lock);
	if (nla_put_u32(skb, SCHEDSPLIT_A_WATCH, watch->id) ||
	    put_u64(skb, SCHEDSPLIT_A_TIME, ktime_get_ns()) ||
	    put_u64(skb, SCHEDSPLIT_A_DURATION, duration) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_RECORDS, records) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_ALIVE, alive) ||
	    put_u64(skb, SCHEDSPLIT_A_LOST, lost) ||
	    nla_put_u32(skb, SCHEDSPLIT_A_GENERATION, generation))
		return -EMSGSIZE;
	return put_concurrency(skb, SCHEDSPLIT_A_CONCURRENCY, scratch);
}

static void tally_add(struct tally *sum, const struct tally *part)
{
	sum->voluntary += part->voluntary;
	sum->involuntary += part->involuntary;
	sum->migrations += part->migrations;
	sum->wakeups += part->wakeups;
	sum->run_ns += part->run_ns;
	sum->wait_ns += part->wait_ns;
}

static struct tally tally_minus(const struct tally *whole,
				const struct tally *part)
{
	return (struct tally) {
		.voluntary = whole->voluntary - part->voluntary,
		.involuntary = whole->involuntary - part->involuntary,
		.migrations = whole->migrations - part->migrations,
		.wakeups = whole->wakeups - part->wakeups,
		.run_ns = whole->run_ns - part->run_ns,
		.wait_ns = whole->wait_ns - part->wait_ns,
	};
}

static void group_tally(struct group *g, struct tally *leader,
			struct tally *thread)
{
	struct tally tally, as_thread;
	struct record *r;
	bool is_leader;

	memset(leader, 0, sizeof(*leader));
	memset(thread, 0, sizeof(*thread));
	rcu_read_lock();
	list_for_each_entry_rcu(r, &g->records, in_group) {
		/* The part before the whole, which only grows. */
		raw_spin_lock_irq(&record_lock);
		is_leader = r->leader;
		as_thread = r->as_thread;
		raw_spin_unlock_irq(&record_lock);
		record_tally(r, &tally);
		if (is_leader) {
			tally = tally_minus(&tally, &as_thread);
			tally_add(leader, &tally);
			tally_add(thread, &as_thread);
		} else {
			tally_add(thread, &tally);
		}
	}
	rcu_read_unlock();
}

/*
 * While there was one task only, the time with one on a CPU is its run time, by
 * the scheduler's clock, and the rest of that time is without; there is no rest
 * where that clock was the faster.
 *
 * @ns: [0] all, [1] of it, with the leader among them, [2] cores with several;
 * each of concurrency_slots()
 */
static int group_concurrency(struct group *g, const struct tally *leader,
			     const struct tally *thread, u64 *ns)
{
	u64 until = READ_ONCE(g->ended) ?: READ_ONCE(g->watch->stopped_at);
	unsigned int slots = concurrency_slots(), k;
	u64 *led = ns + slots, *cores = led + slots;
	const struct record *first;
	u64 single, running;
	int err;

	/* Pairs with group_becomes_multi(). */
	if (smp_load_acquire(&g->multi)) {
		err = concurrency_read(&g->concurrency, until, ns) ?:
		      concurrency_read(group_cores(g), until, cores);
		if (err)
			return err;
		for (k = 0; k < slots; k++)
			ns[k] += led[k];
		single = g->concurrency.start - g->start;
		running = g->single_ns;
	} else {
		memset(ns, 0, MESSAGE_CONCURRENCIES * slots * sizeof(*ns));
		single = (until ?: ktime_get_mono_fast_ns()) - g->start;
		running = leader->run_ns + thread->run_ns;
	}
	ns[1] += running;
	/* A group is in its watch's list before its first record is in it. */
	first = list_first_or_null_rcu(&g->records, struct record, in_group);
	if (first && first->leader)
		led[1] += running;
	if (running < single)
		ns[0] += single - running;
	cores[0] += max(running, single);
	return 0;
}

/**
 * message_group() - GROUP_GET
 * @skb: to be put in there
 * @g: the group
 * @scratch: room for MESSAGE_CONCURRENCIES times concurrency_slots()
 *
 * Context: process; may sleep. Returns 0, -EMSGSIZE or -EAGAIN.
 */
int message_group(struct sk_buff *skb, struct group *g, u64 *scratch)
{
	char comm[TASK_COMM_LEN];
	struct tally leader, thread;
	struct nlattr *nest;
	u32 tasks, alive;
	int err;

	group_tally(g, &leader, &thread);
	err = group_concurrency(g, &leader, &thread, scratch);
	if (err)
		return err;
	raw_spin_lock_irq(&record_lock);
	tasks = g->tasks;
	alive = g->alive;
	strscpy(comm, g->comm, sizeof(comm));
	raw_spin_unlock_irq(&record_lock);
	if (nla_put_u32(skb, SCHEDSPLIT_A_WATCH, g->watch->id))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_GROUP);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_GROUP_ID, g->id) ||
	    nla_put_u32(skb, SCHEDSPLIT_GROUP_TGID, g->tgid) ||
	    nla_put_string(skb, SCHEDSPLIT_GROUP_COMM, comm) ||
	    nla_put_u32(skb, SCHEDSPLIT_GROUP_TASKS, tasks) ||
	    nla_put_u32(skb, SCHEDSPLIT_GROUP_ALIVE, alive) ||
	    put_counters(skb, SCHEDSPLIT_GROUP_LEADER, &leader) ||
	    put_counters(skb, SCHEDSPLIT_GROUP_THREAD, &thread) ||
	    put_concurrency(skb, SCHEDSPLIT_GROUP_CONCURRENCY, scratch) ||
	    put_concurrency(skb, SCHEDSPLIT_GROUP_LED,
			    scratch + concurrency_slots()) ||
	    put_concurrency(skb, SCHEDSPLIT_GROUP_CORES,
			    scratch + 2 * concurrency_slots()) ||
	    skb_tail_pointer(skb) - (unsigned char *)nest > U16_MAX)
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_kernel(struct sk_buff *skb, const struct kernel_counts *kernel)
{
	struct nlattr *nest = nla_nest_start(skb, SCHEDSPLIT_TASK_KERNEL);

	if (!nest ||
	    put_u64(skb, SCHEDSPLIT_KERNEL_NVCSW, kernel->nvcsw) ||
	    put_u64(skb, SCHEDSPLIT_KERNEL_NIVCSW, kernel->nivcsw) ||
	    put_u64(skb, SCHEDSPLIT_KERNEL_MIGRATIONS, kernel->nr_migrations))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/** message_task() - TASK_GET and EXIT_NTF */
int message_task(struct sk_buff *skb, struct record *r)
{
	struct tally tally, as_thread;
	struct kernel_counts kernel;
	char comm[TASK_COMM_LEN];
	unsigned int class;
	struct nlattr *nest;
	bool was_thread;
	u32 seen;
	u8 end;
	pid_t tid;

	/* The part before the whole, which only grows. */
	raw_spin_lock_irq(&record_lock);
	tid = r->tid;
	end = r->end;
	as_thread = r->as_thread;
	was_thread = r->was_thread;
	strscpy(comm, r->comm, sizeof(comm));
	raw_spin_unlock_irq(&record_lock);
	rcu_read_lock();
	record_tally(r, &tally);
	record_kernel(r, &kernel);
	class = record_class(r, &seen);
	rcu_read_unlock();
	if (nla_put_u32(skb, SCHEDSPLIT_A_WATCH, r->watch->id))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SCHEDSPLIT_A_TASK);
	if (!nest ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_TID, tid) ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_TGID, r->group->tgid) ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_GROUP_ID, r->group->id) ||
	    nla_put_string(skb, SCHEDSPLIT_TASK_COMM, comm) ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_CLASS, class) ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_SEEN, seen) ||
	    nla_put_u32(skb, SCHEDSPLIT_TASK_END, end) ||
	    put_counters(skb, SCHEDSPLIT_TASK_COUNTERS, &tally) ||
	    (was_thread &&
	     put_counters(skb, SCHEDSPLIT_TASK_AS_THREAD, &as_thread)) ||
	    put_kernel(skb, &kernel) ||
	    put_u64(skb, SCHEDSPLIT_TASK_UNTRACED, READ_ONCE(r->untraced)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
