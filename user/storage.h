/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where file work goes: a directory on a real block device, and a private one
 * in it for what needs names.
 */
#ifndef SCHEDSPLIT_STORAGE_H
#define SCHEDSPLIT_STORAGE_H

#include <stddef.h>

/**
 * storage_check() - whether file work in @dir would reach a block device
 * @path: its canonical name, PATH_MAX bytes
 *
 * Return: 0; -EINVAL with a sentence in @err.
 */
int storage_check(const char *dir, char *path, char *err, size_t size);

/*
 * storage_default() - /var/tmp, or else the first file system mounted below it,
 *	that storage_check() finds fit
 *
 * NULL if there is none. The string lasts until the program ends.
 */
const char *storage_default(void);

/* A name in @dir that nobody has or guesses; cut at @size. Returns @path. */
char *storage_private_name(const char *dir, char *path, size_t size);

/*
 * Removes directory @path, which a worker program made and which may be gone,
 * and the files in it.
 */
void storage_remove(const char *path);

#endif
