// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * visits_cgroup DIR N: sleeps N times, enters the cgroup DIR, sleeps N times,
 * leaves, sleeps 5 * N times, enters, sleeps 2 * N times, leaves; enters to make
 * a child, which sleeps N times there, and leaves.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include "facts.h"

static void move_to(const char *dir)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1 || close(fd))
		broken(path);
}

/* Sleeps in there: at least so many, and at most so many, voluntary switches. */
static void visit(const char *dir, int n, const char *least, const char *most)
{
	long before = voluntary(), inside;

	move_to(dir);
	inside = voluntary();
	sleeps(n);
	fact(least, voluntary() - inside);
	move_to("/sys/fs/cgroup");
	fact(most, voluntary() - before);
}

int main(int argc, char **argv)
{
	pid_t child;
	long before;
	int n;

	if (argc != 3)
		return 2;
	n = atoi(argv[2]);
	sleeps(n);
	visit(argv[1], n, "first_least", "first_most");
	sleeps(5 * n);
	visit(argv[1], 2 * n, "second_least", "second_most");
	fact("pid", getpid());

	fflush(stdout);
	before = voluntary();
	move_to(argv[1]);
	child = fork();
	if (child < 0)
		broken("fork");
	if (!child) {
		sleeps(n);
		fact("in_child", voluntary());
		fflush(stdout);
		_exit(0);
	}
	move_to("/sys/fs/cgroup");
	fact("third_most", voluntary() - before);
	waitpid(child, NULL, 0);
	fact("child", child);
	return 0;
}
