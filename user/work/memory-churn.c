// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that comes and goes: a unit of work is 64 blocks of 16 B to 256 KiB
 * from malloc(), each in the place of one that is freed, and 256 KiB mapped,
 * written a byte a page, and unmapped. Every block must still hold at its end
 * what was written at its start.
 *
 * Workers that are threads have one address space for all of this: mmap_lock is
 * taken for writing by each map and unmap and for reading by each page fault,
 * and each unmap interrupts the CPUs of the others to flush their TLBs.
 * Processes have one each. This is where the arms are expected to differ, in
 * what the kernel does; what the C library does is kept alike:
 *
 * - The mmap threshold is fixed at its initial value. By default it grows with
 *   the sizes that are freed, for all threads at once but in each process apart,
 *   so that the arms would come to make different system calls.
 * - The trim threshold is larger than all that is ever held, so that a heap
 *   that has grown stays so: a process's first arena grows and shrinks by
 *   brk(), a thread's by mprotect() and madvise(), and that is no difference
 *   between processes and threads.
 * - M_ARENA_MAX is left at its default, 8 arenas a CPU: every worker has an arena
 *   to itself in either arm. With fewer, threads would wait for a lock of malloc()
 *   that programs do not meet.
 * - Huge pages are off, as for every worker program: whether a mapping gets one
 *   depends on where it happens to lie.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

#define SLOTS		64
#define MAPPING		(256 * 1024)
#define MMAP_THRESHOLD	(128 * 1024)
#define TRIM_THRESHOLD	(256 * 1024 * 1024)

struct block {
	unsigned char	*memory;
	size_t		size;
	unsigned char	mark;	/* its first and its last byte */
};

struct churn {
	struct block	slot[SLOTS];
	uint32_t	random;
	size_t		page;
	uint64_t	sum;	/* of all marks read back */
};

static void setup(struct crew *crew)
{
	(void)crew;
	if (!mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD) ||
	    !mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD))
		die("malloc() does not take its parameters");
}

static uint32_t next_random(struct churn *churn)
{
	churn->random = churn->random * 1664525 + 1013904223;	/* Numerical Recipes */
	return churn->random >> 8;
}

/* 16 B to 256 KiB, every power of two as often as any other. */
static size_t next_size(struct churn *churn)
{
	size_t base = (size_t)16 << next_random(churn) % 14;

	return base + next_random(churn) % base;
}

static void give_back(struct worker *worker, struct churn *churn, struct block *block)
{
	if (!block->memory)
		return;
	if (block->memory[0] != block->mark || block->memory[block->size - 1] != block->mark)
		worker_fail(worker, "a block of %zu bytes does not hold what was written to it",
			    block->size);
	churn->sum += block->mark;
	free(block->memory);
	block->memory = NULL;
}

static void replace(struct worker *worker, struct churn *churn, struct block *block)
{
	give_back(worker, churn, block);
	block->size = next_size(churn);
	block->mark = (unsigned char)next_random(churn);
	block->memory = malloc(block->size);
	if (!block->memory)
		worker_fail(worker, "no memory for a block of %zu bytes", block->size);
	block->memory[0] = block->mark;
	block->memory[block->size - 1] = block->mark;
}

static void map_and_unmap(struct worker *worker, const struct churn *churn)
{
	unsigned char *memory = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		worker_fail(worker, "cannot map %d bytes: %s", MAPPING, strerror(errno));
	for (size_t at = 0; at < MAPPING; at += churn->page)
		memory[at] = 1;
	if (munmap(memory, MAPPING))
		worker_fail(worker, "cannot unmap: %s", strerror(errno));
}

static void unit(struct worker *worker, struct churn *churn)
{
	for (int i = 0; i < SLOTS; i++)
		replace(worker, churn, &churn->slot[next_random(churn) % SLOTS]);
	map_and_unmap(worker, churn);
}

/* A few units grow the heap to about what it will be. */
static void prepare(struct worker *worker)
{
	struct churn *churn = calloc(1, sizeof(*churn));

	if (!churn)
		worker_fail(worker, "no memory for the slots");
	churn->random = 1;
	churn->page = (size_t)sysconf(_SC_PAGESIZE);
	for (int i = 0; i < 4; i++)
		unit(worker, churn);
	worker->state = churn;
}

static void work(struct worker *worker)
{
	for (uint64_t n = 0; n < worker->crew->iterations; n++)
		unit(worker, worker->state);
}

static void check(struct worker *worker)
{
	struct churn *churn = worker->state;

	for (int i = 0; i < SLOTS; i++)
		give_back(worker, churn, &churn->slot[i]);
	worker->result = churn->sum;
	free(churn);
}

int main(int argc, char **argv)
{
	static const struct workload memory_churn = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &memory_churn);
}
