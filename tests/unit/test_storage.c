// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories for file work: which are refused, and what is removed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "storage.h"

static char err[512], path[PATH_MAX];

static void refused(const char *dir, const char *why)
{
	assert_int_equal(storage_check(dir, path, err, sizeof(err)), -EINVAL);
	if (!strstr(err, why))
		fail_msg("'%s' does not say %s", err, why);
	assert_null(strchr(err, '\n'));
}

static void what_is_no_disk_is_refused(void **state)
{
	(void)state;
	refused("/proc", "proc");
	refused("/sys/kernel", "sysfs");
	refused("/proc/self/status", "no directory");
	refused("/nowhere/at/all", "No such file");
	refused("", "No such file");
}

/* Whatever this machine has: if it is taken, it bears being checked again. */
static void the_default_is_fit(void **state)
{
	const char *dir = storage_default();

	(void)state;
	if (!dir) {
		skip();
		return;
	}
	assert_int_equal(storage_check(dir, path, err, sizeof(err)), 0);
	assert_string_equal(dir, path);
	assert_int_equal(strncmp(dir, "/var/tmp", 8), 0);
}

static void make_file(const char *dir, const char *name)
{
	char file[PATH_MAX + 16];
	int fd;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void names_are_new(void **state)
{
	char other[PATH_MAX];

	(void)state;
	storage_private_name(".", path, sizeof(path));
	storage_private_name(".", other, sizeof(other));
	assert_string_not_equal(path, other);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_directory_is_removed_with_its_files(void **state)
{
	(void)state;
	storage_private_name(".", path, sizeof(path));
	storage_remove(path);
	assert_int_equal(mkdir(path, 0700), 0);
	make_file(path, "a");
	make_file(path, "a-wal");
	storage_remove(path);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* A link that somebody put there leads nowhere, nor is what is deeper reached. */
static void nothing_else_is_removed(void **state)
{
	char real[PATH_MAX], deeper[PATH_MAX + 16];

	(void)state;
	storage_private_name(".", real, sizeof(real));
	storage_private_name(".", path, sizeof(path));
	assert_int_equal(mkdir(real, 0700), 0);
	snprintf(deeper, sizeof(deeper), "%s/deeper", real);
	assert_int_equal(mkdir(deeper, 0700), 0);
	make_file(deeper, "a");
	assert_int_equal(symlink(real, path), 0);
	storage_remove(path);
	storage_remove(real);
	assert_int_equal(access(deeper, F_OK), 0);
	storage_remove(deeper);
	storage_remove(real);
	assert_int_not_equal(access(real, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_disk_is_refused),
		cmocka_unit_test(the_default_is_fit),
		cmocka_unit_test(names_are_new),
		cmocka_unit_test(a_directory_is_removed_with_its_files),
		cmocka_unit_test(nothing_else_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
