// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether tasks run at once, as seen from within: workload=handoff, two workers
 * that wait for each other in busy loops; workload=arithmetic, any number that
 * compute.
 *
 * handoff: a word in shared memory says whose turn it is. A worker whose turn
 * it is passes it on at once, and otherwise reads the word again and again. Two
 * workers that run at once do so as fast as a cache line travels. On one CPU
 * the other sees its turn only once the scheduler has switched to it, so there
 * cannot be more hand-offs than switches. No system call is made, and no count
 * of the kernel's is used.
 *
 * arithmetic: steps of a linear congruential generator. Each needs the result
 * of the one before, so that two threads of one core, which take turns at its
 * multiplier's idle cycles, hold each other up little; and nothing is read from
 * memory. The last state is checked against what so many steps must give.
 */
#include <string.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/protocol.h"

/* Looks at the word, or steps of arithmetic, for each reading of the clock. */
#define LOOKS		256
#define CHUNK		1000

/* Knuth's MMIX. */
#define MULTIPLIER	6364136223846793005u
#define INCREMENT	1442695040888963407u

struct table {
	_Alignas(128) uint32_t turn;	/* index of the worker whose turn it is */
	_Alignas(128) int64_t duration_ns;
	bool handoff;
};

/*
 * In a busy loop: lets the core's other thread move on, and an emulator that
 * runs its CPUs by turns go to the next. Once in LOOKS looks, for one that runs
 * them at once leaves its loop for it, through a lock that all CPUs share: were
 * each look followed by a pause, they would wait for that lock and not for each
 * other.
 */
static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	asm volatile("yield" : : : "memory");
#else
	asm volatile("" : : : "memory");
#endif
}

static void setup(struct crew *crew)
{
	struct table *table = crew_shared_memory(sizeof(*table));
	const char *name = argument_text("workload");

	table->handoff = !strcmp(name, "handoff");
	if (!table->handoff && strcmp(name, "arithmetic"))
		die("argument workload: '%s' is none of handoff, arithmetic", name);
	if (table->handoff && crew->workers != 2)
		die("a turn is handed between 2 workers, not %u", crew->workers);
	table->duration_ns = argument_number("duration_ns", 1, INT64_MAX / 2);
	crew->shared = table;
}

static bool time_is_up(const struct crew *crew)
{
	const struct table *table = crew->shared;

	return now_ns() >= crew->begin_ns + table->duration_ns;
}

static uint64_t hand_over(const struct worker *worker)
{
	struct table *table = worker->crew->shared;
	uint32_t me = worker->index;
	uint64_t handoffs = 0;

	do {
		for (int look = 0; look < LOOKS; look++) {
			if (__atomic_load_n(&table->turn, __ATOMIC_ACQUIRE) != me)
				continue;
			__atomic_store_n(&table->turn, !me, __ATOMIC_RELEASE);
			handoffs++;
		}
		relax();
	} while (!time_is_up(worker->crew));
	return handoffs;
}

/* The state after @steps from 0, by repeated squaring of x -> a x + c. */
static uint64_t state_after(uint64_t steps)
{
	uint64_t a = MULTIPLIER, c = INCREMENT, state = 0;

	for (; steps; steps /= 2) {
		if (steps % 2)
			state = a * state + c;
		c = a * c + c;
		a *= a;
	}
	return state;
}

static uint64_t compute(struct worker *worker)
{
	uint64_t state = 0, chunks = 0;

	do {
		for (int step = 0; step < CHUNK; step++) {
			state = state * MULTIPLIER + INCREMENT;
			/* One at a time: neither unrolled into fewer nor left out. */
			asm volatile("" : "+r" (state));
		}
		chunks++;
	} while (!time_is_up(worker->crew));
	if (state != state_after(chunks * CHUNK))
		worker_fail(worker, "the generator has gone astray");
	return chunks;
}

static void work(struct worker *worker)
{
	const struct table *table = worker->crew->shared;

	worker->result = table->handoff ? hand_over(worker) : compute(worker);
}

static void report(const struct crew *crew)
{
	const struct table *table = crew->shared;
	int64_t all = 0;

	for (unsigned int i = 0; i < crew->workers; i++)
		all += (int64_t)crew->worker[i].result;
	if (__builtin_mul_overflow(all, (int64_t)1000000000, &all))
		die("the trial is too long");
	report_metric(table->handoff ? "handoffs" : "work", all,
		      crew->end_ns - crew->begin_ns);
}

int main(int argc, char **argv)
{
	static const struct workload multicore = {
		.setup = setup,
		.work = work,
		.report = report,
	};

	return crew_main(argc, argv, &multicore);
}
