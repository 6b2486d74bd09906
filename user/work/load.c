// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The load of the server whose workers net.c has: workers= connections, for
 * duration_ns.
 *
 * Without rate=, closed: each connection gets its next request when its last
 * was answered. With rate=, open: that many requests a second arrive at random,
 * as from many clients that know nothing of each other, wait for a connection
 * without a request, and are timed from when they arrived. What the server
 * fails to take up in time so counts as its latency, which timing from the
 * sending would leave out (coordinated omission).
 *
 * The arrivals are the same in each trial: arms differ in nothing but
 * themselves.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/protocol.h"
#include "common/request.h"

#define NS_PER_S	1000000000
#define EVENTS_MAX	64
#define ARRIVALS_MAX	10000000
#define P99_MIN		100	/* fewer have no 99th percentile */

struct connection {
	int		fd;
	uint64_t	number;		/* of its last request */
	int64_t		arrived_ns;	/* … which arrived then */
	int64_t		last_ns;	/* its last answer */
};

struct load {
	struct connection *connection;
	unsigned int	connections;
	/* Connections without a request, longest idle first. */
	unsigned int	*idle;
	unsigned int	idle_head, idles;
	int		epoll;
	int64_t		duration_ns, rate;
	int64_t		start_ns;
	int64_t		cpu_ns;
	/* Open: all that arrive, from the start; which is next to be sent. */
	int64_t		*arrival_ns;
	size_t		arrivals, next;
	int64_t		*latency_ns;
	size_t		answered;
};

static void *allocate(size_t n, size_t size)
{
	void *memory = calloc(n ? n : 1, size);

	if (!memory)
		die("no memory for the load");
	return memory;
}

/* ---- connections ---- */

static int listen_anywhere(unsigned int backlog)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, (int)backlog) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		die("cannot listen on the loopback device: %s", strerror(errno));
	report_argument("port", ntohs(address.sin_port));
	return fd;
}

static void send_next(struct connection *connection, enum request_kind kind)
{
	struct request request = { .number = ++connection->number, .kind = kind };

	if (!request_send(connection->fd, &request))
		die("cannot send to a worker: %s", strerror(errno));
}

static void receive(struct connection *connection, enum request_kind kind)
{
	struct request request;

	if (request_receive(connection->fd, &request) != 1)
		die("a worker closed its connection early");
	if (request.kind != kind || (kind != REQUEST_HELLO && request.number != connection->number))
		die("a worker answered another request");
}

static void accept_one(struct load *load, int listener, unsigned int i)
{
	struct connection *connection = &load->connection[i];
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
	int one = 1;

	do {
		connection->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	} while (connection->fd < 0 && errno == EINTR);
	if (connection->fd < 0 ||
	    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event))
		die("cannot accept a connection: %s", strerror(errno));
	for (int n = 0; n < REQUESTS_WARM_UP; n++) {
		send_next(connection, REQUEST_WARM_UP);
		receive(connection, REQUEST_WARM_UP);
	}
}

/* Until the last worker has passed the gate. */
static void gather(struct load *load, int listener)
{
	for (unsigned int i = 0; i < load->connections; i++)
		accept_one(load, listener, i);
	close(listener);
	for (unsigned int i = 0; i < load->connections; i++) {
		receive(&load->connection[i], REQUEST_HELLO);
		load->idle[load->idles++] = i;
	}
}

/* The workers see the end, and reset. */
static void scatter(const struct load *load)
{
	struct request request;

	for (unsigned int i = 0; i < load->connections; i++)
		shutdown(load->connection[i].fd, SHUT_WR);
	for (unsigned int i = 0; i < load->connections; i++)
		if (request_receive(load->connection[i].fd, &request) > 0)
			die("a worker answered more than it was asked");
}

/* ---- what arrives ---- */

static double random_unit(uint64_t *state)	/* (0, 1], xorshift64 */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (double)((*state >> 11) + 1) / 9007199254740992.0;
}

/* A Poisson process: exponential gaps. */
static void draw_arrivals(struct load *load)
{
	double mean = (double)NS_PER_S / (double)load->rate, at = 0;
	double expected = (double)load->duration_ns / mean;
	uint64_t state = 0x9e3779b97f4a7c15;
	size_t room;

	if (2 * expected > ARRIVALS_MAX)
		die("argument rate: more than %d requests arrive", ARRIVALS_MAX / 2);
	/* Ten standard deviations more than expected. */
	room = (size_t)(expected + 10 * sqrt(expected) + 10);
	load->arrival_ns = allocate(room, sizeof(*load->arrival_ns));
	load->latency_ns = allocate(room, sizeof(*load->latency_ns));
	while (load->arrivals < room) {
		at -= mean * log(random_unit(&state));
		if (at >= (double)load->duration_ns)
			return;
		load->arrival_ns[load->arrivals++] = (int64_t)at;
	}
}

/* When the next request arrived or will, if there is one; by the start. */
static bool next_arrival(const struct load *load, int64_t now, int64_t *arrival)
{
	if (!load->rate) {
		*arrival = now;
		return now < load->duration_ns;
	}
	if (load->next == load->arrivals)
		return false;
	*arrival = load->arrival_ns[load->next];
	return true;
}

/* To idle connections; returns how long until the next can be, -1: not by time. */
static int64_t send_what_arrived(struct load *load)
{
	while (load->idles) {
		struct connection *connection = &load->connection[load->idle[load->idle_head]];
		int64_t now = now_ns() - load->start_ns, arrival;

		if (!next_arrival(load, now, &arrival))
			return -1;
		if (arrival > now)
			return arrival - now;
		load->next++;
		load->idle_head = (load->idle_head + 1) % load->connections;
		load->idles--;
		connection->arrived_ns = arrival;
		send_next(connection, REQUEST_WORK);
	}
	return -1;
}

/* ---- the load ---- */

static void take_answer(struct load *load, unsigned int i)
{
	struct connection *connection = &load->connection[i];

	receive(connection, REQUEST_WORK);
	connection->last_ns = now_ns() - load->start_ns;
	if (load->rate)
		load->latency_ns[load->answered] = connection->last_ns - connection->arrived_ns;
	load->answered++;
	load->idle[(load->idle_head + load->idles++) % load->connections] = i;
}

static void run(struct load *load)
{
	struct epoll_event events[EVENTS_MAX];

	load->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	load->start_ns = now_ns();
	for (;;) {
		int64_t wait = send_what_arrived(load);
		struct timespec timeout = {
			.tv_sec = wait / NS_PER_S, .tv_nsec = wait % NS_PER_S,
		};
		int n;

		if (wait < 0 && load->idles == load->connections)
			break;
		n = epoll_pwait2(load->epoll, events, EVENTS_MAX, wait < 0 ? NULL : &timeout, NULL);
		if (n < 0 && errno != EINTR)
			die("cannot wait for answers: %s", strerror(errno));
		for (int i = 0; i < n; i++)
			take_answer(load, events[i].data.u32);
	}
	load->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - load->cpu_ns;
}

/* ---- figures ---- */

static int compare_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The smallest that @percent of them do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t n, unsigned int percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

static void report_latencies(const struct load *load)
{
	size_t n = load->answered;

	report_metric("rate", load->rate, 1);
	if (!n)
		return;
	qsort(load->latency_ns, n, sizeof(*load->latency_ns), compare_ns);
	report_metric("latency_p50", percentile(load->latency_ns, n, 50), 1);
	report_metric("latency_p99", percentile(load->latency_ns, n, 99), n >= P99_MIN);
}

static void report(const struct load *load)
{
	int64_t last = 0, sum = 0, ns;

	for (unsigned int i = 0; i < load->connections; i++) {
		const struct connection *connection = &load->connection[i];

		sum += connection->last_ns;
		if (connection->last_ns > last)
			last = connection->last_ns;
	}
	/*
	 * Closed, a connection is busy up to its last answer: the mean of that
	 * is the time, or the last one of all would be waited for with idle
	 * connections.
	 */
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there is one at least */
	ns = load->rate ? last : sum / load->connections;
	report_metric("throughput", (int64_t)load->answered * NS_PER_S, ns);
	/* Near 1, it is the load that limits. */
	report_metric("load_on_cpu", load->cpu_ns, last);
	if (load->rate)
		report_latencies(load);
	report_count("answered", (int64_t)load->answered);
}

int main(int argc, char **argv)
{
	static struct load load;
	int listener;

	protocol_start(argc, argv);
	raise_descriptor_limit();
	load.connections = (unsigned int)argument_number("workers", 1, CREW_WORKERS_MAX);
	load.duration_ns = argument_number("duration_ns", 1, INT64_MAX / 2);
	load.rate = argument_number_or("rate", 0, 0, NS_PER_S);
	load.connection = allocate(load.connections, sizeof(*load.connection));
	load.idle = allocate(load.connections, sizeof(*load.idle));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.rate)
		draw_arrivals(&load);
	/* Or what arrives is sent up to 50 us late. */
	prctl(PR_SET_TIMERSLACK, 1);
	listener = listen_anywhere(load.connections);
	report_ready();
	gather(&load, listener);
	run(&load);
	scatter(&load);
	report(&load);
	report_end();
	return 0;
}
