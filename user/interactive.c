// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit top` on a terminal. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "interactive.h"
#include "meter.h"
#include "pace.h"
#include "screen.h"
#include "signals.h"
#include "top_options.h"

/* While it runs. */
struct interactive {
	const struct top_options *options;
	struct meter	*meter;
	struct screen	*screen;
	struct view	 view;
	struct pace	 pace;
	struct rates	 shown;
	unsigned long	 intervals;	/* shown so far; 0: there is nothing in shown */
};

int interactive_check(char *err, size_t size)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return 0;
	return error_set(-ENOTTY, err, size,
			 "top needs a terminal for input and output: elsewhere, use --batch");
}

static int take_reading(struct interactive *top, char *err, size_t size)
{
	struct rates rates;
	int ret = meter_next(top->meter, &rates, err, size);

	if (ret)
		return ret;
	/* It is read all the same, for what is shown next to be of one interval. */
	if (screen_is_paused(top->screen)) {
		rates_free(&rates);
		return 0;
	}
	rates_free(&top->shown);
	top->shown = rates;
	top->intervals++;
	return 0;
}

/* @mask: lets SIGWINCH in, which ncurses makes a key of */
static int loop(struct interactive *top, const struct signals *signals, const sigset_t *mask,
		char *err, size_t size)
{
	unsigned long wanted = top->options->intervals;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = signals->fd, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};
		bool from_terminal;
		int ret;

		screen_draw(top->screen, &top->view, top->intervals ? &top->shown : NULL);
		ret = pace_wait(&top->pace, fds, 2, mask);
		if (ret < 0 && ret != -EINTR)
			return error_set(ret, err, size, "cannot poll: %s", strerror(-ret));
		if (signals_take(signals, &from_terminal))
			return 0;
		/* the terminal is gone */
		if (ret > 0 && fds[1].revents & (POLLHUP | POLLERR))
			return 0;
		if (ret && !screen_take_keys(top->screen, &top->view))
			return 0;
		if (ret)
			continue;
		if (wanted && top->intervals == wanted)
			return 0;
		ret = take_reading(top, err, size);
		if (ret)
			return ret;
	}
}

int interactive_run(const struct top_options *options, struct meter *meter,
		    const struct signals *signals, char *err, size_t size)
{
	struct interactive top = { .options = options, .meter = meter, .view = options->view };
	sigset_t change, mask;
	int ret;

	ret = screen_open(&top.screen, err, size);
	if (ret)
		return ret;
	/* It comes while we wait, or its key would wait until the next beat. */
	sigemptyset(&change);
	sigaddset(&change, SIGWINCH);
	sigprocmask(SIG_BLOCK, &change, &mask);
	sigdelset(&mask, SIGWINCH);
	pace_start(&top.pace, options->delay_ns);
	ret = loop(&top, signals, &mask, err, size);
	screen_close(top.screen);
	rates_free(&top.shown);
	return ret;
}
