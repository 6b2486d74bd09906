// SPDX-License-Identifier: GPL-2.0-or-later
/* A session with the module: one generic netlink socket. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../kmod/uapi/schedsplit.h"
#include "../kmod/version.h"
#include "attr.h"
#include "error.h"
#include "netlink.h"

/*
 * The kernel makes dump messages as large as the largest buffer that it has
 * seen, up to 32 KiB. A request with SCHEDSPLIT_PIDS_MAX pids takes 8 KiB.
 */
#define RECEIVE_SIZE	(64 * 1024)
#define SEND_SIZE	(16 * 1024)

#define WORDS_SIZE	256

#ifndef NETLINK_CAP_ACK
#define NETLINK_CAP_ACK	10
#endif
#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK	11
#endif

struct session {
	_Alignas(struct nlmsghdr) char send[SEND_SIZE];
	_Alignas(struct nlmsghdr) char receive[RECEIVE_SIZE];
	struct mnl_socket *socket;
	unsigned int	portid;
	uint16_t	family;
	uint32_t	sequence;
};

/* One request on its way. */
struct exchange {
	uint16_t	 type;		/* of answers */
	uint8_t		 command;	/* of answers */
	bool		 is_dump;
	bool		 is_growing;	/* NLM_F_DUMP_INTR does not matter */
	session_answer_fn answer;
	void		*data;
	char		*err;
	size_t		 size;
	int		 answer_ret;	/* -errno of an answer function */
	unsigned int	 answers;
	bool		 interrupted;	/* NLM_F_DUMP_INTR was seen */
	bool		 done;
	int		 kernel_errno;	/* > 0: what the kernel said */
	char		 words[WORDS_SIZE];	/* … and its words, or "" */
};

/* The kernel's own words, from the attributes at @offset of an error or DONE. */
static void take_words(struct exchange *exchange, const struct nlmsghdr *nlh, size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || mnl_nlmsg_get_payload_len(nlh) < offset)
		return;
	mnl_attr_for_each(attr, nlh, offset)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			attr_string(attr, exchange->words, sizeof(exchange->words));
}

/* Above 0, but for 0. INT_MIN has no such number: it is no error of the kernel's. */
static int positive(int error)
{
	return error == INT_MIN ? EBADMSG : abs(error);
}

static void take_error(struct exchange *exchange, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*error);

	exchange->done = true;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error)) {
		exchange->kernel_errno = EBADMSG;
		return;
	}
	exchange->kernel_errno = positive(error->error);
	/* without NLM_F_CAPPED the request comes back in front of the words */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && error->msg.nlmsg_len >= sizeof(error->msg))
		offset += MNL_ALIGN(error->msg.nlmsg_len - sizeof(error->msg));
	take_words(exchange, nlh, offset);
}

static void take_done(struct exchange *exchange, const struct nlmsghdr *nlh)
{
	int status = 0;

	exchange->done = true;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(status))
		memcpy(&status, mnl_nlmsg_get_payload(nlh), sizeof(status));
	if (status >= 0)
		return;
	exchange->kernel_errno = positive(status);
	take_words(exchange, nlh, sizeof(status));
}

static void take_answer(struct exchange *exchange, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	/* After a failure the rest is only drained. */
	if (exchange->answer_ret || exchange->interrupted)
		return;
	if (nlh->nlmsg_type != exchange->type || !attr_message_is_whole(nlh) ||
	    (exchange->command && genl->cmd != exchange->command)) {
		exchange->answer_ret = error_set(-EBADMSG, exchange->err, exchange->size,
						 "the kernel sent a netlink message that makes no sense: "
						 "use module and tool of the same version ("
						 SCHEDSPLIT_VERSION ")");
		return;
	}
	exchange->answers++;
	if (exchange->answer)
		exchange->answer_ret = exchange->answer(nlh, exchange->data, exchange->err,
							exchange->size);
}

/* Takes @length bytes that were received. */
static void take_datagram(struct session *session, struct exchange *exchange, int length)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)session->receive;

	for (; mnl_nlmsg_ok(nlh, length) && !exchange->done; nlh = mnl_nlmsg_next(nlh, &length)) {
		/* left over from an earlier request that gave up, or not for us */
		if (nlh->nlmsg_seq != session->sequence || nlh->nlmsg_pid != session->portid)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && !exchange->is_growing)
			exchange->interrupted = true;
		switch (nlh->nlmsg_type) {
		case NLMSG_NOOP:
			break;
		case NLMSG_ERROR:
			take_error(exchange, nlh);
			break;
		case NLMSG_DONE:
			take_done(exchange, nlh);
			break;
		case NLMSG_OVERRUN:
			exchange->kernel_errno = ENOBUFS;
			exchange->done = true;
			break;
		default:
			take_answer(exchange, nlh);
			break;
		}
	}
}

/* Sends @nlh and takes all that answers it. Return: 0 or -errno of the socket. */
static int exchange_run(struct session *session, struct nlmsghdr *nlh, struct exchange *exchange)
{
	nlh->nlmsg_seq = ++session->sequence;
	nlh->nlmsg_pid = session->portid;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (exchange->is_dump ? NLM_F_DUMP : 0);
	while (mnl_socket_sendto(session->socket, nlh, nlh->nlmsg_len) < 0)
		if (errno != EINTR)
			return -errno;
	while (!exchange->done) {
		ssize_t length = mnl_socket_recvfrom(session->socket, session->receive,
						     sizeof(session->receive));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		take_datagram(session, exchange, (int)length);
	}
	return 0;
}

/* What to do about an error of the kernel that comes without words. */
static const char *advice(int kernel_errno)
{
	switch (kernel_errno) {
	case EPERM:
	case EACCES:
		return "this needs CAP_NET_ADMIN in the initial user namespace: "
		       "run it as root (sudo)";
	case EOPNOTSUPP:
	case EINVAL:
	case ERANGE:
		return "the module does not know this request: "
		       "use module and tool of the same version (" SCHEDSPLIT_VERSION ")";
	case ESRCH:
		return "there is no such process: it may have ended already";
	case ENOENT:
		return "there is no such thing: was the module unloaded meanwhile?";
	case ENOSPC:
	case ENOBUFS:
	case ENOMEM:
		return "no memory left for it: watch fewer tasks, or end other watches";
	default:
		return NULL;
	}
}

static int finish(const struct exchange *exchange, int ret, const char *what,
		  char *err, size_t size)
{
	const char *hint;

	if (ret)
		return error_set(ret, err, size, "cannot %s: the netlink socket failed: %s: try again",
				 what, strerror(-ret));
	if (exchange->kernel_errno && *exchange->words)
		return error_set(-exchange->kernel_errno, err, size, "cannot %s: %s (%s)", what,
				 exchange->words, strerror(exchange->kernel_errno));
	if (exchange->kernel_errno) {
		hint = advice(exchange->kernel_errno);
		return error_set(-exchange->kernel_errno, err, size, "cannot %s: %s", what,
				 hint ? hint : strerror(exchange->kernel_errno));
	}
	return exchange->answer_ret;
}

int session_ask(struct session *session, struct nlmsghdr *nlh, session_answer_fn answer,
		void *data, const char *what, char *err, size_t size)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct exchange exchange = {
		.type = nlh->nlmsg_type,
		/* nlctrl answers GETFAMILY with NEWFAMILY */
		.command = nlh->nlmsg_type == GENL_ID_CTRL ? 0 : genl->cmd,
		.answer = answer, .data = data, .err = err, .size = size,
	};
	int ret;

	ret = exchange_run(session, nlh, &exchange);
	ret = finish(&exchange, ret, what, err, size);
	if (!ret && answer && exchange.answers != 1)
		return error_set(-EBADMSG, err, size,
				 "cannot %s: the kernel sent %u answers instead of one: use module and tool of the same version ("
				 SCHEDSPLIT_VERSION ")", what, exchange.answers);
	return ret;
}

int session_dump(struct session *session, struct nlmsghdr *nlh, void (*restart)(void *data),
		 session_answer_fn answer, void *data, const char *what, char *err, size_t size)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	for (int try = 0; try < SESSION_DUMP_TRIES; try++) {
		struct exchange exchange = {
			.type = nlh->nlmsg_type, .command = genl->cmd, .is_dump = true,
			.answer = answer, .data = data, .err = err, .size = size,
		};
		int ret;

		/* give a storm of forks the time to pass */
		if (try)
			nanosleep(&pause, NULL);
		restart(data);
		ret = exchange_run(session, nlh, &exchange);
		if (ret || !exchange.interrupted)
			return finish(&exchange, ret, what, err, size);
	}
	return error_set(-EAGAIN, err, size,
			 "cannot %s: tasks came and went during each of %d readings: stop the watch first, or try again",
			 what, SESSION_DUMP_TRIES);
}

int session_dump_growing(struct session *session, struct nlmsghdr *nlh, session_answer_fn answer,
			 void *data, const char *what, char *err, size_t size)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct exchange exchange = {
		.type = nlh->nlmsg_type, .command = genl->cmd, .is_dump = true, .is_growing = true,
		.answer = answer, .data = data, .err = err, .size = size,
	};
	int ret = exchange_run(session, nlh, &exchange);

	return finish(&exchange, ret, what, err, size);
}

struct nlmsghdr *session_message(struct session *session, uint8_t command)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(session->send);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = session->family;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = SCHEDSPLIT_GENL_VERSION;
	return nlh;
}

struct family {
	uint32_t	version;
	uint16_t	id;
};

static int take_family(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	struct family *family = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_get_payload_len(attr) == sizeof(family->id))
				family->id = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_VERSION:
			attr_u32(attr, &family->version);
			break;
		}
	}
	if (!family->id)
		return error_set(-EBADMSG, err, size,
				 "the kernel does not tell the number of the netlink family: reload the module");
	return 0;
}

static int not_there(char *err, size_t size)
{
	/* The family shows in the initial network namespace only. */
	if (!access("/sys/module/schedsplit", F_OK))
		return error_set(-ENOENT, err, size,
				 "the module is loaded, but not to be seen from this network namespace: run it from the initial one (nsenter -t 1 -n)");
	return error_set(-ENOENT, err, size,
			 "the module is not loaded: load it with 'sudo modprobe schedsplit' or, in its source tree, 'sudo make load'");
}

static int find_family(struct session *session, char *err, size_t size)
{
	struct family family = { 0 };
	struct nlmsghdr *nlh;
	int ret;

	session->family = GENL_ID_CTRL;
	nlh = session_message(session, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SCHEDSPLIT_GENL_NAME);
	ret = session_ask(session, nlh, take_family, &family, "ask the kernel for the module",
			  err, size);
	if (ret == -ENOENT)
		return not_there(err, size);
	if (ret)
		return ret;
	if (family.version != SCHEDSPLIT_GENL_VERSION)
		return error_set(-EPROTO, err, size,
				 "the module speaks version %u of the protocol, this tool ("
				 SCHEDSPLIT_VERSION ") version %d: %s",
				 family.version, SCHEDSPLIT_GENL_VERSION,
				 family.version < SCHEDSPLIT_GENL_VERSION ?
				 "load the newer module" : "install the newer tool");
	session->family = family.id;
	return 0;
}

int session_open(struct session **result, char *err, size_t size)
{
	struct session *session = calloc(1, sizeof(*session));
	int on = 1;
	int ret;

	*result = NULL;
	if (!session)
		return error_set(-ENOMEM, err, size, "out of memory");
	session->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!session->socket || mnl_socket_bind(session->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		ret = error_set(-errno, err, size,
				"cannot open a generic netlink socket: %s: does this sandbox or container allow AF_NETLINK?",
				strerror(errno));
		goto failed;
	}
	session->portid = mnl_socket_get_portid(session->socket);
	session->sequence = (uint32_t)time(NULL);
	/* The kernel's words are a courtesy: go on without them. */
	mnl_socket_setsockopt(session->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(session->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	ret = find_family(session, err, size);
	if (ret)
		goto failed;
	*result = session;
	return 0;
failed:
	session_close(session);
	return ret;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	if (session->socket)
		mnl_socket_close(session->socket);
	free(session);
}

void session_forget(const struct session *session)
{
	if (session)
		close(mnl_socket_get_fd(session->socket));
}
