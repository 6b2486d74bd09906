// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One worker of several is asked to die, to stop, to run a handler, or to be
 * cancelled; who does, and who goes on?
 *
 * What a signal does to a thread it may do to the whole program, so three kinds
 * of tasks take part: this program, the observer, which outlives it all; the
 * creator, a process of its own; and the creator's workers, which are its
 * threads or its children. The observer sees the workers from outside: their
 * heartbeats in shared memory, their state in /proc, and how they ended from
 * wait. Worker 0 is the target.
 *
 * Signals by kill() and tgkill() come from the observer, so that the sender is
 * another process in both arms. pthread_kill() and pthread_cancel() reach only
 * into the caller's own process: the creator calls them. A process has no
 * pthread_cancel(); in its place stands SIGTERM, the request to end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arm.h"
#include "common/clock.h"
#include "common/futex.h"
#include "common/protocol.h"

#define WORKERS_MAX	64
#define CPUS_MAX	1024
#define SENDS_MAX	999

#define BEAT_NS		2000000		/* between two heartbeats */
#define LOOK_NS		2000000		/* between two looks at the workers */
#define POLL_NS		100000		/* between two, at what is about to happen */
/*
 * What nobody has reacted to within this is taken for no reaction. Signals are
 * acted upon at the next return to user space, and a worker returns from a
 * system call at every beat, a busy one from a timer interrupt every 10 ms at
 * the slowest (HZ=100).
 */
#define SETTLED_NS	12000000
#define SETTLED_BEATS	3
/* Then the program gives up; the tool does after 120 s. */
#define PATIENCE_NS	100000000000
#define WARM_UP_SENDS	2		/* first ones meet pages not yet mapped */

enum mode {
	MODE_BLOCKED,	/* in read(2), a cancellation point */
	MODE_BEAT,	/* sleeps and beats; the sleep is a cancellation point too */
	MODE_BUSY,	/* computes and beats: not a single call */
	MODE_MASKED,	/* as MODE_BEAT, with the signal blocked */
	MODE_FAULT,	/* writes where it must not */
};

/* A worker as all see it. Each has its own pair of cache lines. */
struct post {
	unsigned int	index;
	pid_t		tgid, tid;
	uint32_t	mode;		/* that it shall be in */
	uint32_t	phase;		/* that it is in */
	uint64_t	beats;
	uint64_t	taken;		/* runs of the handler */
	int		in, out;	/* pipe that it reads in MODE_BLOCKED */
} __attribute__((aligned(128)));

enum command { COMMAND_NONE, COMMAND_PTHREAD_KILL, COMMAND_CANCEL, COMMAND_JOIN };

/* What observer, creator and workers share. */
struct stage {
	_Alignas(128) uint32_t command;	/* futex: to the creator */
	uint32_t	answered;	/* 1 when it was done */
	int		result;
	uint32_t	created;	/* 1 once there are workers */
	int64_t		sent_ns;	/* just before the last send */
	/* On a cache line of its own. futex: runs of the handler, all workers */
	uint32_t	taken
			__attribute__((aligned(128)));
	int64_t		taken_ns;	/* the last one's first instruction */
	struct post	post[WORKERS_MAX];
};

enum fate { RUNNING, STOPPED, DEAD };

/* Whom it reaches where workers are threads. A worker process is on its own. */
enum reach { NOBODY, TARGET, ALL };

struct action {
	const char	*name;
	int		 signal;
	enum fate	 fate;
	enum reach	 reach;
	enum mode	 mode;		/* of the target, when it is asked */
	bool		 async;		/* cancellation type */
};

/*
 * What the manual promises.
 *
 * signal(7): "The signal disposition is a per-process attribute: in a
 * multithreaded application, the disposition of a particular signal is the same
 * for all threads." pthread_kill(3), of tgkill() too: "if the disposition of the
 * signal is 'stop', 'continue', or 'terminate', this action will affect the
 * whole process." So the target dies or stops with all threads of its process,
 * and no other process does.
 *
 * pthread_cancel(3), pthread_setcanceltype(3), and the list of cancellation
 * points in pthreads(7): it ends the one thread; of deferred type once that
 * calls a cancellation point, or at once if it is in one; of asynchronous type
 * at any time.
 */
static const struct action actions[] = {
	{ "SIGKILL", SIGKILL, DEAD, ALL, MODE_BEAT, false },
	{ "SIGSTOP", SIGSTOP, STOPPED, ALL, MODE_BEAT, false },
	{ "SIGINT", SIGINT, DEAD, ALL, MODE_BEAT, false },
	{ "SIGSEGV", SIGSEGV, DEAD, ALL, MODE_BEAT, false },
	{ "handler", SIGINT, RUNNING, NOBODY, MODE_BLOCKED, false },
	{ "cancel-deferred-busy", SIGTERM, DEAD, NOBODY, MODE_BUSY, false },
	{ "cancel-deferred-blocked", SIGTERM, DEAD, TARGET, MODE_BLOCKED, false },
	{ "cancel-async-busy", SIGTERM, DEAD, TARGET, MODE_BUSY, true },
	{ "cancel-async-blocked", SIGTERM, DEAD, TARGET, MODE_BLOCKED, true },
};

enum by { BY_KILL, BY_TGKILL, BY_PTHREAD_KILL, BY_FAULT, BY_PTHREAD_CANCEL };

static const char *const by_name[] = {
	[BY_KILL] = "kill",
	[BY_TGKILL] = "tgkill",
	[BY_PTHREAD_KILL] = "pthread_kill",
	[BY_FAULT] = "fault",
	[BY_PTHREAD_CANCEL] = "pthread_cancel",
};

static struct stage *stage;
static const struct action *action;
static enum by by;
static enum arm arm;
static unsigned int workers;
static int cpus[CPUS_MAX];
static unsigned int n_cpus;
static void *forbidden;		/* a page without permissions */
static pid_t creator;
static __thread struct post *me;	/* of a worker */

#define load(p)		__atomic_load_n(p, __ATOMIC_SEQ_CST)
#define store(p, value)	__atomic_store_n(p, value, __ATOMIC_SEQ_CST)

static void sleep_ns(long ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

/* ---- workers ---- */

static void on_signal(int sig)
{
	int64_t now = now_ns();
	int saved = errno;

	(void)sig;
	if (me)
		__atomic_add_fetch(&me->taken, 1, __ATOMIC_SEQ_CST);
	store(&stage->taken_ns, now);
	__atomic_add_fetch(&stage->taken, 1, __ATOMIC_SEQ_CST);
	futex_wake(&stage->taken, 1);
	errno = saved;
}

static void change_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, action->signal);
	pthread_sigmask(how, &set, NULL);
}

static void be_busy(void)
{
	/* Nothing here that could be a cancellation point, or is unsafe to cancel. */
	while (load(&me->mode) == MODE_BUSY)
		__atomic_add_fetch(&me->beats, 1, __ATOMIC_RELAXED);
}

static void be_blocked(void)
{
	char byte;

	/* EINTR from a handler, a byte when the mode has changed. */
	if (read(me->in, &byte, 1) < 0 && errno != EINTR)
		_exit(1);
}

static void beat(void)
{
	__atomic_add_fetch(&me->beats, 1, __ATOMIC_RELAXED);
	sleep_ns(BEAT_NS);
}

static void be_masked(void)
{
	change_mask(SIG_BLOCK);
	store(&me->phase, MODE_MASKED);
	while (load(&me->mode) == MODE_MASKED)
		beat();
	change_mask(SIG_UNBLOCK);
}

static void take_part(void *arg)
{
	char name[16];
	sigset_t none;

	me = arg;
	snprintf(name, sizeof(name), "worker %u", me->index);
	prctl(PR_SET_NAME, name);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	me->tgid = getpid();
	me->tid = (pid_t)syscall(SYS_gettid);
	if (action->async)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;) {
		uint32_t mode = load(&me->mode);

		if (mode != MODE_MASKED)
			store(&me->phase, mode);
		if (mode == MODE_BLOCKED)
			be_blocked();
		else if (mode == MODE_BEAT)
			beat();
		else if (mode == MODE_BUSY)
			be_busy();
		else if (mode == MODE_MASKED)
			be_masked();
		else
			*(volatile char *)forbidden = 1;
	}
}

/* ---- the creator ---- */

static void set_dispositions(void)
{
	struct sigaction act = { .sa_handler = SIG_DFL };

	/* A shell starts what runs in its background with SIGINT ignored. */
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGSEGV, &act, NULL);
	if (!strcmp(action->name, "handler"))
		act.sa_handler = on_signal;
	sigaction(SIGINT, &act, NULL);
}

static int answer(uint32_t command, const struct arm_worker *target)
{
	void *result;

	switch (command) {
	case COMMAND_PTHREAD_KILL:
		store(&stage->sent_ns, now_ns());
		return pthread_kill(target->thread, action->signal);
	case COMMAND_CANCEL:
		return pthread_cancel(target->thread);
	case COMMAND_JOIN:
		return pthread_join(target->thread, &result) || result != PTHREAD_CANCELED;
	default:
		return EINVAL;
	}
}

static void serve(const struct arm_worker *target)
{
	for (;;) {
		uint32_t command = load(&stage->command);

		if (command == COMMAND_NONE) {
			futex_wait(&stage->command, COMMAND_NONE);
			continue;
		}
		store(&stage->command, COMMAND_NONE);
		stage->result = answer(command, target);
		/* No wake: the observer would run before the target did. It looks again. */
		store(&stage->answered, 1);
	}
}

static void create_workers(pid_t observer)
{
	static struct arm_worker handle[WORKERS_MAX];
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != observer)
		_exit(1);
	prctl(PR_SET_NAME, "creator");
	/* Writing a core would keep the dying, and may leave a file. */
	prctl(PR_SET_DUMPABLE, 0);
	set_dispositions();
	/* A handler is for workers to run: only they let signals in. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (unsigned int i = 0; i < workers; i++) {
		int err = arm_create(arm, &handle[i], take_part, &stage->post[i]);

		if (err)
			die("cannot create worker %u of %u: %s", i + 1, workers, strerror(err));
	}
	store(&stage->created, 1);
	serve(&handle[0]);
}

/* ---- the observer: looking ---- */

/* The state's letter in /proc; 0 if there is no such task. */
static char task_state(pid_t tgid, pid_t tid)
{
	char path[64], text[512], *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tgid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;	/* it went while we read */
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 0;
}

static enum fate fate_of(pid_t tgid, pid_t tid)
{
	switch (task_state(tgid, tid)) {
	case 0:
	case 'X':
	case 'Z':
		return DEAD;
	case 'T':
		return STOPPED;
	default:
		return RUNNING;
	}
}

static bool is_asleep(const struct post *post)
{
	return task_state(post->tgid, post->tid) == 'S';
}

static void look(enum fate *fate)
{
	for (unsigned int i = 0; i < workers; i++)
		fate[i] = fate_of(stage->post[i].tgid, stage->post[i].tid);
}

static void give_up_after(int64_t begun, const char *what)
{
	if (now_ns() - begun > PATIENCE_NS)
		die("%s for %d s", what, (int)(PATIENCE_NS / 1000000000));
}

/*
 * Until nothing changes any more: for a while all have been dead, or stopped,
 * or have gone on. A worker that has beaten several times since the last change
 * has returned from as many system calls, which none does that has a deadly or
 * stopping signal waiting; one in MODE_BLOCKED goes on in that it sleeps.
 */
static void settle(enum fate *fate)
{
	uint64_t beats[WORKERS_MAX] = { 0 };
	int64_t begun = now_ns(), since = begun;
	bool changed = true;

	look(fate);
	for (;;) {
		enum fate before[WORKERS_MAX];
		bool all_go_on = true;

		for (unsigned int i = 0; i < workers && changed; i++)
			beats[i] = load(&stage->post[i].beats);
		sleep_ns(LOOK_NS);
		memcpy(before, fate, sizeof(before));
		look(fate);
		changed = memcmp(before, fate, workers * sizeof(*fate)) != 0;
		for (unsigned int i = 0; i < workers; i++) {
			if (fate[i] != RUNNING)
				continue;
			if (load(&stage->post[i].mode) == MODE_BLOCKED)
				changed |= !is_asleep(&stage->post[i]);
			else if (load(&stage->post[i].beats) - beats[i] < SETTLED_BEATS)
				all_go_on = false;
		}
		if (changed)
			since = now_ns();
		else if (all_go_on && now_ns() - since >= SETTLED_NS)
			return;
		give_up_after(begun, "a worker neither ended, nor stopped, nor went on");
	}
}

static unsigned int count(const enum fate *fate, enum fate wanted)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < workers; i++)
		n += fate[i] == wanted;
	return n;
}

/* ---- the observer: leading ---- */

static void set_mode(unsigned int i, enum mode mode)
{
	struct post *post = &stage->post[i];

	store(&post->mode, mode);
	if (load(&post->phase) == MODE_BLOCKED && write(post->out, "", 1) != 1)
		die("cannot write to a pipe: %s", strerror(errno));
}

/* Until the worker does what its mode says. */
static void wait_for_mode(unsigned int i)
{
	const struct post *post = &stage->post[i];
	int64_t begun = now_ns();

	while (load(&post->phase) != load(&post->mode) ||
	       (load(&post->mode) == MODE_BLOCKED && !is_asleep(post))) {
		sleep_ns(POLL_NS);
		if (now_ns() - begun > PATIENCE_NS)
			die("worker %u is in mode %u and state %c, not in mode %u", i,
			    load(&post->phase), task_state(post->tgid, post->tid) ?: '-',
			    load(&post->mode));
	}
}

/* The target in @mode, the others in @others. */
static void set_modes(enum mode mode, enum mode others)
{
	for (unsigned int i = 0; i < workers; i++)
		set_mode(i, i ? others : mode);
	for (unsigned int i = 0; i < workers; i++)
		if (load(&stage->post[i].mode) != MODE_FAULT)
			wait_for_mode(i);
}

/* Back to the heartbeat: those that live. */
static void resume_all(const enum fate *fate)
{
	for (unsigned int i = 0; i < workers; i++)
		if (fate[i] != DEAD)
			set_mode(i, MODE_BEAT);
}

/* Lets the creator do it. Its answer, or -1 if it died or stopped doing so. */
static int ask_creator(enum command command)
{
	int64_t begun = now_ns();

	store(&stage->answered, 0);
	store(&stage->command, command);
	futex_wake(&stage->command, 1);
	while (!load(&stage->answered)) {
		if (fate_of(creator, creator) != RUNNING)
			return -1;
		sleep_ns(POLL_NS);
		give_up_after(begun, "the workers' creator did not answer");
	}
	return stage->result;
}

static void must(int err, const char *what)
{
	if (err > 0)
		die("%s: %s", what, strerror(err));
}

/* From outside, to worker 0. */
static void send_signal(int sig)
{
	const struct post *target = &stage->post[0];
	long ret;

	store(&stage->sent_ns, now_ns());
	/* The worker's own number, process or thread, as ps shows it. */
	if (by == BY_KILL || by == BY_PTHREAD_CANCEL)
		ret = kill(target->tid, sig);
	else
		ret = syscall(SYS_tgkill, target->tgid, target->tid, sig);
	must(ret ? errno : 0, by_name[by]);
}

static void act(void)
{
	if (by == BY_FAULT)
		set_mode(0, MODE_FAULT);
	else if (by == BY_PTHREAD_KILL)
		must(ask_creator(COMMAND_PTHREAD_KILL), "pthread_kill");
	else if (by == BY_PTHREAD_CANCEL && arm == ARM_THREAD)
		must(ask_creator(COMMAND_CANCEL), "pthread_cancel");
	else
		send_signal(action->signal);
}

static void make_posts(void)
{
	for (unsigned int i = 0; i < workers; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC))
			die("cannot make a pipe: %s", strerror(errno));
		stage->post[i].index = i;
		stage->post[i].in = fds[0];
		stage->post[i].out = fds[1];
		stage->post[i].mode = MODE_BLOCKED;
		stage->post[i].phase = MODE_BEAT;
	}
}

static void begin_set(void)
{
	pid_t observer = getpid();
	enum fate fate[WORKERS_MAX] = { 0 };
	int64_t begun = now_ns();

	make_posts();
	/* Workers that outlive their creator become ours, and their status too. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_DFL);
	creator = fork();
	if (creator < 0)
		die("cannot fork: %s", strerror(errno));
	if (!creator)
		create_workers(observer);
	while (!load(&stage->created)) {
		if (fate_of(creator, creator) == DEAD)
			die("the workers' creator ended early");
		sleep_ns(POLL_NS);
		give_up_after(begun, "there were no workers");
	}
	for (unsigned int i = 0; i < workers; i++)
		wait_for_mode(i);
	look(fate);
	if (count(fate, RUNNING) != workers)
		unavailable("/proc does not show the workers");
}

/*
 * Ends what is left. @status: wait's of each worker process, of the creator
 * where workers are its threads.
 */
static void end_set(int *status)
{
	int got;
	pid_t pid;

	kill(creator, SIGKILL);
	while ((pid = waitpid(-1, &got, 0)) > 0 || errno == EINTR)
		for (unsigned int i = 0; i < workers; i++)
			if (pid == (arm == ARM_THREAD ? creator : stage->post[i].tid))
				status[i] = got;
}

/* ---- an action on one worker ---- */

static enum fate promised(unsigned int i)
{
	enum reach reach = arm == ARM_THREAD ? action->reach : TARGET;

	return reach == ALL || (reach == TARGET && !i) ? action->fate : RUNNING;
}

static bool as_promised(const enum fate *fate)
{
	for (unsigned int i = 0; i < workers; i++)
		if (fate[i] != promised(i))
			return false;
	return true;
}

/* Those that ended in the action did so of its signal. */
static bool died_of_it(const enum fate *fate, const int *status)
{
	for (unsigned int i = 0; i < workers; i++)
		if (fate[i] == DEAD &&
		    (!WIFSIGNALED(status[i]) || WTERMSIG(status[i]) != action->signal))
			return false;
	return true;
}

/* Whether wait tells the creator's parent, once, of @what: WSTOPPED, WCONTINUED. */
static bool parent_is_told(int what)
{
	siginfo_t info = { .si_pid = 0 };

	return !waitid(P_PID, (id_t)creator, &info, what | WNOHANG) && info.si_pid == creator;
}

static void report_fates(const enum fate *fate)
{
	bool alone = fate[0] != RUNNING;

	for (unsigned int i = 1; i < workers; i++)
		alone &= fate[i] == RUNNING;
	report_metric("hit_one", alone, 1);
	report_metric("died", count(fate, DEAD), 1);
	report_metric("stopped", count(fate, STOPPED), 1);
	report_metric("survived", count(fate, RUNNING), 1);
}

/* SIGCONT, and whether all is as before. */
static bool continue_them(enum fate *later)
{
	/* A creator that is stopped itself cannot call pthread_kill(). */
	send_signal(SIGCONT);
	settle(later);
	return count(later, RUNNING) == workers;
}

static bool went_on_as_promised(const enum fate *fate, enum fate *later)
{
	if (action->fate == STOPPED) {
		bool told = parent_is_told(WSTOPPED);
		bool all = continue_them(later);

		return told == (arm == ARM_THREAD) && parent_is_told(WCONTINUED) == told && all;
	}
	resume_all(fate);
	settle(later);
	/* A request that was pending takes effect in the first sleep. */
	if (arm == ARM_THREAD && by == BY_PTHREAD_CANCEL)
		return later[0] == DEAD && count(later, RUNNING) == workers - 1 &&
		       !ask_creator(COMMAND_JOIN);
	return !memcmp(fate, later, workers * sizeof(*fate));
}

static void run_action(void)
{
	enum fate fate[WORKERS_MAX] = { 0 }, later[WORKERS_MAX] = { 0 };
	int status[WORKERS_MAX] = { 0 };
	int64_t begun, ended;
	bool as_documented;

	set_modes(action->mode, MODE_BEAT);
	begun = now_ns();
	act();
	settle(fate);
	ended = now_ns();
	as_documented = as_promised(fate);
	if (count(fate, DEAD) < workers)
		as_documented &= went_on_as_promised(fate, later);
	/* First, so that the kernel's counts of exits are of the action alone. */
	report_done();
	end_set(status);
	if (arm != ARM_THREAD || count(fate, DEAD) == workers)
		as_documented &= died_of_it(fate, status);
	report_count("interval_ns", ended - begun);
	report_fates(fate);
	if (action->fate == STOPPED)
		report_metric("continued", count(later, RUNNING), 1);
	report_metric("as_documented", as_documented, 1);
}

/* ---- a handler ---- */

static void move_to(pid_t tid, int cpu)
{
	cpu_set_t mask;

	CPU_ZERO(&mask);
	CPU_SET(cpu, &mask);
	if (sched_setaffinity(tid, sizeof(mask), &mask))
		die("cannot move to CPU %d: %s", cpu, strerror(errno));
}

/* Until somebody ran the handler. How long that was after the send. */
static int64_t wait_for_handler(uint32_t before)
{
	int64_t begun = now_ns();

	while (load(&stage->taken) == before) {
		futex_wait_for(&stage->taken, before, 100);
		give_up_after(begun, "nobody took the signal");
	}
	return load(&stage->taken_ns) - load(&stage->sent_ns);
}

/*
 * A busy target that beats is back from the handler, within which the signal is
 * blocked; on a CPU of its own it runs at this moment. On ours it can beat only
 * while we sleep.
 */
static void wait_for_beat(int cpu)
{
	uint64_t before = load(&stage->post[0].beats);
	int64_t begun = now_ns();

	while (load(&stage->post[0].beats) == before) {
		if (cpu == cpus[0])
			sleep_ns(POLL_NS);
		give_up_after(begun, "the busy worker did nothing");
	}
}

static int compare_ns(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The median of several. Sender on the first CPU. The target is busy on the
 * second; or runnable, since the sender has its CPU and gives it up right after
 * the send; or blocked, its CPU idle.
 */
static void measure_latency(const char *metric, enum mode mode, int cpu, unsigned int sends)
{
	static int64_t latency[SENDS_MAX];

	move_to(stage->post[0].tid, cpu);
	set_modes(mode, MODE_BLOCKED);
	for (unsigned int i = 0; i < WARM_UP_SENDS + sends; i++) {
		uint32_t before;

		wait_for_mode(0);
		if (mode == MODE_BUSY)
			wait_for_beat(cpu);
		before = load(&stage->taken);
		act();
		if (i < WARM_UP_SENDS)
			wait_for_handler(before);
		else
			latency[i - WARM_UP_SENDS] = wait_for_handler(before);
	}
	qsort(latency, sends, sizeof(*latency), compare_ns);
	report_metric(metric, latency[sends / 2], 1);
}

static uint64_t taken_by_others(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 1; i < workers; i++)
		sum += load(&stage->post[i].taken);
	return sum;
}

/*
 * The target blocks the signal. Whether it ran the handler nevertheless goes to
 * @spared. Returns whether all was as signal(7) has it: a signal to the process
 * goes to any thread that does not block it; one to the thread, or to a process
 * with no other thread, is pending until it is unblocked.
 */
static bool try_masked(bool *spared)
{
	bool others_can = by == BY_KILL && arm == ARM_THREAD;
	uint64_t target = load(&stage->post[0].taken), others = taken_by_others();
	enum fate fate[WORKERS_MAX] = { 0 };
	bool as_documented;

	set_modes(MODE_MASKED, MODE_BEAT);
	act();
	settle(fate);
	*spared = load(&stage->post[0].taken) == target;
	as_documented = *spared && taken_by_others() - others == others_can;
	set_mode(0, MODE_BEAT);
	settle(fate);
	return as_documented && load(&stage->post[0].taken) - target == !others_can &&
	       taken_by_others() - others == others_can;
}

static void run_handler(unsigned int sends)
{
	bool spared, once, by_target, as_documented;
	int second = cpus[n_cpus > 1];
	enum fate fate[WORKERS_MAX] = { 0 };
	int status[WORKERS_MAX];
	unsigned int all = 2;
	int64_t begun;

	move_to(0, cpus[0]);
	move_to(creator, cpus[0]);
	begun = now_ns();
	measure_latency("latency_runnable", MODE_BUSY, cpus[0], sends);
	measure_latency("latency_blocked", MODE_BLOCKED, second, sends);
	if (n_cpus > 1) {
		measure_latency("latency_busy", MODE_BUSY, second, sends);
		all++;
	}
	all *= WARM_UP_SENDS + sends;
	once = load(&stage->taken) == all;
	by_target = load(&stage->post[0].taken) == all;
	as_documented = try_masked(&spared) && once &&
			(by_target || (by == BY_KILL && arm == ARM_THREAD));
	look(fate);
	as_documented &= count(fate, RUNNING) == workers;
	report_count("interval_ns", now_ns() - begun);
	report_done();
	end_set(status);
	report_metric("hit_one", once && by_target && count(fate, RUNNING) == workers, 1);
	report_metric("died", count(fate, DEAD), 1);
	report_metric("stopped", count(fate, STOPPED), 1);
	report_metric("survived", count(fate, RUNNING), 1);
	report_metric("taken_once", once, 1);
	report_metric("masked_spared", spared, 1);
	report_metric("as_documented", as_documented, 1);
}

/* ---- arguments ---- */

static const struct action *action_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(name, actions[i].name))
			return &actions[i];
	die("argument action: there is no '%s'", name);
}

static enum by by_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(by_name) / sizeof(by_name[0]); i++)
		if (!strcmp(name, by_name[i]))
			return (enum by)i;
	die("argument by: there is no '%s'", name);
}

static void check_arguments(void)
{
	bool cancels = !strncmp(action->name, "cancel-", 7);
	bool by_cancel = by == BY_PTHREAD_CANCEL;

	if (arm == ARM_OTHER)
		die("argument arm: 'other' is none of process, thread");
	if (cancels != by_cancel ||
	    (by == BY_FAULT && action->signal != SIGSEGV))
		die("there is no %s by %s", action->name, by_name[by]);
	if (by == BY_PTHREAD_KILL && arm == ARM_PROCESS)
		die("pthread_kill() reaches no other process");
}

int main(int argc, char **argv)
{
	unsigned int sends;

	protocol_start(argc, argv);
	arm = arm_from_name(argument_text("arm"));
	action = action_from_name(argument_text("action"));
	by = by_from_name(argument_text("by"));
	workers = (unsigned int)argument_number("workers", 2, WORKERS_MAX);
	sends = (unsigned int)argument_number("iterations", 1, SENDS_MAX);
	n_cpus = argument_list("cpus", cpus, CPUS_MAX);
	check_arguments();
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	forbidden = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED || forbidden == MAP_FAILED)
		die("no memory for %u workers", workers);

	begin_set();
	report_ready();
	if (!strcmp(action->name, "handler"))
		run_handler(sends);
	else
		run_action();
	report_end();
	return 0;
}
