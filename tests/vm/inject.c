// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes the n-th allocation of a system call fail, for n = 1, 2, … until one call
 * allocates no more than that (/proc/thread-self/fail-nth, fault-injection.rst).
 *
 * libraries: -lmnl
 *
 *	inject load MODULE	load it and, where that succeeded, unload it
 *	inject ask		every request and dump of the module's family
 *
 * Prints a line for each: "NAME: N failed"; exits with 1, and says what, if
 * anything fails in another way than for want of memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/schedsplit.h"

#define ROOM		(128 * 1024)
#define TRIES		5000

static _Alignas(struct nlmsghdr) char room[ROOM];
static uint16_t family;
static uint32_t watch;		/* of the last WATCH_NEW */
static unsigned int sequence;
static int fail_nth;

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void arm(unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fail_nth, text, (size_t)length, 0) != length)
		die("fail-nth");
}

/* Did it fail? */
static bool disarm(void)
{
	char text[16] = "";
	bool failed;

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		die("fail-nth");
	failed = atoi(text) == 0;
	arm(0);
	return failed;
}

/* --- requests --- */

struct request {
	const char	*name;
	uint8_t		 command;
	uint16_t	 flags;
	bool		 of_watch;	/* names one, made before */
	bool		 attached;	/* costs are, before */
};

static const struct request requests[] = {
	{ "INFO_GET", SCHEDSPLIT_CMD_INFO_GET, 0, false, false },
	{ "CPU_GET", SCHEDSPLIT_CMD_CPU_GET, NLM_F_DUMP, false, false },
	{ "WATCH_NEW", SCHEDSPLIT_CMD_WATCH_NEW, 0, false, false },
	{ "CPU_GET of a watch", SCHEDSPLIT_CMD_CPU_GET, NLM_F_DUMP, true, false },
	{ "WATCH_GET", SCHEDSPLIT_CMD_WATCH_GET, 0, true, false },
	{ "GROUP_GET", SCHEDSPLIT_CMD_GROUP_GET, NLM_F_DUMP, true, false },
	{ "TASK_GET", SCHEDSPLIT_CMD_TASK_GET, NLM_F_DUMP, true, false },
	{ "WATCH_STOP", SCHEDSPLIT_CMD_WATCH_STOP, 0, true, false },
	{ "WATCH_DEL", SCHEDSPLIT_CMD_WATCH_DEL, 0, true, false },
	{ "COST_ATTACH", SCHEDSPLIT_CMD_COST_ATTACH, 0, false, false },
	{ "COST_DETACH", SCHEDSPLIT_CMD_COST_DETACH, 0, false, true },
};

static struct nlmsghdr *start(uint16_t type, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	memset(room, 0, 4096);
	nlh = mnl_nlmsg_put_header(room);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++sequence;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = type == GENL_ID_CTRL ? 1 : SCHEDSPLIT_GENL_VERSION;
	return nlh;
}

/* One answer after the other until the last. Returns 0 or a negative error. */
static int answers(const struct mnl_socket *socket, int attribute, uint32_t *value)
{
	for (;;) {
		ssize_t size = recv(mnl_socket_get_fd(socket), room, sizeof(room), 0);
		const struct nlmsghdr *nlh = (const void *)room;
		int left = (int)size;

		if (size < 0)
			return -errno;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlattr *attr;

			if (nlh->nlmsg_seq != sequence)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
				return *(const int *)mnl_nlmsg_get_payload(nlh);
			mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
				if (mnl_attr_get_type(attr) != attribute)
					continue;
				*value = attribute == CTRL_ATTR_FAMILY_ID ?
					 mnl_attr_get_u16(attr) : mnl_attr_get_u32(attr);
			}
		}
	}
}

static int ask(const struct mnl_socket *socket, const struct request *request)
{
	struct nlmsghdr *nlh = start(family, request->command, request->flags);

	if (request->command == SCHEDSPLIT_CMD_WATCH_NEW) {
		mnl_attr_put_u32(nlh, SCHEDSPLIT_A_KIND, SCHEDSPLIT_KIND_GROUP);
		mnl_attr_put_u32(nlh, SCHEDSPLIT_A_PID, (uint32_t)getpid());
	}
	if (request->of_watch)
		mnl_attr_put_u32(nlh, SCHEDSPLIT_A_WATCH, watch);
	if (mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return answers(socket, SCHEDSPLIT_A_WATCH, &watch);
}

static const struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_GENERIC);
	/* An answer for which there was no memory never comes. */
	const struct timeval patience = { .tv_sec = 1 };
	int on = 1;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die("cannot open a socket");
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	return socket;
}

static void find_family(void)
{
	const struct mnl_socket *socket = open_socket();
	struct nlmsghdr *nlh = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	uint32_t id = 0;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SCHEDSPLIT_GENL_NAME);
	if (mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0 ||
	    answers(socket, CTRL_ATTR_FAMILY_ID, &id) || !id)
		die("the module is not loaded");
	family = (uint16_t)id;
	mnl_socket_close((struct mnl_socket *)socket);
}

static void want(int error, const char *name, unsigned int n)
{
	/* EAGAIN: no answer came, for want of memory for it. */
	if (error == -ENOMEM || error == -ENOBUFS || error == -EAGAIN)
		return;
	fprintf(stderr, "inject: %s, %u: %s\n", name, n, strerror(-error));
	exit(1);
}

/* A new socket each time, which takes what it made with it. */
static void try_request(const struct request *request)
{
	static const struct request make = { .command = SCHEDSPLIT_CMD_WATCH_NEW },
				    attach = { .command = SCHEDSPLIT_CMD_COST_ATTACH };
	unsigned int n, failed = 0;
	bool reached;

	for (n = 1; n < TRIES; n++) {
		const struct mnl_socket *socket = open_socket();
		int error;

		if (request->of_watch && ask(socket, &make))
			die("no watch");
		if (request->attached && ask(socket, &attach))
			die("costs are not attached");
		arm(n);
		error = ask(socket, request);
		reached = disarm();
		if (error)
			want(error, request->name, n);
		mnl_socket_close((struct mnl_socket *)socket);
		failed += error != 0;
		if (!reached)
			break;
	}
	printf("%s: %u failed of %u\n", request->name, failed, n);
	if (n == TRIES || (n > 1 && !failed && request->command != SCHEDSPLIT_CMD_COST_DETACH))
		exit(1);
}

/* From memory: file systems have allocations, and faults, of their own. */
static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned int n, failed = 0;
	struct stat status;
	bool reached = true;
	void *image;

	if (fd < 0 || fstat(fd, &status))
		die(path);
	image = malloc((size_t)status.st_size);
	if (!image || read(fd, image, (size_t)status.st_size) != status.st_size)
		die(path);
	for (n = 1; n < TRIES && reached; n++) {
		int error;

		arm(n);
		error = (int)syscall(SYS_init_module, image, status.st_size, "");
		if (error)
			error = -errno;
		reached = disarm();
		if (!(n % 50))
			fprintf(stderr, "load: %u\n", n);
		if (error) {
			want(error, "load", n);
			failed++;
		} else if (syscall(SYS_delete_module, "schedsplit", 0)) {
			die("cannot unload it");
		}
	}
	printf("load: %u failed of %u\n", failed, n - 1);
	if (n == TRIES || !failed)
		exit(1);
}

int main(int argc, char **argv)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		die("this kernel injects no faults");
	if (argc == 3 && !strcmp(argv[1], "load")) {
		load(argv[2]);
	} else if (argc == 2 && !strcmp(argv[1], "ask")) {
		find_family();
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
			try_request(&requests[i]);
	} else {
		fprintf(stderr, "usage: inject load MODULE | inject ask\n");
		return 2;
	}
	return 0;
}
