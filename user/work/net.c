// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The workers of a server: each serves one connection of its own, over TCP on
 * the loopback device, to the load (load.c). A request takes service_us of
 * being blocked, which stands for what a back end takes, and is answered.
 *
 * With method=epoll one worker serves all connections and never sleeps but for
 * something to do: a reference, to which processes and threads can be held.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/protocol.h"
#include "common/request.h"

#define EVENTS_MAX	64

struct connection {
	int		fd;
	uint64_t	served;
	/* epoll: the request in service, and when that is over. */
	struct request	request;
	int64_t		due_ns;
} __attribute__((aligned(128)));

struct server {
	int64_t		service_ns;
	uint16_t	port;
	unsigned int	connections;
	/* epoll: in service, first come first; all take equally long. */
	unsigned int	*queue;
	unsigned int	head, queued;
	struct connection connection[];
};

static void setup(struct crew *crew)
{
	size_t n = crew->workers;
	struct server *server = crew_shared_memory(sizeof(*server) +
						   n * sizeof(server->connection[0]));
	const char *method = argument_text_or("method", "");

	raise_descriptor_limit();
	server->service_ns = argument_number_or("service_us", 1000, 0, 60000000) * 1000;
	server->port = (uint16_t)argument_number("port", 1, UINT16_MAX);
	server->connections = crew->workers;
	crew->shared = server;
	if (!strcmp(method, "epoll")) {
		server->queue = crew_shared_memory(n * sizeof(*server->queue));
		crew->workers = 1;
	} else if (*method) {
		die("argument method: '%s' is not epoll", method);
	}
}

static void receive_failed(struct worker *worker)
{
	worker_fail(worker, "the load's connection: %s", strerror(errno));
}

static void reply(struct worker *worker, int fd, const struct request *request)
{
	if (!request_send(fd, request))
		worker_fail(worker, "cannot answer the load: %s", strerror(errno));
}

static void open_connection(struct worker *worker, struct connection *connection)
{
	const struct server *server = worker->crew->shared;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(server->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct request request;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)))
		worker_fail(worker, "cannot connect to the load: %s", strerror(errno));
	connection->fd = fd;
	for (int i = 0; i < REQUESTS_WARM_UP; i++) {
		if (request_receive(fd, &request) != 1)
			receive_failed(worker);
		reply(worker, fd, &request);
	}
}

static void say_hello(struct worker *worker, const struct connection *connection)
{
	struct request hello = { .kind = REQUEST_HELLO };

	reply(worker, connection->fd, &hello);
}

/* ---- a worker for each connection ---- */

static void serve(struct worker *worker, struct connection *connection)
{
	const struct server *server = worker->crew->shared;
	struct request request;
	int ret;

	while ((ret = request_receive(connection->fd, &request)) == 1) {
		struct timespec service = {
			.tv_sec = server->service_ns / 1000000000,
			.tv_nsec = server->service_ns % 1000000000,
		};

		if (server->service_ns)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &service, NULL);
		reply(worker, connection->fd, &request);
		connection->served++;
	}
	if (ret)
		receive_failed(worker);
}

/* ---- one for all; plain system calls, for arm `other` ---- */

static void answer_due(struct worker *worker, struct server *server)
{
	while (server->queued) {
		struct connection *first = &server->connection[server->queue[server->head]];

		if (server->service_ns && first->due_ns > now_ns())
			return;
		reply(worker, first->fd, &first->request);
		first->served++;
		server->head = (server->head + 1) % server->connections;
		server->queued--;
	}
}

/* False at its end. */
static bool take_request(struct worker *worker, struct server *server, unsigned int i)
{
	struct connection *connection = &server->connection[i];
	int ret = request_receive(connection->fd, &connection->request);

	if (ret < 0)
		receive_failed(worker);
	if (!ret)
		return false;
	if (server->service_ns)
		connection->due_ns = now_ns() + server->service_ns;
	server->queue[(server->head + server->queued++) % server->connections] = i;
	return true;
}

static int wait_for_events(const struct server *server, int epoll, struct epoll_event *events)
{
	struct timespec timeout;
	int64_t left;

	if (!server->queued)
		return epoll_wait(epoll, events, EVENTS_MAX, -1);
	left = server->connection[server->queue[server->head]].due_ns - now_ns();
	if (left < 0)
		left = 0;
	timeout.tv_sec = left / 1000000000;
	timeout.tv_nsec = left % 1000000000;
	return epoll_pwait2(epoll, events, EVENTS_MAX, &timeout, NULL);
}

static void serve_all(struct worker *worker, struct server *server)
{
	struct epoll_event events[EVENTS_MAX];
	unsigned int open = server->connections;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (unsigned int i = 0; i < server->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, server->connection[i].fd, &event))
			worker_fail(worker, "cannot wait for connections: %s", strerror(errno));
	}
	while (open) {
		int n = wait_for_events(server, epoll, events);

		if (n < 0 && errno != EINTR)
			worker_fail(worker, "cannot wait for requests: %s", strerror(errno));
		for (int i = 0; i < n; i++) {
			unsigned int which = events[i].data.u32;

			if (take_request(worker, server, which))
				continue;
			epoll_ctl(epoll, EPOLL_CTL_DEL, server->connection[which].fd, NULL);
			open--;
		}
		answer_due(worker, server);
	}
	close(epoll);
}

/* ---- the worker's life ---- */

/* The connections that are the worker's: [*first, return value) */
static unsigned int connections_of(const struct worker *worker, unsigned int *first)
{
	const struct server *server = worker->crew->shared;

	*first = server->queue ? 0 : worker->index;
	return server->queue ? server->connections : worker->index + 1;
}

static void prepare(struct worker *worker)
{
	struct server *server = worker->crew->shared;
	unsigned int i, end = connections_of(worker, &i);

	for (; i < end; i++)
		open_connection(worker, &server->connection[i]);
}

static void work(struct worker *worker)
{
	struct server *server = worker->crew->shared;
	unsigned int i, end = connections_of(worker, &i);

	for (; i < end; i++)
		say_hello(worker, &server->connection[i]);
	if (server->queue)
		serve_all(worker, server);
	else
		serve(worker, &server->connection[worker->index]);
}

static void check(struct worker *worker)
{
	struct server *server = worker->crew->shared;
	unsigned int i, end = connections_of(worker, &i);

	for (; i < end; i++)
		close(server->connection[i].fd);
}

static void report(const struct crew *crew)
{
	const struct server *server = crew->shared;
	uint64_t served = 0;

	for (unsigned int i = 0; i < server->connections; i++)
		served += server->connection[i].served;
	report_count("served", (int64_t)served);
	crew_report_shares(crew);
}

int main(int argc, char **argv)
{
	static const struct workload net = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = report,
	};

	return crew_main(argc, argv, &net);
}
