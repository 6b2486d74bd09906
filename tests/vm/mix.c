// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mix [-g] PROCESSES THREADS ROUNDS: a tree of tasks that sleep, yield, compute,
 * move between CPUs and wake each other; then all of them pause, for ever.
 *
 * -g: at first all wait in a futex, until this process gets SIGUSR1. It is the
 * parent of the others, which die with it.
 *
 * libraries: -static
 */
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "facts.h"

/*
 * Pids of the workers begin here: an event filter knows them beforehand.
 * Needs a large pid_max.
 */
#define FIRST_PID 3000000

static int processes, threads, rounds;
static atomic_int *gate;
static int neighbours;		/* an eventfd of each process */

static void wait_at_gate(void)
{
	while (!*gate)
		syscall(SYS_futex, gate, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void compute(int amount)
{
	for (volatile int i = 0; i < amount * 1000; i++)
		;
}

/* Wakes a sibling, and is woken by one; not for long, if none is left. */
static void meet(void)
{
	struct pollfd fd = { .fd = neighbours, .events = POLLIN };
	uint64_t value = 1;

	if (write(neighbours, &value, sizeof(value)) < 0)
		broken("write");
	if (poll(&fd, 1, 1) > 0 && read(neighbours, &value, sizeof(value)) < 0 &&
	    errno != EAGAIN)
		broken("read");
}

/* Some CPU may be offline. */
static void move(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) && errno != EINVAL)
		broken("sched_setaffinity");
}

static void *work(void *arg)
{
	unsigned int random = (unsigned int)(uintptr_t)arg;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	wait_at_gate();
	for (int i = 0; i < rounds; i++) {
		switch (rand_r(&random) % 5) {
		case 0:
			sleeps(1);
			break;
		case 1:
			sched_yield();
			break;
		case 2:
			compute(rand_r(&random) % 20);
			break;
		case 3:
			move((int)(rand_r(&random) % cpus));
			break;
		case 4:
			meet();
			break;
		}
	}
	for (;;)
		pause();
	return NULL;
}

static void begin_threads(int number)
{
	neighbours = eventfd(0, EFD_NONBLOCK);
	for (int i = 1; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, (void *)(uintptr_t)(number * 1000 + i)))
			broken("pthread_create");
	}
}

static void open_gate(int sig)
{
	(void)sig;
	*gate = 1;
	/* NOLINTNEXTLINE(bugprone-signal-handler): no more than the system call */
	syscall(SYS_futex, gate, FUTEX_WAKE, 1 << 30, NULL, NULL, 0);
}

int main(int argc, char **argv)
{
	int gated = argc > 1 && !strcmp(argv[1], "-g");

	if (argc != 4 + gated)
		return 2;
	processes = atoi(argv[1 + gated]);
	threads = atoi(argv[2 + gated]);
	rounds = atoi(argv[3 + gated]);
	gate = mmap(NULL, sizeof(*gate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	if (gate == MAP_FAILED)
		broken("mmap");
	*gate = !gated;
	signal(SIGUSR1, open_gate);
	set_next_pid(FIRST_PID);
	for (int i = 1; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			broken("fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			begin_threads(i);
			work((void *)(uintptr_t)i);
		}
	}
	begin_threads(0);
	work(NULL);
}
