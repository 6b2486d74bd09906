// SPDX-License-Identifier: GPL-2.0-or-later
/* The progress bar. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "terminal.h"

#define BAR_WIDTH	30
/* Sooner than this, what is left is no guess but noise. */
#define FRACTION_MIN	0.002

static bool shown;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void progress_add(struct progress *progress, double weight)
{
	if (progress->n < PROGRESS_PARTS_MAX)
		progress->weight[progress->n++] = weight;
}

void progress_start(struct progress *progress)
{
	progress->started = now();
}

double progress_fraction(const struct progress *progress, size_t part, size_t done, size_t all)
{
	double total = 0, over = 0;

	for (size_t i = 0; i < progress->n; i++) {
		total += progress->weight[i];
		if (i < part)
			over += progress->weight[i];
		else if (i == part && all)
			over += progress->weight[i] * (double)done / (double)all;
	}
	return total > 0 ? over / total : 0;
}

double progress_left(double fraction, double elapsed)
{
	return fraction < FRACTION_MIN ? -1 : elapsed / fraction * (1 - fraction);
}

static void print_left(double seconds)
{
	long left = (long)(seconds + 0.5);

	if (left >= 3600)
		fprintf(stderr, " %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
	else
		fprintf(stderr, " %2ld:%02ld left", left / 60, left % 60);
}

void progress_show(const struct progress *progress, const char *title, size_t part, size_t done,
		   size_t all)
{
	double fraction = progress_fraction(progress, part, done, all), left;
	bool colour = terminal_has_colour(stderr);
	int full = (int)(fraction * BAR_WIDTH);

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%s%-16s%s [%.*s%*s] %3d %%", colour ? "\033[1m" : "", title,
		colour ? "\033[0m" : "", full, "##############################",
		BAR_WIDTH - full, "", (int)(fraction * 100));
	left = progress_left(fraction, now() - progress->started);
	if (left >= 0)
		print_left(left);
	/* Blanks where the last one was longer: a dumb terminal cannot clear a line. */
	fputs("  \b\b", stderr);
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 45, "");
	shown = false;
}
