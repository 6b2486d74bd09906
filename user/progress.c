// SPDX-License-Identifier: GPL-2.0-or-later
/* The progress bar. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define BAR_WIDTH	30

static bool shown;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void progress_show(const char *title, size_t done, size_t all)
{
	static const char *last_title;
	static double started;
	const char *colour = getenv("NO_COLOR");
	bool plain = colour && *colour;
	size_t full;
	double left;

	if (!isatty(STDERR_FILENO) || !all)
		return;
	if (title != last_title) {
		last_title = title;
		started = now();
	}
	full = done * BAR_WIDTH / all;
	fprintf(stderr, "\r%s%-12s%s [%.*s%*s] %3zu %%", plain ? "" : "\033[1m", title,
		plain ? "" : "\033[0m", (int)full, "##############################",
		(int)(BAR_WIDTH - full), "", done * 100 / all);
	if (done && done < all) {
		left = (now() - started) / (double)done * (double)(all - done);
		fprintf(stderr, " %3d:%02d left", (int)left / 60, (int)left % 60);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
