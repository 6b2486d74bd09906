// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pid_reuse N: two children, one after the other, with one pid: the first sleeps
 * N times, the second 2 * N times.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include "facts.h"

#define PID 500000	/* needs a large pid_max */

int main(int argc, char **argv)
{
	long *slept = mmap(NULL, 2 * sizeof(*slept), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (argc != 2 || slept == MAP_FAILED)
		return 2;
	for (int i = 0; i < 2; i++) {
		pid_t pid;

		/* Another task of the system may have taken it meanwhile. */
		for (;;) {
			set_next_pid(PID);
			pid = fork();
			if (pid < 0)
				broken("fork");
			if (!pid && getpid() != PID)
				_exit(0);
			if (!pid) {
				sleeps(atoi(argv[1]) * (i + 1));
				slept[i] = voluntary();
				_exit(0);
			}
			if (waitpid(pid, NULL, 0) != pid)
				broken("waitpid");
			if (pid == PID)
				break;
		}
	}
	fact("reused", PID);
	fact("first", slept[0]);
	fact("second", slept[1]);
	return 0;
}
