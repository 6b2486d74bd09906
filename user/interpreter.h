/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Python interpreter: one for all that runs Python, and for what is said of it. */
#ifndef SCHEDSPLIT_INTERPRETER_H
#define SCHEDSPLIT_INTERPRETER_H

/*
 * interpreter_find() - the file that @name is to a shell, from the root
 * @name: NULL for python3
 *
 * NULL if there is none. The string lasts until the next call.
 */
const char *interpreter_find(const char *name);

#endif
