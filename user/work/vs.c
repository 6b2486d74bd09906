// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command of the user's, from its start to its end, run by sh -c. This program
 * only looks after it and is not counted: it forks the process that is to
 * become the shell, has it stop, and lets it go on once its usage was read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/protocol.h"

#define SHELL		"/bin/sh"
#define LINE_SIZE	200
#define REST_TRIES	10000
#define PIPE_READS	16

struct command {
	const char	*what;		/* "command", "prepare" */
	pid_t		 pid;
	int		 said;		/* read end of its stderr */
	char		 line[LINE_SIZE];	/* the last one of it that is not empty */
	size_t		 length;
	bool		 over;		/* @line is whole: the next byte begins another */
	struct rusage	 before;	/* of @pid, until it is let go */
	struct rusage	 usage;		/* of all, up to the end */
	int		 status;
};

/* ---- its start ---- */

/* In the child. Its switches so far go to the parent through @told. */
static void become_shell(const char *text, int said, int told)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0)
		_exit(126);
	if (null > STDERR_FILENO)
		close(null);
	if (told >= 0) {
		struct rusage usage;

		getrusage(RUSAGE_SELF, &usage);
		if (write(told, &usage.ru_nvcsw, sizeof(usage.ru_nvcsw)) < 0)
			_exit(126);
		raise(SIGSTOP);
	}
	execl(SHELL, "sh", "-c", text, (char *)NULL);
	_exit(127);
}

/* @told: NULL, or where the parent reads what the child tells before it stops. */
static void start(struct command *command, const char *text, int *told)
{
	int said[2], tells[2] = { -1, -1 };

	if (pipe2(said, O_CLOEXEC) || (told && pipe2(tells, O_CLOEXEC)))
		die("cannot make a pipe: %s", strerror(errno));
	command->pid = fork();
	if (command->pid < 0)
		die("cannot fork: %s", strerror(errno));
	if (!command->pid)
		become_shell(text, said[1], tells[1]);
	close(said[1]);
	command->said = said[0];
	fcntl(command->said, F_SETFL, O_NONBLOCK);
	if (told) {
		close(tells[1]);
		*told = tells[0];
	}
}

/* What wait4(2) would tell, of a child that has stopped and stays so. */
static void read_usage(struct command *command)
{
	siginfo_t info;

	while (syscall(SYS_waitid, P_PID, command->pid, &info, WSTOPPED | WEXITED | WNOWAIT,
		       &command->before) < 0)
		if (errno != EINTR)
			die("cannot read the usage of the %s: %s", command->what, strerror(errno));
	if (info.si_code != CLD_STOPPED)
		die("the process of the %s died", command->what);
}

/*
 * Until it has left the CPU: a parent hears of the stop before that, and the
 * switch would be counted as the command's.
 */
static void wait_for_rest(struct command *command, int told)
{
	long voluntary;

	if (read(told, &voluntary, sizeof(voluntary)) != sizeof(voluntary))
		die("the process of the %s died", command->what);
	close(told);
	for (int i = 0; i < REST_TRIES; i++) {
		struct timespec pause = { .tv_nsec = 100000 };

		read_usage(command);
		if (command->before.ru_nvcsw > voluntary)
			return;
		nanosleep(&pause, NULL);
	}
	die("the process of the %s does not come to rest", command->what);
}

/* ---- its end ---- */

static void keep_byte(struct command *command, char byte)
{
	if (byte == '\n') {
		command->over = true;
		return;
	}
	if (command->over)
		command->length = 0;
	command->over = false;
	if (command->length < LINE_SIZE - 1)
		command->line[command->length++] = byte;
	command->line[command->length] = '\0';
}

/* 0 once nothing more can come, negative if nothing has. */
static ssize_t hear(struct command *command)
{
	char text[4096];
	ssize_t n = read(command->said, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++)
		keep_byte(command, text[i]);
	return n;
}

static void add_time(struct timeval *sum, const struct timeval *part)
{
	timeradd(sum, part, sum);
}

/* Orphans that came to this program and have ended: nobody else waited for them. */
static void add_orphans(struct rusage *sum)
{
	struct rusage usage;

	while (wait4(-1, NULL, WNOHANG, &usage) > 0) {
		add_time(&sum->ru_utime, &usage.ru_utime);
		add_time(&sum->ru_stime, &usage.ru_stime);
		sum->ru_nvcsw += usage.ru_nvcsw;
		sum->ru_nivcsw += usage.ru_nivcsw;
		sum->ru_minflt += usage.ru_minflt;
		sum->ru_majflt += usage.ru_majflt;
		if (usage.ru_maxrss > sum->ru_maxrss)
			sum->ru_maxrss = usage.ru_maxrss;
	}
}

/* Of its descendants, those in the background may live on. */
static int64_t wait_for_end(struct command *command)
{
	struct pollfd fds[] = {
		{ .fd = (int)syscall(SYS_pidfd_open, command->pid, 0), .events = POLLIN },
		{ .fd = command->said, .events = POLLIN },
	};
	int64_t end;

	if (fds[0].fd < 0)
		die("cannot wait for the %s: %s", command->what, strerror(errno));
	do {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("cannot wait for the %s: %s", command->what, strerror(errno));
		if (fds[1].revents && hear(command) == 0)
			fds[1].fd = -1;
	} while (!fds[0].revents);
	while (wait4(command->pid, &command->status, 0, &command->usage) < 0)
		if (errno != EINTR)
			die("cannot wait for the %s: %s", command->what, strerror(errno));
	end = now_ns();
	add_orphans(&command->usage);
	close(fds[0].fd);
	/* What a pipe holds; who is still in the background may go on for ever. */
	for (int i = 0; i < PIPE_READS && hear(command) > 0; i++)
		;
	close(command->said);
	return end;
}

static void check_status(const struct command *command)
{
	const char *colon = command->length ? ": " : "";

	if (WIFSIGNALED(command->status))
		die("the %s was ended by signal %d (%s)%s%s", command->what,
		    WTERMSIG(command->status), strsignal(WTERMSIG(command->status)), colon,
		    command->line);
	if (WEXITSTATUS(command->status))
		die("the %s ended with status %d%s%s", command->what,
		    WEXITSTATUS(command->status), colon, command->line);
}

/* ---- the trial ---- */

static void prepare(const char *text)
{
	struct command command = { .what = "prepare command" };

	start(&command, text, NULL);
	wait_for_end(&command);
	check_status(&command);
}

static int64_t nanoseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000000 + (int64_t)time->tv_usec * 1000;
}

/*
 * No difference is below 0: of a process, each figure of rusage only grows, user
 * and system time too, whichever way the kernel splits them in between.
 */
static void report(const struct command *command, int64_t elapsed)
{
	const struct rusage *usage = &command->usage, *before = &command->before;
	int64_t user = nanoseconds(&usage->ru_utime) - nanoseconds(&before->ru_utime);
	int64_t system = nanoseconds(&usage->ru_stime) - nanoseconds(&before->ru_stime);

	report_count("interval_ns", elapsed);
	report_metric("elapsed", elapsed, 1);
	report_metric("cpu", user + system, 1);
	report_metric("user", user, 1);
	report_metric("system", system, 1);
	report_metric("switches_voluntary", usage->ru_nvcsw - before->ru_nvcsw, 1);
	report_metric("switches_involuntary", usage->ru_nivcsw - before->ru_nivcsw, 1);
	report_metric("max_rss", (int64_t)usage->ru_maxrss * 1024, 1);
	report_metric("minor_faults", usage->ru_minflt - before->ru_minflt, 1);
	report_metric("major_faults", usage->ru_majflt - before->ru_majflt, 1);
}

int main(int argc, char **argv)
{
	struct command command = { .what = "command" };
	int64_t begin, end;
	int told;

	protocol_start(argc, argv);
	protocol_close_on_exec();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (argument_given("prepare"))
		prepare(argument_text("prepare"));
	start(&command, argument_text("command"), &told);
	wait_for_rest(&command, told);
	report_watch(command.pid);
	report_ready();
	begin = now_ns();
	kill(command.pid, SIGCONT);
	end = wait_for_end(&command);
	report_done();
	check_status(&command);
	report(&command, end - begin);
	report_end();
	return 0;
}
