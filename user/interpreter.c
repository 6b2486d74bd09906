// SPDX-License-Identifier: GPL-2.0-or-later
/* The Python interpreter: see interpreter.h. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interpreter.h"

static char found[2 * PATH_MAX];

/* Links stay: an interpreter looks for its library beside the name that it has. */
static bool is_program(int length, const char *dir, const char *name)
{
	char here[PATH_MAX];
	struct stat st;

	if (*name == '/')
		snprintf(found, sizeof(found), "%s", name);
	else if (length && *dir == '/')
		snprintf(found, sizeof(found), "%.*s/%s", length, dir, name);
	else if (getcwd(here, sizeof(here)))
		snprintf(found, sizeof(found), "%s/%.*s%s%s", here, length, dir,
			 length ? "/" : "", name);
	else
		return false;
	return !stat(found, &st) && S_ISREG(st.st_mode) && !access(found, X_OK);
}

const char *interpreter_find(const char *name)
{
	const char *dir = getenv("PATH");

	if (!name)
		name = "python3";
	if (strchr(name, '/'))
		return is_program(0, "", name) ? found : NULL;
	if (!dir)
		dir = "/bin:/usr/bin";
	for (;; dir++) {
		int length = (int)strcspn(dir, ":");

		if (is_program(length, dir, name))
			return found;
		dir += length;
		if (!*dir)
			return NULL;
	}
}
