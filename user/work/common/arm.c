// SPDX-License-Identifier: GPL-2.0-or-later
/* How the workers of each arm are created and joined. */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arm.h"
#include "protocol.h"

enum arm arm_from_name(const char *name)
{
	if (!strcmp(name, "process"))
		return ARM_PROCESS;
	if (!strcmp(name, "thread"))
		return ARM_THREAD;
	if (!strcmp(name, "other"))
		return ARM_OTHER;
	die("argument arm: '%s' is none of process, thread, other", name);
}

#ifdef __x86_64__
/*
 * glibc has no wrapper, and C cannot return on another stack: the child calls
 * fn(arg) from registers and exits, never to come back here. The system call
 * keeps every register but rax, rcx and r11.
 */
pid_t clone_with_stack(unsigned long long flags, void *stack, size_t size,
		       int (*fn)(void *), void *arg)
{
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = size,
	};
	long pid;

	asm volatile("syscall\n\t"
		     "testq %%rax, %%rax\n\t"
		     "jnz 1f\n\t"
		     "movq %[arg], %%rdi\n\t"
		     "callq *%[fn]\n\t"
		     "movl %%eax, %%edi\n\t"
		     "movl %[exit], %%eax\n\t"
		     "syscall\n\t"
		     "ud2\n"
		     "1:"
		     : "=a" (pid)
		     : "a" (SYS_clone3), "D" (&args), "S" (sizeof(args)),
		       [fn] "r" (fn), [arg] "r" (arg), [exit] "i" (SYS_exit)
		     : "rcx", "r11", "memory", "cc");
	return (pid_t)pid;
}
#else
pid_t clone_with_stack(unsigned long long flags, void *stack, size_t size,
		       int (*fn)(void *), void *arg)
{
	pid_t pid = clone(fn, (char *)stack + size, (int)flags | SIGCHLD, arg);

	return pid < 0 ? -errno : pid;
}
#endif

/* Asked for by the child itself, so its creator may be gone before: look. */
static void die_with_creator(pid_t creator)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != creator)
		_exit(1);
}

static void *thread_entry(void *arg)
{
	struct arm_worker *worker = arg;

	worker->work(worker->arg);
	return NULL;
}

static int other_entry(void *arg)
{
	struct arm_worker *worker = arg;

	die_with_creator(worker->creator);
	worker->work(worker->arg);
	return 0;
}

static int create_process(struct arm_worker *worker)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid) {
		worker->pid = pid;
		return 0;
	}
	die_with_creator(worker->creator);
	worker->work(worker->arg);
	_exit(0);
}

static int create_other(struct arm_worker *worker)
{
	worker->stack = mmap(NULL, ARM_STACK_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (worker->stack == MAP_FAILED)
		return errno;
	worker->pid = clone_with_stack(ARM_OTHER_FLAGS, worker->stack, ARM_STACK_SIZE,
				       other_entry, worker);
	if (worker->pid > 0)
		return 0;
	munmap(worker->stack, ARM_STACK_SIZE);
	return -worker->pid;
}

int arm_create(enum arm arm, struct arm_worker *worker, void (*work)(void *), void *arg)
{
	worker->work = work;
	worker->arg = arg;
	worker->creator = getpid();
	switch (arm) {
	case ARM_PROCESS:
		return create_process(worker);
	case ARM_THREAD:
		return pthread_create(&worker->thread, NULL, thread_entry, worker);
	case ARM_OTHER:
		return create_other(worker);
	}
	return EINVAL;
}

int arm_join(enum arm arm, struct arm_worker *worker)
{
	pid_t pid;
	int status;

	if (arm == ARM_THREAD)
		return pthread_join(worker->thread, NULL) ? -1 : 0;
	do {
		pid = waitpid(worker->pid, &status, 0);
	} while (pid < 0 && errno == EINTR);
	if (arm == ARM_OTHER)
		munmap(worker->stack, ARM_STACK_SIZE);
	return pid < 0 ? -1 : status;
}
