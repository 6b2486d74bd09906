// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading netlink attributes without trusting them. */
#include <linux/genetlink.h>
#include <string.h>

#include "attr.h"

bool attr_u32(const struct nlattr *attr, uint32_t *value)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(*value))
		return false;
	memcpy(value, mnl_attr_get_payload(attr), sizeof(*value));
	return true;
}

bool attr_u64(const struct nlattr *attr, uint64_t *value)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(*value))
		return false;
	memcpy(value, mnl_attr_get_payload(attr), sizeof(*value));
	return true;
}

/* Length of the UTF-8 sequence at @c, 0 if it is none. */
static size_t utf8_length(const unsigned char *c)
{
	size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 :
			c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* overlong; surrogates; beyond U+10FFFF */
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] >= 0xa0) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] >= 0x90))
		return 0;
	return length;
}

/* Does the sequence at @c command a terminal, or turn the text round? */
static bool is_control(const unsigned char *c)
{
	/* C0 and DEL; C1, which some terminals obey too */
	if (c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
		return true;
	/* U+2028 to U+202E: separators, overrides; U+2066 to U+2069: isolates */
	return c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
				(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

void text_clean(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c) {
		size_t length = utf8_length(c);

		if (length && !is_control(c)) {
			c += length;
			continue;
		}
		for (size_t i = 0; i < (length ? length : 1); i++)
			*c++ = '?';
	}
}

bool attr_string(const struct nlattr *attr, char *text, size_t size)
{
	size_t length = mnl_attr_get_payload_len(attr);
	const char *payload = mnl_attr_get_payload(attr);

	if (!length || payload[length - 1] || strlen(payload) >= size)
		return false;
	strcpy(text, payload);
	text_clean(text);
	return true;
}

static bool is_whole(const char *at, size_t left)
{
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *attr = (const struct nlattr *)at;
		size_t length = attr->nla_len;

		if (length < sizeof(*attr) || length > left)
			return false;
		length = MNL_ALIGN(length);
		/* the last one may lack its padding */
		if (length >= left)
			return true;
		at += length;
		left -= length;
	}
	return left == 0;
}

bool attr_is_nest(const struct nlattr *attr)
{
	return is_whole(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

bool attr_message_is_whole(const struct nlmsghdr *nlh)
{
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr))
		return false;
	return is_whole(mnl_nlmsg_get_payload_offset(nlh, sizeof(struct genlmsghdr)),
			mnl_nlmsg_get_payload_len(nlh) - MNL_ALIGN(sizeof(struct genlmsghdr)));
}
