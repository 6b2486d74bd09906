/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A progress bar over a whole run, with the time left: on a terminal's stderr
 * and nowhere else.
 *
 * A run has parts of some weight each, such as the time that they are expected
 * to take. How long a unit of weight takes is guessed from all that is done, so
 * only the ratios of weights matter.
 */
#ifndef SCHEDSPLIT_PROGRESS_H
#define SCHEDSPLIT_PROGRESS_H

#include <stddef.h>

#define PROGRESS_PARTS_MAX	32

struct progress {
	double	weight[PROGRESS_PARTS_MAX];
	size_t	n;
	double	started;	/* s, of progress_start() */
};

/* Pure: how much of the whole, 0 to 1, is done at @done of @all steps of part @part. */
double progress_fraction(const struct progress *progress, size_t part, size_t done, size_t all);

/* Pure: seconds left after @elapsed; -1 as long as nothing can be told. */
double progress_left(double fraction, double elapsed);

/* Parts are added first; then the clock is started. */
void progress_add(struct progress *progress, double weight);
void progress_start(struct progress *progress);

void progress_show(const struct progress *progress, const char *title, size_t part, size_t done,
		   size_t all);

/* Removes the bar, before anything else is written to the terminal. */
void progress_clear(void);

#endif
