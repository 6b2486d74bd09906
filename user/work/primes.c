// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prime numbers by trial division: a unit of work is counting those below
 * 2,000, of which there are 303. No memory is touched.
 */
#include "common/crew.h"

#define LIMIT		2000
#define PRIMES_BELOW	303

static unsigned int count_primes(unsigned int limit)
{
	unsigned int found = limit > 2;

	for (unsigned int n = 3; n < limit; n += 2) {
		unsigned int d = 3;

		while (d * d <= n && n % d)
			d += 2;
		found += d * d > n;
	}
	return found;
}

static void work(struct worker *worker)
{
	uint64_t found = 0;

	for (uint64_t n = 0; n < worker->crew->iterations; n++) {
		unsigned int limit = LIMIT;

		/* Hidden from the compiler, or one count would do for all. */
		asm volatile("" : "+r" (limit));
		found += count_primes(limit);
	}
	worker->result = found;
}

static void check(struct worker *worker)
{
	uint64_t expected = worker->crew->iterations * PRIMES_BELOW;

	if (worker->result != expected)
		worker_fail(worker, "found %llu primes, there are %llu",
			    (unsigned long long)worker->result, (unsigned long long)expected);
}

int main(int argc, char **argv)
{
	static const struct workload primes = {
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &primes);
}
