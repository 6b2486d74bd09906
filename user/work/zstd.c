// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compression: a unit of work is 16 KiB of made-up text through zstd level 3,
 * in a context made once. Decompressed and compared afterwards.
 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "common/crew.h"

#define TEXT_SIZE	(16 * 1024)
#define LEVEL		3

struct compression {
	ZSTD_CCtx	*context;
	size_t		room;
	size_t		compressed;
	char		text[TEXT_SIZE];
	char		output[];
};

/* Words of a small vocabulary in pseudo-random order: about as dense as prose. */
static void write_text(char *text, size_t size)
{
	static const char *const words[] = {
		"the ", "scheduler ", "picks ", "a ", "task ", "and ", "switches ", "to ",
		"it, ", "while ", "another ", "waits ", "for ", "its ", "turn.\n", "CPU ",
	};
	uint32_t random = 1;
	size_t at = 0;

	while (at < size) {
		const char *word;

		random = random * 1664525 + 1013904223;	/* Numerical Recipes */
		word = words[random >> 28];
		while (*word && at < size)
			text[at++] = *word++;
	}
}

static void prepare(struct worker *worker)
{
	size_t room = ZSTD_compressBound(TEXT_SIZE);
	struct compression *c = malloc(sizeof(*c) + room);

	if (!c)
		worker_fail(worker, "no memory for the text");
	c->context = ZSTD_createCCtx();
	if (!c->context)
		worker_fail(worker, "no memory for zstd");
	c->room = room;
	write_text(c->text, TEXT_SIZE);
	worker->state = c;
}

static void work(struct worker *worker)
{
	struct compression *c = worker->state;

	for (uint64_t n = 0; n < worker->crew->iterations; n++) {
		c->compressed = ZSTD_compressCCtx(c->context, c->output, c->room,
						  c->text, TEXT_SIZE, LEVEL);
		if (ZSTD_isError(c->compressed))
			worker_fail(worker, "zstd: %s", ZSTD_getErrorName(c->compressed));
	}
}

static void check(struct worker *worker)
{
	struct compression *c = worker->state;
	char *back = malloc(TEXT_SIZE);

	if (!back)
		worker_fail(worker, "no memory to decompress");
	if (ZSTD_decompress(back, TEXT_SIZE, c->output, c->compressed) != TEXT_SIZE ||
	    memcmp(back, c->text, TEXT_SIZE))
		worker_fail(worker, "what zstd compressed does not decompress to the same");
	worker->result = c->compressed;
	free(back);
	ZSTD_freeCCtx(c->context);
	free(c);
}

int main(int argc, char **argv)
{
	static const struct workload zstd = {
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &zstd);
}
