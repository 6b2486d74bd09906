/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be done to a stream because a person looks at it. */
#ifndef SCHEDSPLIT_TERMINAL_H
#define SCHEDSPLIT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* A terminal that understands colour, and nobody has set NO_COLOR. */
bool terminal_has_colour(FILE *stream);

#endif
