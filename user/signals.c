// SPDX-License-Identifier: GPL-2.0-or-later
/* SIGINT, SIGTERM and SIGHUP as something to poll for. */
#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "signals.h"

int signals_open(struct signals *signals)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct sigaction action;

		/* nohup(1), and background jobs of a script: stay ignored. */
		if (!sigaction(wanted[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	}
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &signals->before);
	return 0;
}

void signals_close(struct signals *signals)
{
	close(signals->fd);
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

int signals_take(const struct signals *signals, bool *from_terminal)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	*from_terminal = info.ssi_code == SI_KERNEL;
	return (int)info.ssi_signo;
}
