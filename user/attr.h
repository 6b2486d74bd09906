/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading netlink attributes without trusting them: each of these checks the
 * size before it reads.
 */
#ifndef SCHEDSPLIT_ATTR_H
#define SCHEDSPLIT_ATTR_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False, and nothing read, if the size is not that of the type. */
bool attr_u32(const struct nlattr *attr, uint32_t *value);
bool attr_u64(const struct nlattr *attr, uint64_t *value);

/*
 * False if it is not terminated or does not fit. Task names can be any bytes:
 * what does not print, or is no UTF-8, becomes '?', so that it can neither
 * command a terminal nor break a JSON file.
 */
bool attr_string(const struct nlattr *attr, char *text, size_t size);

/* What attr_string() does to its text. */
void text_clean(char *text);

/*
 * False if what a nest holds is not a sequence of whole attributes. libmnl's
 * loops just end at the first that is broken.
 */
bool attr_is_nest(const struct nlattr *attr);

/* The same for the attributes of a message of this family. */
bool attr_message_is_whole(const struct nlmsghdr *nlh);

#endif
