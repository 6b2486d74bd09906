/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages made by hand, good ones and bad ones. */
#ifndef TEST_MESSAGE_H
#define TEST_MESSAGE_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdint.h>
#include <string.h>

#include "../../kmod/uapi/schedsplit.h"

#define MESSAGE_SIZE	16384

struct message {
	_Alignas(struct nlmsghdr) char buffer[MESSAGE_SIZE];
	struct nlmsghdr *nlh;
};

static inline void message_begin(struct message *message, uint8_t command)
{
	struct genlmsghdr *genl;

	memset(message->buffer, 0, sizeof(message->buffer));
	message->nlh = mnl_nlmsg_put_header(message->buffer);
	message->nlh->nlmsg_type = 0x20;
	genl = mnl_nlmsg_put_extra_header(message->nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = SCHEDSPLIT_GENL_VERSION;
}

/* All counters, beginning with @first and each one larger than the one before. */
static inline void message_counters(struct message *message, uint16_t type, uint64_t first,
				    uint16_t last)
{
	struct nlattr *nest = mnl_attr_nest_start(message->nlh, type);

	for (uint16_t i = SCHEDSPLIT_COUNTERS_VOLUNTARY; i <= last; i++)
		mnl_attr_put_u64(message->nlh, i, first++);
	mnl_attr_nest_end(message->nlh, nest);
}

#endif
