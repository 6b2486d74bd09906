// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matrix multiplication: a unit of work is one product of two matrices of
 * 32 x 32 doubles. The three take 24 KiB and stay in a first-level cache, so
 * that workers compete for CPUs and for nothing else.
 */
#include <stdlib.h>

#include "common/crew.h"

#define SIDE	32

struct matrices {
	double a[SIDE][SIDE];
	double b[SIDE][SIDE];
	double c[SIDE][SIDE];
};

static void prepare(struct worker *worker)
{
	struct matrices *m = malloc(sizeof(*m));

	if (!m)
		worker_fail(worker, "no memory for the matrices");
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			m->a[i][j] = (i * 7 + j * 3) % 11;
			m->b[i][j] = (i * 5 + j * 2) % 13;
			m->c[i][j] = 0;
		}
	worker->state = m;
}

static void multiply(struct matrices *m)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			double sum = 0;

			for (int k = 0; k < SIDE; k++)
				sum += m->a[i][k] * m->b[k][j];
			m->c[i][j] = sum;
		}
}

static void work(struct worker *worker)
{
	struct matrices *m = worker->state;

	for (uint64_t n = 0; n < worker->crew->iterations; n++) {
		multiply(m);
		/* Each product is wanted: none may be moved out of the loop. */
		asm volatile("" : : "r" (m) : "memory");
	}
}

/* Small whole numbers: the sum is exact, whatever the order of summation. */
static void check(struct worker *worker)
{
	struct matrices *m = worker->state;
	double sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			sum += m->c[i][j] * (1 + i * SIDE + j);
	worker->result = (uint64_t)sum;
	free(m);
}

int main(int argc, char **argv)
{
	static const struct workload matrix = {
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &matrix);
}
