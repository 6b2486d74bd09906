// SPDX-License-Identifier: GPL-2.0-or-later
/* Watches: which tasks the module keeps records for. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "error.h"
#include "info.h"
#include "netlink.h"
#include "watch.h"

#define GARBAGE "the module sent a watch that makes no sense: use module and tool of the same version"

static int take_watch(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	uint32_t *watch = data;
	const struct nlattr *attr;

	*watch = 0;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_A_WATCH && !attr_u32(attr, watch))
			return error_set(-EBADMSG, err, size, GARBAGE);
	return *watch ? 0 : error_set(-EBADMSG, err, size, GARBAGE);
}

/* What is being tried, in words that name it. */
static void describe(const struct watch_spec *spec, char *what, size_t size)
{
	switch (spec->kind) {
	case SCHEDSPLIT_KIND_CGROUP:
		snprintf(what, size, "watch the cgroup '%.200s'", spec->cgroup);
		break;
	case SCHEDSPLIT_KIND_GROUP:
	case SCHEDSPLIT_KIND_TASK:
		snprintf(what, size, "watch %s %d%s",
			 spec->kind == SCHEDSPLIT_KIND_TASK ? "task" : "process",
			 (int)spec->pids[0], spec->n_pids > 1 ? " and others" : "");
		break;
	default:
		snprintf(what, size, "watch all tasks");
		break;
	}
}

int watch_new(struct session *session, const struct watch_spec *spec, uint32_t *watch,
	      char *err, size_t size)
{
	struct nlmsghdr *nlh = session_message(session, SCHEDSPLIT_CMD_WATCH_NEW);
	char what[ERROR_SIZE / 2];

	if (spec->kind == SCHEDSPLIT_KIND_GROUP || spec->kind == SCHEDSPLIT_KIND_TASK) {
		if (!spec->n_pids || spec->n_pids > SCHEDSPLIT_PIDS_MAX)
			return error_set(-EINVAL, err, size,
					 "cannot watch %zu processes at once: name 1 to %d, or their cgroup",
					 spec->n_pids, SCHEDSPLIT_PIDS_MAX);
	} else if (spec->kind == SCHEDSPLIT_KIND_CGROUP) {
		if (!spec->cgroup || strlen(spec->cgroup) > SCHEDSPLIT_CGROUP_MAX)
			return error_set(-ENAMETOOLONG, err, size,
					 "the cgroup's path is longer than %d bytes: name one nearer to the root",
					 SCHEDSPLIT_CGROUP_MAX);
	}
	describe(spec, what, sizeof(what));
	mnl_attr_put_u32(nlh, SCHEDSPLIT_A_KIND, spec->kind);
	if (spec->kind == SCHEDSPLIT_KIND_GROUP || spec->kind == SCHEDSPLIT_KIND_TASK)
		for (size_t i = 0; i < spec->n_pids; i++)
			mnl_attr_put_u32(nlh, SCHEDSPLIT_A_PID, (uint32_t)spec->pids[i]);
	if (spec->kind == SCHEDSPLIT_KIND_CGROUP)
		mnl_attr_put_strz(nlh, SCHEDSPLIT_A_CGROUP, spec->cgroup);
	return session_ask(session, nlh, take_watch, watch, what, err, size);
}

static struct nlmsghdr *message_about(struct session *session, uint8_t command, uint32_t watch)
{
	struct nlmsghdr *nlh = session_message(session, command);

	mnl_attr_put_u32(nlh, SCHEDSPLIT_A_WATCH, watch);
	return nlh;
}

int watch_stop(struct session *session, uint32_t watch, char *err, size_t size)
{
	return session_ask(session, message_about(session, SCHEDSPLIT_CMD_WATCH_STOP, watch),
			   NULL, NULL, "stop the watch", err, size);
}

int watch_del(struct session *session, uint32_t watch, char *err, size_t size)
{
	return session_ask(session, message_about(session, SCHEDSPLIT_CMD_WATCH_DEL, watch),
			   NULL, NULL, "end the watch", err, size);
}

static int take_state(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	struct watch_state *state = data;

	/* should there be a second answer, which session_ask() then refuses */
	watch_state_free(state);
	return watch_state_parse(state, nlh, err, size);
}

int watch_get(struct session *session, uint32_t watch, struct watch_state *state,
	      char *err, size_t size)
{
	int ret;

	memset(state, 0, sizeof(*state));
	ret = session_ask(session, message_about(session, SCHEDSPLIT_CMD_WATCH_GET, watch),
			  take_state, state, "read the watch", err, size);
	if (ret)
		watch_state_free(state);
	return ret;
}

static int take(struct watch_state *state, const struct nlattr *attr)
{
	bool good = true;

	switch (mnl_attr_get_type(attr)) {
	case SCHEDSPLIT_A_TIME:
		good = attr_u64(attr, &state->time_ns);
		break;
	case SCHEDSPLIT_A_DURATION:
		good = attr_u64(attr, &state->duration_ns);
		break;
	case SCHEDSPLIT_A_RECORDS:
		good = attr_u32(attr, &state->records);
		break;
	case SCHEDSPLIT_A_ALIVE:
		good = attr_u32(attr, &state->alive);
		break;
	case SCHEDSPLIT_A_LOST:
		good = attr_u64(attr, &state->lost);
		break;
	case SCHEDSPLIT_A_GENERATION:
		good = attr_u32(attr, &state->generation);
		break;
	case SCHEDSPLIT_A_CONCURRENCY:
		return concurrency_parse(&state->concurrency, attr);
	}
	return good ? 0 : -EBADMSG;
}

int watch_state_parse(struct watch_state *state, const struct nlmsghdr *nlh,
		      char *err, size_t size)
{
	const struct nlattr *attr;
	int ret = 0;

	*state = (struct watch_state){ .alive = UINT32_MAX };
	if (!attr_message_is_whole(nlh))
		return error_set(-EBADMSG, err, size, GARBAGE);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		ret = take(state, attr);
		if (ret)
			break;
	}
	if (!ret)
		return 0;
	watch_state_free(state);
	return error_set(ret, err, size, ret == -ENOMEM ? "out of memory" : GARBAGE);
}

void watch_state_free(struct watch_state *state)
{
	concurrency_free(&state->concurrency);
}
