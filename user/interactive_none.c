// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of interactive.c and screen.c, where ncursesw was not there to build with. */
#include <errno.h>

#include "error.h"
#include "interactive.h"

int interactive_check(char *err, size_t size)
{
	return error_set(-ENOSYS, err, size,
			 "this schedsplit was built without ncursesw, so it has no screen: use --batch");
}

int interactive_run(const struct top_options *options, struct meter *meter,
		    const struct signals *signals, char *err, size_t size)
{
	(void)options;
	(void)meter;
	(void)signals;
	return interactive_check(err, size);
}
