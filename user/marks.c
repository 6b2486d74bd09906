// SPDX-License-Identifier: GPL-2.0-or-later
/* Readings that tell whether a trial was disturbed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "marks.h"

const char *const mark_name[MARKS] = {
	[MARK_MIGRATED] = "migrated",
	[MARK_THROTTLED] = "throttled",
	[MARK_FREQUENCY] = "frequency",
	[MARK_SHORT] = "short",
};

static int64_t read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int64_t value = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%" SCNd64, &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

static int64_t nr_throttled(const char *directory)
{
	char path[4200], key[64];
	int64_t value, found = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/cpu.stat", directory);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (found < 0 && fscanf(file, "%63s %" SCNd64, key, &value) == 2)
		if (!strcmp(key, "nr_throttled"))
			found = value;
	fclose(file);
	return found;
}

/* @sum is -1 until something was read; it stays within what a number can be. */
static void add_known(int64_t *sum, int64_t value)
{
	if (value < 0)
		return;
	if (*sum < 0)
		*sum = 0;
	if (__builtin_add_overflow(*sum, value, sum))
		*sum = INT64_MAX;
}

/* A group is throttled by its own quota or by that of any group above. */
static int64_t throttled_up_from(const char *mount, const char *group)
{
	char path[4100];
	size_t top = strlen(mount);
	int64_t sum = -1;

	snprintf(path, sizeof(path), "%s%s", mount, group);
	for (;;) {
		char *slash = strrchr(path, '/');

		add_known(&sum, nr_throttled(path));
		if (!slash || slash < path + top)
			return sum;
		*slash = '\0';
	}
}

/* "ID:CONTROLLERS:PATH" of /proc/self/cgroup: version 2 names no controllers. */
static int64_t read_throttled(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	int64_t sum = -1;
	char line[4096];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':'), *group;
		const char *mount = NULL;

		group = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		controllers++;
		if (!*controllers)
			mount = "/sys/fs/cgroup";
		else if (!strcmp(controllers, "cpu") || !strcmp(controllers, "cpu,cpuacct"))
			mount = "/sys/fs/cgroup/cpu";
		if (!mount)
			continue;
		add_known(&sum, throttled_up_from(mount, group));
	}
	fclose(file);
	return sum;
}

void disturbance_read(struct disturbance *disturbance, const int *cpus, size_t n_cpus)
{
	disturbance->throttled = read_throttled();
	disturbance->hot = -1;
	disturbance->frequency_khz = -1;
	for (size_t i = 0; i < n_cpus; i++) {
		int64_t value;
		char path[96];

		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", cpus[i]);
		value = read_number(path);
		if (value > disturbance->frequency_khz)
			disturbance->frequency_khz = value;
		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%d/thermal_throttle/core_throttle_count",
			 cpus[i]);
		add_known(&disturbance->hot, read_number(path));
	}
}
