// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spawn N FILE: N children, one after the other and some at a time, that exec
 * and end. For each, a line in FILE: pid, and the voluntary and involuntary
 * switches that wait4() tells.
 *
 * libraries: -static
 */
#include <sys/wait.h>
#include "facts.h"

#define AT_A_TIME 4

int main(int argc, char **argv)
{
	FILE *file;
	int n;

	if (argc == 2)
		return 0;
	if (argc != 3)
		return 2;
	n = atoi(argv[1]);
	file = fopen(argv[2], "w");
	if (!file)
		broken(argv[2]);
	for (int i = 0; i < n + AT_A_TIME; i++) {
		struct rusage usage;
		int status;
		pid_t pid;

		if (i >= AT_A_TIME) {
			pid = wait4(-1, &status, 0, &usage);
			if (pid < 0 || status)
				broken("wait4");
			fprintf(file, "%d %ld %ld\n", (int)pid, usage.ru_nvcsw,
				usage.ru_nivcsw);
		}
		if (i >= n)
			continue;
		pid = fork();
		if (pid < 0)
			broken("fork");
		if (!pid) {
			execl("/proc/self/exe", "spawn", "child", NULL);
			_exit(127);
		}
	}
	return fclose(file) ? 1 : 0;
}
