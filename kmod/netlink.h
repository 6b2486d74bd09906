/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family: requests, dumps, and the multicast group. */
#ifndef SCHEDSPLIT_NETLINK_H
#define SCHEDSPLIT_NETLINK_H

#include <linux/types.h>

struct record;

int netlink_init(unsigned int records_max);
void netlink_exit(void);

bool netlink_exit_is_awaited(void);
void netlink_notify_exit(struct record *r);

#endif
