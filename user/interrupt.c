// SPDX-License-Identifier: GPL-2.0-or-later
/* Asked to end. */
#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNALS	(sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t came;
static struct sigaction before_action[SIGNALS];
static struct sigaction before_pipe;
static sigset_t before_mask;

static void (*last_clean_up)(void);

static void note(int sig)
{
	if (came) {
		if (last_clean_up)
			last_clean_up();
		_exit(128 + sig);
	}
	came = sig;
}

static void set_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(how, &set, NULL);
}

void interrupt_at_once(void (*clean_up)(void))
{
	last_clean_up = clean_up;
}

void interrupt_let_in(void)
{
	set_mask(SIG_UNBLOCK);
}

void interrupt_hold(void)
{
	if (!came)
		set_mask(SIG_BLOCK);
}

int interrupt_catch(void)
{
	/* Where they are let in, what was going on goes on; ppoll() ends all the same. */
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
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
	if (ret < 0)
		ret = -errno;
	if (came)
		set_mask(SIG_UNBLOCK);
	return ret;
}
