// SPDX-License-Identifier: GPL-2.0-or-later
/* The exchange with the module, over a socket that is this file. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "info.h"
#include "message.h"
#include "netlink.h"

#define PORT	1234

static struct nlmsghdr request;
static int answer;			/* to all requests but the first */
static const char *words;		/* NULL: none */
static char err[ERROR_SIZE];

/* ---- in place of libmnl's ---- */

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&request;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return PORT;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len)
{
	(void)nl;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t len)
{
	(void)nl;
	request = *(const struct nlmsghdr *)req;
	return (ssize_t)len;
}

static struct nlmsghdr *begin(struct message *message, uint16_t type)
{
	message_begin(message, 0);
	message->nlh->nlmsg_type = type;
	message->nlh->nlmsg_seq = request.nlmsg_seq;
	message->nlh->nlmsg_pid = PORT;
	return message->nlh;
}

static void add_error(struct message *message, int error)
{
	struct nlmsgerr *payload;
	struct nlmsghdr *nlh = begin(message, NLMSG_ERROR);

	nlh->nlmsg_len = NLMSG_HDRLEN;
	payload = mnl_nlmsg_put_extra_header(nlh, sizeof(*payload));
	payload->error = error;
	payload->msg = request;
	nlh->nlmsg_flags |= NLM_F_CAPPED;
	if (!words || !error)
		return;
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, words);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t bufsiz)
{
	struct message message;
	size_t first = 0;

	(void)nl;
	if (request.nlmsg_type == GENL_ID_CTRL) {
		begin(&message, GENL_ID_CTRL);
		mnl_attr_put_u16(message.nlh, CTRL_ATTR_FAMILY_ID, 0x20);
		mnl_attr_put_u32(message.nlh, CTRL_ATTR_VERSION, SCHEDSPLIT_GENL_VERSION);
		first = message.nlh->nlmsg_len;
		memcpy(buf, message.nlh, first);
		add_error(&message, 0);
	} else {
		add_error(&message, answer);
	}
	assert_true(first + message.nlh->nlmsg_len <= bufsiz);
	memcpy((char *)buf + first, message.nlh, message.nlh->nlmsg_len);
	return (ssize_t)(first + message.nlh->nlmsg_len);
}

/* ---- tests ---- */

static int ask(int error, const char *why)
{
	static struct info info;
	struct session *session;
	int ret;

	answer = error;
	words = why;
	assert_int_equal(session_open(&session, err, sizeof(err)), 0);
	ret = info_get(session, &info, err, sizeof(err));
	session_close(session);
	return ret;
}

static void errors_are_told(void **state)
{
	(void)state;
	assert_int_equal(ask(-EPERM, NULL), -EPERM);
	assert_non_null(strstr(err, "CAP_NET_ADMIN"));
	assert_int_equal(ask(-EBUSY, "all watches are in use"), -EBUSY);
	assert_non_null(strstr(err, "all watches are in use"));
	/* an acknowledgment without an answer */
	assert_int_equal(ask(0, NULL), -EBADMSG);
	assert_non_null(strstr(err, "0 answers"));
}

/* The least number has no counterpart above 0. */
static void errors_that_are_none_are_errors(void **state)
{
	(void)state;
	assert_int_equal(ask(INT_MIN, NULL), -EBADMSG);
	assert_int_equal(ask(INT_MIN, "nonsense"), -EBADMSG);
	assert_int_equal(ask(5, NULL), -5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told),
		cmocka_unit_test(errors_that_are_none_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
