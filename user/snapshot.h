/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot: one reading of the counts per CPU and class, of the whole system
 * or of one watch. Two of them are subtracted; nothing is ever reset.
 *
 *	struct snapshot start, end;
 *
 *	snapshot_take(session, 0, &start, err, sizeof(err));
 *	…
 *	snapshot_take(session, 0, &end, err, sizeof(err));
 *	snapshot_subtract(&end, &start, err, sizeof(err));
 *	// end.sum.class[SCHEDSPLIT_CLASS_THREAD].voluntary
 *	snapshot_free(&start);
 *	snapshot_free(&end);
 */
#ifndef SCHEDSPLIT_SNAPSHOT_H
#define SCHEDSPLIT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "costs.h"
#include "counters.h"
#include "info.h"

struct nlmsghdr;
struct session;

enum { INVOLUNTARY, VOLUNTARY };

/* Switches from class, to class, of space, VOLUNTARY or INVOLUNTARY. */
typedef uint64_t handoff_matrix[SCHEDSPLIT_CLASSES][SCHEDSPLIT_CLASSES][SCHEDSPLIT_SPACES][2];

/* Migrations by cause, and in the last row placements at birth. */
typedef uint64_t moves_matrix[SCHEDSPLIT_CAUSES + 1][SCHEDSPLIT_DISTANCES];

#define MOVES_PLACEMENTS	SCHEDSPLIT_CAUSES

extern const char *const distance_name[SCHEDSPLIT_DISTANCES];
extern const char *const cause_name[SCHEDSPLIT_CAUSES];

extern const char *const life_name[SCHEDSPLIT_LIVES];
extern const char *const signal_to_name[SCHEDSPLIT_SIGNAL_TOS];

/* Of the system only. */
struct signal_counts {
	uint64_t generated;			/* became pending */
	uint64_t taken[SCHEDSPLIT_CLASSES];	/* of these, delivered; by who took them */
	uint64_t delay[INFO_BUCKETS_MAX];	/* from one to the other */
};

struct cpu_counts {
	bool		present;	/* the module has told of this CPU */
	uint64_t	untraced;	/* switches not shown to the tracepoint */
	struct counters	class[SCHEDSPLIT_CLASSES];	/* .tasks is 0 here */
	handoff_matrix	handoff;
	/* Histograms, by class and bucket of struct info: ns. */
	uint64_t	slice[SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX];
	uint64_t	wait[SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX];
	uint64_t	life[SCHEDSPLIT_LIVES][SCHEDSPLIT_CLASSES][INFO_BUCKETS_MAX];
	struct signal_counts signal[SCHEDSPLIT_SIGNAL_TOS];
	moves_matrix	moves[SCHEDSPLIT_CLASSES];
	struct costs	costs;		/* all 0 where nobody has asked for them */
};

struct snapshot {
	uint64_t	time_ns;	/* CLOCK_MONOTONIC; of a difference, its length */
	uint32_t	cpus;
	struct cpu_counts **cpu;	/* [cpus], NULL where the module told nothing */
	struct cpu_counts sum;		/* over CPUs */
};

/**
 * snapshot_take() - read the counts
 * @watch: number of a watch, 0 for the whole system
 *
 * Return: 0, with @snapshot to be freed; or -errno with a sentence in @err.
 */
int snapshot_take(struct session *session, uint32_t watch, struct snapshot *snapshot,
		  char *err, size_t size);

/* For parsing by hand: an empty snapshot, one answer of CPU_GET, the sums. */
void snapshot_init(struct snapshot *snapshot);
int snapshot_parse(struct snapshot *snapshot, const struct nlmsghdr *nlh, char *err, size_t size);
void snapshot_sum(struct snapshot *snapshot);

void snapshot_free(struct snapshot *snapshot);

/* A deep copy. Return: 0 or -ENOMEM. */
int snapshot_copy(struct snapshot *to, const struct snapshot *from);

/* @sum += @part, over the union of their CPUs. Return: 0 or -ENOMEM. */
int snapshot_add(struct snapshot *sum, const struct snapshot *part);

/**
 * snapshot_subtract() - @later becomes @later - @earlier
 *
 * Return: 0; -ERANGE with a sentence in @err if a count went down, as it does
 * when the module has been loaded anew meanwhile. @later is spoilt then.
 */
int snapshot_subtract(struct snapshot *later, const struct snapshot *earlier,
		      char *err, size_t size);

/* Switches of @counts in one of the contract's spaces. */
struct space_counts {
	uint64_t lazy;
	uint64_t same;		/* with those of same_group */
	uint64_t cross;
	uint64_t same_group;
};

struct space_counts cpu_counts_space(const struct cpu_counts *counts);

/* Switches from class @from to class @to, of all spaces. */
uint64_t cpu_counts_handoff(const struct cpu_counts *counts, enum schedsplit_class from,
			    enum schedsplit_class to);

/* All switches, by the handoff matrix and by the classes' counters. */
uint64_t cpu_counts_switches(const struct cpu_counts *counts);
uint64_t cpu_counts_class_switches(const struct cpu_counts *counts);

#endif
