/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of `top`, and its keys. */
#ifndef SCHEDSPLIT_SCREEN_H
#define SCHEDSPLIT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "rates.h"
#include "view.h"

struct screen;

/* Return: 0, or -errno with a sentence in @err. */
int screen_open(struct screen **screen, char *err, size_t size);

/* The terminal is as it was before. */
void screen_close(struct screen *screen);

/* @rates: NULL if there are none yet */
void screen_draw(struct screen *screen, const struct view *view, const struct rates *rates);

/* Takes the keys that were pressed. Return: false to quit. */
bool screen_take_keys(struct screen *screen, struct view *view);

/* What is shown is to stay. */
bool screen_is_paused(const struct screen *screen);

#endif
