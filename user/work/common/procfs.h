/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures from files like /proc/PID/status: lines of "NAME: N …". Plain system
 * calls: to look allocates nothing, and so does not change what is looked at.
 */
#ifndef SCHEDSPLIT_WORK_PROCFS_H
#define SCHEDSPLIT_WORK_PROCFS_H

#include <stdint.h>

#define PROCFS_SIZE	8192	/* of a file's text; what is beyond is not read */

/* /proc/PID/NAME into @text. Return: 0 or an errno. */
int procfs_read(int pid, const char *name, char text[PROCFS_SIZE]);

/* A file of the whole system: /proc/NAME. */
int procfs_read_system(const char *name, char text[PROCFS_SIZE]);

/* The number of line @name, "Pss:"; -1 if there is no such line. */
int64_t procfs_number(const char *text, const char *name);

#endif
