// SPDX-License-Identifier: GPL-2.0-or-later
/* The user's command: started, held at a gate, let go, waited for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "error.h"
#include "netlink.h"
#include "signals.h"

#define STATUS_NOT_FOUND	127
#define STATUS_NOT_EXECUTABLE	126

__attribute__((noreturn))
static void become(char *const argv[], int gate, int report)
{
	char go;
	ssize_t n;
	int error;

	do
		n = read(gate, &go, 1);
	while (n < 0 && errno == EINTR);
	/* The gate closes unopened when the tool is gone. */
	if (n != 1)
		_exit(STATUS_NOT_EXECUTABLE);
	execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) != sizeof(error))
		_exit(STATUS_NOT_EXECUTABLE);
	_exit(error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/*
 * Until it sleeps at the gate: its way there would count for the command.
 * Giving up after a while costs no more than that.
 */
static void wait_for_sleep(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int try = 0; try < 500; try++) {
		FILE *file = fopen(path, "re");
		size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
		char *end;

		if (file)
			fclose(file);
		text[n] = '\0';
		/* "pid (comm) S …": the name can hold anything, the state cannot */
		end = strrchr(text, ')');
		if (end && end[1] && end[2] == 'S')
			return;
		nanosleep(&pause, NULL);
	}
}

int child_start(struct child *child, char *const argv[], const struct session *session,
		struct signals *signals, char *err, size_t size)
{
	int gate[2], report[2];
	int ret;

	memset(child, 0, sizeof(*child));
	/* A socket, since writing to a pipe whose reader was killed is SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate))
		return error_set(-errno, err, size, "cannot make a socket pair: %s",
				 strerror(errno));
	if (pipe2(report, O_CLOEXEC)) {
		ret = error_set(-errno, err, size, "cannot make a pipe: %s", strerror(errno));
		goto no_report;
	}
	/* What stands in a buffer must not be written twice. */
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0) {
		ret = error_set(-errno, err, size, "cannot create a process: %s", strerror(errno));
		goto no_child;
	}
	if (!child->pid) {
		session_forget(session);
		close(gate[1]);
		close(report[0]);
		signals_close(signals);
		become(argv, gate[0], report[1]);
	}
	close(gate[0]);
	close(report[1]);
	child->gate = gate[1];
	child->report = report[0];
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0) {
		ret = error_set(-errno, err, size, "cannot open a pidfd: %s: this needs Linux 5.3",
				strerror(errno));
		child_abandon(child);
		return ret;
	}
	fcntl(child->pidfd, F_SETFD, FD_CLOEXEC);
	wait_for_sleep(child->pid);
	return 0;
no_child:
	child->pid = 0;
	close(report[0]);
	close(report[1]);
no_report:
	close(gate[0]);
	close(gate[1]);
	return ret;
}

int child_release(struct child *child, char *const argv[], char *err, size_t size)
{
	int error = 0;
	ssize_t n;

	/* It was killed before it could begin: its status says by what. */
	if (send(child->gate, "", 1, MSG_NOSIGNAL) != 1)
		return 0;
	do
		n = read(child->report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	/* exec closes the other end, so nothing comes */
	if (n != sizeof(error))
		return 0;
	return error_set(-error, err, size, "cannot run '%s': %s", argv[0], strerror(error));
}

int child_wait(struct child *child)
{
	int status;

	if (child->gate >= 0)
		close(child->gate);
	child->gate = -1;
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = STATUS_FAILED << 8;
			break;
		}
	close(child->report);
	if (child->pidfd >= 0)
		close(child->pidfd);
	memset(child, 0, sizeof(*child));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_abandon(struct child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGKILL);
	child_wait(child);
}
