// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client of the module that shares no code with the tool, and sends what the
 * tool never would.
 *
 * libraries: -lmnl
 *
 *	netlink info		one line: watches=N records=N records_max=N
 *	netlink refused		messages that must be refused and change nothing
 *	netlink limits		the largest requests, and one more
 *	netlink exits		the multicast group
 *	netlink interrupted	dumps while tasks come
 *	netlink again N		make and delete a watch of everything, N times
 *	netlink join		try to join the multicast group: status 0 or 1
 *	netlink hold WHAT [PID]	say "ready", and stay until killed, with WHAT
 *				open: a watch (says its number too), a dump
 *				(half read), a listener
 *	netlink handover	sockets that pass from one to another
 *	netlink succession	a closed socket's number, which another takes
 *	netlink addresses	no answer holds an address of the kernel
 *
 * For those who may not ask for the family, its numbers are given:
 *
 *	netlink numbers		prints FAMILY and GROUP
 *	netlink commands FAMILY WATCH PID
 *				every command once, on one socket: of a watch of
 *				PID, or else of WATCH. A line each: its name, the
 *				error or 0, the messages that came
 *	netlink listen FAMILY GROUP
 *				join the group, of all net namespaces that can be
 *				heard from here, and ask for INFO_GET, unless
 *				FAMILY is 0; say "ready" and how both went, and
 *				"exit TID" of each death, until a line comes in
 *
 * The others print a line for each test: "ok DESCRIPTION" or "FAIL DESCRIPTION:
 * what was found".
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "uapi/schedsplit.h"

#define ROOM		(64 * 1024)
#define SMALL_ROOM	8192	/* of a receive buffer, to get dumps in pieces */
#define NO_COMMAND	200
#define NO_ATTRIBUTE	1000

static uint16_t family;
static uint32_t exits_group;

/* Of the receive buffer: the kernel makes dump messages as large as it was. */
static size_t room = ROOM;

static void die(const char *what)
{
	fprintf(stderr, "netlink: %s: %s\n", what, strerror(errno));
	exit(1);
}

__attribute__((format(printf, 2, 3)))
static void result(bool good, const char *format, ...)
{
	va_list args;

	fputs(good ? "ok " : "FAIL ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* --- sockets and messages --- */

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	int on = 1, size = 8 << 20;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		die("cannot open a socket");
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return socket;
}

/* A message under construction. */
struct message {
	_Alignas(struct nlmsghdr) char room[ROOM];
	struct nlmsghdr *nlh;
};

static void message_init(struct message *message, uint8_t command, uint16_t flags)
{
	struct genlmsghdr *genl;

	memset(message->room, 0, sizeof(message->room));
	message->nlh = mnl_nlmsg_put_header(message->room);
	message->nlh->nlmsg_type = family;
	message->nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(message->nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = SCHEDSPLIT_GENL_VERSION;
}

/* What a request led to. */
struct answer {
	int		error;		/* 0 or an errno */
	char		words[256];	/* the kernel's */
	uint32_t	offset;		/* in the request, of the attribute meant; 0: none */
	uint32_t	missing;	/* type of an attribute that is missing; 0: none */
	unsigned int	messages;	/* that came before the end */
	bool		interrupted;	/* NLM_F_DUMP_INTR */
};

typedef void (*message_fn)(const struct nlmsghdr *nlh, void *data);

static void take_tlvs(struct answer *answer, const struct nlmsghdr *nlh, size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(answer->words, sizeof(answer->words), "%s",
				 mnl_attr_get_str(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			answer->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			answer->missing = mnl_attr_get_u32(attr);
			break;
		}
	}
}

/* Return: whether @nlh ended the exchange. */
static bool take(struct answer *answer, const struct nlmsghdr *nlh, message_fn fn, void *data)
{
	int status;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		memcpy(&status, mnl_nlmsg_get_payload(nlh), sizeof(status));
		answer->error = -status;
		take_tlvs(answer, nlh, nlh->nlmsg_type == NLMSG_DONE ? sizeof(status) :
			  sizeof(struct nlmsgerr));
		return true;
	default:
		if (nlh->nlmsg_type == family || nlh->nlmsg_type == GENL_ID_CTRL) {
			answer->messages++;
			if (fn)
				fn(nlh, data);
		}
		return false;
	}
}

/* Receives one datagram. Return: whether the exchange is at its end. */
static bool receive(struct mnl_socket *socket, struct answer *answer, message_fn fn, void *data)
{
	static _Alignas(struct nlmsghdr) char buffer[ROOM];
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buffer;
	ssize_t n = recv(mnl_socket_get_fd(socket), buffer, room, 0);
	int length = (int)n;
	bool end = false;

	if (n < 0)
		die("cannot receive");
	for (; mnl_nlmsg_ok(nlh, length); nlh = mnl_nlmsg_next(nlh, &length))
		end |= take(answer, nlh, fn, data);
	return end;
}

static void send_message(struct mnl_socket *socket, struct message *message)
{
	static uint32_t sequence;

	message->nlh->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(socket, message->nlh, message->nlh->nlmsg_len) < 0)
		die("cannot send");
}

static struct answer ask(struct mnl_socket *socket, struct message *message, message_fn fn,
			 void *data)
{
	struct answer answer = { 0 };

	send_message(socket, message);
	while (!receive(socket, &answer, fn, data))
		;
	return answer;
}

/* --- the family --- */

static void take_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *group, *field;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr) {
			const char *name = "";
			uint32_t id = 0;

			mnl_attr_for_each_nested(field, group) {
				if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_NAME)
					name = mnl_attr_get_str(field);
				if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_ID)
					id = mnl_attr_get_u32(field);
			}
			if (!strcmp(name, SCHEDSPLIT_MCGRP_EXITS))
				exits_group = id;
		}
	}
}

static void find_family(void)
{
	struct mnl_socket *socket = open_socket();
	static struct message message;
	struct answer answer;

	family = GENL_ID_CTRL;
	message_init(&message, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(message.nlh, CTRL_ATTR_FAMILY_NAME, SCHEDSPLIT_GENL_NAME);
	answer = ask(socket, &message, take_family, NULL);
	errno = answer.error;
	if (answer.error || !exits_group)
		die("no family " SCHEDSPLIT_GENL_NAME);
	mnl_socket_close(socket);
}

/* --- the module's state --- */

struct info {
	uint32_t	records, records_max, watches, cpus;
	uint64_t	rest;		/* a sum over what else does not change by itself */
};

static void take_info(const struct nlmsghdr *nlh, void *data)
{
	struct info *info = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		const unsigned char *byte = mnl_attr_get_payload(attr);

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_A_RECORDS:
			info->records = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_RECORDS_MAX:
			info->records_max = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_WATCHES:
			info->watches = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_CPUS:
			info->cpus = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_TIME:
		case SCHEDSPLIT_A_LIVE:
			break;
		default:
			for (size_t i = 0; i < mnl_attr_get_payload_len(attr); i++)
				info->rest = info->rest * 31 + byte[i];
		}
	}
}

static struct info get_info(void)
{
	static struct mnl_socket *socket;
	static struct message message;
	struct info info = { 0 };
	struct answer answer;

	if (!socket)
		socket = open_socket();
	message_init(&message, SCHEDSPLIT_CMD_INFO_GET, 0);
	answer = ask(socket, &message, take_info, &info);
	errno = answer.error;
	if (answer.error || answer.messages != 1)
		die("INFO_GET");
	return info;
}

/* The error that INFO_GET ends with; without @addressed, which does not say whereto it goes. */
static int info_error(struct mnl_socket *socket, bool addressed)
{
	static struct message message;
	struct answer answer = { 0 };

	message_init(&message, SCHEDSPLIT_CMD_INFO_GET, 0);
	if (addressed)
		return ask(socket, &message, NULL, NULL).error;
	if (send(mnl_socket_get_fd(socket), message.nlh, message.nlh->nlmsg_len, 0) < 0)
		die("cannot send");
	while (!receive(socket, &answer, NULL, NULL))
		;
	return answer.error;
}

/* Until the memory of what was deleted is free again. */
static bool wait_for_none(void)
{
	for (int i = 0; i < 600; i++) {
		struct info info = get_info();

		if (!info.records && !info.watches)
			return true;
		sleep_ms(100);
	}
	return false;
}

/* --- watches --- */

static void take_watch_id(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_A_WATCH)
			*(uint32_t *)data = mnl_attr_get_u32(attr);
}

static uint32_t new_watch(struct mnl_socket *socket, uint32_t kind, uint32_t pid)
{
	static struct message message;
	struct answer answer;
	uint32_t id = 0;

	message_init(&message, SCHEDSPLIT_CMD_WATCH_NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, kind);
	if (pid)
		mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, pid);
	answer = ask(socket, &message, take_watch_id, &id);
	errno = answer.error;
	if (answer.error || !id)
		die("WATCH_NEW");
	return id;
}

static struct answer about_watch(struct mnl_socket *socket, uint8_t command, uint32_t id,
				 uint16_t flags, message_fn fn, void *data)
{
	static struct message message;

	message_init(&message, command, flags);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, id);
	return ask(socket, &message, fn, data);
}

struct watch_counts {
	uint32_t	records, alive, generation;
	uint64_t	lost;
};

static void take_counts(const struct nlmsghdr *nlh, void *data)
{
	struct watch_counts *counts = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_A_RECORDS:
			counts->records = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_ALIVE:
			counts->alive = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_GENERATION:
			counts->generation = mnl_attr_get_u32(attr);
			break;
		case SCHEDSPLIT_A_LOST:
			counts->lost = mnl_attr_get_u64(attr);
			break;
		}
	}
}

static struct watch_counts get_counts(struct mnl_socket *socket, uint32_t id)
{
	struct watch_counts counts = { 0 };
	struct answer answer = about_watch(socket, SCHEDSPLIT_CMD_WATCH_GET, id, 0, take_counts,
					   &counts);

	errno = answer.error;
	if (answer.error)
		die("WATCH_GET");
	return counts;
}

/* --- refused --- */

/* Values that are known when the test runs only. */
enum value {
	PLAIN,
	SLEEPER,	/* a process that does nothing */
	UNUSED,		/* a pid that nobody has */
	OWN,		/* a watch of this socket */
	FOREIGN,	/* a watch of another socket */
	DELETED,	/* a watch that was */
};

struct attribute {
	uint16_t	type;		/* with NLA_F_NESTED, if so */
	uint16_t	size;		/* of the payload */
	enum value	what;
	uint32_t	value;
};

#define U32(type, value)	{ type, 4, PLAIN, value }
#define PID(what)		{ SCHEDSPLIT_A_PID, 4, what, 0 }
#define WATCH(what)		{ SCHEDSPLIT_A_WATCH, 4, what, 0 }
#define KIND(kind)		U32(SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_##kind)

/* How an answer must explain itself. */
enum extack {
	SILENT,		/* generic netlink itself has no words for it */
	WORDS,		/* words */
	POINTS,		/* words, and the offset of the attribute .culprit */
	MISSING,	/* words that name it, or the type of the missing .missing */
};

struct refusal {
	const char	*name;
	uint8_t		command;
	uint16_t	flags;
	int		error;		/* 0: any */
	enum extack	extack;
	unsigned int	culprit;
	uint16_t	missing;
	unsigned int	attributes;
	struct attribute attribute[4];
};

#define NEW	SCHEDSPLIT_CMD_WATCH_NEW
#define DUMP	NLM_F_DUMP

static const struct refusal refusals[] = {
	{ "an unknown command", NO_COMMAND, 0, EOPNOTSUPP, SILENT, 0, 0, 0, { } },
	{ "command 0", SCHEDSPLIT_CMD_UNSPEC, 0, EOPNOTSUPP, SILENT, 0, 0, 0, { } },
	{ "a notification as a command", SCHEDSPLIT_CMD_EXIT_NTF, 0, EOPNOTSUPP, SILENT, 0, 0,
	  0, { } },
	{ "CPU_GET without dump", SCHEDSPLIT_CMD_CPU_GET, 0, EOPNOTSUPP, SILENT, 0, 0, 0, { } },
	{ "GROUP_GET without dump", SCHEDSPLIT_CMD_GROUP_GET, 0, EOPNOTSUPP, SILENT, 0, 0,
	  1, { WATCH(OWN) } },
	{ "TASK_GET without dump", SCHEDSPLIT_CMD_TASK_GET, 0, EOPNOTSUPP, SILENT, 0, 0,
	  1, { WATCH(OWN) } },
	{ "INFO_GET with dump", SCHEDSPLIT_CMD_INFO_GET, DUMP, EOPNOTSUPP, SILENT, 0, 0, 0, { } },
	{ "WATCH_GET with dump", SCHEDSPLIT_CMD_WATCH_GET, DUMP, EOPNOTSUPP, SILENT, 0, 0,
	  1, { WATCH(OWN) } },
	{ "WATCH_DEL with dump", SCHEDSPLIT_CMD_WATCH_DEL, DUMP, EOPNOTSUPP, SILENT, 0, 0,
	  1, { WATCH(OWN) } },
	{ "WATCH_NEW with dump", NEW, DUMP, EOPNOTSUPP, SILENT, 0, 0, 1, { KIND(ALL) } },
	{ "a reserved flag", SCHEDSPLIT_CMD_INFO_GET, 0x800, EINVAL, WORDS, 0, 0, 0, { } },

	{ "INFO_GET with an unknown attribute", SCHEDSPLIT_CMD_INFO_GET, 0, EINVAL, POINTS, 0, 0,
	  1, { U32(NO_ATTRIBUTE, 1) } },
	{ "INFO_GET with a known one", SCHEDSPLIT_CMD_INFO_GET, 0, EINVAL, POINTS, 0, 0,
	  1, { WATCH(OWN) } },
	{ "CPU_GET with an unknown attribute", SCHEDSPLIT_CMD_CPU_GET, DUMP, EINVAL, POINTS, 0, 0,
	  1, { U32(NO_ATTRIBUTE, 1) } },
	{ "CPU_GET with one of another command", SCHEDSPLIT_CMD_CPU_GET, DUMP, EINVAL, POINTS,
	  0, 0, 1, { KIND(ALL) } },
	{ "CPU_GET with a short watch", SCHEDSPLIT_CMD_CPU_GET, DUMP, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_WATCH, 2, PLAIN, 1 } } },
	{ "CPU_GET of a foreign watch", SCHEDSPLIT_CMD_CPU_GET, DUMP, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "CPU_GET of a deleted watch", SCHEDSPLIT_CMD_CPU_GET, DUMP, ENOENT, WORDS, 0, 0,
	  1, { WATCH(DELETED) } },

	{ "WATCH_NEW without a kind", NEW, 0, EINVAL, MISSING, 0, SCHEDSPLIT_A_KIND, 0, { } },
	{ "WATCH_NEW without a kind, with a pid", NEW, 0, EINVAL, MISSING, 0, SCHEDSPLIT_A_KIND,
	  1, { PID(SLEEPER) } },
	{ "WATCH_NEW of a kind too high", NEW, 0, 0, POINTS, 0, 0,
	  1, { U32(SCHEDSPLIT_A_KIND, SCHEDSPLIT_KINDS) } },
	{ "WATCH_NEW of kind 2^32-1", NEW, 0, 0, POINTS, 0, 0,
	  1, { U32(SCHEDSPLIT_A_KIND, UINT32_MAX) } },
	{ "WATCH_NEW with an empty kind", NEW, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_KIND, 0, PLAIN, 0 } } },
	{ "WATCH_NEW with a kind of 1 byte", NEW, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_KIND, 1, PLAIN, 0 } } },
	{ "WATCH_NEW with a kind of 8 bytes", NEW, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_KIND, 8, PLAIN, 0 } } },
	{ "WATCH_NEW with a nested kind", NEW, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_KIND | NLA_F_NESTED, 4, PLAIN, 0 } } },
	{ "WATCH_NEW with a nested pid", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(GROUP), { SCHEDSPLIT_A_PID | NLA_F_NESTED, 4, SLEEPER, 0 } } },
	{ "WATCH_NEW with an attribute 0", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), U32(SCHEDSPLIT_A_UNSPEC, 0) } },
	{ "WATCH_NEW with padding", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), U32(SCHEDSPLIT_A_PAD, 0) } },
	{ "WATCH_NEW with an unknown attribute", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), U32(NO_ATTRIBUTE, 0) } },
	{ "WATCH_NEW with the next attribute to come", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), U32(SCHEDSPLIT_A_MAX + 1, 0) } },
	{ "WATCH_NEW with an attribute of replies", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), U32(SCHEDSPLIT_A_RECORDS, 0) } },
	{ "WATCH_NEW with a watch", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(ALL), WATCH(OWN) } },
	{ "WATCH_NEW of groups without a pid", NEW, 0, EINVAL, MISSING, 0, SCHEDSPLIT_A_PID,
	  1, { KIND(GROUP) } },
	{ "WATCH_NEW of tasks without a pid", NEW, 0, EINVAL, MISSING, 0, SCHEDSPLIT_A_PID,
	  1, { KIND(TASK) } },
	{ "WATCH_NEW of a cgroup without a path", NEW, 0, EINVAL, MISSING, 0, SCHEDSPLIT_A_CGROUP,
	  1, { KIND(CGROUP) } },
	{ "WATCH_NEW with pid 0", NEW, 0, 0, WORDS, 0, 0,
	  2, { KIND(GROUP), U32(SCHEDSPLIT_A_PID, 0) } },
	{ "WATCH_NEW with pid 2^32-1", NEW, 0, 0, WORDS, 0, 0,
	  2, { KIND(GROUP), U32(SCHEDSPLIT_A_PID, UINT32_MAX) } },
	{ "WATCH_NEW with a pid of 2 bytes", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(GROUP), { SCHEDSPLIT_A_PID, 2, PLAIN, 1 } } },
	{ "WATCH_NEW with a second pid of 2 bytes", NEW, 0, EINVAL, POINTS, 2, 0,
	  3, { KIND(GROUP), PID(SLEEPER), { SCHEDSPLIT_A_PID, 2, PLAIN, 1 } } },
	{ "WATCH_NEW of a group that is not", NEW, 0, ESRCH, WORDS, 0, 0,
	  2, { KIND(GROUP), PID(UNUSED) } },
	{ "WATCH_NEW of a task that is not", NEW, 0, ESRCH, WORDS, 0, 0,
	  2, { KIND(TASK), PID(UNUSED) } },
	{ "WATCH_NEW of a group that is and one that is not", NEW, 0, ESRCH, WORDS, 0, 0,
	  3, { KIND(GROUP), PID(SLEEPER), PID(UNUSED) } },
	{ "WATCH_NEW of a task that is and one that is not", NEW, 0, ESRCH, WORDS, 0, 0,
	  3, { KIND(TASK), PID(SLEEPER), PID(UNUSED) } },
	{ "WATCH_NEW with a cgroup path that does not end", NEW, 0, EINVAL, POINTS, 1, 0,
	  2, { KIND(CGROUP), { SCHEDSPLIT_A_CGROUP, 4, PLAIN, 0x2f2f2f2f } } },

	{ "WATCH_GET without a watch", SCHEDSPLIT_CMD_WATCH_GET, 0, EINVAL, MISSING, 0,
	  SCHEDSPLIT_A_WATCH, 0, { } },
	{ "WATCH_STOP without a watch", SCHEDSPLIT_CMD_WATCH_STOP, 0, EINVAL, MISSING, 0,
	  SCHEDSPLIT_A_WATCH, 0, { } },
	{ "WATCH_DEL without a watch", SCHEDSPLIT_CMD_WATCH_DEL, 0, EINVAL, MISSING, 0,
	  SCHEDSPLIT_A_WATCH, 0, { } },
	{ "GROUP_GET without a watch", SCHEDSPLIT_CMD_GROUP_GET, DUMP, EINVAL, MISSING, 0,
	  SCHEDSPLIT_A_WATCH, 0, { } },
	{ "TASK_GET without a watch", SCHEDSPLIT_CMD_TASK_GET, DUMP, EINVAL, MISSING, 0,
	  SCHEDSPLIT_A_WATCH, 0, { } },
	{ "WATCH_DEL of watch 0", SCHEDSPLIT_CMD_WATCH_DEL, 0, 0, WORDS, 0, 0,
	  1, { U32(SCHEDSPLIT_A_WATCH, 0) } },
	{ "WATCH_DEL of watch 2^32-1", SCHEDSPLIT_CMD_WATCH_DEL, 0, ENOENT, WORDS, 0, 0,
	  1, { U32(SCHEDSPLIT_A_WATCH, UINT32_MAX) } },
	{ "WATCH_DEL with a watch of 3 bytes", SCHEDSPLIT_CMD_WATCH_DEL, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_WATCH, 3, PLAIN, 1 } } },
	{ "WATCH_DEL with a nested watch", SCHEDSPLIT_CMD_WATCH_DEL, 0, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_WATCH | NLA_F_NESTED, 4, OWN, 0 } } },
	{ "WATCH_DEL with an unknown attribute too", SCHEDSPLIT_CMD_WATCH_DEL, 0, EINVAL, POINTS,
	  1, 0, 2, { WATCH(OWN), U32(NO_ATTRIBUTE, 0) } },
	{ "WATCH_DEL with a kind too", SCHEDSPLIT_CMD_WATCH_DEL, 0, EINVAL, POINTS, 1, 0,
	  2, { WATCH(OWN), KIND(ALL) } },
	{ "WATCH_DEL of a deleted watch", SCHEDSPLIT_CMD_WATCH_DEL, 0, ENOENT, WORDS, 0, 0,
	  1, { WATCH(DELETED) } },
	{ "WATCH_DEL of a foreign watch", SCHEDSPLIT_CMD_WATCH_DEL, 0, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "WATCH_STOP of a foreign watch", SCHEDSPLIT_CMD_WATCH_STOP, 0, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "WATCH_GET of a foreign watch", SCHEDSPLIT_CMD_WATCH_GET, 0, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "TASK_GET of a foreign watch", SCHEDSPLIT_CMD_TASK_GET, DUMP, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "GROUP_GET of a foreign watch", SCHEDSPLIT_CMD_GROUP_GET, DUMP, 0, WORDS, 0, 0,
	  1, { WATCH(FOREIGN) } },
	{ "TASK_GET of a deleted watch", SCHEDSPLIT_CMD_TASK_GET, DUMP, ENOENT, WORDS, 0, 0,
	  1, { WATCH(DELETED) } },
	{ "TASK_GET with an unknown attribute too", SCHEDSPLIT_CMD_TASK_GET, DUMP, EINVAL, POINTS,
	  1, 0, 2, { WATCH(OWN), U32(NO_ATTRIBUTE, 0) } },
	{ "TASK_GET with a watch of 8 bytes", SCHEDSPLIT_CMD_TASK_GET, DUMP, EINVAL, POINTS, 0, 0,
	  1, { { SCHEDSPLIT_A_WATCH, 8, OWN, 0 } } },
};

#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

/* Values, by enum value. */
static uint32_t values[DELETED + 1];

/* A pid that nobody has: of a child that was waited for. */
static pid_t unused_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		die("fork");
	return pid;
}

/* Puts the attribute in, by hand; returns its offset. */
static uint32_t put(struct message *message, const struct attribute *attribute)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_tail(message->nlh);
	uint32_t value = attribute->what == PLAIN ? attribute->value : values[attribute->what];

	attr->nla_type = attribute->type;
	attr->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + attribute->size);
	memset(mnl_attr_get_payload(attr), 0, MNL_ALIGN(attribute->size));
	memcpy(mnl_attr_get_payload(attr), &value,
	       attribute->size < sizeof(value) ? attribute->size : sizeof(value));
	message->nlh->nlmsg_len += MNL_ALIGN(attr->nla_len);
	return (uint32_t)((char *)attr - (char *)message->nlh);
}

/* "" or what is wrong with how @answer explains itself. */
static const char *judge(const struct refusal *refusal, const struct answer *answer,
			 uint32_t culprit)
{
	if (!answer->error)
		return "it was not refused";
	if (refusal->error && answer->error != refusal->error)
		return "another error was wanted";
	if (answer->messages)
		return "messages came nevertheless";
	switch (refusal->extack) {
	case SILENT:
		return "";
	case WORDS:
		return *answer->words ? "" : "no words";
	case POINTS:
		if (!*answer->words)
			return "no words";
		return answer->offset == culprit ? "" : "it does not point at the attribute";
	case MISSING:
		return answer->missing == refusal->missing || *answer->words ? "" :
		       "it does not tell what is missing";
	}
	return "?";
}

static bool same_state(const struct info *a, const struct info *b)
{
	return a->records == b->records && a->records_max == b->records_max &&
	       a->watches == b->watches && a->cpus == b->cpus && a->rest == b->rest;
}

static void report_refusal(const char *name, const char *wrong, const struct answer *answer,
			   const struct info *before)
{
	struct info after = get_info();

	if (!*wrong && !same_state(before, &after))
		wrong = "it changed something";
	result(!*wrong, "%s is refused%s%s (%s: %s%s)", name, *wrong ? ": " : "", wrong,
	       strerror(answer->error), *answer->words ? answer->words : "no words",
	       answer->missing ? ", names the missing type" : "");
}

static void try_refusal(struct mnl_socket *socket, const struct refusal *refusal)
{
	static struct message message;
	uint32_t offset[4] = { 0 };
	struct info before;
	struct answer answer;

	values[UNUSED] = (uint32_t)unused_pid();
	before = get_info();
	message_init(&message, refusal->command, refusal->flags);
	for (unsigned int i = 0; i < refusal->attributes; i++)
		offset[i] = put(&message, &refusal->attribute[i]);
	answer = ask(socket, &message, NULL, NULL);
	report_refusal(refusal->name, judge(refusal, &answer, offset[refusal->culprit]), &answer,
		       &before);
}

/* Messages that are no sequence of whole attributes, or lack their header. */
static void try_broken(struct mnl_socket *socket)
{
	static struct message message;
	struct info before = get_info();
	struct answer answer;
	struct nlattr *attr;

	message_init(&message, NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_ALL);
	message.nlh->nlmsg_len += 3;
	answer = ask(socket, &message, NULL, NULL);
	report_refusal("WATCH_NEW with 3 bytes left over", answer.error != EINVAL ? "no EINVAL" :
		       *answer.words ? "" : "no words", &answer, &before);

	message_init(&message, NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_ALL);
	attr = mnl_nlmsg_get_payload_tail(message.nlh);
	attr->nla_type = SCHEDSPLIT_A_PID;
	attr->nla_len = 200;
	message.nlh->nlmsg_len += 8;
	answer = ask(socket, &message, NULL, NULL);
	report_refusal("WATCH_NEW with an attribute longer than the message",
		       answer.error != EINVAL ? "no EINVAL" : *answer.words ? "" : "no words",
		       &answer, &before);

	message_init(&message, NEW, 0);
	attr = mnl_nlmsg_get_payload_tail(message.nlh);
	attr->nla_type = SCHEDSPLIT_A_KIND;
	attr->nla_len = 2;
	message.nlh->nlmsg_len += 8;
	answer = ask(socket, &message, NULL, NULL);
	report_refusal("WATCH_NEW with an attribute shorter than its header",
		       answer.error != EINVAL ? "no EINVAL" : *answer.words ? "" : "no words",
		       &answer, &before);

	message_init(&message, SCHEDSPLIT_CMD_INFO_GET, 0);
	message.nlh->nlmsg_len = MNL_NLMSG_HDRLEN;
	answer = ask(socket, &message, NULL, NULL);
	report_refusal("a message without a command", answer.error != EINVAL ? "no EINVAL" : "",
		       &answer, &before);

	message_init(&message, SCHEDSPLIT_CMD_INFO_GET, 0);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(message.nlh))->reserved = 1;
	answer = ask(socket, &message, NULL, NULL);
	report_refusal("a reserved field that is set", answer.error != EINVAL ? "no EINVAL" :
		       *answer.words ? "" : "no words", &answer, &before);
}

/* Attributes given twice: nothing is promised but that all stays well. */
static void try_twice(struct mnl_socket *socket)
{
	static struct message message;
	struct info before = get_info(), after;
	struct watch_counts counts = { 0 };
	struct answer answer;
	uint32_t id = 0;

	message_init(&message, NEW, 0);
	for (int i = 0; i < 2; i++) {
		mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_TASK);
		mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, values[SLEEPER]);
	}
	answer = ask(socket, &message, take_watch_id, &id);
	if (!answer.error)
		counts = get_counts(socket, id);
	result(answer.error ? *answer.words || answer.missing : counts.records == 1,
	       "kind and pid twice: refused, or one record (%s, %u records)",
	       strerror(answer.error), counts.records);
	if (!answer.error)
		about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, id, 0, NULL, NULL);

	message_init(&message, SCHEDSPLIT_CMD_WATCH_GET, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, values[FOREIGN]);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, values[OWN]);
	id = 0;
	answer = ask(socket, &message, take_watch_id, &id);
	result(answer.error ? true : id == values[OWN],
	       "a foreign watch and one's own: refused, or one's own (%s, watch %u)",
	       strerror(answer.error), id);
	after = get_info();
	result(same_state(&before, &after), "attributes given twice leave nothing behind");
}

static int refused(void)
{
	struct mnl_socket *socket = open_socket(), *other = open_socket();

	pid_t sleeper = fork();

	if (!sleeper)
		for (;;)
			pause();
	values[SLEEPER] = (uint32_t)sleeper;
	values[OWN] = new_watch(socket, SCHEDSPLIT_KIND_TASK, values[SLEEPER]);
	values[FOREIGN] = new_watch(other, SCHEDSPLIT_KIND_TASK, values[SLEEPER]);
	values[DELETED] = new_watch(socket, SCHEDSPLIT_KIND_TASK, values[SLEEPER]);
	about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, values[DELETED], 0, NULL, NULL);
	for (size_t i = 0; i < REFUSALS; i++)
		try_refusal(socket, &refusals[i]);
	try_broken(socket);
	try_twice(socket);
	result(get_counts(socket, values[OWN]).records == 1, "the watch is still whole");
	result(get_counts(other, values[FOREIGN]).records == 1,
	       "the other socket's watch is still whole");
	/* it has inherited the sockets */
	kill(sleeper, SIGKILL);
	waitpid(sleeper, NULL, 0);
	mnl_socket_close(socket);
	mnl_socket_close(other);
	result(wait_for_none(), "watches end with their sockets");
	return 0;
}

/* --- limits --- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pid_t sleeper_tid[SCHEDSPLIT_PIDS_MAX];

static void *sleeper(void *at)
{
	__atomic_store_n((pid_t *)at, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

static void try_pids(struct mnl_socket *socket)
{
	static struct message message;
	static pthread_t thread[SCHEDSPLIT_PIDS_MAX];
	struct info before, after;
	struct watch_counts counts = { 0 };
	struct answer answer;
	pthread_attr_t attr;
	uint32_t id = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < SCHEDSPLIT_PIDS_MAX; i++)
		if (pthread_create(&thread[i], &attr, sleeper, &sleeper_tid[i]))
			die("pthread_create");
	for (int i = 0; i < SCHEDSPLIT_PIDS_MAX; i++)
		while (!__atomic_load_n(&sleeper_tid[i], __ATOMIC_ACQUIRE))
			sleep_ms(1);

	before = get_info();
	message_init(&message, NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_TASK);
	for (int i = 0; i < SCHEDSPLIT_PIDS_MAX; i++)
		mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, (uint32_t)sleeper_tid[i]);
	answer = ask(socket, &message, take_watch_id, &id);
	if (!answer.error)
		counts = get_counts(socket, id);
	result(counts.records == SCHEDSPLIT_PIDS_MAX && !counts.lost,
	       "%d pids are watched (%s: %s, %u records, %lu lost)", SCHEDSPLIT_PIDS_MAX,
	       strerror(answer.error), answer.words, counts.records, (unsigned long)counts.lost);
	if (id)
		about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, id, 0, NULL, NULL);

	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, (uint32_t)getpid());
	id = 0;
	answer = ask(socket, &message, take_watch_id, &id);
	after = get_info();
	result(answer.error && *answer.words && same_state(&before, &after),
	       "%d pids are refused (%s: %s)", SCHEDSPLIT_PIDS_MAX + 1, strerror(answer.error),
	       answer.words);

	pthread_mutex_unlock(&gate);
	for (int i = 0; i < SCHEDSPLIT_PIDS_MAX; i++)
		pthread_join(thread[i], NULL);
}

static struct answer watch_path(struct mnl_socket *socket, const char *path)
{
	static struct message message;

	message_init(&message, NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_CGROUP);
	mnl_attr_put_strz(message.nlh, SCHEDSPLIT_A_CGROUP, path);
	return ask(socket, &message, NULL, NULL);
}

static void try_path(struct mnl_socket *socket, const char *name, const char *path)
{
	struct info before = get_info();
	struct answer answer = watch_path(socket, path);

	report_refusal(name, !answer.error ? "it was not refused" : *answer.words ? "" :
		       "no words", &answer, &before);
}

static void try_paths(struct mnl_socket *socket)
{
	static char path[8 * 1024];

	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[SCHEDSPLIT_CGROUP_MAX] = '\0';
	try_path(socket, "the longest cgroup path, of no cgroup,", path);
	path[SCHEDSPLIT_CGROUP_MAX] = 'a';
	path[SCHEDSPLIT_CGROUP_MAX + 1] = '\0';
	try_path(socket, "a cgroup path that is too long", path);
	path[SCHEDSPLIT_CGROUP_MAX + 1] = 'a';
	try_path(socket, "a cgroup path that is much too long", path);
	try_path(socket, "a cgroup path that leads upwards", "/../..");
	try_path(socket, "a cgroup path of no cgroup", "/no such cgroup");
	try_path(socket, "the path of a file in a cgroup", "/cgroup.procs");
}

#define MANY_WATCHES 10000

/* As many as there can be: the next one is refused, until one is deleted. */
static void try_many(struct mnl_socket *socket)
{
	static uint32_t id[MANY_WATCHES];
	static struct message message;
	struct answer answer = { 0 };
	struct info info;
	bool distinct = true, good = true;
	unsigned int n = 0;

	message_init(&message, NEW, 0);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_TASK);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, (uint32_t)getpid());
	while (n < MANY_WATCHES) {
		answer = ask(socket, &message, take_watch_id, &id[n]);
		if (answer.error)
			break;
		for (unsigned int i = 0; i < n; i++)
			distinct &= id[i] != id[n];
		n++;
	}
	info = get_info();
	result(n >= 16 && distinct && info.watches == n && info.records == n,
	       "many watches of one task (%u; %u watches, %u records)", n, info.watches,
	       info.records);
	result(!answer.error || (answer.error == ENOSPC && *answer.words),
	       "one too many is refused (%s: %s)", strerror(answer.error), answer.words);
	for (unsigned int i = 0; i < n; i += 2)
		good &= !about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, id[i], 0, NULL, NULL).error;
	for (unsigned int i = 1; i < n; i += 2)
		good &= get_counts(socket, id[i]).records == 1;
	info = get_info();
	result(good && info.watches == n / 2, "half of them deleted (%u watches left)",
	       info.watches);
	answer = ask(socket, &message, take_watch_id, &id[0]);
	result(!answer.error, "now there can be another (%s)", strerror(answer.error));
}

static int limits(void)
{
	struct mnl_socket *socket = open_socket();

	try_pids(socket);
	try_paths(socket);
	try_many(socket);
	mnl_socket_close(socket);
	result(wait_for_none(), "no watch and no record is left");
	return 0;
}

/* --- exits --- */

#define DYING_PROCESSES	100
#define DYING_THREADS	100	/* of one more process */

struct death {
	uint32_t	tid, tgid;
	unsigned int	records;
	bool		by_us;		/* a child of ours, to die */
};

struct deaths {
	struct death	death[DYING_PROCESSES + DYING_THREADS + 16];
	unsigned int	n;
	uint32_t	watch;
	unsigned int	wrong;		/* of another watch, or not ended */
};

/* Memory shared with children. */
struct shared {
	unsigned int	n;
	struct death	death[DYING_PROCESSES + DYING_THREADS + 16];
};

static struct shared *shared;

static void about_to_die(void)
{
	unsigned int at = __atomic_fetch_add(&shared->n, 1, __ATOMIC_SEQ_CST);

	shared->death[at].tid = (uint32_t)syscall(SYS_gettid);
	shared->death[at].tgid = (uint32_t)getpid();
}

static void *dying_thread(void *unused)
{
	(void)unused;
	about_to_die();
	return NULL;
}

/* The watched one: its children die, its threads die, it dies. */
__attribute__((noreturn))
static void run_dying(int go)
{
	pthread_t thread[DYING_THREADS];
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	for (int i = 0; i < DYING_PROCESSES; i++) {
		pid_t pid = fork();

		if (!pid) {
			about_to_die();
			_exit(0);
		}
	}
	for (int i = 0; i < DYING_THREADS; i++)
		if (pthread_create(&thread[i], NULL, dying_thread, NULL))
			_exit(1);
	for (int i = 0; i < DYING_THREADS; i++)
		pthread_join(thread[i], NULL);
	while (wait(NULL) > 0)
		;
	about_to_die();
	_exit(0);
}

static void take_death(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct deaths *deaths = data;
	const struct nlattr *attr, *field;
	uint32_t watch = 0, tid = 0, tgid = 0, end = 0;

	if (genl->cmd != SCHEDSPLIT_CMD_EXIT_NTF) {
		deaths->wrong++;
		return;
	}
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_A_WATCH)
			watch = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) != SCHEDSPLIT_A_TASK)
			continue;
		mnl_attr_for_each_nested(field, attr) {
			switch (mnl_attr_get_type(field)) {
			case SCHEDSPLIT_TASK_TID:
				tid = mnl_attr_get_u32(field);
				break;
			case SCHEDSPLIT_TASK_TGID:
				tgid = mnl_attr_get_u32(field);
				break;
			case SCHEDSPLIT_TASK_END:
				end = mnl_attr_get_u32(field);
				break;
			}
		}
	}
	if (watch != deaths->watch || end != SCHEDSPLIT_END_DEAD)
		deaths->wrong++;
	for (unsigned int i = 0; i < deaths->n; i++)
		if (deaths->death[i].tid == tid && deaths->death[i].tgid == tgid) {
			deaths->death[i].records++;
			return;
		}
	if (deaths->n < sizeof(deaths->death) / sizeof(deaths->death[0]))
		deaths->death[deaths->n++] = (struct death){ tid, tgid, 1, false };
	else
		deaths->wrong++;
}

/* One socket watches, another listens. */
static int exits(void)
{
	struct mnl_socket *socket = open_socket(), *listener = open_socket();
	const unsigned int total = DYING_PROCESSES + DYING_THREADS + 1;
	static struct deaths deaths;
	struct answer answer = { 0 };
	unsigned int missing = 0, twice = 0, strange = 0;
	char byte;
	int go[2];
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || pipe(go))
		die("mmap or pipe");
	pid = fork();
	if (!pid)
		run_dying(go[0]);
	if (mnl_socket_setsockopt(listener, NETLINK_ADD_MEMBERSHIP, &exits_group,
				  sizeof(exits_group)) < 0)
		die("cannot join the group");
	/* who has had no command permitted is told nothing */
	if (info_error(listener, true))
		die("INFO_GET");
	deaths.watch = new_watch(socket, SCHEDSPLIT_KIND_TASK, (uint32_t)pid);
	/* nobody has to hear of those that are not watched */
	for (int i = 0; i < 20; i++)
		unused_pid();
	if (write(go[1], "", 1) != 1)
		die("write");
	while (deaths.n < total) {
		struct timeval patience = { .tv_sec = 60 };

		setsockopt(mnl_socket_get_fd(listener), SOL_SOCKET, SO_RCVTIMEO, &patience,
			   sizeof(patience));
		if (recv(mnl_socket_get_fd(listener), &byte, 1, MSG_PEEK) < 0)
			break;
		receive(listener, &answer, take_death, &deaths);
	}
	waitpid(pid, NULL, 0);
	/* One more that dies: had there been others too many, they came before it. */
	pid = fork();
	if (!pid)
		_exit(read(go[0], &byte, 1) != 1);
	about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, deaths.watch, 0, NULL, NULL);
	deaths.watch = new_watch(socket, SCHEDSPLIT_KIND_TASK, (uint32_t)pid);
	if (write(go[1], "", 1) != 1)
		die("write");
	waitpid(pid, NULL, 0);
	while (deaths.n < total + 1 &&
	       recv(mnl_socket_get_fd(listener), &byte, 1, MSG_PEEK) >= 0)
		receive(listener, &answer, take_death, &deaths);

	for (unsigned int i = 0; i < shared->n; i++) {
		unsigned int records = 0;

		for (unsigned int j = 0; j < deaths.n; j++)
			if (deaths.death[j].tid == shared->death[i].tid &&
			    deaths.death[j].tgid == shared->death[i].tgid) {
				records += deaths.death[j].records;
				deaths.death[j].by_us = true;
			}
		missing += !records;
		twice += records > 1;
	}
	for (unsigned int j = 0; j < deaths.n; j++)
		strange += !deaths.death[j].by_us && deaths.death[j].tid != (uint32_t)pid;
	result(shared->n == total && !missing, "%u tasks died, each was told (%u were not)",
	       shared->n, missing);
	result(!twice, "none was told twice (%u were)", twice);
	result(!strange && !deaths.wrong, "none but those were told (%u others, %u wrong)", strange,
	       deaths.wrong);
	mnl_socket_close(socket);
	mnl_socket_close(listener);
	return 0;
}

static int join(void)
{
	struct mnl_socket *socket = open_socket();

	if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &exits_group,
				  sizeof(exits_group)) < 0)
		die("cannot join the group");
	return 0;
}

/* --- interrupted --- */

#define CROWD	400	/* records: enough for several datagrams */

static void *wait_at_gate(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

static void add_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, wait_at_gate, NULL))
		die("pthread_create");
}

/* A dump of this process's threads; once it has begun, @meanwhile. */
static struct answer dump_tasks(struct mnl_socket *socket, uint32_t watch,
				void (*meanwhile)(void), unsigned int *datagrams)
{
	static struct message message;
	struct answer answer = { 0 };

	message_init(&message, SCHEDSPLIT_CMD_TASK_GET, NLM_F_DUMP);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, watch);
	send_message(socket, &message);
	for (*datagrams = 1; !receive(socket, &answer, NULL, NULL); (*datagrams)++)
		if (*datagrams == 1 && meanwhile)
			meanwhile();
	return answer;
}

static int interrupted(void)
{
	struct mnl_socket *socket = open_socket();
	unsigned int datagrams;
	struct watch_counts counts, later;
	struct answer answer;
	uint32_t watch;

	room = SMALL_ROOM;
	pthread_mutex_lock(&gate);
	for (int i = 0; i < CROWD; i++)
		add_thread();
	watch = new_watch(socket, SCHEDSPLIT_KIND_GROUP, (uint32_t)getpid());
	counts = get_counts(socket, watch);
	result(counts.records == CROWD + 1 && counts.alive == CROWD + 1,
	       "the watch has a record for each thread (%u, %u alive)", counts.records,
	       counts.alive);
	answer = dump_tasks(socket, watch, NULL, &datagrams);
	result(!answer.error && answer.messages == CROWD + 1 && datagrams > 3,
	       "a dump in pieces is whole (%u records, %u pieces)", answer.messages, datagrams);
	result(!answer.interrupted, "nothing changed: it was not interrupted");
	answer = dump_tasks(socket, watch, add_thread, &datagrams);
	result(!answer.error && answer.interrupted, "a task came during a dump: it says so");
	result(answer.messages == CROWD + 1, "and ends with those that it began with (%u records)",
	       answer.messages);
	later = get_counts(socket, watch);
	result(later.generation != counts.generation && later.records == counts.records + 1,
	       "the generation is another (%u, %u)", counts.generation, later.generation);
	about_watch(socket, SCHEDSPLIT_CMD_WATCH_STOP, watch, 0, NULL, NULL);
	counts = get_counts(socket, watch);
	result(!counts.alive && counts.records == later.records,
	       "none is alive after the stop (%u)", counts.alive);
	answer = dump_tasks(socket, watch, add_thread, &datagrams);
	result(!answer.error && !answer.interrupted && answer.messages == counts.records,
	       "a task came after the stop: the dump is whole (%u records)", answer.messages);
	mnl_socket_close(socket);
	return 0;
}

/* --- again --- */

static int again(long n)
{
	struct mnl_socket *socket = open_socket();
	struct answer answer;

	for (long i = 0; i < n; i++) {
		answer = about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL,
				     new_watch(socket, SCHEDSPLIT_KIND_ALL, 0), 0, NULL, NULL);
		errno = answer.error;
		if (answer.error)
			die("WATCH_DEL");
	}
	return 0;
}

/* --- hold --- */

static int hold(const char *what, uint32_t pid)
{
	struct mnl_socket *socket = open_socket();
	static struct message message;
	struct answer answer = { 0 };
	uint32_t id = 0;

	room = SMALL_ROOM;
	if (!strcmp(what, "watch") || !strcmp(what, "dump"))
		id = new_watch(socket, pid ? SCHEDSPLIT_KIND_GROUP : SCHEDSPLIT_KIND_ALL, pid);
	if (!strcmp(what, "dump")) {
		message_init(&message, SCHEDSPLIT_CMD_TASK_GET, NLM_F_DUMP);
		mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, id);
		send_message(socket, &message);
		if (receive(socket, &answer, NULL, NULL))
			die("the dump came in one piece");
	} else if (!strcmp(what, "listener")) {
		if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &exits_group,
					  sizeof(exits_group)) < 0)
			die("cannot join the group");
	} else if (!id) {
		return 2;
	}
	printf("ready %u\n", id);
	fflush(stdout);
	for (;;)
		pause();
}

/* --- others --- */

/* WATCH_NEW comes before those that are about a watch, WATCH_DEL after them. */
static const struct {
	const char	*name;
	uint8_t		command;
	uint16_t	flags;
	bool		of_watch;
} commands[] = {
	{ "INFO_GET", SCHEDSPLIT_CMD_INFO_GET, 0, false },
	{ "CPU_GET", SCHEDSPLIT_CMD_CPU_GET, NLM_F_DUMP, false },
	{ "WATCH_NEW", SCHEDSPLIT_CMD_WATCH_NEW, 0, false },
	{ "WATCH_GET", SCHEDSPLIT_CMD_WATCH_GET, 0, true },
	{ "GROUP_GET", SCHEDSPLIT_CMD_GROUP_GET, NLM_F_DUMP, true },
	{ "TASK_GET", SCHEDSPLIT_CMD_TASK_GET, NLM_F_DUMP, true },
	{ "WATCH_STOP", SCHEDSPLIT_CMD_WATCH_STOP, 0, true },
	{ "WATCH_DEL", SCHEDSPLIT_CMD_WATCH_DEL, 0, true },
	{ "COST_ATTACH", SCHEDSPLIT_CMD_COST_ATTACH, 0, false },
	{ "COST_DETACH", SCHEDSPLIT_CMD_COST_DETACH, 0, false },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *error_name(int error)
{
	return error ? strerrorname_np(error) : "0";
}

static int try_commands(uint32_t watch, uint32_t pid)
{
	struct mnl_socket *socket = open_socket();
	static struct message message;
	struct answer answer;

	for (size_t i = 0; i < COMMANDS; i++) {
		bool is_new = commands[i].command == SCHEDSPLIT_CMD_WATCH_NEW;

		message_init(&message, commands[i].command, commands[i].flags);
		if (is_new) {
			mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_GROUP);
			mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_PID, pid);
		}
		if (commands[i].of_watch)
			mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, watch);
		answer = ask(socket, &message, is_new ? take_watch_id : NULL, &watch);
		printf("%s %s %u\n", commands[i].name, error_name(answer.error), answer.messages);
	}
	return 0;
}

/* Of a death that @nlh tells of; 0: it is something else. */
static uint32_t dead_tid(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *field;

	if (nlh->nlmsg_type < NLMSG_MIN_TYPE || genl->cmd != SCHEDSPLIT_CMD_EXIT_NTF)
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		if (mnl_attr_get_type(attr) != SCHEDSPLIT_A_TASK)
			continue;
		mnl_attr_for_each_nested(field, attr)
			if (mnl_attr_get_type(field) == SCHEDSPLIT_TASK_TID)
				return mnl_attr_get_u32(field);
	}
	return UINT32_MAX;
}

/* Whatever lies in @socket, "exit TID" for each death. */
static void tell_deaths(struct mnl_socket *socket)
{
	static _Alignas(struct nlmsghdr) char buffer[ROOM];
	ssize_t n;

	while ((n = recv(mnl_socket_get_fd(socket), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buffer;
		int length = (int)n;

		for (; mnl_nlmsg_ok(nlh, length); nlh = mnl_nlmsg_next(nlh, &length))
			if (dead_tid(nlh))
				printf("exit %u\n", dead_tid(nlh));
	}
	fflush(stdout);
}

static int listen_to(uint32_t group)
{
	struct mnl_socket *socket = open_socket();
	struct pollfd fds[] = {
		{ .fd = mnl_socket_get_fd(socket), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	int on = 1, joined, asked;

	setsockopt(fds[0].fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
	joined = setsockopt(fds[0].fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			    sizeof(group)) ? errno : 0;
	asked = family ? info_error(socket, true) : 0;
	printf("ready join=%s info=%s\n", error_name(joined), error_name(asked));
	fflush(stdout);
	while (!fds[1].revents) {
		if (poll(fds, 2, -1) < 0)
			die("poll");
		tell_deaths(socket);
	}
	return 0;
}

/* --- handover --- */

/* Only what is in force is given up, to be taken back later. */
static void be_nobody(bool nobody)
{
	if (seteuid(nobody ? 65534 : 0))
		die("seteuid");
}

static int handover(void)
{
	struct mnl_socket *socket = open_socket(), *nobodys;
	struct answer answer = { 0 };
	static struct message message;
	unsigned int datagrams = 1;
	uint32_t watch;
	int error;

	be_nobody(true);
	nobodys = open_socket();
	error = info_error(nobodys, true);
	result(error == EPERM, "nobody is refused (%s)", error_name(error));
	error = info_error(socket, true);
	result(error == EPERM, "nobody is refused on a socket that root has opened (%s)",
	       error_name(error));
	error = info_error(socket, false);
	result(error == EPERM, "and if it sends without an address (%s)", error_name(error));
	be_nobody(false);
	error = info_error(nobodys, false);
	result(error == EPERM, "what root is made to write to nobody's socket is refused (%s)",
	       error_name(error));
	error = info_error(nobodys, true);
	result(!error, "what root sends by it to the kernel is not (%s)", error_name(error));

	/* As a file that was opened: who reads it is not asked. */
	mnl_socket_close(socket);
	room = SMALL_ROOM;
	socket = open_socket();
	pthread_mutex_lock(&gate);
	for (int i = 0; i < CROWD; i++)
		add_thread();
	watch = new_watch(socket, SCHEDSPLIT_KIND_GROUP, (uint32_t)getpid());
	message_init(&message, SCHEDSPLIT_CMD_TASK_GET, NLM_F_DUMP);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, watch);
	send_message(socket, &message);
	be_nobody(true);
	while (!receive(socket, &answer, NULL, NULL))
		datagrams++;
	result(!answer.error && answer.messages == CROWD + 1 && datagrams > 3,
	       "the rest of a dump goes to whoever holds the socket (%u records, %u pieces)",
	       answer.messages, datagrams);
	answer = about_watch(socket, SCHEDSPLIT_CMD_WATCH_DEL, watch, 0, NULL, NULL);
	result(answer.error == EPERM, "who holds it cannot end its watch by a command (%s)",
	       error_name(answer.error));
	be_nobody(false);
	result(get_counts(socket, watch).records == CROWD + 1, "the watch is still there");
	mnl_socket_close(socket);
	return 0;
}

/* --- succession --- */

#define FORKERS		8

/* Tasks that are born and die, without an end. */
__attribute__((noreturn))
static void run_forkers(void)
{
	setpgid(0, 0);
	for (int i = 0; i < FORKERS; i++)
		if (!fork())
			for (;;) {
				if (!fork())
					_exit(0);
				wait(NULL);
			}
	for (;;)
		pause();
}

/*
 * Nobody waits for the number of a socket to be free, and takes it. Exit status: 0 if
 * that socket's successor hears of no death, 2 if it does, 1 if it does not come to it.
 */
__attribute__((noreturn))
static void succeed(uint32_t portid)
{
	static _Alignas(struct nlmsghdr) char buffer[ROOM];
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = portid };
	const struct timeval patience = { .tv_usec = 300000 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd < 0 || setresuid(65534, 65534, 65534))
		_exit(1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		if (errno != EADDRINUSE)
			_exit(1);
	_exit(recv(fd, buffer, sizeof(buffer), 0) > 0 ? 2 : 0);
}

/* A socket dies amid deaths that it is told of. Others may take its number at once. */
static int succession(unsigned int times)
{
	struct mnl_socket *watcher = open_socket(), *dying;
	unsigned int came = 0, heard = 0;
	pid_t forkers, successor;
	uint32_t watch;
	int status;

	forkers = fork();
	if (!forkers)
		run_forkers();
	watch = new_watch(watcher, SCHEDSPLIT_KIND_ALL, 0);
	for (unsigned int i = 0; i < times; i++) {
		dying = open_socket();
		if (mnl_socket_setsockopt(dying, NETLINK_ADD_MEMBERSHIP, &exits_group,
					  sizeof(exits_group)) < 0)
			die("cannot join the group");
		new_watch(dying, SCHEDSPLIT_KIND_TASK, (uint32_t)getpid());
		successor = fork();
		if (!successor) {
			close(mnl_socket_get_fd(dying));
			succeed(mnl_socket_get_portid(dying));
		}
		sleep_ms(30);
		mnl_socket_close(dying);
		waitpid(successor, &status, 0);
		came += WIFEXITED(status) && WEXITSTATUS(status) != 1;
		heard += WIFEXITED(status) && WEXITSTATUS(status) == 2;
	}
	kill(-forkers, SIGKILL);
	waitpid(forkers, NULL, 0);
	about_watch(watcher, SCHEDSPLIT_CMD_WATCH_DEL, watch, 0, NULL, NULL);
	result(came == times, "nobody takes the number of a socket that is closed (%u of %u)",
	       came, times);
	result(!heard, "and hears of no death in its place (%u did)", heard);
	mnl_socket_close(watcher);
	return 0;
}

/* --- addresses --- */

#define KERNEL_HALF	0xffff800000000000	/* of all addresses, on x86-64 */

struct scan {
	unsigned int	words;		/* looked at */
	unsigned int	found;
	uint64_t	last;
};

/* Where there is room for an address: at each multiple of 4. */
static void scan_payload(struct scan *scan, const char *payload, size_t size)
{
	uint64_t word;

	for (size_t at = 0; at + sizeof(word) <= size; at += 4) {
		memcpy(&word, payload + at, sizeof(word));
		scan->words++;
		/* the upper bound of the last bucket */
		if (word < KERNEL_HALF || word == UINT64_MAX)
			continue;
		scan->found++;
		scan->last = word;
	}
}

static void scan_attr(struct scan *scan, const struct nlattr *attr)
{
	const struct nlattr *field;

	if (!(attr->nla_type & NLA_F_NESTED)) {
		scan_payload(scan, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		return;
	}
	mnl_attr_for_each_nested(field, attr)
		scan_attr(scan, field);
}

static void scan_message(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		scan_attr(data, attr);
}

static void report_scan(const char *name, const struct answer *answer, const struct scan *scan)
{
	result(!answer->error && answer->messages && scan->words && !scan->found,
	       "%s holds no address (%s, %u messages, %u words, %u found, last %lx)", name,
	       error_name(answer->error), answer->messages, scan->words, scan->found,
	       (unsigned long)scan->last);
}

static int addresses(void)
{
	struct mnl_socket *socket = open_socket();
	static struct message message;
	struct answer answer;
	uint32_t watch;
	struct scan scan = { 0 };
	struct nlattr *nest;

	message_init(&message, SCHEDSPLIT_CMD_TASK_GET, 0);
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_TASK);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_TASK_UNTRACED, KERNEL_HALF + 4096);
	mnl_attr_nest_end(message.nlh, nest);
	scan_message(message.nlh, &scan);
	result(scan.found == 1, "an address would be found");

	message_init(&message, SCHEDSPLIT_CMD_COST_ATTACH, 0);
	answer = ask(socket, &message, NULL, NULL);
	result(!answer.error || answer.error == EOPNOTSUPP, "costs are measured (%s)",
	       error_name(answer.error));
	watch = new_watch(socket, SCHEDSPLIT_KIND_ALL, 0);
	for (int i = 0; i < 20; i++)
		unused_pid();
	for (size_t i = 0; i < COMMANDS; i++) {
		bool gets = commands[i].of_watch || commands[i].flags;

		if (commands[i].command == SCHEDSPLIT_CMD_WATCH_STOP)
			break;
		if (!gets && commands[i].command != SCHEDSPLIT_CMD_INFO_GET)
			continue;
		memset(&scan, 0, sizeof(scan));
		message_init(&message, commands[i].command, commands[i].flags);
		if (gets)
			mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_WATCH, watch);
		answer = ask(socket, &message, scan_message, &scan);
		report_scan(commands[i].name, &answer, &scan);
	}
	memset(&scan, 0, sizeof(scan));
	message_init(&message, SCHEDSPLIT_CMD_CPU_GET, NLM_F_DUMP);
	answer = ask(socket, &message, scan_message, &scan);
	report_scan("CPU_GET of the system", &answer, &scan);
	mnl_socket_close(socket);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "commands") && argc > 4) {
		family = (uint16_t)atol(argv[2]);
		return try_commands((uint32_t)atol(argv[3]), (uint32_t)atol(argv[4]));
	}
	if (!strcmp(what, "listen") && argc > 3) {
		family = (uint16_t)atol(argv[2]);
		return listen_to((uint32_t)atol(argv[3]));
	}
	find_family();
	if (!strcmp(what, "numbers")) {
		printf("%u %u\n", family, exits_group);
		return 0;
	}
	if (!strcmp(what, "info")) {
		struct info info = get_info();

		printf("watches=%u records=%u records_max=%u\n", info.watches, info.records,
		       info.records_max);
		return 0;
	}
	if (!strcmp(what, "refused"))
		return refused();
	if (!strcmp(what, "limits"))
		return limits();
	if (!strcmp(what, "exits"))
		return exits();
	if (!strcmp(what, "interrupted"))
		return interrupted();
	if (!strcmp(what, "again") && argc > 2)
		return again(atol(argv[2]));
	if (!strcmp(what, "join"))
		return join();
	if (!strcmp(what, "hold") && argc > 2)
		return hold(argv[2], argc > 3 ? (uint32_t)atol(argv[3]) : 0);
	if (!strcmp(what, "handover"))
		return handover();
	if (!strcmp(what, "succession") && argc > 2)
		return succession((unsigned int)atol(argv[2]));
	if (!strcmp(what, "addresses"))
		return addresses();
	fprintf(stderr, "netlink: info, refused, limits, exits, interrupted, again, join, hold, "
		"handover, succession, addresses, numbers, commands or listen\n");
	return 2;
}
