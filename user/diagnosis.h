/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `explain` says: a result of `stat`, read by fixed rules. Each diagnosis is
 * a sentence and the figures that it rests on, named as in the JSON of `stat`.
 */
#ifndef SCHEDSPLIT_DIAGNOSIS_H
#define SCHEDSPLIT_DIAGNOSIS_H

#include <stddef.h>

#include "result.h"

#define DIAGNOSES_MAX		12
#define DIAGNOSIS_EVIDENCE_MAX	5

struct evidence {
	const char	*figure;	/* its path in the JSON of `stat`, or what of it is summed */
	double		 value;
	const char	*unit;		/* "ns", "1", "1/s", "%" */
};

struct diagnosis {
	const char	*id;		/* "take-turns" */
	char		 text[400];
	struct evidence	 evidence[DIAGNOSIS_EVIDENCE_MAX];
	size_t		 n_evidence;
};

struct diagnoses {
	struct diagnosis	diagnosis[DIAGNOSES_MAX];
	size_t		n;
};

/**
 * diagnose() - apply all rules; pure
 * @cpus: that the watched tasks may use, as far as is known
 */
void diagnose(const struct result *result, unsigned int cpus, struct diagnoses *diagnoses);

#endif
