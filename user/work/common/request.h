/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server's worker and the load say to each other, over one connection
 * a worker, in this order:
 *
 *	load	WARM_UP		REQUESTS_WARM_UP times, each answered at once: first
 *				uses of code and memory, before the measured part
 *	worker	HELLO		the measured part has begun
 *	load	WORK		any number, each answered after the service time; one
 *				at a time
 *	load	end of stream
 *
 * A request is answered by itself. The worker closes by a reset, which leaves
 * no connection in TIME_WAIT: thousands of trials would use up the ports.
 */
#ifndef SCHEDSPLIT_WORK_REQUEST_H
#define SCHEDSPLIT_WORK_REQUEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define REQUESTS_WARM_UP	8

enum request_kind { REQUEST_WARM_UP = 1, REQUEST_HELLO, REQUEST_WORK };

struct request {
	uint64_t	number;		/* counted by connection */
	uint32_t	kind;
	uint32_t	zero[13];	/* 64 bytes: a short query */
};

/* 1, or 0 at the end of the stream, or -1 with errno. */
static inline int request_receive(int fd, struct request *request)
{
	ssize_t n;

	do {
		n = recv(fd, request, sizeof(*request), MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && n < (ssize_t)sizeof(*request)) {
		errno = EPROTO;
		return -1;
	}
	return n > 0 ? 1 : (int)n;
}

/* One is far smaller than a socket's buffer: it is sent whole. */
static inline bool request_send(int fd, const struct request *request)
{
	return send(fd, request, sizeof(*request), MSG_NOSIGNAL) == sizeof(*request);
}

#endif
