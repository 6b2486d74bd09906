/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as people read them: three digits, a unit that fits. Each returns text. */
#ifndef SCHEDSPLIT_OUTPUT_FIGURES_H
#define SCHEDSPLIT_OUTPUT_FIGURES_H

#include <stddef.h>

#include "../stats.h"

/* "12.3 ms": @unit as metrics have it; NaN is "n/a". */
const char *figure_text(double value, const char *unit, char *text, size_t size);

/* "1.23 [1.2, 1.3]" */
const char *figure_with_interval(double value, const struct stats_interval *ci, char *text,
				 size_t size);

/* "[12 ms, 13 ms]" or "n/a" */
const char *figure_interval(const struct stats_interval *ci, const char *unit, char *text,
			    size_t size);

#endif
