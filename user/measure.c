// SPDX-License-Identifier: GPL-2.0-or-later
/* One measurement: from the first reading to the last. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "child.h"
#include "error.h"
#include "measure.h"
#include "netlink.h"
#include "signals.h"

#define MS			1000000ull
#define POLL_TARGETS_NS		(250 * MS)	/* do -p and -t still live? */
#define POLL_DESCENDANTS_NS	(10 * MS)	/* of --wait-all */
#define LAST_SWITCH_NS		(1000 * MS)	/* an exiting task gets so long to leave its CPU */
#define BASELINE_TRIES		10

/* A run while it is under way. */
struct run_state {
	struct measure	*measure;
	struct result	*result;
	struct child	 child;
	bool		 ended;		/* the child has */
	uint32_t	 watch;		/* 0: none */
	uint64_t	 start_ns;	/* CLOCK_MONOTONIC */
	struct snapshot	 base;		/* of the system; empty for a watch */
	struct snapshot	 last;		/* at the end of the last interval */
	uint64_t	 ctxt_before, ctxt_after;	/* around base */
	char		*err;
	size_t		 size;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec pause = { .tv_sec = (time_t)(ns / 1000000000),
				  .tv_nsec = (long)(ns % 1000000000) };

	nanosleep(&pause, NULL);
}

/* Switches since boot, of all CPUs. */
static bool read_ctxt(uint64_t *ctxt)
{
	FILE *file = fopen("/proc/stat", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0)
		found = sscanf(line, "ctxt %" SCNu64, ctxt) == 1;
	free(line);
	fclose(file);
	return found;
}

/* --- before: what is watched, and the first reading --- */

int measure_cgroup_path(const char *named, char *path, size_t path_size, char *err, size_t size)
{
	char real[PATH_MAX], mount[PATH_MAX], type[64], line[PATH_MAX + 256];
	const char *below = named;
	FILE *file;

	/* What is a directory of the mounted tree is meant so. */
	file = realpath(named, real) ? fopen("/proc/self/mounts", "re") : NULL;
	while (file && fgets(line, sizeof(line), file)) {
		size_t length;

		if (sscanf(line, "%*s %4095s %63s", mount, type) != 2 || strcmp(type, "cgroup2"))
			continue;
		length = strlen(mount);
		if (!strncmp(real, mount, length) && (real[length] == '/' || !real[length]))
			below = real[length] ? real + length : "/";
	}
	if (file)
		fclose(file);
	if ((size_t)snprintf(path, path_size, "%s%s", *below == '/' ? "" : "/", below) >= path_size)
		return error_set(-ENAMETOOLONG, err, size,
				 "the cgroup's path is too long: name one nearer to the root");
	return 0;
}

static int begin_watch(struct run_state *run)
{
	const struct stat_options *options = run->measure->options;
	struct watch_spec spec = { .pids = options->pid, .n_pids = options->pids };
	char path[SCHEDSPLIT_CGROUP_MAX + 1];
	int ret;

	switch (options->scope) {
	case SCOPE_SYSTEM:
		if (!options->per_task && !options->per_group)
			return 0;
		spec.kind = SCHEDSPLIT_KIND_ALL;
		break;
	case SCOPE_PID:
		spec.kind = SCHEDSPLIT_KIND_GROUP;
		break;
	case SCOPE_TID:
		spec.kind = SCHEDSPLIT_KIND_TASK;
		break;
	case SCOPE_CGROUP:
		spec.kind = SCHEDSPLIT_KIND_CGROUP;
		spec.cgroup = path;
		ret = measure_cgroup_path(options->cgroup, path, sizeof(path), run->err, run->size);
		if (ret)
			return ret;
		break;
	case SCOPE_COMMAND:
		spec.kind = SCHEDSPLIT_KIND_TASK;
		spec.pids = &run->child.pid;
		spec.n_pids = 1;
		break;
	}
	return watch_new(run->measure->session, &spec, &run->watch, run->err, run->size);
}

/* Was nobody born, and did nobody die, between the two? */
static bool nothing_changed(const struct snapshot *a, const struct snapshot *b)
{
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		if (a->sum.class[class].forks != b->sum.class[class].forks ||
		    a->sum.class[class].exits != b->sum.class[class].exits)
			return false;
	return true;
}

/*
 * The system's first reading. The tasks alive then are told by another request:
 * they belong to this reading if births and deaths stood still around it.
 */
static int begin_system(struct run_state *run)
{
	struct session *session = run->measure->session;
	struct snapshot before;
	int ret;

	ret = snapshot_take(session, 0, &before, run->err, run->size);
	if (ret)
		return ret;
	for (int try = 0; try < BASELINE_TRIES; try++) {
		bool calm;

		ret = info_get(session, &run->result->info, run->err, run->size);
		run->result->ctxt.known = read_ctxt(&run->ctxt_before);
		if (!ret)
			ret = snapshot_take(session, 0, &run->base, run->err, run->size);
		run->result->ctxt.known &= read_ctxt(&run->ctxt_after);
		if (ret)
			break;
		calm = nothing_changed(&before, &run->base);
		snapshot_free(&before);
		if (calm || try == BASELINE_TRIES - 1)
			return 0;
		before = run->base;
		snapshot_init(&run->base);
	}
	snapshot_free(&before);
	return ret;
}

/* When the watch began. */
static int read_start(struct run_state *run)
{
	struct watch_state state;
	int ret;

	ret = watch_get(run->measure->session, run->watch, &state, run->err, run->size);
	if (ret)
		return ret;
	run->start_ns = state.time_ns - state.duration_ns;
	watch_state_free(&state);
	return 0;
}

static int begin(struct run_state *run)
{
	const struct measure *measure = run->measure;
	const struct stat_options *options = measure->options;
	int ret;

	ret = info_get(measure->session, &run->result->info, run->err, run->size);
	if (!ret && options->command)
		ret = child_start(&run->child, options->command, measure->session,
				  measure->signals, run->err, run->size);
	if (!ret)
		ret = begin_watch(run);
	if (ret)
		return ret;
	if (options->scope == SCOPE_SYSTEM) {
		ret = begin_system(run);
		run->start_ns = run->base.time_ns;
	} else {
		ret = read_start(run);
	}
	if (!ret && options->interval_ns && options->scope == SCOPE_SYSTEM &&
	    snapshot_copy(&run->last, &run->base))
		ret = error_set(-ENOMEM, run->err, run->size, "out of memory");
	return ret;
}

/* --- while it counts --- */

/*
 * An interval ends with @reading, which is taken over whatever happens, and at
 * @end_ns.
 */
static int end_interval(struct run_state *run, struct snapshot *reading, uint64_t end_ns)
{
	uint64_t start_ns = run->last.time_ns ? run->last.time_ns : run->start_ns;
	struct interval interval;
	struct snapshot change;
	int ret;

	if (snapshot_copy(&change, reading)) {
		snapshot_free(reading);
		return error_set(-ENOMEM, run->err, run->size, "out of memory");
	}
	interval.start_ns = start_ns - run->start_ns;
	interval.end_ns = end_ns - run->start_ns;
	ret = snapshot_subtract(&change, &run->last, run->err, run->size);
	memcpy(interval.class, change.sum.class, sizeof(interval.class));
	snapshot_free(&change);
	snapshot_free(&run->last);
	run->last = *reading;
	if (ret)
		return ret;
	if (run->measure->on_interval && !run->measure->on_interval(&interval, run->measure->data))
		run->measure->interrupted = true;
	return result_add_interval(run->result, &interval) ?
	       error_set(-ENOMEM, run->err, run->size, "out of memory") : 0;
}

static int take_interval(struct run_state *run)
{
	uint32_t watch = run->measure->options->scope == SCOPE_SYSTEM ? 0 : run->watch;
	struct snapshot reading;
	int ret;

	ret = snapshot_take(run->measure->session, watch, &reading, run->err, run->size);
	return ret ? ret : end_interval(run, &reading, reading.time_ns);
}

static bool watch_is_dead(struct run_state *run)
{
	struct watch_state state;
	bool dead;

	if (watch_get(run->measure->session, run->watch, &state, run->err, run->size))
		return false;
	dead = !state.alive;
	watch_state_free(&state);
	return dead;
}

/*
 * A signal for us is one for the command, except for those that the terminal
 * has sent to both. Without a command it ends the counting.
 */
static bool take_signal(struct run_state *run)
{
	bool from_terminal = false;
	int sig = signals_take(run->measure->signals, &from_terminal);

	if (!sig)
		return false;
	run->measure->interrupted = true;
	if (run->child.pid && !run->ended && !from_terminal)
		kill(run->child.pid, sig);
	return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Count until the end of the command, @end_ns, or what else ends it. */
static int count_until(struct run_state *run, uint64_t end_ns)
{
	const struct stat_options *options = run->measure->options;
	bool has_targets = !options->command && (options->scope == SCOPE_PID ||
						 options->scope == SCOPE_TID);
	uint64_t interval_ns = options->interval_ns;
	uint64_t next = interval_ns ? run->start_ns + interval_ns : UINT64_MAX;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = run->measure->signals->fd, .events = POLLIN },
			{ .fd = options->command && !run->ended ? run->child.pidfd : -1,
			  .events = POLLIN },
		};
		uint64_t now = now_ns(), until = earlier(end_ns, next);
		struct timespec timeout;
		int ret;

		if (now >= end_ns)
			return 0;
		if (now >= next) {
			ret = take_interval(run);
			if (ret || (run->measure->interrupted && !options->command))
				return ret;
			/* one that was missed is not made up for */
			while (next <= now)
				next += interval_ns;
			continue;
		}
		if (has_targets)
			until = earlier(until, now + POLL_TARGETS_NS);
		timeout.tv_sec = (time_t)((until - now) / 1000000000);
		timeout.tv_nsec = (long)((until - now) % 1000000000);
		ret = ppoll(fds, 2, until == UINT64_MAX ? NULL : &timeout, NULL);
		if (ret < 0 && errno != EINTR)
			return error_set(-errno, run->err, run->size, "cannot poll: %s",
					 strerror(errno));
		if (ret > 0 && fds[1].revents) {
			run->ended = true;
			return 0;
		}
		if (ret > 0 && fds[0].revents && take_signal(run) && !options->command)
			return 0;
		if (!ret && has_targets && watch_is_dead(run))
			return 0;
	}
}

/*
 * The parent hears of an exit before the task has left its CPU for the last
 * time; those switches are to be counted too.
 */
static void wait_for_last_switch(struct run_state *run, uint32_t tgid)
{
	for (uint64_t end = now_ns() + LAST_SWITCH_NS; now_ns() < end; sleep_ns(MS)) {
		struct group_list groups;
		uint32_t alive = 0;

		if (groups_get(run->measure->session, run->watch, &groups, run->err, run->size))
			continue;
		for (size_t i = 0; i < groups.n; i++)
			if (groups.group[i].tgid == tgid)
				alive += groups.group[i].alive;
		groups_free(&groups);
		if (!alive)
			return;
	}
}

static void wait_for_descendants(struct run_state *run)
{
	struct pollfd fd = { .fd = run->measure->signals->fd, .events = POLLIN };

	while (!watch_is_dead(run)) {
		/* Ctrl-C ends the waiting */
		if (poll(&fd, 1, POLL_DESCENDANTS_NS / MS) > 0 && take_signal(run))
			return;
	}
}

/* --- after --- */

/*
 * With the last reading itself, so that all intervals make up the whole. That of
 * a watch comes after the watch was stopped, and counts to there.
 */
static int end_last_interval(struct run_state *run, uint64_t end_ns)
{
	struct snapshot reading;

	if (snapshot_copy(&reading, &run->result->counts))
		return error_set(-ENOMEM, run->err, run->size, "out of memory");
	return end_interval(run, &reading, end_ns);
}

static int end_system(struct run_state *run)
{
	struct result *result = run->result;
	uint64_t before = 0, after = 0;
	int ret;

	result->ctxt.known &= read_ctxt(&before);
	ret = snapshot_take(run->measure->session, 0, &result->counts, run->err, run->size);
	result->ctxt.known &= read_ctxt(&after);
	if (!ret && run->measure->options->interval_ns)
		ret = end_last_interval(run, result->counts.time_ns);
	if (!ret)
		ret = snapshot_subtract(&result->counts, &run->base, run->err, run->size);
	if (ret)
		return ret;
	result->duration_ns = result->counts.time_ns;
	if (result->ctxt.known) {
		result->ctxt.low = before > run->ctxt_after ? before - run->ctxt_after : 0;
		result->ctxt.high = after - run->ctxt_before;
	}
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		struct counters *counters = &result->counts.sum.class[class];

		counters->tasks = result->info.live[class] + counters->forks;
	}
	return 0;
}

static int end_watch(struct run_state *run, uint64_t *lost)
{
	struct session *session = run->measure->session;
	struct result *result = run->result;
	bool is_system = run->measure->options->scope == SCOPE_SYSTEM;
	struct watch_state state = { .lost = 0 };
	int ret;

	/* From here on all of it is one state. */
	ret = watch_stop(session, run->watch, run->err, run->size);
	if (!ret && !is_system)
		ret = snapshot_take(session, run->watch, &result->counts, run->err, run->size);
	if (!ret)
		ret = watch_get(session, run->watch, &state, run->err, run->size);
	if (!ret && !is_system && run->measure->options->interval_ns) {
		ret = end_last_interval(run, run->start_ns + state.duration_ns);
		if (ret)
			watch_state_free(&state);
	}
	if (ret)
		return ret;
	*lost = state.lost;
	if (!is_system) {
		result->duration_ns = state.duration_ns;
		result->concurrency = state.concurrency;
		memset(&state.concurrency, 0, sizeof(state.concurrency));
	}
	watch_state_free(&state);
	ret = groups_get(session, run->watch, &result->groups, run->err, run->size);
	if (!ret)
		ret = tasks_get(session, run->watch, &result->tasks, run->err, run->size);
	result->watched = !ret;
	return ret;
}

static int end(struct run_state *run)
{
	uint64_t lost = 0;
	int ret = 0;

	if (run->measure->options->scope == SCOPE_SYSTEM)
		ret = end_system(run);
	if (!ret && run->watch)
		ret = end_watch(run, &lost);
	if (!ret && result_close(run->result, lost))
		ret = error_set(-ENOMEM, run->err, run->size, "out of memory");
	return ret;
}

/* The command outlives the counting, with -d: as if timeout(1) had run it. */
static void end_command(struct run_state *run)
{
	if (!run->ended) {
		kill(run->child.pid, SIGTERM);
		while (!run->ended) {
			struct pollfd fds[] = {
				{ .fd = run->measure->signals->fd, .events = POLLIN },
				{ .fd = run->child.pidfd, .events = POLLIN },
			};

			if (poll(fds, 2, -1) > 0) {
				run->ended = fds[1].revents;
				if (fds[0].revents)
					take_signal(run);
			}
		}
	}
	run->result->exit_status = child_wait(&run->child);
	run->result->has_status = true;
}

static int release(struct run_state *run)
{
	int ret = child_release(&run->child, run->measure->options->command, run->err, run->size);

	if (!ret)
		return 0;
	run->result->exit_status = child_wait(&run->child);
	run->result->has_status = true;
	return MEASURE_NOT_EXECUTED;
}

static int run_all(struct run_state *run)
{
	const struct stat_options *options = run->measure->options;
	uint32_t tgid = 0;
	int ret;

	ret = begin(run);
	if (ret)
		return ret;
	if (options->command) {
		tgid = (uint32_t)run->child.pid;
		ret = release(run);
		if (ret)
			return ret;
	}
	ret = count_until(run, options->duration_ns ? run->start_ns + options->duration_ns :
			  UINT64_MAX);
	if (!ret && options->scope == SCOPE_COMMAND && run->ended)
		wait_for_last_switch(run, tgid);
	if (!ret && options->wait_all && run->ended)
		wait_for_descendants(run);
	if (!ret)
		ret = end(run);
	if (options->command)
		end_command(run);
	if (!ret && run->result->runs)
		run->result->run[0].exit_status = run->result->exit_status;
	return ret;
}

int measure_run(struct measure *measure, struct result *result, char *err, size_t size)
{
	struct run_state run = { .measure = measure, .result = result, .err = err, .size = size };
	char ignored[ERROR_SIZE];
	int ret;

	result_init(result, measure->options);
	ret = run_all(&run);
	child_abandon(&run.child);
	if (run.watch)
		watch_del(measure->session, run.watch, ignored, sizeof(ignored));
	snapshot_free(&run.base);
	snapshot_free(&run.last);
	if (ret < 0)
		result_free(result);
	return ret;
}
