// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signaller HOW N: N signals, one after the other, each waited for. HOW:
 *
 *	group	kill() to a process of two threads, of which the second takes them
 *	thread	tgkill() to the second thread
 *	ignored	to a process that ignores it
 *	waited	sigwait() fetches it: it is never delivered
 *	merged	two at once, while they are blocked: one of them is delivered
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include "facts.h"

static sem_t taken, ready;
static pid_t second_tid;
static int n;

static void handler(int sig)
{
	(void)sig;
	sem_post(&taken);
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static void *second(void *arg)
{
	(void)arg;
	second_tid = (pid_t)syscall(SYS_gettid);
	mask(SIG_UNBLOCK);
	sem_post(&ready);
	for (;;)
		pause();
	return NULL;
}

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void to_second(int how)
{
	pthread_t thread;

	mask(SIG_BLOCK);
	if (pthread_create(&thread, NULL, second, NULL))
		broken("pthread_create");
	wait_for(&ready);
	for (int i = 0; i < n; i++) {
		if (how == 'g')
			kill(getpid(), SIGUSR1);
		else
			syscall(SYS_tgkill, getpid(), second_tid, SIGUSR1);
		wait_for(&taken);
	}
}

static void waited(void)
{
	sigset_t set;
	int sig;

	mask(SIG_BLOCK);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (int i = 0; i < n; i++) {
		kill(getpid(), SIGUSR1);
		if (sigwait(&set, &sig))
			broken("sigwait");
	}
}

static void merged(void)
{
	for (int i = 0; i < n; i++) {
		mask(SIG_BLOCK);
		kill(getpid(), SIGUSR1);
		kill(getpid(), SIGUSR1);
		mask(SIG_UNBLOCK);
		wait_for(&taken);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = handler };

	if (argc != 3 || sem_init(&taken, 0, 0) || sem_init(&ready, 0, 0))
		return 2;
	n = atoi(argv[2]);
	if (argv[1][0] == 'i')
		action.sa_handler = SIG_IGN;
	sigaction(SIGUSR1, &action, NULL);
	switch (argv[1][0]) {
	case 'g':
	case 't':
		to_second(argv[1][0]);
		break;
	case 'i':
		for (int i = 0; i < n; i++)
			kill(getpid(), SIGUSR1);
		break;
	case 'w':
		waited();
		break;
	case 'm':
		merged();
		break;
	default:
		return 2;
	}
	_exit(0);
}
