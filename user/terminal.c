// SPDX-License-Identifier: GPL-2.0-or-later
/* What may be done to a stream because a person looks at it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

bool terminal_has_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return isatty(fileno(stream)) && term && strcmp(term, "dumb");
}
