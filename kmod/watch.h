/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches: which tasks get records, from when, and until when. */
#ifndef SCHEDSPLIT_WATCH_H
#define SCHEDSPLIT_WATCH_H

#include <linux/kref.h>
#include <linux/list.h>
#include "record.h"

/**
 * struct watch - what one netlink socket asked to be recorded
 * @active:	in the list that births look at, until it is stopped
 * @node:	in the list of all, until it is deleted
 * @ref:	one of its owner, one of each dump
 * @owner:	whose it is, an address that is compared only
 * @stopped:	no event counts any more. One word for all CPUs: what a task does
 *		after an event that did not count does not count either.
 * @stopped_at:	CLOCK_MONOTONIC; 0: it has not
 * @index:	among those not yet deleted, below SCHEDSPLIT_WATCHES_MAX
 * @generation:	changes when a record is added or ends; under record_lock
 * @nr_alive:	records that have not ended; under record_lock
 */
struct watch {
	struct concurrency *concurrency;
	bool stopped;
	u32 kind;
	struct cgroup *cgroup;
	u32 id;
	u32 index;
	const void *owner;
	struct list_head active;
	struct list_head node;
	struct kref ref;
	u64 stopped_at;
	u32 generation;
	u32 nr_records;
	u32 nr_alive;
	u32 nr_groups;
	u64 lost;
	struct list_head records;
	struct list_head groups;
	struct counters *counters[];
};

/* Always stopped, and nobody's: see record.counting. */
extern struct watch watch_nobody;

/** record_counts() - do events count for @r? */
static inline bool record_counts(const struct record *r)
{
	return !READ_ONCE(r->watch->stopped) && !READ_ONCE(r->end);
}

/**
 * struct watch_spec - what to watch
 * @kind:	enum schedsplit_watch_kind
 * @pids:	for KIND_GROUP and KIND_TASK, in the initial pid namespace
 * @bad:	of a failure, the index of the pid that it is about
 * @cgroup:	for KIND_CGROUP, a path below the v2 mount
 */
struct watch_spec {
	u32 kind;
	const u32 *pids;
	unsigned int nr_pids;
	unsigned int bad;
	const char *cgroup;
};

void watch_exit(void);
unsigned int watch_count(void);

struct watch *watch_new(struct watch_spec *spec, const void *owner);
struct watch *watch_get(u32 id, const void *owner);
void watch_put(struct watch *watch);
void watch_stop(struct watch *watch);
void watch_del(struct watch *watch);
void watch_del_all(const void *owner);

void watch_in_progress(const struct watch *watch, struct cpu_state *s,
		       u64 *run_ns, u64 *wait_ns);

/* For the probes. */
void watch_enter_cpu(struct cpu_state *s, const struct task_struct *p);
void watch_lost_switch(struct cpu_state *s);
void watch_newtask(struct task_struct *child);
void watch_exec(struct task_struct *p);
void watch_exit_task(struct task_struct *p, unsigned int slot);
void watch_die(struct task_struct *p);
void watch_cgroup_attach(struct task_struct *leader, bool threadgroup);

#endif
