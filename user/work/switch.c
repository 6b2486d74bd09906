// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of workers that hand one turn round, by shared futexes, pipes or
 * eventfds, or by all calling sched_yield() on one CPU. Of two it is a to and
 * fro.
 *
 * The figure is the time a *measured* switch takes: worker 0's interval over
 * all switches of all workers within theirs, by the kernel's own nvcsw and
 * nivcsw. Neither one a turn nor one a yield may be assumed: a worker that
 * finds its turn already there does not sleep, and since 6.6 a yield need not
 * switch. The intervals' edges may differ by one switch a worker.
 *
 * Each worker may own a working set, memory that it reads and writes in strides
 * whenever it has the turn: then the figure holds that work, and what the other
 * workers pushed out of caches and TLBs. The work alone is timed too, in worker
 * 0 after the measured part, while the others rest. Nothing is subtracted.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

#define WARM_UP_ROUNDS_MAX	64

struct channel {
	uint32_t word;		/* futex: 1 when the turn is here */
	int	 in, out;	/* descriptors of pipe and eventfd */
} __attribute__((aligned(128)));

struct table {
	_Alignas(128) uint32_t here;	/* workers past the warm-up */
	uint32_t stop;
	uint32_t touched;	/* futex: 1 when worker 0 has timed its touching */
	const struct method *method;
	uint64_t warm_up;	/* rounds */
	size_t size, stride;	/* of a working set, in bytes */
	int64_t touch_ns;
	int64_t touches;	/* in that time */
	struct channel to[];	/* to[i]: towards worker i */
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

/* What a program of threads would use. Only one address space can. */
static void private_send(struct worker *worker, struct channel *channel)
{
	(void)worker;
	__atomic_store_n(&channel->word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &channel->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void private_receive(struct worker *worker, struct channel *channel)
{
	(void)worker;
	while (!__atomic_load_n(&channel->word, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &channel->word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
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

/* An int, as `perf bench sched pipe` has it: the same work to the byte. */
static void pipe_send(struct worker *worker, struct channel *channel)
{
	int turn = 0;

	if (write(channel->out, &turn, sizeof(turn)) != sizeof(turn))
		worker_fail(worker, "cannot write to the pipe");
}

static void pipe_receive(struct worker *worker, struct channel *channel)
{
	int turn;

	if (read(channel->in, &turn, sizeof(turn)) != sizeof(turn))
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
	{ "futex-private", futex_setup, private_send, private_receive },
	{ "pipe", pipe_setup, pipe_send, pipe_receive },
	{ "eventfd", eventfd_setup, eventfd_send, eventfd_receive },
	{ "sched_yield", NULL, NULL, NULL },
};

static const struct method *method_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(name, methods[i].name))
			return &methods[i];
	die("argument method: '%s' is none of futex, futex-private, pipe, eventfd, sched_yield",
	    name);
}

static void setup(struct crew *crew)
{
	struct table *table = crew_shared_memory(sizeof(*table) +
						 crew->workers * sizeof(table->to[0]));

	if (crew->workers < 2)
		die("a turn is handed between 2 workers or more, not %u", crew->workers);
	table->method = method_from_name(argument_text("method"));
	if (table->method->send == private_send && crew->arm == ARM_PROCESS)
		die("argument method: processes have no futex-private in common");
	table->size = (size_t)argument_number("working_set_kib", 0, 1 << 30) << 10;
	table->stride = (size_t)argument_number("stride", 1, 1 << 30);
	/* As good as the measured part, but a small share of a large working set's time. */
	table->warm_up = crew->iterations / 4 + 1;
	if (table->warm_up > WARM_UP_ROUNDS_MAX)
		table->warm_up = WARM_UP_ROUNDS_MAX;
	for (unsigned int i = 0; i < crew->workers && table->method->setup; i++)
		table->method->setup(&table->to[i]);
	crew->shared = table;
}

/* Every worker's own, present before the gate. No malloc(): see ARM_OTHER_FLAGS. */
static void prepare(struct worker *worker)
{
	const struct table *table = worker->crew->shared;

	if (!table->size)
		return;
	worker->state = mmap(NULL, table->size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (worker->state == MAP_FAILED)
		worker_fail(worker, "cannot map a working set of %zu KiB: %s", table->size >> 10,
			    strerror(errno));
}

/* Volatile: every access is made, in this order. */
static void touch(const struct worker *worker, const struct table *table)
{
	volatile unsigned char *memory = worker->state;
	size_t size = table->size, stride = table->stride;

	for (size_t at = 0; at < size; at += stride)
		memory[at]++;
}

static void rounds(struct worker *worker, struct table *table, uint64_t n)
{
	const struct method *method = table->method;
	struct channel *mine = &table->to[worker->index];
	struct channel *next = &table->to[(worker->index + 1) % worker->crew->workers];

	while (n--) {
		if (worker->index == 0)
			method->send(worker, next);
		method->receive(worker, mine);
		touch(worker, table);
		if (worker->index != 0)
			method->send(worker, next);
	}
}

static void hand_round(struct worker *worker, struct table *table)
{
	rounds(worker, table, table->warm_up);
	crew_begin(worker);
	rounds(worker, table, worker->crew->iterations);
	crew_end(worker);
}

static void yield(const struct worker *worker, const struct table *table)
{
	touch(worker, table);
	sched_yield();
}

/*
 * Worker 0 counts its yields; the others yield for as long as it does. They
 * meet first: an interval in which another had not begun would miss its
 * switches.
 */
static void yield_in_turn(struct worker *worker, struct table *table)
{
	for (uint64_t n = table->warm_up; n; n--)
		yield(worker, table);
	__atomic_add_fetch(&table->here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&table->here, __ATOMIC_RELAXED) < worker->crew->workers)
		sched_yield();
	crew_begin(worker);
	if (worker->index == 0) {
		for (uint64_t n = worker->crew->iterations; n; n--)
			yield(worker, table);
		__atomic_store_n(&table->stop, 1, __ATOMIC_SEQ_CST);
	} else {
		while (!__atomic_load_n(&table->stop, __ATOMIC_RELAXED))
			yield(worker, table);
	}
	crew_end(worker);
}

static void work(struct worker *worker)
{
	struct table *table = worker->crew->shared;

	if (table->method->send)
		hand_round(worker, table);
	else
		yield_in_turn(worker, table);
}

/*
 * After the measured part, and once untimed: what the others left in the caches
 * is not this figure's. They sleep meanwhile, for their end is work too.
 */
static void touch_alone(struct worker *worker)
{
	struct table *table = worker->crew->shared;
	int64_t begin_ns;

	if (!table->size)
		return;
	if (worker->index != 0) {
		while (!__atomic_load_n(&table->touched, __ATOMIC_SEQ_CST))
			futex_wait(&table->touched, 0);
		return;
	}
	touch(worker, table);
	table->touches = (int64_t)(worker->crew->iterations / 4 + 1);
	begin_ns = now_ns();
	for (int64_t n = table->touches; n; n--)
		touch(worker, table);
	table->touch_ns = now_ns() - begin_ns;
	__atomic_store_n(&table->touched, 1, __ATOMIC_SEQ_CST);
	futex_wake(&table->touched, INT_MAX);
}

static void report(const struct crew *crew)
{
	const struct table *table = crew->shared;
	int64_t switches = 0;

	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *w = &crew->worker[i];

		switches += w->end.switches_voluntary - w->begin.switches_voluntary +
			    w->end.switches_involuntary - w->begin.switches_involuntary;
	}
	report_count("switches", switches);
	/* None at all if every turn was there before its worker went to sleep. */
	report_metric("switch", crew->worker[0].end_ns - crew->worker[0].begin_ns, switches);
	if (table->size)
		report_metric("touch", table->touch_ns, table->touches);
}

int main(int argc, char **argv)
{
	static const struct workload handing = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.check = touch_alone,
		.report = report,
		.marks_its_own_interval = true,
		.workers = "ring",
	};

	return crew_main(argc, argv, &handing);
}
