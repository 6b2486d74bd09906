// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A worker program that can be made to wait: a unit of work is 0.5 ms on a CPU,
 * then `idle` times as long as that took asleep. See stubs/idle.
 *
 * libraries: ../../user/work/common/crew.c ../../user/work/common/arm.c
 * libraries: ../../user/work/common/counts.c ../../user/work/common/protocol.c
 */
#include <errno.h>

#include "../../user/work/common/clock.h"
#include "../../user/work/common/crew.h"
#include "../../user/work/common/protocol.h"

#define SPIN_NS	500000

static int64_t spin(void)
{
	int64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID), now;

	do
		now = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	while (now - begin < SPIN_NS);
	return now - begin;
}

static void rest(int64_t ns)
{
	struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static void work(struct worker *worker)
{
	int64_t idle = argument_number("idle", 0, 1000);

	for (uint64_t n = 0; n < worker->crew->iterations; n++) {
		int64_t spent = spin();

		if (idle)
			rest(idle * spent);
	}
}

int main(int argc, char **argv)
{
	static const struct workload idler = {
		.work = work,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &idler);
}
