/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A progress bar with the time left, on a terminal's stderr and nowhere else. */
#ifndef SCHEDSPLIT_PROGRESS_H
#define SCHEDSPLIT_PROGRESS_H

#include <stddef.h>

/* @title at @done of @all steps. The time left is guessed from the last @title's start. */
void progress_show(const char *title, size_t done, size_t all);

/* Removes the bar, before anything else is written to the terminal. */
void progress_clear(void);

#endif
