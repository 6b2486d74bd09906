// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers that repeat an operation for a time: see timed.h. */
#include "clock.h"
#include "protocol.h"
#include "timed.h"

#define NS_PER_S	1000000000

bool timed_goes_on(const struct worker *worker)
{
	return now_ns() - worker->begin_ns < argument_number("duration_ns", 1, INT64_MAX / 2);
}

static int64_t interval_ns(const struct worker *worker)
{
	return worker->end_ns - worker->begin_ns;
}

/* Whether @a's rate is below @b's; none does so many that this overflows. */
static bool slower(const struct worker *a, const struct worker *b)
{
	return (double)a->result * (double)interval_ns(b) <
	       (double)b->result * (double)interval_ns(a);
}

static void report_worker(const char *name, const struct worker *worker)
{
	report_metric(name, (int64_t)worker->result * NS_PER_S, interval_ns(worker));
}

void timed_report(const struct crew *crew)
{
	const struct worker *min = &crew->worker[0], *max = min;
	int64_t operations = 0, ns = 0;

	for (unsigned int i = 0; i < crew->workers; i++) {
		const struct worker *worker = &crew->worker[i];

		operations += (int64_t)worker->result;
		ns += interval_ns(worker);
		if (slower(worker, min))
			min = worker;
		if (slower(max, worker))
			max = worker;
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there is one at least */
	report_metric("throughput", operations * NS_PER_S, ns / crew->workers);
	report_worker("worker_min", min);
	report_worker("worker_max", max);
	report_count("operations", operations);
	crew_report_shares(crew);
}
