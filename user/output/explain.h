/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writers of `explain`. */
#ifndef SCHEDSPLIT_OUTPUT_EXPLAIN_H
#define SCHEDSPLIT_OUTPUT_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "../diagnosis.h"
#include "../environment.h"
#include "../result.h"

/* Each sentence with its figures below it, and the proof. */
void explain_text(FILE *stream, const struct result *result, const struct diagnoses *diagnoses,
		  enum timing timing, bool colour);

/* The schedsplit-explain object. Takes over @stat, the result's. NULL: no memory. */
json_t *explain_json(const struct diagnoses *diagnoses, json_t *stat, const char *version);

#endif
