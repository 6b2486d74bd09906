/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `schedsplit top` on a terminal. */
#ifndef SCHEDSPLIT_INTERACTIVE_H
#define SCHEDSPLIT_INTERACTIVE_H

#include <stddef.h>

struct meter;
struct signals;
struct top_options;

/*
 * Can there be a screen? Asked before anything is begun.
 * Return: 0, or -errno with a sentence in @err.
 */
int interactive_check(char *err, size_t size);

/* Until the user quits. Return: 0, or -errno with a sentence in @err. */
int interactive_run(const struct top_options *options, struct meter *meter,
		    const struct signals *signals, char *err, size_t size);

#endif
