/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of JSON that several results have. */
#ifndef SCHEDSPLIT_OUTPUT_JSON_H
#define SCHEDSPLIT_OUTPUT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../concurrency.h"
#include "../counters.h"

/*
 * A count. JSON integers are signed here: one above INT64_MAX becomes null
 * rather than a number that is wrong.
 */
json_t *json_count(uint64_t count);

/* The contract's C. @has_tasks: else "tasks" is null. */
json_t *json_counters(const struct counters *counters, bool has_tasks);

/* {"idle":C, …} */
json_t *json_classes(const struct counters class[SCHEDSPLIT_CLASSES], bool has_tasks);

/* {"ns":[N0,N1,…]} */
json_t *json_concurrency(const struct concurrency *concurrency);

/* One object, indented, and a newline. Return: 0, -EIO or -ENOMEM. */
int json_write(FILE *stream, const json_t *json);

/*
 * Bytes that need not be UTF-8, which JSON wants: a string if they are, else an
 * array of numbers. And back: to be freed, NULL if it is neither, has a NUL in
 * it, or there is no memory.
 */
json_t *json_bytes(const char *bytes);
char *json_bytes_text(const json_t *json);

#endif
