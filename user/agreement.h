/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two runs of the same, held against each other. */
#ifndef SCHEDSPLIT_AGREEMENT_H
#define SCHEDSPLIT_AGREEMENT_H

#include <jansson.h>

/*
 * agreement_json() - what became of each figure and verdict
 * @before, @now: schedsplit-compare/1, and known to be (see repeat.h)
 *
 * Every ratio and measurement of either has an entry:
 *	{"experiment", "metric", "params", "of", "to" (or "arm", "unit"),
 *	 "before": {"value", "ci95"}, "now": {"value", "ci95"},
 *	 "overlap": whether the intervals do,
 *	 "within": whether the new value lies in the old interval}
 * where null stands for what is not there. Return: NULL if there is no memory.
 */
json_t *agreement_json(const json_t *before, const json_t *now);

#endif
