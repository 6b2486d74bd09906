// SPDX-License-Identifier: GPL-2.0-or-later
/* Task records of a watch, and the proof that they are right. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "error.h"
#include "netlink.h"
#include "tasks.h"

static bool parse_kernel(struct task_record *task, const struct nlattr *nest)
{
	const struct nlattr *attr;
	unsigned int seen = 0;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_KERNEL_NVCSW:
			good = attr_u64(attr, &task->kernel.nvcsw);
			seen |= 1;
			break;
		case SCHEDSPLIT_KERNEL_NIVCSW:
			good = attr_u64(attr, &task->kernel.nivcsw);
			seen |= 2;
			break;
		case SCHEDSPLIT_KERNEL_MIGRATIONS:
			good = attr_u64(attr, &task->kernel.migrations);
			seen |= 4;
			break;
		}
		if (!good)
			return false;
	}
	return seen == 7;
}

static bool parse_enum(const struct nlattr *attr, uint32_t end, uint32_t *value)
{
	return attr_u32(attr, value) && *value < end;
}

#define HAS(attribute)	(1u << SCHEDSPLIT_TASK_##attribute)

static bool parse_field(struct task_record *task, const struct nlattr *attr)
{
	uint32_t value;

	switch (mnl_attr_get_type(attr)) {
	case SCHEDSPLIT_TASK_TID:
		return attr_u32(attr, &task->tid);
	case SCHEDSPLIT_TASK_TGID:
		return attr_u32(attr, &task->tgid);
	case SCHEDSPLIT_TASK_GROUP_ID:
		return attr_u32(attr, &task->group_id);
	case SCHEDSPLIT_TASK_COMM:
		return attr_string(attr, task->comm, sizeof(task->comm));
	case SCHEDSPLIT_TASK_CLASS:
		if (!parse_enum(attr, SCHEDSPLIT_CLASSES, &value))
			return false;
		task->class = value;
		return true;
	case SCHEDSPLIT_TASK_SEEN:
		return attr_u32(attr, &task->seen);
	case SCHEDSPLIT_TASK_END:
		if (!parse_enum(attr, SCHEDSPLIT_ENDS, &value))
			return false;
		task->end = value;
		return true;
	case SCHEDSPLIT_TASK_COUNTERS:
		return !counters_parse(&task->counters, attr);
	case SCHEDSPLIT_TASK_AS_THREAD:
		task->was_thread = true;
		return !counters_parse(&task->as_thread, attr);
	case SCHEDSPLIT_TASK_KERNEL:
		return parse_kernel(task, attr);
	case SCHEDSPLIT_TASK_UNTRACED:
		return attr_u64(attr, &task->untraced);
	default:
		return true;
	}
}

static bool parse(struct task_record *task, const struct nlattr *nest)
{
	const unsigned int needed = HAS(TID) | HAS(TGID) | HAS(GROUP_ID) | HAS(CLASS) |
				    HAS(SEEN) | HAS(END) | HAS(COUNTERS) | HAS(KERNEL);
	unsigned int seen = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);

		if (!parse_field(task, attr))
			return false;
		if (type <= SCHEDSPLIT_TASK_MAX)
			seen |= 1u << type;
	}
	return (seen & needed) == needed;
}

int task_parse(struct task_record *task, const struct nlmsghdr *nlh, char *err, size_t size)
{
	const struct nlattr *attr;
	bool found = false;

	memset(task, 0, sizeof(*task));
	if (!attr_message_is_whole(nlh))
		goto garbage;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != SCHEDSPLIT_A_TASK)
			continue;
		if (found || !parse(task, attr))
			goto garbage;
		found = true;
	}
	if (found)
		return 0;
garbage:
	return error_set(-EBADMSG, err, size,
			 "the module sent a task record that makes no sense: use module and tool of the same version");
}

static void forget(void *data)
{
	tasks_free(data);
}

static int take(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	struct task_list *list = data;
	struct task_record task;
	int ret;

	ret = task_parse(&task, nlh, err, size);
	if (ret)
		return ret;
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct task_record *grown = reallocarray(list->task, room, sizeof(*grown));

		if (!grown)
			return error_set(-ENOMEM, err, size, "out of memory");
		list->task = grown;
		list->room = room;
	}
	task.number = list->n;
	list->task[list->n++] = task;
	return 0;
}

static int compare(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int by_group(const void *one, const void *other)
{
	const struct task_record *a = one, *b = other;
	int order = compare(a->tgid, b->tgid);

	if (!order)
		order = compare(a->group_id, b->group_id);
	return order ? order : compare(a->tid, b->tid);
}

static int get(struct session *session, uint32_t watch, struct task_list *list, bool live,
	       char *err, size_t size)
{
	struct nlmsghdr *nlh = session_message(session, SCHEDSPLIT_CMD_TASK_GET);
	static const char what[] = "read the task records";
	int ret;

	memset(list, 0, sizeof(*list));
	mnl_attr_put_u32(nlh, SCHEDSPLIT_A_WATCH, watch);
	ret = live ? session_dump_growing(session, nlh, take, list, what, err, size) :
		     session_dump(session, nlh, forget, take, list, what, err, size);
	if (ret) {
		tasks_free(list);
		return ret;
	}
	if (list->n)
		qsort(list->task, list->n, sizeof(*list->task), by_group);
	return 0;
}

int tasks_get(struct session *session, uint32_t watch, struct task_list *list,
	      char *err, size_t size)
{
	return get(session, watch, list, false, err, size);
}

int tasks_get_live(struct session *session, uint32_t watch, struct task_list *list,
		   char *err, size_t size)
{
	return get(session, watch, list, true, err, size);
}

void tasks_free(struct task_list *list)
{
	free(list->task);
	memset(list, 0, sizeof(*list));
}

size_t tasks_alive(const struct task_list *list)
{
	size_t alive = 0;

	for (size_t i = 0; i < list->n; i++)
		alive += list->task[i].end == SCHEDSPLIT_END_NONE ||
			 list->task[i].end == SCHEDSPLIT_END_STOPPED;
	return alive;
}

void tasks_count_seen(const struct task_list *list, struct counters counters[SCHEDSPLIT_CLASSES])
{
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		counters[class].tasks = 0;
		for (size_t i = 0; i < list->n; i++)
			counters[class].tasks += list->task[i].seen >> class & 1;
	}
}

bool task_matches(const struct task_record *task)
{
	uint64_t counted = counters_switches(&task->counters);
	uint64_t kernel = task->kernel.nvcsw + task->kernel.nivcsw;

	if (task->counters.migrations != task->kernel.migrations)
		return false;
	/* Which kind the untraced ones were is not known: only their sum is. */
	if (task->untraced)
		return counted + task->untraced == kernel;
	return task->counters.voluntary == task->kernel.nvcsw &&
	       task->counters.involuntary == task->kernel.nivcsw;
}

void tasks_prove(const struct task_list *list, struct proof *proof)
{
	proof->tasks_checked = list->n;
	proof->tasks_mismatched = 0;
	proof->untraced = 0;
	for (size_t i = 0; i < list->n; i++) {
		proof->tasks_mismatched += !task_matches(&list->task[i]);
		proof->untraced += list->task[i].untraced;
	}
}
