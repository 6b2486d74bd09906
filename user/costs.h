/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Direct costs of switches: from the end of the module's sched_switch probe, in
 * the task that leaves, to the first instruction of finish_task_switch() in the
 * one that comes. In cycles of the CPU's time stamp counter.
 */
#ifndef SCHEDSPLIT_COSTS_H
#define SCHEDSPLIT_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "info.h"

struct nlattr;
struct session;

struct costs {
	uint64_t count[SCHEDSPLIT_CLASSES][SCHEDSPLIT_CLASSES][SCHEDSPLIT_SPACES];
	uint64_t cycles[SCHEDSPLIT_CLASSES][SCHEDSPLIT_CLASSES][SCHEDSPLIT_SPACES];
	uint64_t hist[SCHEDSPLIT_SPACES][INFO_BUCKETS_MAX];
	uint64_t flushed[SCHEDSPLIT_SPACES];	/* switches that flushed the TLB */
	uint64_t missed;			/* switches whose end was not seen */
};

/* The contract's spaces: same holds those within one thread group too. */
enum cost_space { COST_LAZY, COST_SAME, COST_CROSS, COST_SPACES };

extern const char *const cost_space_name[COST_SPACES];

/* All switches of one space, or of one kind. */
struct cost_sum {
	uint64_t switches;
	uint64_t cycles;
	uint64_t flushed;	/* 0 of a kind */
};

struct cost_sum costs_of_space(const struct costs *costs, enum cost_space space);
struct cost_sum costs_of_kind(const struct costs *costs, enum schedsplit_class from,
			      enum schedsplit_class to, enum cost_space space);

/* Over all kinds. */
uint64_t costs_switches(const struct costs *costs);

/* Switches of @space in bucket @i of struct info, whose bounds are cycles here. */
uint64_t costs_bucket(const struct costs *costs, enum cost_space space, unsigned int i);

/**
 * costs_quantile() - upper bound of the bucket that holds the @q-quantile
 * @q: 0 … 1
 *
 * Cycles; 0 without switches.
 */
uint64_t costs_quantile(const struct costs *costs, enum cost_space space, double q,
			const struct info *info);

/* @sum += @part; @later -= @earlier, false if a count would go below zero. */
void costs_add(struct costs *sum, const struct costs *part);
bool costs_subtract(struct costs *later, const struct costs *earlier);

/* A_COST, A_COST_SPACE. False if they make no sense. */
bool costs_parse_kind(struct costs *costs, const struct nlattr *nest);
bool costs_parse_space(struct costs *costs, const struct nlattr *nest);

/* BUCKET_* of any histogram. */
bool bucket_parse(uint64_t bucket[INFO_BUCKETS_MAX], const struct nlattr *nest);

/* Measure costs, for as long as @session lasts. 0 or -errno with a sentence in @err. */
int costs_attach(struct session *session, char *err, size_t size);

/* ... or until then. */
int costs_detach(struct session *session, char *err, size_t size);

#endif
