// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two workers that hand a turn to and fro, by a shared futex, a pair of pipes,
 * a pair of eventfds, or by both calling sched_yield() on one CPU.
 *
 * The figure is the time a *measured* switch takes: worker 0's interval over
 * all switches of both workers within theirs, by the kernel's own nvcsw and
 * nivcsw. Neither two a round trip nor one a yield may be assumed: a worker
 * that finds its turn already there does not sleep, and since 6.6 a yield need
 * not switch. The intervals' edges may differ by one switch a worker.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

#define WARM_UP_ROUNDS	64

struct channel {
	uint32_t word;		/* futex: 1 when the turn is here */
	int	 in, out;	/* descriptors of pipe and eventfd */
} __attribute__((aligned(128)));

struct table {
	_Alignas(128) uint32_t here;	/* workers past the warm-up */
	uint32_t stop;
	const struct method *method;
	struct channel to[2];	/* to[i]: towards worker i */
};

struct method {
	const char *name;
	void (*setup)(struct channel *channel);
	void (*send)(struct worker *worker, struct channel *channel);
	void (*receive)(struct worker *worker, struct channel *channel);
};

static void futex_setup(struct channel *channel)
{
	channel->word = 0;
}

static void futex_send(struct worker *worker, struct channel *channel)
{
	(void)worker;
	__atomic_store_n(&channel->word, 1, __ATOMIC_SEQ_CST);
	futex_wake(&channel->word, 1);
}

static void futex_receive(struct worker *worker, struct channel *channel)
{
	(void)worker;
	while (!__atomic_load_n(&channel->word, __ATOMIC_SEQ_CST))
		futex_wait(&channel->word, 0);
	__atomic_store_n(&channel->word, 0, __ATOMIC_SEQ_CST);
}

static void pipe_setup(struct channel *channel)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	channel->in = fds[0];
	channel->out = fds[1];
}

static void pipe_send(struct worker *worker, struct channel *channel)
{
	if (write(channel->out, "", 1) != 1)
		worker_fail(worker, "cannot write to the pipe");
}

static void pipe_receive(struct worker *worker, struct channel *channel)
{
	char byte;

	if (read(channel->in, &byte, 1) != 1)
		worker_fail(worker, "cannot read from the pipe");
}

static void eventfd_setup(struct channel *channel)
{
	channel->in = eventfd(0, EFD_CLOEXEC);
	if (channel->in < 0)
		die("cannot make an eventfd: %s", strerror(errno));
	channel->out = channel->in;
}

static void eventfd_send(struct worker *worker, struct channel *channel)
{
	uint64_t one = 1;

	if (write(channel->out, &one, sizeof(one)) != sizeof(one))
		worker_fail(worker, "cannot write to the eventfd");
}

static void eventfd_receive(struct worker *worker, struct channel *channel)
{
	uint64_t value;

	if (read(channel->in, &value, sizeof(value)) != sizeof(value))
		worker_fail(worker, "cannot read from the eventfd");
}

static const struct method methods[] = {
	{ "futex", futex_setup, futex_send, futex_receive },
	{ "pipe", pipe_setup, pipe_send, pipe_receive },
	{ "eventfd", eventfd_setup, eventfd_send, eventfd_receive },
	{ "sched_yield", NULL, NULL, NULL },
};

static void setup(struct crew *crew)
{
	struct table *table = crew_shared_memory(sizeof(*table));
	const char *name = argument_text("method");

	if (crew->workers != 2)
		die("a turn is handed between 2 workers, not %u", crew->workers);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(name, methods[i].name))
			table->method = &methods[i];
	if (!table->method)
		die("argument method: '%s' is none of futex, pipe, eventfd, sched_yield", name);
	if (table->method->setup) {
		table->method->setup(&table->to[0]);
		table->method->setup(&table->to[1]);
	}
	crew->shared = table;
}

static void rounds(struct worker *worker, struct table *table, uint64_t n)
{
	const struct method *method = table->method;
	struct channel *mine = &table->to[worker->index];
	struct channel *theirs = &table->to[!worker->index];

	while (n--) {
		if (worker->index == 0)
			method->send(worker, theirs);
		method->receive(worker, mine);
		if (worker->index == 1)
			method->send(worker, theirs);
	}
}

static void hand_to_and_fro(struct worker *worker, struct table *table)
{
	rounds(worker, table, WARM_UP_ROUNDS);
	crew_begin(worker);
	rounds(worker, table, worker->crew->iterations);
	crew_end(worker);
}

/*
 * Worker 0 counts its yields; worker 1 yields for as long as 0 does. They meet
 * first: an interval in which the other had not begun would miss its switches.
 */
static void yield_in_turn(struct worker *worker, struct table *table)
{
	for (int i = 0; i < WARM_UP_ROUNDS; i++)
		sched_yield();
	__atomic_add_fetch(&table->here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&table->here, __ATOMIC_RELAXED) < 2)
		sched_yield();
	crew_begin(worker);
	if (worker->index == 0) {
		for (uint64_t n = worker->crew->iterations; n; n--)
			sched_yield();
		__atomic_store_n(&table->stop, 1, __ATOMIC_SEQ_CST);
	} else {
		while (!__atomic_load_n(&table->stop, __ATOMIC_RELAXED))
			sched_yield();
	}
	crew_end(worker);
}

static void work(struct worker *worker)
{
	struct table *table = worker->crew->shared;

	if (table->method->send)
		hand_to_and_fro(worker, table);
	else
		yield_in_turn(worker, table);
}

static void report(const struct crew *crew)
{
	int64_t switches = 0;

	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *w = &crew->worker[i];

		switches += w->end.switches_voluntary - w->begin.switches_voluntary +
			    w->end.switches_involuntary - w->begin.switches_involuntary;
	}
	/* None at all if every turn was there before its worker went to sleep. */
	report_metric("switch", crew->worker[0].end_ns - crew->worker[0].begin_ns, switches);
}

int main(int argc, char **argv)
{
	static const struct workload handing = {
		.setup = setup,
		.work = work,
		.report = report,
		.marks_its_own_interval = true,
	};

	return crew_main(argc, argv, &handing);
}
