/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thread groups of a watch. */
#ifndef SCHEDSPLIT_GROUPS_H
#define SCHEDSPLIT_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "counters.h"
#include "tasks.h"
#include "watch.h"

struct nlmsghdr;
struct session;

struct group_record {
	uint32_t	id;		/* unique in the watch; tgids are reused */
	uint32_t	tgid;
	char		comm[TASK_COMM_SIZE];
	uint32_t	tasks;		/* records */
	uint32_t	alive;		/* of these, not yet ended */
	struct counters	leader;
	struct counters	thread;		/* all others */
	struct concurrency concurrency;	/* since its first record */
	struct concurrency led;		/* of that, with the leader among them */
	struct concurrency cores;	/* k: cores with several of them on SMT siblings */
	unsigned int	run;		/* of `stat -r`, from 1; not the module's */
};

struct group_list {
	struct group_record *group;	/* ascending by id */
	size_t		 n;
	size_t		 room;
};

/*
 * groups_get() - all of it one state: best once the watch was stopped
 * groups_get_live() - each group by itself, whatever happens meanwhile
 *
 * Return: 0, with @list to be freed; or -errno with a sentence in @err.
 */
int groups_get(struct session *session, uint32_t watch, struct group_list *list,
	       char *err, size_t size);
int groups_get_live(struct session *session, uint32_t watch, struct group_list *list,
		    char *err, size_t size);
void groups_free(struct group_list *list);

/* An answer to GROUP_GET. Return: 0 or -errno; freed by group_free(). */
int group_parse(struct group_record *group, const struct nlmsghdr *nlh, char *err, size_t size);
void group_free(struct group_record *group);

/* Who ran beside whom, in ns: the leader and a thread; two threads; any two on one core. */
uint64_t group_leader_beside(const struct group_record *group);
uint64_t group_threads_beside(const struct group_record *group);
uint64_t group_on_one_core(const struct group_record *group);

#endif
