/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Task records of a watch, and the proof that they are right. */
#ifndef SCHEDSPLIT_TASKS_H
#define SCHEDSPLIT_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters.h"

struct nlmsghdr;
struct session;

#define TASK_COMM_SIZE	64	/* kernel threads' names can be that long */

struct task_record {
	uint32_t	tid;
	uint32_t	tgid;
	uint32_t	group_id;	/* unique in the watch; tgids are reused */
	char		comm[TASK_COMM_SIZE];
	enum schedsplit_class class;	/* at its last event */
	uint32_t	seen;		/* bit n: was seen in class n */
	enum schedsplit_end end;
	struct counters	counters;	/* .forks, .exits: 0 */
	bool		was_thread;	/* an exec made it its group's leader: */
	struct counters	as_thread;	/* … the part from before that */
	struct {
		uint64_t nvcsw;		/* at the record's last switch-out */
		uint64_t nivcsw;
		uint64_t migrations;
	} kernel;			/* the kernel's own counts of the same */
	uint64_t	untraced;	/* switches that had no tracepoint */
	unsigned int	run;		/* of `stat -r`, from 1; not the module's */
	size_t		number;		/* in the watch, by birth: the same in each reading */
};

struct task_list {
	struct task_record *task;	/* ascending by tgid, group, tid */
	size_t		 n;
	size_t		 room;
};

/*
 * tasks_get() - all of it one state: best once the watch was stopped
 * tasks_get_live() - each record by itself, whatever happens meanwhile
 *
 * Return: 0, with @list to be freed; or -errno with a sentence in @err.
 */
int tasks_get(struct session *session, uint32_t watch, struct task_list *list,
	      char *err, size_t size);
int tasks_get_live(struct session *session, uint32_t watch, struct task_list *list,
		   char *err, size_t size);
void tasks_free(struct task_list *list);

/* An answer to TASK_GET, or an EXIT_NTF. Return: 0 or -EBADMSG. */
int task_parse(struct task_record *task, const struct nlmsghdr *nlh, char *err, size_t size);

/* Records whose task was alive when the watch ended, or still is. */
size_t tasks_alive(const struct task_list *list);

/* Records that were seen in each class, into @counters[class].tasks. */
void tasks_count_seen(const struct task_list *list, struct counters counters[SCHEDSPLIT_CLASSES]);

/*
 * True if the events counted for it are those that the kernel counted: as many
 * voluntary and involuntary switches, and as many migrations. Switches that
 * had no tracepoint cannot be held against it.
 */
bool task_matches(const struct task_record *task);

struct proof {
	uint64_t tasks_checked;
	uint64_t tasks_mismatched;
	uint64_t lost;		/* tasks without a record */
	uint64_t untraced;	/* switches without a tracepoint */
};

/* tasks_checked, tasks_mismatched and untraced; lost is the watch's. */
void tasks_prove(const struct task_list *list, struct proof *proof);

#endif
