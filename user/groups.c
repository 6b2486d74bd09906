// SPDX-License-Identifier: GPL-2.0-or-later
/* Thread groups of a watch. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "error.h"
#include "groups.h"
#include "netlink.h"

static int parse_field(struct group_record *group, const struct nlattr *attr)
{
	bool good = true;

	switch (mnl_attr_get_type(attr)) {
	case SCHEDSPLIT_GROUP_ID:
		good = attr_u32(attr, &group->id);
		break;
	case SCHEDSPLIT_GROUP_TGID:
		good = attr_u32(attr, &group->tgid);
		break;
	case SCHEDSPLIT_GROUP_COMM:
		good = attr_string(attr, group->comm, sizeof(group->comm));
		break;
	case SCHEDSPLIT_GROUP_TASKS:
		good = attr_u32(attr, &group->tasks);
		break;
	case SCHEDSPLIT_GROUP_ALIVE:
		good = attr_u32(attr, &group->alive);
		break;
	case SCHEDSPLIT_GROUP_LEADER:
		return counters_parse(&group->leader, attr);
	case SCHEDSPLIT_GROUP_THREAD:
		return counters_parse(&group->thread, attr);
	case SCHEDSPLIT_GROUP_CONCURRENCY:
		return concurrency_parse(&group->concurrency, attr);
	case SCHEDSPLIT_GROUP_LED:
		return concurrency_parse(&group->led, attr);
	case SCHEDSPLIT_GROUP_CORES:
		return concurrency_parse(&group->cores, attr);
	}
	return good ? 0 : -EBADMSG;
}

#define HAS(attribute)	(1u << SCHEDSPLIT_GROUP_##attribute)

static int parse(struct group_record *group, const struct nlattr *nest)
{
	const unsigned int needed = HAS(ID) | HAS(TGID) | HAS(TASKS) | HAS(ALIVE) |
				    HAS(LEADER) | HAS(THREAD);
	unsigned int seen = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return -EBADMSG;
	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);
		int ret = parse_field(group, attr);

		if (ret)
			return ret;
		if (type <= SCHEDSPLIT_GROUP_MAX)
			seen |= 1u << type;
	}
	return (seen & needed) == needed ? 0 : -EBADMSG;
}

int group_parse(struct group_record *group, const struct nlmsghdr *nlh, char *err, size_t size)
{
	const struct nlattr *attr;
	bool found = false;
	int ret = 0;

	memset(group, 0, sizeof(*group));
	if (!attr_message_is_whole(nlh))
		ret = -EBADMSG;
	else
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
			if (mnl_attr_get_type(attr) != SCHEDSPLIT_A_GROUP)
				continue;
			ret = found ? -EBADMSG : parse(group, attr);
			found = true;
			if (ret)
				break;
		}
	if (!ret && found)
		return 0;
	group_free(group);
	if (ret == -ENOMEM)
		return error_set(ret, err, size, "out of memory");
	return error_set(-EBADMSG, err, size,
			 "the module sent a thread group that makes no sense: use module and tool of the same version");
}

void group_free(struct group_record *group)
{
	concurrency_free(&group->concurrency);
	concurrency_free(&group->led);
	concurrency_free(&group->cores);
}

static void forget(void *data)
{
	groups_free(data);
}

static int take(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	struct group_list *list = data;
	int ret;

	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		struct group_record *grown = reallocarray(list->group, room, sizeof(*grown));

		if (!grown)
			return error_set(-ENOMEM, err, size, "out of memory");
		list->group = grown;
		list->room = room;
	}
	ret = group_parse(&list->group[list->n], nlh, err, size);
	if (!ret)
		list->n++;
	return ret;
}

static int by_id(const void *one, const void *other)
{
	const struct group_record *a = one, *b = other;

	return a->id < b->id ? -1 : a->id > b->id;
}

static int get(struct session *session, uint32_t watch, struct group_list *list, bool live,
	       char *err, size_t size)
{
	struct nlmsghdr *nlh = session_message(session, SCHEDSPLIT_CMD_GROUP_GET);
	static const char what[] = "read the thread groups";
	int ret;

	memset(list, 0, sizeof(*list));
	mnl_attr_put_u32(nlh, SCHEDSPLIT_A_WATCH, watch);
	ret = live ? session_dump_growing(session, nlh, take, list, what, err, size) :
		     session_dump(session, nlh, forget, take, list, what, err, size);
	if (ret) {
		groups_free(list);
		return ret;
	}
	if (list->n)
		qsort(list->group, list->n, sizeof(*list->group), by_id);
	return 0;
}

int groups_get(struct session *session, uint32_t watch, struct group_list *list,
	       char *err, size_t size)
{
	return get(session, watch, list, false, err, size);
}

int groups_get_live(struct session *session, uint32_t watch, struct group_list *list,
		    char *err, size_t size)
{
	return get(session, watch, list, true, err, size);
}

void groups_free(struct group_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		group_free(&list->group[i]);
	free(list->group);
	memset(list, 0, sizeof(*list));
}

static uint64_t from(const struct concurrency *concurrency, size_t k)
{
	uint64_t ns = 0;

	for (; k < concurrency->n; k++)
		ns += concurrency->ns[k];
	return ns;
}

uint64_t group_leader_beside(const struct group_record *group)
{
	return from(&group->led, 2);
}

uint64_t group_threads_beside(const struct group_record *group)
{
	/* With the leader, it takes two threads besides; without, two in all. */
	return from(&group->concurrency, 2) - from(&group->led, 2) + from(&group->led, 3);
}

uint64_t group_on_one_core(const struct group_record *group)
{
	return from(&group->cores, 1);
}
