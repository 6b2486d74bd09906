// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * token processes|threads futex|pipe ROUNDS: two workers, pinned to CPUs 0 and
 * 1, hand a token to each other. Who has it computes, hands it over, computes a
 * little more, and sleeps until it comes back. The threads are in a group of their
 * own, which has next to no time with one task only.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "facts.h"

/* Long, compared with what is between an event's trace and its probe. */
#define WITH_NS		20000000
#define WITHOUT_NS	10000000

static atomic_int *turn;
static int token[2][2];		/* pipes: to each */
static int by_pipe, rounds;

static void compute(long ns)
{
	int64_t end = now_ns(CLOCK_MONOTONIC) + ns;

	while (now_ns(CLOCK_MONOTONIC) < end)
		;
}

static void take(int self)
{
	char byte;

	if (by_pipe) {
		if (read(token[self][0], &byte, 1) != 1)
			broken("read");
		return;
	}
	while (*turn != self)
		syscall(SYS_futex, turn, FUTEX_WAIT, !self, NULL, NULL, 0);
}

static void give(int self)
{
	if (by_pipe) {
		if (write(token[!self][1], "", 1) != 1)
			broken("write");
		return;
	}
	*turn = !self;
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *work(void *arg)
{
	int self = (int)(uintptr_t)arg;

	pin(self);
	for (int i = 0; i < rounds; i++) {
		take(self);
		compute(WITH_NS);
		give(self);
		compute(WITHOUT_NS);
	}
	return NULL;
}

static pid_t begin_process(void *(*function)(void *), int self)
{
	pid_t pid = fork();

	if (pid < 0)
		broken("fork");
	if (!pid) {
		function((void *)(uintptr_t)self);
		_exit(0);
	}
	return pid;
}

static void *run_threads(void *arg)
{
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i))
			broken("pthread_create");
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return arg;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	by_pipe = !strcmp(argv[2], "pipe");
	rounds = atoi(argv[3]);
	turn = mmap(NULL, sizeof(*turn), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	if (turn == MAP_FAILED || pipe(token[0]) || pipe(token[1]))
		broken("mmap or pipe");
	*turn = 0;
	if (by_pipe && write(token[0][1], "", 1) != 1)
		broken("write");
	if (!strcmp(argv[1], "threads")) {
		fact("group", begin_process(run_threads, 0));
	} else {
		begin_process(work, 0);
		begin_process(work, 1);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
