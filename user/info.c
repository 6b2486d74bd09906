// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module says about itself. */
#include <errno.h>
#include <linux/genetlink.h>
#include <math.h>
#include <string.h>

#include "attr.h"
#include "error.h"
#include "info.h"
#include "netlink.h"

static bool take_live(struct info *info, const struct nlattr *nest)
{
	uint32_t class = UINT32_MAX;
	uint64_t tasks = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_LIVE_CLASS:
			if (!attr_u32(attr, &class))
				return false;
			break;
		case SCHEDSPLIT_LIVE_TASKS:
			if (!attr_u64(attr, &tasks))
				return false;
			break;
		}
	}
	if (class >= SCHEDSPLIT_CLASSES)
		return false;
	info->live[class] = tasks;
	return true;
}

static bool take_bound(struct info *info, const struct nlattr *nest)
{
	uint32_t index = UINT32_MAX;
	struct bound bound = { 0, 0 };
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_BOUND_INDEX:
			if (!attr_u32(attr, &index))
				return false;
			break;
		case SCHEDSPLIT_BOUND_LO:
			if (!attr_u64(attr, &bound.lo))
				return false;
			break;
		case SCHEDSPLIT_BOUND_HI:
			if (!attr_u64(attr, &bound.hi))
				return false;
			break;
		}
	}
	if (index >= INFO_BUCKETS_MAX || bound.hi <= bound.lo)
		return false;
	info->bound[index] = bound;
	if (info->buckets <= index)
		info->buckets = index + 1;
	return true;
}

static bool take_cost_hook(struct info *info, const struct nlattr *nest)
{
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_HOOK_SOCKETS:
			good = attr_u32(attr, &info->cost_sockets);
			break;
		case SCHEDSPLIT_HOOK_KHZ:
			good = attr_u32(attr, &info->cost_khz) && info->cost_khz;
			break;
		case SCHEDSPLIT_HOOK_WINDOW:
			good = attr_u32(attr, &info->cost_window);
			break;
		case SCHEDSPLIT_HOOK_PROBE:
			good = attr_u32(attr, &info->cost_probe);
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

static bool take_hook(struct info *info, const struct nlattr *attr)
{
	if (info->hooks == INFO_HOOKS_MAX)
		return false;
	return attr_string(attr, info->hook[info->hooks++], INFO_HOOK_SIZE);
}

static bool take(struct info *info, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case SCHEDSPLIT_A_VERSION:
		return attr_string(attr, info->version, sizeof(info->version));
	case SCHEDSPLIT_A_TIME:
		return attr_u64(attr, &info->time_ns);
	case SCHEDSPLIT_A_CPUS:
		return attr_u32(attr, &info->cpus) && info->cpus <= INFO_CPUS_MAX;
	case SCHEDSPLIT_A_RECORDS_MAX:
		return attr_u32(attr, &info->records_max);
	case SCHEDSPLIT_A_RECORDS:
		return attr_u32(attr, &info->records);
	case SCHEDSPLIT_A_WATCHES:
		return attr_u32(attr, &info->watches);
	case SCHEDSPLIT_A_HOOK:
		return take_hook(info, attr);
	case SCHEDSPLIT_A_LIVE:
		return take_live(info, attr);
	case SCHEDSPLIT_A_BOUND:
		return take_bound(info, attr);
	case SCHEDSPLIT_A_COST_HOOK:
		return take_cost_hook(info, attr);
	default:
		return true;	/* a newer module may know more */
	}
}

int info_parse(struct info *info, const struct nlmsghdr *nlh, char *err, size_t size)
{
	const struct nlattr *attr;

	memset(info, 0, sizeof(*info));
	if (!attr_message_is_whole(nlh))
		goto garbage;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (!take(info, attr))
			goto garbage;
	if (!*info->version || !info->cpus)
		goto garbage;
	return 0;
garbage:
	return error_set(-EBADMSG, err, size,
			 "the module describes itself in a way that makes no sense: use module and tool of the same version");
}

static int take_info(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	return info_parse(data, nlh, err, size);
}

int info_get(struct session *session, struct info *info, char *err, size_t size)
{
	return session_ask(session, session_message(session, SCHEDSPLIT_CMD_INFO_GET), take_info,
			   info, "ask the module what it does", err, size);
}

double info_median(const struct info *info, const uint64_t *hist)
{
	uint64_t all = 0, below = 0;

	for (unsigned int i = 0; i < info->buckets; i++)
		all += hist[i];
	for (unsigned int i = 0; i < info->buckets; i++) {
		double lo = (double)info->bound[i].lo, hi = (double)info->bound[i].hi;

		if (2 * (below + hist[i]) < all || !hist[i]) {
			below += hist[i];
			continue;
		}
		if (info->bound[i].hi == UINT64_MAX)
			return lo;
		return lo + (hi - lo) * ((double)all / 2 - (double)below) / (double)hist[i];
	}
	return NAN;
}
