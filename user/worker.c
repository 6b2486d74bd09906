// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts a worker program, talks with it, and sees it to its end. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "interrupt.h"
#include "worker.h"

/* Both ends of the three pipes: see run_child() for who has which. */
struct pipes {
	int report[2];
	int control[2];
	int gate[2];
};

#define COMPANION_ARGUMENTS_MAX	4
#define OTHERS_MAX		64
#define STRAY_ROUNDS		2000
#define STRAY_PAUSE_US		1000

struct conversation {
	const struct worker_command	*command;
	struct worker_result		*result;
	int				 control;
	bool				 companion;	/* talk is with the companion */
	bool				 ready;		/* it said so */
	bool				 ended;		/* `end` was said */
	char				*argument[COMPANION_ARGUMENTS_MAX];
	size_t				 n_arguments, n_said;
	char				 said[512];
};

/* A program that was started: who it is, and how we talk with it. */
struct program {
	pid_t				 pid;
	struct pipes			 pipes;
	struct conversation		 talk;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

__attribute__((format(printf, 2, 3)))
static void fail(struct worker_result *result, const char *fmt, ...)
{
	va_list ap;

	/* The first reason is the cause of any that follow. */
	if (result->outcome != WORKER_WORKED)
		return;
	result->outcome = WORKER_FAILED;
	va_start(ap, fmt);
	vsnprintf(result->reason, sizeof(result->reason), fmt, ap);
	va_end(ap);
	if (!*result->reason)
		strcpy(result->reason, "the worker program does not say why");
	/* What a fork, a clone or a stack beyond a limit ends with. */
	if (strstr(result->reason, strerror(EAGAIN)))
		strncat(result->reason, " (see ulimit -a)",
			sizeof(result->reason) - strlen(result->reason) - 1);
	/* It may quote what others wrote. */
	text_clean(result->reason);
}

const char *worker_directory(char *err, size_t size)
{
	static const char *const beside[] = { "../libexec/schedsplit", "libexec/schedsplit" };
	static char path[PATH_MAX + 32];
	const char *named = getenv("SCHEDSPLIT_LIBEXEC");
	char self[PATH_MAX], *slash;
	ssize_t n;

	if (named && *named) {
		if (!access(named, X_OK))
			return named;
		snprintf(err, size, "SCHEDSPLIT_LIBEXEC: %s: %s", named, strerror(errno));
		return NULL;
	}
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0) {
		snprintf(err, size, "cannot tell where this program is: %s", strerror(errno));
		return NULL;
	}
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", self, beside[i]);
		if (!access(path, X_OK))
			return path;
	}
	snprintf(err, size,
		 "no worker programs beside %s: build or install them, or set SCHEDSPLIT_LIBEXEC",
		 self);
	return NULL;
}

/* Leaders of their groups, each until it is about to be reaped; 0: none. */
static volatile pid_t running[2];

void worker_kill(void)
{
	for (size_t i = 0; i < 2; i++)
		if (running[i])
			kill(-running[i], SIGKILL);
}

void worker_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void close_pipes(struct pipes *pipes)
{
	int *all[] = { pipes->report, pipes->control, pipes->gate };

	for (size_t i = 0; i < 3; i++)
		for (int end = 0; end < 2; end++)
			if (all[i][end] >= 0)
				close(all[i][end]);
}

static int open_pipes(struct pipes *pipes)
{
	*pipes = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (!pipe2(pipes->report, O_CLOEXEC) && !pipe2(pipes->control, O_CLOEXEC) &&
	    !pipe2(pipes->gate, O_CLOEXEC))
		return 0;
	close_pipes(pipes);
	return -errno;
}

static void close_end(int *fd)
{
	close(*fd);
	*fd = -1;
}

static int set_affinity(const int *cpus, unsigned int n_cpus)
{
	size_t size = CPU_ALLOC_SIZE(MACHINE_CPUS_MAX);
	cpu_set_t *mask = CPU_ALLOC(MACHINE_CPUS_MAX);
	int ret;

	if (!mask)
		return -1;
	CPU_ZERO_S(size, mask);
	for (unsigned int i = 0; i < n_cpus; i++)
		CPU_SET_S((size_t)cpus[i], size, mask);
	ret = sched_setaffinity(0, size, mask);
	CPU_FREE(mask);
	return ret;
}

static void child_fails(int report, const char *what)
{
	dprintf(report, "error %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* What differs between the worker program and its companion. */
struct role {
	const char		*name;
	const int		*cpus;
	unsigned int		 n_cpus;
	const char		*interpreter;
};

static void become(const struct worker_command *command, const struct role *role,
		   const struct pipes *pipes)
{
	static char locale[] = "LC_ALL=C", search[] = "PATH=/usr/bin:/bin";
	static char db[4096];
	char *const environment[] = { locale, search, command->db ? db : NULL, NULL };
	char *argv[WORKER_ARGUMENTS_MAX + 8], report[32], control[32], path[PATH_MAX], err[128];
	static char no_site[] = "-S", no_environment[] = "-E";
	const char *directory = worker_directory(err, sizeof(err));
	size_t n = 0;

	snprintf(db, sizeof(db), "SCHEDSPLIT_DB=%s", command->db ? command->db : "");
	snprintf(path, sizeof(path), "%s/%s", directory, role->name);
	snprintf(report, sizeof(report), "report=%d", pipes->report[1]);
	snprintf(control, sizeof(control), "control=%d", pipes->control[0]);
	if (role->interpreter) {
		argv[n++] = (char *)role->interpreter;
		argv[n++] = no_site;
		argv[n++] = no_environment;
		argv[n++] = path;
	} else {
		argv[n++] = (char *)role->name;
	}
	argv[n++] = report;
	argv[n++] = control;
	for (size_t i = 0; command->arguments[i]; i++)
		argv[n++] = (char *)command->arguments[i];
	argv[n] = NULL;
	if (command->user_environment)
		execve(path, argv, environ);
	else if (role->interpreter)
		execve(role->interpreter, argv, environment);
	else
		execve(path, argv, environment);
	/* Built without its library, on a lean machine: no failure. */
	if (errno == ENOENT && !role->interpreter) {
		dprintf(pipes->report[1], "unavailable worker program %s was not built\n",
			role->name);
		_exit(0);
	}
	child_fails(pipes->report[1], role->interpreter ? role->interpreter : path);
}

/* Waits at the gate until it is watched, then becomes the program. */
static void run_child(const struct worker_command *command, const struct role *role,
		      struct pipes *pipes, pid_t parent)
{
	char byte;
	int null;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	close_end(&pipes->gate[1]);
	if (read(pipes->gate[0], &byte, 1) != 1)
		_exit(1);
	interrupt_restore();
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		child_fails(pipes->report[1], "/dev/null");
	if (null > STDERR_FILENO)
		close(null);
	if (set_affinity(role->cpus, role->n_cpus))
		child_fails(pipes->report[1], "cannot set the CPU affinity");
	/*
	 * Huge pages make what is touched, copied or faulted in depend on how
	 * the address space happened to be aligned. Kept through fork and exec.
	 */
	if (!command->user_environment &&
	    prctl(PR_SET_THP_DISABLE, command->huge_pages ? 0 : 1, 0, 0, 0))
		child_fails(pipes->report[1], "cannot turn huge pages off");
	if (fcntl(pipes->report[1], F_SETFD, 0) || fcntl(pipes->control[0], F_SETFD, 0))
		child_fails(pipes->report[1], "fcntl");
	become(command, role, pipes);
}

/* A program that is gone already will be found out by see_off(). */
static void let_on(struct conversation *talk)
{
	if (write(talk->control, "", 1) != 1 && errno != EPIPE)
		fail(talk->result, "cannot write to the worker program: %s", strerror(errno));
}

static void on_ready(struct conversation *talk)
{
	const struct worker_command *command = talk->command;
	char err[WORKER_REASON_SIZE];

	talk->ready = true;
	if (talk->companion) {
		let_on(talk);
		return;
	}
	disturbance_read(&talk->result->before, command->cpus, command->n_cpus);
	if (command->kernel && kernel_counts_begin(command->kernel, err, sizeof(err)))
		fail(talk->result, "%s", err);
	let_on(talk);
}

static void on_done(struct conversation *talk)
{
	const struct worker_command *command = talk->command;
	char err[WORKER_REASON_SIZE];

	if (command->kernel && kernel_counts_end(command->kernel, err, sizeof(err)))
		fail(talk->result, "%s", err);
	disturbance_read(&talk->result->after, command->cpus, command->n_cpus);
	let_on(talk);
}

/*
 * The program only looks after @text, a task at rest: that one is counted, with
 * all that it will create, and the program itself is not.
 */
static void on_watch(struct conversation *talk, const char *text)
{
	struct kernel_counts *kernel = talk->command->kernel;
	char err[WORKER_REASON_SIZE];
	int pid;

	if (sscanf(text, "%d", &pid) != 1 || pid <= 0) {
		fail(talk->result, "the worker program said 'watch %s'", text);
		return;
	}
	if (kernel && (kernel_counts_finish(kernel, NULL, err, sizeof(err)) ||
		       kernel_counts_watch(kernel, pid, talk->command->also,
					   err, sizeof(err))))
		fail(talk->result, "%s", err);
}

const struct worker_number *worker_metric(const struct worker_result *result, const char *name)
{
	for (size_t i = 0; i < result->metrics; i++)
		if (!strcmp(result->metric[i].name, name))
			return &result->metric[i];
	return NULL;
}

static void on_metric(struct worker_result *result, const char *text)
{
	struct worker_number *metric = &result->metric[result->metrics];

	if (result->metrics == WORKER_METRICS_MAX ||
	    sscanf(text, "%23s %" SCNd64 " %" SCNd64, metric->name,
		   &metric->numerator, &metric->denominator) != 3 || metric->denominator < 0)
		fail(result, "the worker program said 'metric %s'", text);
	else
		result->metrics++;
}

/* It becomes a key in JSON. */
static bool is_word(const char *name)
{
	return !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.")];
}

static void on_count(struct worker_result *result, const char *text)
{
	char name[64];
	int64_t value;

	if (sscanf(text, "%63s %" SCNd64, name, &value) != 2 || !is_word(name)) {
		fail(result, "the worker program said 'count %s'", text);
	} else if (!strcmp(name, "interval_ns")) {
		result->interval_ns = value;
	} else if (!strcmp(name, "pinned_migrations")) {
		result->pinned_migrations = value;
	} else if (tally_set(&result->tally, name, value)) {
		return;
	} else if (result->counts == WORKER_COUNTS_MAX || strlen(name) >= WORKER_NAME_SIZE) {
		fail(result, "the worker program said 'count %s'", text);
	} else {
		strcpy(result->count[result->counts].name, name);
		result->count[result->counts].numerator = value;
		result->count[result->counts++].denominator = 1;
	}
}

/* The companion's, for the worker program. */
static void on_argument(struct conversation *talk, const char *text)
{
	size_t room = sizeof(talk->said) - talk->n_said;
	size_t n = strlen(text) + 1;

	if (n > room || talk->n_arguments == COMPANION_ARGUMENTS_MAX) {
		fail(talk->result, "the companion program said too many arguments");
		return;
	}
	talk->argument[talk->n_arguments++] = memcpy(talk->said + talk->n_said, text, n);
	talk->n_said += n;
}

static void on_line(struct conversation *talk, const char *line)
{
	struct worker_result *result = talk->result;

	if (!strcmp(line, "ready")) {
		on_ready(talk);
	} else if (!strncmp(line, "argument ", 9) && talk->companion && !talk->ready) {
		on_argument(talk, line + 9);
	} else if (!strncmp(line, "watch ", 6) && !talk->companion && !talk->ready) {
		on_watch(talk, line + 6);
	} else if (!strcmp(line, "done") && !talk->companion) {
		on_done(talk);
	} else if (!strcmp(line, "end")) {
		talk->ended = true;
	} else if (!strncmp(line, "metric ", 7)) {
		on_metric(result, line + 7);
	} else if (!strncmp(line, "count ", 6)) {
		on_count(result, line + 6);
	} else if (!strncmp(line, "error ", 6)) {
		fail(result, "%s", line + 6);
	} else if (!strncmp(line, "unavailable ", 12)) {
		fail(result, "%s", line + 12);
		if (result->outcome == WORKER_FAILED)
			result->outcome = WORKER_UNAVAILABLE;
	} else {
		fail(result, "the worker program said '%s'", line);
	}
}

/* Hands out the whole lines of @text, keeps the rest. Returns its length. */
static size_t take_lines(struct conversation *talk, char *text, size_t length)
{
	char *at = text, *newline;

	while ((newline = memchr(at, '\n', length - (size_t)(at - text)))) {
		*newline = '\0';
		on_line(talk, at);
		at = newline + 1;
	}
	length -= (size_t)(at - text);
	memmove(text, at, length);
	return length;
}

/*
 * Until the program closes its report, falls silent, or we are asked to end; a
 * companion's first words end with `ready`.
 */
static void hear_out(struct conversation *talk, int report, bool until_ready)
{
	int64_t limit = now_ns() + (int64_t)talk->command->timeout_s * 1000000000;
	struct pollfd readable = { .fd = report, .events = POLLIN };
	char text[2048];
	size_t length = 0;

	while (!until_ready || (!talk->ready && talk->result->outcome == WORKER_WORKED)) {
		int64_t left_ms = (limit - now_ns()) / 1000000;
		int ret = interrupt_poll(&readable, 1, left_ms > 0 ? (int)left_ms : 0);
		ssize_t n;

		if (ret == -EINTR) {
			if (!interrupt_signal())
				continue;	/* of a child, or being stopped */
			talk->result->outcome = WORKER_INTERRUPTED;
			return;
		}
		if (!ret) {
			fail(talk->result, "no result after %d s", talk->command->timeout_s);
			return;
		}
		n = ret < 0 ? ret : read(report, text + length, sizeof(text) - length);
		if (n <= 0) {
			if (n < 0)
				fail(talk->result, "cannot listen to the worker program");
			return;
		}
		length = take_lines(talk, text, length + (size_t)n);
		if (length == sizeof(text)) {
			fail(talk->result, "the worker program said too long a line");
			return;
		}
	}
}

void worker_hear(const struct worker_command *command, int report, int control, bool companion,
		 struct worker_result *result)
{
	struct conversation talk = {
		.command = command, .result = result, .control = control, .companion = companion,
	};

	memset(result, 0, sizeof(*result));
	result->pinned_migrations = -1;
	hear_out(&talk, report, companion);
}

/*
 * The leader stays a zombie until waited for, so the group's number cannot
 * have passed to others when it is killed.
 */
static void see_off(struct worker_result *result, pid_t pid, bool ended)
{
	siginfo_t info;
	int status;

	if (!ended)
		kill(-pid, SIGKILL);
	/* From here on its number can pass to others. */
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	running[running[0] == pid ? 0 : 1] = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && !ended)
		fail(result, "the worker program was killed by signal %d (%s)",
		     WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (status || !ended)
		fail(result, "the worker program ended with status %d before its time",
		     WEXITSTATUS(status));
	/* Its orphans are ours now, dead or dying. */
	if (!ended)
		while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
			;
}

/* Whether the leader has died by itself: after its report was closed. */
static bool has_died(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	for (int i = 0; i < 100; i++) {
		if (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			return true;
		interrupt_poll(NULL, 0, 10);
	}
	return false;
}

/* Starts it, before the gate. */
static int start_program(const struct worker_command *command, const struct role *role,
			 struct program *program, struct worker_result *result)
{
	pid_t self = getpid();

	program->talk = (struct conversation){ .command = command, .result = result };
	if (open_pipes(&program->pipes)) {
		fail(result, "cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	program->pid = fork();
	if (!program->pid)
		run_child(command, role, &program->pipes, self);
	if (program->pid < 0) {
		fail(result, "cannot fork: %s", strerror(errno));
		close_pipes(&program->pipes);
		return -1;
	}
	setpgid(program->pid, program->pid);	/* whichever of the two comes first */
	running[running[0] ? 1 : 0] = program->pid;
	close_end(&program->pipes.report[1]);
	close_end(&program->pipes.control[0]);
	close_end(&program->pipes.gate[0]);
	program->talk.control = program->pipes.control[1];
	return 0;
}

static void open_gate(struct program *program, struct worker_result *result)
{
	if (write(program->pipes.gate[1], "", 1) != 1)
		fail(result, "cannot let the worker program start: %s", strerror(errno));
}

static void end_program(struct program *program, struct worker_result *result)
{
	/* Let a program that crashed be seen to have, before killing it. */
	if (!program->talk.ended && result->outcome == WORKER_WORKED)
		has_died(program->pid);
	see_off(result, program->pid, program->talk.ended);
	close_pipes(&program->pipes);
}

static void run_worker(const struct worker_command *command, struct worker_result *result)
{
	struct role role = { command->program, command->cpus, command->n_cpus,
			     command->interpreter };
	char err[WORKER_REASON_SIZE];
	struct program worker;

	if (start_program(command, &role, &worker, result))
		return;
	if (command->kernel && kernel_counts_watch(command->kernel, worker.pid, command->also,
						   err, sizeof(err)))
		fail(result, "%s", err);
	result->start_ns = now_ns();
	if (result->outcome == WORKER_WORKED) {
		open_gate(&worker, result);
		hear_out(&worker.talk, worker.pipes.report[0], false);
	}
	end_program(&worker, result);
	if (command->kernel &&
	    kernel_counts_finish(command->kernel, result->outcome == WORKER_WORKED ?
				 &result->tally : NULL, err, sizeof(err)))
		fail(result, "%s", err);
}

/* The companion first, for the worker program depends on it; and last. */
static void run_with_companion(const struct worker_command *command, struct worker_result *result)
{
	struct role role = { command->companion, &command->companion_cpu, 1, NULL };
	struct worker_command extended = *command;
	struct program companion;
	size_t n = 0;

	if (start_program(command, &role, &companion, result))
		return;
	companion.talk.companion = true;
	open_gate(&companion, result);
	hear_out(&companion.talk, companion.pipes.report[0], true);
	while (extended.arguments[n])
		n++;
	for (size_t i = 0; i < companion.talk.n_arguments && n < WORKER_ARGUMENTS_MAX; i++)
		extended.arguments[n++] = companion.talk.argument[i];
	extended.arguments[n] = NULL;
	if (result->outcome == WORKER_WORKED && companion.talk.ready)
		run_worker(&extended, result);
	if (result->outcome == WORKER_WORKED)
		hear_out(&companion.talk, companion.pipes.report[0], false);
	end_program(&companion, result);
}

/* Children that are none of a trial's: a program that exec'd us can have left some. */
struct others {
	pid_t	pid[OTHERS_MAX];
	size_t	n;
};

static bool is_other(const struct others *others, pid_t pid)
{
	for (size_t i = 0; i < others->n; i++)
		if (others->pid[i] == pid)
			return true;
	return false;
}

static FILE *open_children(void)
{
	return fopen("/proc/thread-self/children", "re");
}

static void find_others(struct others *others)
{
	FILE *children = open_children();

	others->n = 0;
	while (children && others->n < OTHERS_MAX &&
	       fscanf(children, "%d", &others->pid[others->n]) == 1)
		others->n++;
	if (children)
		fclose(children);
}

/* Kills the children that a trial left to us, reaps those that are dead. False: none. */
static bool end_children(const struct others *others)
{
	FILE *children = open_children();
	bool any = false;
	int pid;

	while (children && fscanf(children, "%d", &pid) == 1) {
		if (is_other(others, pid))
			continue;
		any = true;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
	}
	if (children)
		fclose(children);
	return any;
}

/*
 * What a trial left in the background or outside of its process group is ours
 * now (see worker_adopt_orphans()), and must not run on into the next trial. The
 * children of one that dies become ours before it can be reaped.
 */
static void end_strays(const struct others *others, struct worker_result *result)
{
	/* Too many to tell them apart: better leave a stray than kill another. */
	if (others->n == OTHERS_MAX)
		return;
	for (int i = 0; i < STRAY_ROUNDS; i++) {
		if (!end_children(others))
			return;
		usleep(STRAY_PAUSE_US);
	}
	fail(result, "the trial left a process behind that cannot be killed");
}

void worker_run(const struct worker_command *command, struct worker_result *result)
{
	struct others others;

	find_others(&others);
	memset(result, 0, sizeof(*result));
	result->pinned_migrations = -1;
	if (command->companion)
		run_with_companion(command, result);
	else
		run_worker(command, result);
	end_strays(&others, result);
}
