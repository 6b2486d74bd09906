/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence: the figures that a diagnosis may rest on. Each has a formula, which
 * is a filter for jq: fed with the JSON of `explain`, it makes the value again.
 */
#ifndef SCHEDSPLIT_EVIDENCE_H
#define SCHEDSPLIT_EVIDENCE_H

#include "result.h"

enum figure {
	FIGURE_CPUS,
	FIGURE_TASKS_WORKING,
	FIGURE_LONGEST_SHARE,
	FIGURE_RUNNING,
	FIGURE_RUNNING_MOST,
	FIGURE_WAITING,
	FIGURE_BLOCKED,
	FIGURE_PAUSE,
	FIGURE_THREADS_SHARE,
	FIGURE_SWITCHES,
	FIGURE_INVOLUNTARY,
	FIGURE_STAY,
	FIGURE_SHORT_STAYS,
	FIGURE_TO_IDLE,
	FIGURE_SAME_GROUP,
	FIGURE_BIRTHS,
	FIGURE_THREAD_BIRTHS,
	FIGURE_RUN_PER_BIRTH,
	FIGURE_MIGRATIONS,
	FIGURE_RUN_PER_MIGRATION,
	FIGURE_WAKEUP_MIGRATIONS,
	FIGURE_FAR_MIGRATIONS,
	FIGURE_COST,
	FIGURE_COST_WINDOW,
	FIGURE_COST_SHARE,
	FIGURES
};

/* A task's stays on CPUs are short if they are no longer, on average. */
#define SHORT_STAY_NS	1000000

struct evidence_text {
	const char *name;	/* for people */
	const char *unit;	/* "ns", "%", "1" */
	const char *formula;
};

extern const struct evidence_text evidence_text[FIGURES];

struct evidence {
	double value[FIGURES];	/* 0 where there is nothing to divide by */
};

/**
 * evidence_take() - all figures of a result; pure
 * @cpus: that the watched tasks may use
 *
 * Return: 0 or -ENOMEM.
 */
int evidence_take(struct evidence *evidence, const struct result *result, unsigned int cpus);

/* The task that was longest on CPUs; NULL: none was there. */
const struct task_record *evidence_longest(const struct result *result);

#endif
