/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `explain` says: a result of `stat`, read by fixed rules. Each diagnosis is
 * a sentence and the figures that it rests on.
 */
#ifndef SCHEDSPLIT_DIAGNOSIS_H
#define SCHEDSPLIT_DIAGNOSIS_H

#include <stddef.h>

#include "evidence.h"
#include "result.h"

#define DIAGNOSES_MAX		8
#define DIAGNOSIS_FIGURES_MAX	6

struct diagnosis {
	const char	*id;		/* "take-turns" */
	char		 text[400];
	enum figure	 figure[DIAGNOSIS_FIGURES_MAX];
	size_t		 figures;
};

struct diagnoses {
	struct evidence	 evidence;
	struct diagnosis diagnosis[DIAGNOSES_MAX];
	size_t		 n;
};

/**
 * diagnose() - apply all rules; pure
 * @cpus: that the watched tasks may use, as far as is known
 *
 * Return: 0 or -ENOMEM.
 */
int diagnose(const struct result *result, unsigned int cpus, struct diagnoses *diagnoses);

#endif
