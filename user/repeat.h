/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run that was saved, read back to be run again. The file may be anything:
 * what is not as `compare --json` writes it is refused with one sentence.
 */
#ifndef SCHEDSPLIT_REPEAT_H
#define SCHEDSPLIT_REPEAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment.h"

#define REPEAT_EXPERIMENTS_MAX	32
#define REPEAT_PARAMS_MAX	32
#define REPEAT_BLOCKS_MAX	100000
#define REPEAT_FILE_MAX		0x40000000

/* All strings belong to @root. */
struct repeat {
	json_t		*root;
	uint32_t	 seed;
	unsigned int	 blocks;
	unsigned int	 warmups;
	bool		 quick;
	char		 cpus[8192];	/* as --cpus takes them */
	const char	*dir, *db, *python;	/* NULL: none */
	size_t		 n_params;
	const char	*params[2 * REPEAT_PARAMS_MAX];	/* NAME, VALUES, … */
	size_t		 n_experiments;
	const struct experiment *experiment[REPEAT_EXPERIMENTS_MAX];
	bool		 is_vs;		/* then there is no experiment, and: */
	struct vs_commands vs;		/* its strings are this one's own */
};

/**
 * repeat_load() - read a file
 *
 * Return: 0; -EINVAL with a sentence in @err if it is not what it should be;
 * another -errno, likewise, if it cannot be read.
 */
int repeat_load(struct repeat *repeat, const char *path, char *err, size_t size);

/* The same from what was read, which is taken over. For tests, mostly. */
int repeat_parse(struct repeat *repeat, json_t *root, char *err, size_t size);

void repeat_free(struct repeat *repeat);

#endif
