// SPDX-License-Identifier: GPL-2.0-or-later
/* leader_exits N: the leader sleeps N times and exits; its thread goes on. */
#include <pthread.h>
#include "facts.h"

static int n;

static void *work(void *arg)
{
	char path[64], state = 0;
	FILE *file;
	long before;

	(void)arg;
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
	while (state != 'Z') {
		sleeps(1);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			broken(path);
		fclose(file);
	}
	before = voluntary();
	sleeps(n);
	fact("without_leader", voluntary() - before);
	fact("in_thread", voluntary());
	fact("pid", getpid());
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		return 2;
	n = atoi(argv[1]);
	sleeps(n);
	if (pthread_create(&thread, NULL, work, NULL))
		broken("pthread_create");
	fact("in_leader", voluntary());
	pthread_exit(NULL);
}
