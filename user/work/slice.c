// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Slices and waits as programs see them. Each worker computes, and reads the
 * clock after every unit of work. Where the clock has leapt, it asks the kernel
 * (nvcsw + nivcsw) whether it was switched away: that gap is a wait, and what
 * lies between two such gaps is a slice. A leap without a switch, by an
 * interrupt or by a hypervisor, belongs to the slice.
 *
 * Slices that were not seen from end to end are left out: the one that the
 * measurement begins with and the one that it ends with. So are waits that
 * last beyond its end, for by then workers have stopped competing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/protocol.h"

#define SWITCHES_MAX	16384	/* of one worker in a trial */
#define UNIT		16	/* steps of arithmetic */
#define STEPS_TRIED	1001	/* from one reading of the clock to the next */

/* A gap: when the worker last knew itself running, and when it did again. */
struct gap {
	int64_t		begin_ns;
	int64_t		end_ns;
	uint64_t	units;		/* of work done before it */
};

struct log {
	size_t		n;
	struct gap	gap[SWITCHES_MAX];
};

struct table {
	int64_t		duration_ns;
	struct log	*log;		/* [workers] */
};

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void setup(struct crew *crew)
{
	struct table *table = crew_shared_memory(sizeof(*table));

	table->duration_ns = argument_number("duration_ns", 1, INT64_MAX / 2);
	table->log = crew_shared_memory(crew->workers * sizeof(*table->log));
	crew->shared = table;
}

static int64_t switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

static void do_unit(void)
{
	uint64_t state = 0;

	for (int step = 0; step < UNIT; step++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		asm volatile("" : "+r" (state));
	}
}

/*
 * A step of the clock that is worth asking for: far above a unit of work, and
 * below the two switches and the interrupt that a gap takes at least.
 */
static int64_t find_leap(void)
{
	int64_t step[STEPS_TRIED], last = now_ns();

	for (int i = 0; i < STEPS_TRIED; i++) {
		int64_t now;

		do_unit();
		now = now_ns();
		step[i] = now - last;
		last = now;
	}
	qsort(step, STEPS_TRIED, sizeof(step[0]), by_size);
	return 4 * step[STEPS_TRIED / 2];
}

static void prepare(struct worker *worker)
{
	struct table *table = worker->crew->shared;

	/* Page faults now, rather than as leaps of the clock. */
	memset(&table->log[worker->index], 0, sizeof(table->log[0]));
	worker->result = (uint64_t)find_leap();
}

static void work(struct worker *worker)
{
	struct table *table = worker->crew->shared;
	struct log *log = &table->log[worker->index];
	int64_t end = worker->crew->begin_ns + table->duration_ns;
	int64_t leap = (int64_t)worker->result;
	int64_t last = worker->begin_ns, now = last;
	int64_t known = worker->begin.switches_voluntary + worker->begin.switches_involuntary;

	for (uint64_t units = 0; now < end; units++) {
		int64_t count;

		do_unit();
		now = now_ns();
		if (now - last > leap) {
			count = switches();
			now = now_ns();
			if (count != known) {
				if (log->n == SWITCHES_MAX)
					worker_fail(worker, "more than %d switches", SWITCHES_MAX);
				log->gap[log->n++] = (struct gap){ last, now, units };
			}
			known = count;
		}
		last = now;
	}
}

struct tally {
	int64_t	*slice, *wait;
	size_t	 slices, waits;
	int64_t	 slice_ns, wait_ns, units;	/* sums */
	int64_t	 seen, counted;			/* gaps with switches, switches */
};

static void add_log(struct tally *tally, const struct log *log, int64_t end_ns)
{
	for (size_t i = 0; i < log->n && log->gap[i].end_ns <= end_ns; i++) {
		const struct gap *gap = &log->gap[i];

		tally->wait[tally->waits] = gap->end_ns - gap->begin_ns;
		tally->wait_ns += tally->wait[tally->waits++];
		if (!i)
			continue;
		tally->slice[tally->slices] = gap->begin_ns - gap[-1].end_ns;
		tally->slice_ns += tally->slice[tally->slices++];
		tally->units += (int64_t)(gap->units - gap[-1].units);
	}
	tally->seen += (int64_t)log->n;
}

static int64_t *numbers(size_t n)
{
	int64_t *x = malloc((n + 1) * sizeof(*x));

	if (!x)
		die("no memory for %zu figures", n);
	return x;
}

/*
 * By nearest rank: of fewer than 1000 waits this is the longest. None at all,
 * where nobody had to wait, is no figure.
 */
static void report_quantile(const char *name, int64_t *x, size_t n, size_t of_1000)
{
	size_t rank = (n * of_1000 + 999) / 1000;

	qsort(x, n, sizeof(*x), by_size);
	report_metric(name, n ? x[rank - 1] : 0, n > 0);
}

static void report(const struct crew *crew)
{
	const struct table *table = crew->shared;
	struct tally tally = { .slices = 0 };
	size_t all = 0;

	for (unsigned int i = 0; i < crew->workers; i++)
		all += table->log[i].n;
	tally.slice = numbers(all);
	tally.wait = numbers(all);
	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *w = &crew->worker[i];

		add_log(&tally, &table->log[i], crew->begin_ns + table->duration_ns);
		tally.counted += w->end.switches_voluntary - w->begin.switches_voluntary +
				 w->end.switches_involuntary - w->begin.switches_involuntary;
	}
	report_quantile("slice", tally.slice, tally.slices, 500);
	report_metric("slice_mean", tally.slice_ns, (int64_t)tally.slices);
	report_quantile("wait_p999", tally.wait, tally.waits, 999);
	report_metric("wait_mean", tally.wait_ns, (int64_t)tally.waits);
	report_metric("work_per_slice", tally.units, (int64_t)tally.slices);
	report_count("slices", (int64_t)tally.slices);
	report_count("waits", (int64_t)tally.waits);
	report_count("switches_seen", tally.seen);
	report_count("switches_counted", tally.counted);
	free(tally.slice);
	free(tally.wait);
}

int main(int argc, char **argv)
{
	static const struct workload slice = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.report = report,
	};

	return crew_main(argc, argv, &slice);
}
