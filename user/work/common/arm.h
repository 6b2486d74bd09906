/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arms: how a worker comes to life. Nothing else may differ between them.
 */
#ifndef SCHEDSPLIT_WORK_ARM_H
#define SCHEDSPLIT_WORK_ARM_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

enum arm {
	ARM_PROCESS,		/* fork() */
	ARM_THREAD,		/* pthread_create() */
	ARM_OTHER,		/* clone: all that pthread_create shares but the thread group */
};

/*
 * What `other` shares: pthread_create()'s flags without CLONE_THREAD, so that
 * one address space is loaded as for threads while each worker leads a group
 * of its own as processes do. No CLONE_SETTLS: these workers use their
 * creator's thread pointer, hence errno and malloc caches. A work function
 * that runs in this arm keeps to plain system calls.
 */
#define ARM_OTHER_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM)

/* Kept by the caller until the worker is joined. */
struct arm_worker {
	void		(*work)(void *arg);
	void		*arg;
	pid_t		creator;
	pid_t		pid;		/* process, other */
	pthread_t	thread;
	void		*stack;		/* other */
};

/* From its name; an unknown one ends the program. */
enum arm arm_from_name(const char *name);

/**
 * arm_create() - start a worker that runs work(arg)
 *
 * A worker that is a process dies with its creator. Return: 0 or an errno.
 */
int arm_create(enum arm arm, struct arm_worker *worker, void (*work)(void *), void *arg);

/**
 * arm_join() - wait until the worker has ended, and free what it held
 *
 * Return: the status of waitpid(), 0 for a thread; -1 if waiting failed.
 */
int arm_join(enum arm arm, struct arm_worker *worker);

/* clone3() with a stack of @size bytes from @stack. Returns a pid or -errno. */
pid_t clone_with_stack(unsigned long long flags, void *stack, size_t size,
		       int (*fn)(void *), void *arg);

#define ARM_STACK_SIZE	(256 * 1024)	/* of a worker in arm `other` */

#endif
