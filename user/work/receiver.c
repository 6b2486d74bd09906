// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What work/stream.c streams to: listens, says at which port, takes as many
 * connections as there are workers, and counts the packets that came in order.
 * Tells each sender how many once that has sent all. Ends with the last.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/crew.h"
#include "common/protocol.h"

#define PACKET_SIZE	188
#define SYNC_BYTE	0x47

struct sender {
	size_t		length;		/* of @packet, so far */
	uint8_t		packet[PACKET_SIZE];
	uint64_t	in_order;
};

static int listen_somewhere(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, CREW_WORKERS_MAX) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		die("cannot listen on the loopback device: %s", strerror(errno));
	report_argument("port", ntohs(address.sin_port));
	return fd;
}

static void take_packet(struct sender *sender)
{
	if (sender->packet[0] == SYNC_BYTE &&
	    (sender->packet[3] & 0xf) == (sender->in_order & 0xf))
		sender->in_order++;
	sender->length = 0;
}

/* False once the sender has sent all. */
static bool receive(int fd, struct sender *sender)
{
	static uint8_t bytes[64 * 1024];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n < 0)
		die("cannot receive: %s", strerror(errno));
	for (ssize_t i = 0; i < n; i++) {
		sender->packet[sender->length++] = bytes[i];
		if (sender->length == PACKET_SIZE)
			take_packet(sender);
	}
	return n > 0;
}

static void answer(int fd, const struct sender *sender)
{
	if (send(fd, &sender->in_order, sizeof(sender->in_order), MSG_NOSIGNAL) < 0)
		die("cannot answer: %s", strerror(errno));
	close(fd);
}

static void serve(struct pollfd *polled, struct sender *senders, unsigned int n)
{
	unsigned int open = 0;

	for (unsigned int i = 1; i <= n; i++) {
		polled[i].fd = accept4(polled[0].fd, NULL, NULL, SOCK_CLOEXEC);
		if (polled[i].fd < 0)
			die("cannot take a connection: %s", strerror(errno));
		polled[i].events = POLLIN;
		open++;
	}
	while (open) {
		if (poll(polled + 1, n, -1) < 0)
			die("cannot wait for senders: %s", strerror(errno));
		for (unsigned int i = 1; i <= n; i++) {
			if (!polled[i].revents || receive(polled[i].fd, &senders[i - 1]))
				continue;
			answer(polled[i].fd, &senders[i - 1]);
			polled[i].fd = -1;	/* poll() passes it over */
			open--;
		}
	}
}

int main(int argc, char **argv)
{
	struct pollfd *polled;
	struct sender *senders;
	unsigned int workers;

	protocol_start(argc, argv);
	workers = (unsigned int)argument_number("workers", 1, CREW_WORKERS_MAX);
	polled = calloc(workers + 1, sizeof(*polled));
	senders = calloc(workers, sizeof(*senders));
	if (!polled || !senders)
		die("no memory for %u senders", workers);
	polled[0].fd = listen_somewhere();
	report_ready();
	serve(polled, senders, workers);
	report_end();
	free(polled);
	free(senders);
	return 0;
}
