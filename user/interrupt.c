// SPDX-License-Identifier: GPL-2.0-or-later
/* Asked to end. */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "interrupt.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNALS	(sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t came;
static struct sigaction before_action[SIGNALS];
static struct sigaction before_pipe;
static sigset_t before_mask;

static void note(int sig)
{
	came = sig;
}

int interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = note };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&block, signals[i]);
	if (sigprocmask(SIG_BLOCK, &block, &before_mask))
		return -errno;
	if (sigaction(SIGPIPE, &ignore, &before_pipe))
		return -errno;
	for (size_t i = 0; i < SIGNALS; i++) {
		if (sigaction(signals[i], NULL, &before_action[i]))
			return -errno;
		/* nohup(1) and background jobs of a script: stay ignored. */
		if (before_action[i].sa_handler == SIG_IGN)
			continue;
		if (sigaction(signals[i], &action, NULL))
			return -errno;
	}
	return 0;
}

void interrupt_restore(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before_action[i], NULL);
	sigaction(SIGPIPE, &before_pipe, NULL);
	sigprocmask(SIG_SETMASK, &before_mask, NULL);
}

int interrupt_signal(void)
{
	interrupt_poll(NULL, 0, 0);
	return came;
}

int interrupt_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct timespec timeout = { .tv_sec = timeout_ms / 1000,
				    .tv_nsec = timeout_ms % 1000 * 1000000L };
	int ret;

	if (came)
		return -EINTR;
	ret = ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, &before_mask);
	return ret < 0 ? -errno : ret;
}
