// SPDX-License-Identifier: GPL-2.0-or-later
/* Result files: what is replaced, what is written in place, and what stays. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "output_file.h"

static char err[512], dir[] = "output.XXXXXX";

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void holds(const char *path, const char *wanted)
{
	char text[128] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, wanted);
}

static ino_t inode(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void is_link(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void open_it(struct output_file *file, const char *path)
{
	if (output_file_open(file, path, err, sizeof(err)))
		fail_msg("%s", err);
}

static void commit(struct output_file *file)
{
	*err = '\0';
	output_file_commit(file, 0, err, sizeof(err));
	if (*err)
		fail_msg("%s", err);
}

/* "new" to @path, nothing of which is to be seen there before the end. */
static void write_new(const char *path, const char *before)
{
	struct output_file file;

	open_it(&file, path);
	fputs("new", file.stream);
	fflush(file.stream);
	if (before)
		holds(path, before);
	else
		assert_int_not_equal(access(path, F_OK), 0);
	commit(&file);
	holds(path, "new");
}

/* Each test in a directory of its own, which is empty again at the end. */
static int enter(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return !mkdtemp(dir) || chdir(dir);
}

static int leave(void **state)
{
	(void)state;
	return chdir("..") || rmdir(dir);
}

static void a_file_is_replaced(void **state)
{
	struct output_file file;
	struct stat st;
	ino_t old;

	(void)state;
	umask(027);
	write_new("file", NULL);
	umask(022);
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	put("file", "old");
	old = inode("file");
	write_new("file", "old");
	assert_int_not_equal(inode("file"), old);
	/* nor is anything seen of what is given up */
	open_it(&file, "file");
	fputs("newer", file.stream);
	output_file_discard(&file);
	holds("file", "new");
	unlink("file");
}

static void owner_and_mode_stay(void **state)
{
	struct stat st;

	(void)state;
	put("file", "old");
	assert_int_equal(chmod("file", 0604), 0);
	if (!geteuid())
		assert_int_equal(chown("file", 12, 34), 0);
	write_new("file", "old");
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	if (!geteuid()) {
		assert_int_equal(st.st_uid, 12);
		assert_int_equal(st.st_gid, 34);
	}
	unlink("file");
}

/* Whoever may write, but not give away: the file stays the same. */
static void an_owner_that_cannot_be_kept(void **state)
{
	ino_t old;
	pid_t child;
	int status;

	(void)state;
	if (geteuid()) {
		skip();
		return;
	}
	put("file", "old");
	assert_int_equal(chmod("file", 0666) | chmod(".", 0777), 0);
	old = inode("file");
	child = fork();
	if (!child) {
		struct output_file file;

		if (setgid(34) || setuid(12) ||
		    output_file_open(&file, "file", err, sizeof(err)))
			_exit(1);
		fputs("new", file.stream);
		output_file_commit(&file, 0, err, sizeof(err));
		_exit(*err != '\0');
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	holds("file", "new");
	assert_int_equal(inode("file"), old);
	unlink("file");
}

static void links_stay(void **state)
{
	(void)state;
	assert_int_equal(mkdir("deep", 0777), 0);
	put("deep/file", "old");
	assert_int_equal(symlink("deep/file", "one"), 0);
	assert_int_equal(symlink("../one", "deep/two"), 0);
	write_new("deep/two", "old");
	is_link("one");
	is_link("deep/two");
	holds("deep/file", "new");
	/* where there is nothing yet, too */
	unlink("deep/file");
	write_new("deep/two", NULL);
	is_link("one");
	is_link("deep/two");
	holds("deep/file", "new");
	unlink("deep/file");
	unlink("deep/two");
	unlink("one");
	rmdir("deep");
}

static void what_is_open_is_written_in_place(void **state)
{
	struct output_file file;
	char path[64];
	ino_t old;
	int fd;

	(void)state;
	put("file", "old, longer");
	old = inode("file");
	fd = open("file", O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* as /dev/stdout is one */
	assert_int_equal(symlink(path, "link"), 0);
	open_it(&file, "link");
	fputs("new", file.stream);
	commit(&file);
	is_link("link");
	holds("file", "new");
	assert_int_equal(inode("file"), old);
	close(fd);
	unlink("link");
	unlink("file");
}

/* By whatever name: after what stands there, and before what comes. */
static void standard_output_is_not_opened_again(void **state)
{
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(symlink("/proc/self/fd/1", "link"), 0);
	fflush(NULL);
	child = fork();
	if (!child) {
		struct output_file file;
		int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

		if (dup2(fd, STDOUT_FILENO) < 0)
			_exit(1);
		printf("one ");
		if (output_file_open(&file, "link", err, sizeof(err)))
			_exit(1);
		fputs("two ", file.stream);
		output_file_commit(&file, 0, err, sizeof(err));
		printf("three");
		_exit(fflush(stdout) || *err);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	is_link("link");
	holds("file", "one two three");
	unlink("link");
	unlink("file");
}

static void cannot(const char *path, int error)
{
	struct output_file file;

	assert_int_equal(output_file_open(&file, path, err, sizeof(err)), -error);
	assert_non_null(strstr(err, path));
	assert_non_null(strstr(err, strerror(error)));
	assert_null(file.stream);
}

static void what_cannot_be_written_is_told_at_once(void **state)
{
	(void)state;
	cannot(".", EISDIR);
	cannot("nowhere/file", ENOENT);
	cannot("new/", EISDIR);
	assert_int_equal(symlink("loop", "loop"), 0);
	cannot("loop", ELOOP);
	assert_int_equal(unlink("loop"), 0);
	assert_int_equal(symlink("nowhere/file", "link"), 0);
	cannot("link", ENOENT);
	assert_int_equal(unlink("link"), 0);
}

static void a_full_disk_is_told(void **state)
{
	struct output_file file;

	(void)state;
	open_it(&file, "/dev/full");
	fputs("new", file.stream);
	*err = '\0';
	output_file_commit(&file, 0, err, sizeof(err));
	assert_string_equal(err, "cannot write /dev/full: No space left on device");
	/* the first failure is the one that is told */
	open_it(&file, "/dev/full");
	output_file_commit(&file, -ENOMEM, err, sizeof(err));
	assert_string_equal(err, "cannot write /dev/full: No space left on device");
}

static void what_was_not_written_whole_replaces_nothing(void **state)
{
	struct output_file file;

	(void)state;
	put("file", "old");
	open_it(&file, "file");
	fputs("new", file.stream);
	*err = '\0';
	output_file_commit(&file, -ENOMEM, err, sizeof(err));
	assert_string_equal(err, "cannot write file: Cannot allocate memory");
	holds("file", "old");
	unlink("file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
		TEST(a_file_is_replaced),
		TEST(owner_and_mode_stay),
		TEST(an_owner_that_cannot_be_kept),
		TEST(links_stay),
		TEST(what_is_open_is_written_in_place),
		TEST(standard_output_is_not_opened_again),
		TEST(what_cannot_be_written_is_told_at_once),
		TEST(a_full_disk_is_told),
		TEST(what_was_not_written_whole_replaces_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
