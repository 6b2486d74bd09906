// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends the module's family what nobody should: valid messages and mutations of
 * them, in any order, over several sockets that come and go, some with dumps
 * half read. Where the kernel has KCOV, what reaches new code is kept and mutated
 * further.
 *
 *	fuzz MESSAGES SEED
 *
 * Prints how many messages led to which error. Exit status 1, and what was sent
 * last, if an answer makes no sense or the module does not answer any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uapi/schedsplit.h"

#define SOCKETS		6
#define ROOM		16384
#define CORPUS		4096
#define COVERAGE	65536	/* words KCOV may write a message */
#define SEEN		1048576

struct message {
	_Alignas(4) unsigned char bytes[ROOM];
	uint32_t length;
};

static int sockets[SOCKETS];
static uint16_t family;
static uint32_t group;		/* multicast */
static uint32_t sequence;
static uint64_t errors[4096];
static uint32_t watches[16];	/* numbers seen of late */
static unsigned char answer[64 * 1024];

static struct message message, *corpus[CORPUS];
static size_t n_corpus;

static void die(const char *what)
{
	fprintf(stderr, "fuzz: %s: %s\n", what, strerror(errno));
	fprintf(stderr, "fuzz: sent last:");
	for (uint32_t i = 0; i < message.length && i < 512; i++)
		fprintf(stderr, " %02x", message.bytes[i]);
	fputc('\n', stderr);
	exit(1);
}

/* --- chance: xorshift64* --- */

static uint64_t state;

static uint32_t any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545f4914f6cdd1du >> 32);
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)((uint64_t)any() * n >> 32);
}

static bool once_in(uint32_t n)
{
	return below(n) == 0;
}

/* --- coverage --- */

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)

static int kcov = -1;
static unsigned long *covered;
static unsigned char seen[SEEN];
static size_t n_seen;

static void coverage_open(void)
{
	kcov = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (kcov < 0)
		return;
	if (ioctl(kcov, KCOV_INIT_TRACE, COVERAGE))
		die("KCOV_INIT_TRACE");
	covered = mmap(NULL, COVERAGE * sizeof(*covered), PROT_READ | PROT_WRITE, MAP_SHARED,
		       kcov, 0);
	if (covered == MAP_FAILED || ioctl(kcov, KCOV_ENABLE, 0))
		die("KCOV_ENABLE");
}

static void coverage_begin(void)
{
	if (covered)
		__atomic_store_n(&covered[0], 0, __ATOMIC_RELAXED);
}

/* Has any code run for the first time? */
static bool coverage_new(void)
{
	bool new = false;
	unsigned long n;

	if (!covered)
		return once_in(64);
	n = __atomic_load_n(&covered[0], __ATOMIC_RELAXED);
	for (unsigned long i = 1; i <= n && i < COVERAGE; i++) {
		size_t at = covered[i] * 0x9e3779b97f4a7c15u >> 44;

		if (seen[at])
			continue;
		seen[at] = 1;
		n_seen++;
		new = true;
	}
	return new;
}

/* --- sockets --- */

static void open_socket(int i)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int on = 1, size = 1 << 20;

	if (sockets[i] > 0)
		close(sockets[i]);
	sockets[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sockets[i] < 0 ||
	    bind(sockets[i], (const struct sockaddr *)&address, sizeof(address)))
		die("cannot open a socket");
	setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(sockets[i], SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	if (once_in(2))
		setsockopt(sockets[i], SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (once_in(2))
		setsockopt(sockets[i], SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (group && once_in(4))
		setsockopt(sockets[i], SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

static void find_watches(const unsigned char *bytes, size_t size)
{
	for (size_t at = sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr);
	     at + sizeof(struct nlattr) + 4 <= size; ) {
		struct nlattr attr;
		uint32_t value;

		memcpy(&attr, bytes + at, sizeof(attr));
		memcpy(&value, bytes + at + sizeof(attr), sizeof(value));
		if (attr.nla_type == SCHEDSPLIT_A_WATCH && attr.nla_len == 8)
			watches[below(16)] = value;
		if (attr.nla_len < sizeof(attr))
			return;
		at += NLA_ALIGN(attr.nla_len);
	}
}

static void take(const unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at + sizeof(struct nlmsghdr) <= size; ) {
		struct nlmsghdr head;
		int error;

		memcpy(&head, bytes + at, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > size - at)
			die("an answer of a wrong length");
		if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) {
			memcpy(&error, bytes + at + sizeof(head), sizeof(error));
			if (error > 0 || error <= -4096)
				die("an error that is none");
			errors[-error]++;
		} else if (head.nlmsg_type == family) {
			find_watches(bytes + at, head.nlmsg_len);
		}
		at += NLMSG_ALIGN(head.nlmsg_len);
	}
}

/* All that is there, or some of it. */
static void drain(int i, bool all)
{
	while (all || !once_in(4)) {
		ssize_t size = recv(sockets[i], answer, sizeof(answer), MSG_DONTWAIT);

		if (size < 0 && errno == ENOBUFS)
			continue;
		if (size <= 0)
			return;
		take(answer, (size_t)size);
	}
}

/* --- messages --- */

static void put(const void *bytes, size_t size)
{
	if (message.length + NLA_ALIGN(size) > ROOM)
		return;
	memcpy(message.bytes + message.length, bytes, size);
	memset(message.bytes + message.length + size, 0, NLA_ALIGN(size) - size);
	message.length += (uint32_t)NLA_ALIGN(size);
}

static void put_attr(uint16_t type, const void *payload, size_t size)
{
	const struct nlattr attr = { .nla_type = type,
				     .nla_len = (uint16_t)(sizeof(attr) + size) };

	put(&attr, sizeof(attr));
	put(payload, size);
}

static void put_number(uint16_t type, uint32_t value)
{
	put_attr(type, &value, sizeof(value));
}

static void head(uint16_t type, uint16_t flags, uint8_t command, uint8_t version)
{
	const struct nlmsghdr nlh = { .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags,
				      .nlmsg_seq = ++sequence };
	const struct genlmsghdr genl = { .cmd = command, .version = version };

	message.length = 0;
	put(&nlh, sizeof(nlh));
	put(&genl, sizeof(genl));
}

/* Headers alone: each nest holds the next. */
static void put_nests(uint16_t type, uint32_t depth)
{
	for (; depth; depth--) {
		const struct nlattr attr = { .nla_type = type,
					     .nla_len = (uint16_t)(depth * sizeof(attr)) };

		put(&attr, sizeof(attr));
	}
}

/* The length that the header tells. */
static void tell_length(uint32_t length)
{
	memcpy(message.bytes, &length, sizeof(length));
}

static void watch_new(void)
{
	static const char *const cgroups[] = { "/", "", "/system.slice", "..", "/no/such" };
	uint32_t kind = once_in(8) ? any() : below(5);
	uint32_t pids = once_in(50) ? below(1200) : below(4);

	put_number(SCHEDSPLIT_A_KIND, kind);
	for (uint32_t i = 0; i < pids; i++)
		put_number(SCHEDSPLIT_A_PID, once_in(3) ? (uint32_t)getpid() :
				       once_in(3) ? any() : below(300));
	if (once_in(3)) {
		const char *path = cgroups[below(5)];

		put_attr(SCHEDSPLIT_A_CGROUP, path, strlen(path) + !once_in(8));
	}
}

static void valid(void)
{
	uint8_t command = once_in(40) ? (uint8_t)any() :
			  (uint8_t)(1 + below(SCHEDSPLIT_CMD_MAX + 1));
	uint16_t flags = 0;

	if (command == SCHEDSPLIT_CMD_CPU_GET || command == SCHEDSPLIT_CMD_GROUP_GET ||
	    command == SCHEDSPLIT_CMD_TASK_GET)
		flags = NLM_F_DUMP;
	if (once_in(20))
		flags ^= NLM_F_DUMP;
	if (!once_in(5))
		flags |= NLM_F_ACK;
	head(family, flags, command, once_in(50) ? (uint8_t)any() : SCHEDSPLIT_GENL_VERSION);
	if (command == SCHEDSPLIT_CMD_WATCH_NEW)
		watch_new();
	else if (!once_in(8))
		put_number(SCHEDSPLIT_A_WATCH, once_in(10) ? any() : watches[below(16)]);
	tell_length(message.length);
}

static void mutate(void)
{
	static const uint16_t lengths[] = { 0, 1, 3, 4, 5, 7, 8, 9, 12, 255, 4100, 0xffff };
	uint32_t body = sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr), at;
	uint16_t value;

	switch (below(8)) {
	case 0:	/* a byte */
		at = sizeof(uint32_t) + below(message.length - (uint32_t)sizeof(uint32_t));
		message.bytes[at] = (unsigned char)any();
		break;
	case 1:	/* a bit of what follows the headers */
		if (message.length > body)
			message.bytes[body + below(message.length - body)] ^=
				(unsigned char)(1 << below(8));
		break;
	case 2:	/* an attribute's length */
		value = lengths[below(12)];
		if (message.length >= body + 4)
			memcpy(message.bytes + body, &value, sizeof(value));
		break;
	case 3:	/* its type, nested or not */
		value = (uint16_t)(below(60) | (once_in(3) ? NLA_F_NESTED : 0) |
				   (once_in(8) ? NLA_F_NET_BYTEORDER : 0));
		if (message.length >= body + 4)
			memcpy(message.bytes + body + 2, &value, sizeof(value));
		break;
	case 4:	/* one more */
		put_number((uint16_t)below(60), any());
		break;
	case 5:	/* the same again */
		at = message.length - body;
		if (at && at < ROOM / 2)
			put(message.bytes + body, at);
		break;
	case 6:	/* an end too soon */
		message.length -= below(message.length - 16);
		break;
	default: /* a nest in a nest in … */
		value = (uint16_t)(NLA_F_NESTED | below(60));
		put_nests(value, below(40));
		break;
	}
	if (!once_in(20))
		tell_length(message.length);
}

static void make_message(void)
{
	if (n_corpus && once_in(2)) {
		message = *corpus[below((uint32_t)n_corpus)];
		memcpy(message.bytes + 8, &(uint32_t){ ++sequence }, sizeof(sequence));
	} else {
		valid();
	}
	for (uint32_t n = once_in(3) ? 0 : 1 + below(4); n; n--)
		mutate();
}

static void keep(void)
{
	size_t at = n_corpus < CORPUS ? n_corpus++ : below(CORPUS);

	if (!corpus[at])
		corpus[at] = malloc(sizeof(message));
	if (!corpus[at])
		die("out of memory");
	*corpus[at] = message;
}

static void send_message(int i)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	coverage_begin();
	if (sendto(sockets[i], message.bytes, message.length, MSG_DONTWAIT,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		errors[errno & 4095]++;
	if (coverage_new())
		keep();
}

/* --- the module --- */

/* On a socket of its own: the answer to a request, or 0 bytes. */
static size_t ask(void)
{
	const struct timeval patience = { .tv_sec = 20 };
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	ssize_t size = -1;

	tell_length(message.length);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd >= 0 && sendto(fd, message.bytes, message.length, 0,
			      (const struct sockaddr *)&kernel, sizeof(kernel)) >= 0)
		size = recv(fd, answer, sizeof(answer), 0);
	close(fd);
	return size < 0 ? 0 : (size_t)size;
}

/* The number in attribute @type of an answer, at any depth; 0: none. */
static uint32_t number_in(size_t size, size_t from, uint16_t type)
{
	for (size_t at = from; at + 8 <= size; ) {
		struct nlattr attr;
		uint32_t value = 0;

		memcpy(&attr, answer + at, sizeof(attr));
		if (attr.nla_len < sizeof(attr) || attr.nla_len > size - at)
			return 0;
		if ((attr.nla_type & NLA_TYPE_MASK) == type) {
			memcpy(&value, answer + at + 4, attr.nla_len == 6 ? 2 : 4);
			return value;
		}
		at += NLA_ALIGN(attr.nla_len);
	}
	return 0;
}

static void find_family(void)
{
	size_t size;

	head(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	put_attr(CTRL_ATTR_FAMILY_NAME, SCHEDSPLIT_GENL_NAME, sizeof(SCHEDSPLIT_GENL_NAME));
	size = ask();
	family = (uint16_t)number_in(size, sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr),
				     CTRL_ATTR_FAMILY_ID);
	if (!family)
		die("the module is not loaded");
}

static void expect_answer(void)
{
	size_t size;

	head(family, 0, SCHEDSPLIT_CMD_INFO_GET, SCHEDSPLIT_GENL_VERSION);
	size = ask();
	if (!number_in(size, sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr),
		       SCHEDSPLIT_A_CPUS))
		die("the module does not answer");
}

int main(int argc, char **argv)
{
	uint64_t messages, sent;

	if (argc != 3) {
		fprintf(stderr, "usage: fuzz MESSAGES SEED\n");
		return 2;
	}
	messages = strtoull(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10) * 2 + 1;
	find_family();
	coverage_open();
	for (int i = 0; i < SOCKETS; i++)
		open_socket(i);
	for (sent = 0; sent < messages; sent++) {
		int i = (int)below(SOCKETS);

		if (once_in(200))
			open_socket(i);
		make_message();
		send_message(i);
		drain(i, once_in(3));
		if (sent % 10000 == 0)
			expect_answer();
	}
	expect_answer();
	for (int i = 0; i < SOCKETS; i++)
		close(sockets[i]);
	printf("%llu messages, %zu kept, %zu places of code:", (unsigned long long)sent, n_corpus,
	       n_seen);
	for (int i = 0; i < 4096; i++)
		if (errors[i])
			printf(" %s %llu", i ? strerrorname_np(i) ?: "?" : "good",
			       (unsigned long long)errors[i]);
	putchar('\n');
	return 0;
}
