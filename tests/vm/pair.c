// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pair HOW N: two tasks on one CPU hand a byte to each other N times. HOW:
 *
 *	process	fork()
 *	thread	pthread_create()
 *	memory	clone(CLONE_VM): two processes in one address space
 *	alone	no hand-over: one task sleeps N times
 *	vfork	no hand-over: the child sleeps N times, then its parent does
 */
#include <pthread.h>
#include <sys/wait.h>
#include "facts.h"

static int there[2], back[2], n;
static char stack[65536] __attribute__((aligned(16)));

static void hand(int from, int to)
{
	char byte;

	if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
		_exit(71);
}

static int second(void *arg)
{
	(void)arg;
	for (int i = 0; i < n; i++)
		hand(there[0], back[1]);
	return 0;
}

static void *second_thread(void *arg)
{
	second(arg);
	return NULL;
}

static void first(void)
{
	if (write(there[1], "", 1) != 1)
		broken("write");
	for (int i = 1; i < n; i++)
		hand(back[0], there[1]);
}

static void run_vfork(void)
{
	pid_t pid = vfork();

	if (pid < 0)
		broken("vfork");
	if (!pid) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): shared memory is the point */
		sleeps(n);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	fact("child", pid);
	sleeps(n);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pid_t pid = 0;

	if (argc != 3 || pipe(there) || pipe(back))
		return 2;
	n = atoi(argv[2]);
	pin(0);
	if (!strcmp(argv[1], "alone")) {
		sleeps(n);
		goto end;
	}
	if (!strcmp(argv[1], "vfork")) {
		run_vfork();
		goto end;
	}
	if (!strcmp(argv[1], "thread")) {
		if (pthread_create(&thread, NULL, second_thread, NULL))
			broken("pthread_create");
		first();
		pthread_join(thread, NULL);
		goto end;
	}
	if (!strcmp(argv[1], "memory"))
		pid = clone(second, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	else
		pid = fork();
	if (pid < 0)
		broken("fork or clone");
	if (!pid)
		_exit(second(NULL));
	first();
	waitpid(pid, NULL, 0);
	fact("child", pid);
end:
	fact("pid", getpid());
	fact("hands", n);
	return 0;
}
