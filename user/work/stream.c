// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Streaming of a video that was compressed before: a unit of work is one frame,
 * 50 a second. It is cut into packets of an MPEG transport stream and sent to
 * work/receiver.c over TCP; then the worker sleeps until the next one is due.
 * 20 KB a frame are 8 Mbit/s, as high definition has. Frames are made up.
 *
 * Paced by the clock, as everything that is watched while it comes must be:
 * sent as fast as can be, it would be a file transfer. A worker that is late
 * does not sleep, and catches up.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

#define FRAME_NS	20000000
#define FRAME_SIZE	20000

/* ISO/IEC 13818-1: a header of 4 bytes, then what is carried. */
#define PACKET_SIZE	188
#define HEADER_SIZE	4
#define PAYLOAD_SIZE	(PACKET_SIZE - HEADER_SIZE)
#define SYNC_BYTE	0x47
#define STREAM_ID	0x100
#define PACKETS		((FRAME_SIZE + PAYLOAD_SIZE - 1) / PAYLOAD_SIZE)

struct stream {
	int		socket;
	unsigned int	continuity;
	uint64_t	sent;
	uint8_t		frame[PACKETS * PAYLOAD_SIZE];
	uint8_t		packets[PACKETS * PACKET_SIZE];
};

static void prepare(struct worker *worker)
{
	struct sockaddr_in receiver = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)argument_number("port", 1, 65535)),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	struct stream *stream = calloc(1, sizeof(*stream));
	int one = 1;

	if (!stream)
		worker_fail(worker, "no memory for a frame");
	for (size_t i = 0; i < sizeof(stream->frame); i++)
		stream->frame[i] = (uint8_t)(i * 31);
	stream->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (stream->socket < 0 ||
	    connect(stream->socket, (struct sockaddr *)&receiver, sizeof(receiver)) ||
	    setsockopt(stream->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		worker_fail(worker, "cannot connect to the receiver: %s", strerror(errno));
	worker->state = stream;
}

static void make_packets(struct stream *stream)
{
	for (unsigned int i = 0; i < PACKETS; i++) {
		uint8_t *packet = stream->packets + (size_t)i * PACKET_SIZE;
		unsigned int starts = i == 0;

		packet[0] = SYNC_BYTE;
		packet[1] = (uint8_t)(starts << 6 | STREAM_ID >> 8);
		packet[2] = STREAM_ID & 0xff;
		packet[3] = (uint8_t)(0x10 | (stream->continuity++ & 0xf));
		memcpy(packet + HEADER_SIZE, stream->frame + (size_t)i * PAYLOAD_SIZE,
		       PAYLOAD_SIZE);
	}
}

static void send_packets(struct worker *worker, struct stream *stream)
{
	size_t at = 0;

	while (at < sizeof(stream->packets)) {
		ssize_t n = send(stream->socket, stream->packets + at,
				 sizeof(stream->packets) - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			worker_fail(worker, "cannot send: %s", strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	stream->sent += at;
}

static void sleep_until(int64_t ns)
{
	struct timespec due = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

static void work(struct worker *worker)
{
	struct stream *stream = worker->state;
	int64_t due = now_ns();

	for (uint64_t n = 0; n < worker->crew->iterations; n++) {
		make_packets(stream);
		send_packets(worker, stream);
		due += FRAME_NS;
		sleep_until(due);
	}
}

/* The receiver says how many packets it got in their order. */
static void check(struct worker *worker)
{
	struct stream *stream = worker->state;
	uint64_t received;

	if (shutdown(stream->socket, SHUT_WR) ||
	    recv(stream->socket, &received, sizeof(received), MSG_WAITALL) != sizeof(received))
		worker_fail(worker, "the receiver does not say what it got");
	if (received * PACKET_SIZE != stream->sent)
		worker_fail(worker, "sent %llu bytes, the receiver got %llu packets in order",
			    (unsigned long long)stream->sent, (unsigned long long)received);
	worker->result = received;
	close(stream->socket);
	free(stream);
}

int main(int argc, char **argv)
{
	static const struct workload streaming = {
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &streaming);
}
