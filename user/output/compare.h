/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of `compare`: one result, three forms. */
#ifndef SCHEDSPLIT_OUTPUT_COMPARE_H
#define SCHEDSPLIT_OUTPUT_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "../analysis.h"
#include "../claims.h"

struct compare_result {
	const struct plan	*plan;
	const char		*timing;	/* "hardware", "virtual", "emulated" */
	const char		*source;	/* "module", "rusage" */
	const struct analysis	*analyses;
	size_t			 n_analyses;
	const struct judgement	*judgements;
	size_t			 n_judgements;
	bool			 interrupted;
	const struct vs_commands *vs;		/* NULL: without --vs */
};

/* The comparison table; with @verbose a section per experiment after it. */
int compare_text(const struct compare_result *result, FILE *out, bool verbose);

/* What compare_text() prints of two commands instead of claims. */
int compare_vs_text(const struct compare_result *result, FILE *out);

/* How a repeated run agrees with the saved one; with @verbose each measurement. */
int compare_agreement_text(const json_t *agreement, FILE *out, bool verbose);

/* Experiments, parameters, claims and rules: `--list`. */
void compare_list(FILE *out);

/* schedsplit-compare/1. @environment is taken over. NULL: out of memory. */
json_t *compare_json(const struct compare_result *result, json_t *environment,
		     const char *version);

/*
 * Tidy: one row per trial, a column per parameter, metric and count; a cell
 * that does not apply to a trial's experiment is empty.
 */
int compare_csv(const struct compare_result *result, FILE *out);

#endif
