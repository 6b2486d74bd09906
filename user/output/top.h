/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `top --batch` writes for each interval. */
#ifndef SCHEDSPLIT_OUTPUT_TOP_H
#define SCHEDSPLIT_OUTPUT_TOP_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "../rates.h"
#include "../view.h"

/*
 * "1234.5 voluntary/s, …", in at most 80 columns, and "12 tasks in …, CPU …":
 * what @rates are all together. Each returns text.
 */
const char *top_switches_text(const struct rates *rates, char *text, size_t size);
const char *top_tasks_text(const struct rates *rates, char *text, size_t size);

/* A table. Return: 0 or -ENOMEM. */
int top_text(FILE *stream, const struct rates *rates, const struct view *view);

/* An object, NULL if there is no memory. @number: of the interval, from 1 */
json_t *top_json(const struct rates *rates, const struct view *view, unsigned long number,
		 const char *version);

#endif
