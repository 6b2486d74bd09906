// SPDX-License-Identifier: GPL-2.0-or-later
/* A set of named parameters. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "params.h"

static const struct param *find(const struct params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (!strcmp(params->p[i].name, name))
			return &params->p[i];
	return NULL;
}

const char *params_get(const struct params *params, const char *name)
{
	const struct param *param = find(params, name);

	return param ? param->value : NULL;
}

bool params_parse_integer(const char *text, long long *value)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) &&
	    !(text[0] == '-' && isdigit((unsigned char)text[1])))
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return !errno && !*end;
}

long params_number(const struct params *params, const char *name)
{
	const char *text = params_get(params, name);
	long long value;

	return text && params_parse_integer(text, &value) ? (long)value : -1;
}

bool params_is(const struct params *params, const char *name, const char *value)
{
	const char *text = params_get(params, name);

	return text && !strcmp(text, value);
}

int params_set(struct params *params, const char *name, const char *value)
{
	struct param *param = (struct param *)find(params, name);

	if (strlen(value) >= PARAM_SIZE)
		return -ENOSPC;
	if (!param) {
		if (params->n == PARAMS_MAX)
			return -ENOSPC;
		param = &params->p[params->n++];
		param->name = name;
	}
	strcpy(param->value, value);
	return 0;
}

bool params_equal(const struct params *a, const struct params *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!params_is(b, a->p[i].name, a->p[i].value))
			return false;
	return true;
}

char *params_text(const struct params *params, char *text, size_t size)
{
	size_t at = 0;

	if (size)
		text[0] = '\0';
	for (size_t i = 0; i < params->n && at < size; i++) {
		int n = snprintf(text + at, size - at, "%s%s=%s", i ? " " : "",
				 params->p[i].name, params->p[i].value);

		if (n < 0)
			break;
		at += (size_t)n;
	}
	return text;
}

json_t *params_json(const struct params *params)
{
	json_t *object = json_object();

	for (size_t i = 0; i < params->n; i++) {
		const struct param *param = &params->p[i];
		long long value;

		json_object_set_new(object, param->name,
				    params_parse_integer(param->value, &value) ?
				    json_integer(value) : json_string(param->value));
	}
	return object;
}
