/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of named parameters: the setting of a point. */
#ifndef SCHEDSPLIT_PARAMS_H
#define SCHEDSPLIT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#define PARAMS_MAX	10
#define PARAM_SIZE	48	/* of a value, with its NUL */

struct param {
	const char	*name;	/* a string constant */
	char		 value[PARAM_SIZE];
};

struct params {
	size_t		n;
	struct param	p[PARAMS_MAX];
};

/* The value of @name, NULL if it is not in the set. */
const char *params_get(const struct params *params, const char *name);

/* … as a number; -1 if it is not in the set or no number. */
long params_number(const struct params *params, const char *name);

/* True if @name is in the set with exactly this value. */
bool params_is(const struct params *params, const char *name, const char *value);

/* Sets or replaces. -ENOSPC if the set is full or the value too long. */
int params_set(struct params *params, const char *name, const char *value);

bool params_equal(const struct params *a, const struct params *b);

/* As "name=value name=value" in @text, cut at @size. Returns @text. */
char *params_text(const struct params *params, char *text, size_t size);

/* As an object; values that are decimal integers become numbers. */
json_t *params_json(const struct params *params);

/* True if all of @text is a decimal integer that fits. */
bool params_parse_integer(const char *text, long long *value);

#endif
