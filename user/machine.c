// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUs, memory and clock of this machine. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "environment.h"
#include "machine.h"

#define MASK_SIZE	CPU_ALLOC_SIZE(MACHINE_CPUS_MAX)

static int add_cpu(struct machine *machine, int cpu)
{
	for (unsigned int i = 0; i < machine->n_cpus; i++)
		if (machine->cpus[i] == cpu)
			return -EEXIST;
	if (machine->n_cpus == MACHINE_CPUS_MAX)
		return -ENOSPC;
	machine->cpus[machine->n_cpus++] = cpu;
	return 0;
}

static int check_cpu(long cpu, const cpu_set_t *allowed, char *err, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld", cpu);
	if (cpu >= MACHINE_CPUS_MAX || access(path, F_OK)) {
		snprintf(err, size, "--cpus: this machine has no CPU %ld", cpu);
		return -EINVAL;
	}
	if (!CPU_ISSET_S((size_t)cpu, MASK_SIZE, allowed)) {
		snprintf(err, size,
			 "--cpus: CPU %ld is offline or not allowed here (see taskset -p $$)", cpu);
		return -EINVAL;
	}
	return 0;
}

static int parse_list(struct machine *machine, const char *list, const cpu_set_t *allowed,
		      char *err, size_t size)
{
	const char *at = list;

	for (;;) {
		long from, to;
		char *end;

		if (!isdigit((unsigned char)*at))
			break;
		errno = 0;
		from = to = strtol(at, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				break;
			to = strtol(end + 1, &end, 10);
		}
		if (errno || to < from)
			break;
		for (long cpu = from; cpu <= to; cpu++) {
			if (check_cpu(cpu, allowed, err, size))
				return -EINVAL;
			if (add_cpu(machine, (int)cpu)) {
				snprintf(err, size, "--cpus: CPU %ld is named twice", cpu);
				return -EINVAL;
			}
		}
		if (!*end)
			return 0;
		if (*end != ',')
			break;
		at = end + 1;
	}
	snprintf(err, size, "--cpus: '%s' is not a list of CPUs such as 0-3,8", list);
	return -EINVAL;
}

/* The topology file names @a's core-mates, itself among them. */
static bool same_core(int a, int b)
{
	char path[96], text[4096], *at = text;
	FILE *file;
	bool same = false;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", a);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(text, sizeof(text), file)) {
		while (*at && !same) {
			long from = strtol(at, &at, 10), to = from;

			if (*at == '-')
				to = strtol(at + 1, &at, 10);
			same = b >= from && b <= to;
			if (*at != ',')
				break;
			at++;
		}
	}
	fclose(file);
	return same;
}

static void put_another_core_second(struct machine *machine)
{
	for (unsigned int i = 1; i < machine->n_cpus; i++) {
		int cpu = machine->cpus[i];

		if (same_core(machine->cpus[0], cpu))
			continue;
		memmove(&machine->cpus[2], &machine->cpus[1], (i - 1) * sizeof(cpu));
		machine->cpus[1] = cpu;
		return;
	}
}

int machine_cpus(struct machine *machine, const char *list, char *err, size_t size)
{
	cpu_set_t *allowed = CPU_ALLOC(MACHINE_CPUS_MAX);
	int ret = 0;

	machine->n_cpus = 0;
	if (!allowed || sched_getaffinity(0, MASK_SIZE, allowed)) {
		snprintf(err, size, "cannot tell which CPUs are allowed: %s", strerror(errno));
		ret = -EINVAL;
	} else if (list) {
		ret = parse_list(machine, list, allowed, err, size);
	} else {
		for (int cpu = 0; cpu < MACHINE_CPUS_MAX; cpu++)
			if (CPU_ISSET_S((size_t)cpu, MASK_SIZE, allowed))
				add_cpu(machine, cpu);
		put_another_core_second(machine);
	}
	CPU_FREE(allowed);
	return ret;
}

/* MemAvailable, in bytes; 0 if the kernel does not say. */
static int64_t available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	int64_t kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNd64, &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib >= 0 && kib <= INT64_MAX >> 10 ? kib << 10 : 0;
}

/* One file of a cache's directory, its first word. */
static bool read_cache(int cpu, int index, const char *name, char text[32])
{
	char path[96];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu,
		 index, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	good = fscanf(file, "%31s", text) == 1;
	fclose(file);
	return good;
}

/* Sizes are told in KiB, with a K behind. The directories are in order of level. */
static void read_caches(struct machine *machine)
{
	char type[32], level[32], size[32];
	int cpu = machine->cpus[0];

	for (int i = 0; read_cache(cpu, i, "type", type); i++) {
		long kib;

		if (!strcmp(type, "Instruction") || !read_cache(cpu, i, "level", level) ||
		    !read_cache(cpu, i, "size", size))
			continue;
		kib = strtol(size, NULL, 10);
		if (!strcmp(level, "1"))
			machine->l1_kib = kib;
		else if (!strcmp(level, "2"))
			machine->l2_kib = kib;
		machine->llc_kib = kib;
	}
}

void machine_memory(struct machine *machine, const struct environment *environment)
{
	machine->memory = available_memory();
	if (environment->cgroup_memory >= 0 && environment->cgroup_memory < machine->memory)
		machine->memory = environment->cgroup_memory;
	/* "" where the kernel was built without them */
	machine->no_huge_pages = !environment->huge_pages[0] ||
				 !strcmp(environment->huge_pages, "never");
	read_caches(machine);
}

static int64_t clock_reading(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t machine_clock_resolution(void)
{
	int64_t smallest = INT64_MAX, said;
	struct timespec ts;

	clock_getres(CLOCK_MONOTONIC, &ts);
	said = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	for (int i = 0; i < 1000; i++) {
		int64_t first = clock_reading(), next;

		do {
			next = clock_reading();
		} while (next == first);
		if (next - first < smallest)
			smallest = next - first;
	}
	return smallest > said ? smallest : said;
}
