/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session with the module: one generic netlink socket. A watch belongs to
 * the session that made it, and ends with it.
 */
#ifndef SCHEDSPLIT_NETLINK_H
#define SCHEDSPLIT_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stddef.h>
#include <stdint.h>

struct session;

/**
 * session_open() - find the family and open a socket that exec closes
 *
 * Needs no privilege; every request of the session does. A child made by fork()
 * alone keeps the socket open: it calls session_forget() first thing, or its
 * parent's watches live as long as it does.
 *
 * Return: 0; -ENOENT if the module is not loaded, -EPROTO if it speaks another
 * version of the protocol, or another -errno; with a sentence in @err.
 */
int session_open(struct session **session, char *err, size_t size);

/* Ends its watches. NULL is allowed. */
void session_close(struct session *session);

/* In a child of fork(): close the descriptor and nothing else. */
void session_forget(const struct session *session);

/**
 * session_message() - begin a request of @command
 *
 * The message is the session's own and good until the next call of it. It has
 * room for SCHEDSPLIT_PIDS_MAX pids or the longest cgroup path.
 */
struct nlmsghdr *session_message(struct session *session, uint8_t command);

/*
 * Called for every message that answers a request. Messages are complete and
 * of the right family and command; nothing is known of their attributes.
 * Return: 0 to go on, -errno with a sentence in @err to fail.
 */
typedef int (*session_answer_fn)(const struct nlmsghdr *nlh, void *data, char *err, size_t size);

/**
 * session_ask() - send a request that has one answer, or (@answer NULL) none
 * @what: what is being tried, for the sentence: "cannot @what: …"
 *
 * Return: 0, or -errno with a sentence in @err: the kernel's own words where it
 * has sent some, and what to do next.
 */
int session_ask(struct session *session, struct nlmsghdr *nlh, session_answer_fn answer,
		void *data, const char *what, char *err, size_t size);

/**
 * session_dump() - send a request that has any number of answers
 * @restart: called before each try: forget what earlier answers have said
 *
 * A dump that was interrupted by a change is tried again, up to
 * SESSION_DUMP_TRIES times; then -EAGAIN.
 */
int session_dump(struct session *session, struct nlmsghdr *nlh, void (*restart)(void *data),
		 session_answer_fn answer, void *data, const char *what, char *err, size_t size);

#define SESSION_DUMP_TRIES	20

/**
 * session_dump_growing() - a dump of a list that changes only by growing
 *
 * Each answer is right by itself, and what is added meanwhile comes last or not
 * at all. So the first try is good, amid whatever is born and dies.
 */
int session_dump_growing(struct session *session, struct nlmsghdr *nlh, session_answer_fn answer,
			 void *data, const char *what, char *err, size_t size);

#endif
