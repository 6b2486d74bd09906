/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Futexes without FUTEX_PRIVATE_FLAG, so that every arm takes the same path
 * through the kernel: a private one is looked up by address, cheaper, and only
 * threads could use it.
 */
#ifndef SCHEDSPLIT_WORK_FUTEX_H
#define SCHEDSPLIT_WORK_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps while *word == value. Returns 0, or errno: EAGAIN, EINTR. */
static inline int futex_wait(uint32_t *word, uint32_t value)
{
	return syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0) ? errno : 0;
}

/* … but no longer than @ms. Returns as above, or ETIMEDOUT. */
static inline int futex_wait_for(uint32_t *word, uint32_t value, int ms)
{
	struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	return syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0) ? errno : 0;
}

static inline void futex_wake(uint32_t *word, int waiters)
{
	syscall(SYS_futex, word, FUTEX_WAKE, waiters, NULL, NULL, 0);
}

#endif
