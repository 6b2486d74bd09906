// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine that figures come from, and what on it spoils them. */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "../kmod/version.h"
#include "attr.h"
#include "environment.h"

#define CPU	"/sys/devices/system/cpu/"

/* The first line of a file, without newline; "" if it cannot be read. */
static bool read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");

	*text = '\0';
	if (!file)
		return false;
	if (!fgets(text, (int)size, file))
		*text = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	text_clean(text);
	return *text;
}

/* A decimal number; -1 if there is none. */
static int64_t read_number(const char *path)
{
	char text[64];
	char *end;
	int64_t value;

	if (!read_line(path, text, sizeof(text)))
		return -1;
	value = strtoll(text, &end, 10);
	return end == text ? -1 : value;
}

/* The one in brackets of "always [madvise] never", or of "none (full)". */
static void read_choice(const char *path, const char *brackets, char *text, size_t size)
{
	char line[256];
	char *from, *to;

	*text = '\0';
	if (!read_line(path, line, sizeof(line)))
		return;
	from = strchr(line, brackets[0]);
	to = from ? strchr(from, brackets[1]) : NULL;
	if (!to)
		return;
	*to = '\0';
	snprintf(text, size, "%s", from + 1);
	/* It may have been cut within a character. */
	text_clean(text);
}

/* The value of the first line of /proc/cpuinfo that begins with @key. */
static bool read_cpuinfo(const char *key, char *text, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	*text = '\0';
	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		char *value = strchr(line, ':');

		if (!value || strncmp(line, key, strlen(key)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%s", value + 1 + strspn(value + 1, " "));
		text_clean(text);
		found = true;
	}
	free(line);
	fclose(file);
	return found;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += length)
		if ((at == text || isspace((unsigned char)at[-1])) &&
		    (!at[length] || isspace((unsigned char)at[length])))
			return true;
	return false;
}

static void read_system(struct environment *environment)
{
	struct utsname name;
	cpu_set_t allowed;

	if (!uname(&name)) {
		snprintf(environment->kernel, ENVIRONMENT_TEXT, "%s", name.release);
		snprintf(environment->kernel_build, ENVIRONMENT_TEXT, "%s", name.version);
		snprintf(environment->machine, ENVIRONMENT_TEXT, "%s", name.machine);
	}
	environment->cpus_online = (int)sysconf(_SC_NPROCESSORS_ONLN);
	/* -1 on machines with more than CPU_SETSIZE CPUs */
	environment->cpus_allowed = sched_getaffinity(0, sizeof(allowed), &allowed) ?
				    -1 : CPU_COUNT(&allowed);
	read_line("/proc/cmdline", environment->cmdline, sizeof(environment->cmdline));
	if (getloadavg(&environment->load, 1) != 1)
		environment->load = -1;
}

void environment_take_mhz(struct environment *environment, const char *text)
{
	double khz = strtod(text, NULL) * 1000;

	/* also false for NaN */
	environment->khz = khz > 0 && khz < INT32_MAX ? (int64_t)khz : -1;
}

static void read_cpu(struct environment *environment)
{
	static char flags[16384];
	char mhz[64];
	int64_t value;

	if (!read_cpuinfo("model name", environment->cpu_model, ENVIRONMENT_TEXT))
		read_cpuinfo("CPU implementer", environment->cpu_model, ENVIRONMENT_TEXT);
	read_line(CPU "cpu0/cpufreq/scaling_governor", environment->governor, ENVIRONMENT_TEXT);
	environment->khz = read_number(CPU "cpu0/cpufreq/scaling_cur_freq");
	environment->khz_min = read_number(CPU "cpu0/cpufreq/scaling_min_freq");
	environment->khz_max = read_number(CPU "cpu0/cpufreq/scaling_max_freq");
	/* Where no driver sets it, the processor's own idea of it is all there is. */
	if (environment->khz < 0 && read_cpuinfo("cpu MHz", mhz, sizeof(mhz)))
		environment_take_mhz(environment, mhz);
	value = read_number(CPU "intel_pstate/no_turbo");
	environment->turbo = value >= 0 ? !value : (int)read_number(CPU "cpufreq/boost");
	environment->smt = (int)read_number(CPU "smt/active");
	environment->pcid = -1;
#if defined(__x86_64__) || defined(__i386__)
	if (read_cpuinfo("flags", flags, sizeof(flags)))
		environment->pcid = has_word(flags, "pcid");
#else
	(void)flags;
	(void)has_word;
#endif
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Package and core together name a core; a CPU that is offline has no topology. */
static void read_topology(struct environment *environment)
{
	enum { MANY = 4096 };
	static struct { int64_t package, core; int threads; } core[MANY];
	size_t cores = 0;

	environment->sockets = environment->cores = environment->threads_per_core = -1;
	for (long cpu = 0; cpu < MANY && cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		char path[96];
		int64_t package, id;
		size_t i;

		snprintf(path, sizeof(path), CPU "cpu%ld/topology/physical_package_id", cpu);
		package = read_number(path);
		snprintf(path, sizeof(path), CPU "cpu%ld/topology/core_id", cpu);
		id = read_number(path);
		if (id < 0)
			continue;
		for (i = 0; i < cores; i++)
			if (core[i].package == package && core[i].core == id)
				break;
		if (i == cores) {
			core[cores].package = package;
			core[cores].core = id;
			core[cores++].threads = 0;
		}
		core[i].threads++;
	}
	if (!cores)
		return;
	environment->cores = (int)cores;
	environment->sockets = 0;
	for (size_t i = 0; i < cores; i++) {
		bool first = true;

		for (size_t j = 0; j < i; j++)
			first &= core[j].package != core[i].package;
		environment->sockets += first;
		if (core[i].threads > environment->threads_per_core)
			environment->threads_per_core = core[i].threads;
	}
}

static void read_mitigations(struct environment *environment)
{
	static const char dir[] = CPU "vulnerabilities";
	char *text = environment->mitigations;
	size_t size = sizeof(environment->mitigations);
	struct dirent **entry;
	size_t used = 0;
	int n = scandir(dir, &entry, is_file, alphasort);

	*text = '\0';
	for (int i = 0; i < n; i++) {
		char path[512], line[256];

		snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		if (read_line(path, line, sizeof(line)) && !strncmp(line, "Mitigation: ", 12) &&
		    used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s: %s",
						 used ? "; " : "", entry[i]->d_name, line + 12);
		free(entry[i]);
	}
	text_clean(text);
	if (n >= 0)
		free(entry);
	if (n > 0 && !used)
		snprintf(text, size, "none");
}

/* The running kernel's configuration, where distributions and builds keep it. */
static FILE *open_config(const struct environment *environment)
{
	static const char *const place[] = { "/boot/config-%s", "/lib/modules/%s/config",
					     "/lib/modules/%s/build/.config" };
	FILE *file = NULL;

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]) && !file; i++) {
		char path[ENVIRONMENT_TEXT + 64];

		snprintf(path, sizeof(path), place[i], environment->kernel);
		file = fopen(path, "re");
	}
	return file;
}

/* Whether the configuration was found, and says yes to @name. */
static bool config_has(const struct environment *environment, const char *name)
{
	for (size_t i = 0; i < environment->n_options; i++)
		if (!strcmp(environment->option[i].name, name))
			return !strcmp(environment->option[i].value, "y");
	return false;
}

/* What scheduling, its clocks, its counts and the cost of a switch depend on. */
static const char *const option_names[] = {
	"CONFIG_HZ", "CONFIG_PREEMPT_NONE", "CONFIG_PREEMPT_VOLUNTARY", "CONFIG_PREEMPT",
	"CONFIG_PREEMPT_LAZY", "CONFIG_PREEMPT_RT", "CONFIG_PREEMPT_DYNAMIC",
	"CONFIG_NO_HZ_IDLE", "CONFIG_NO_HZ_FULL", "CONFIG_HIGH_RES_TIMERS",
	"CONFIG_SCHED_AUTOGROUP", "CONFIG_CGROUP_SCHED", "CONFIG_FAIR_GROUP_SCHED",
	"CONFIG_CFS_BANDWIDTH", "CONFIG_RT_GROUP_SCHED", "CONFIG_SCHED_CORE",
	"CONFIG_SCHED_SMT", "CONFIG_SCHED_MC", "CONFIG_SCHED_CLASS_EXT", "CONFIG_SCHED_DEBUG",
	"CONFIG_SCHEDSTATS", "CONFIG_SCHED_INFO", "CONFIG_TICK_CPU_ACCOUNTING",
	"CONFIG_VIRT_CPU_ACCOUNTING_GEN", "CONFIG_IRQ_TIME_ACCOUNTING",
	"CONFIG_PARAVIRT_TIME_ACCOUNTING", "CONFIG_RCU_NOCB_CPU", "CONFIG_NUMA_BALANCING",
	"CONFIG_TRANSPARENT_HUGEPAGE", "CONFIG_SPECULATION_MITIGATIONS",
	"CONFIG_CPU_MITIGATIONS", "CONFIG_PAGE_TABLE_ISOLATION",
	"CONFIG_MITIGATION_PAGE_TABLE_ISOLATION", "CONFIG_RETPOLINE",
	"CONFIG_MITIGATION_RETPOLINE", "CONFIG_FUNCTION_TRACER", "CONFIG_LRU_GEN",
};

_Static_assert(sizeof(option_names) / sizeof(option_names[0]) <= ENVIRONMENT_OPTIONS_MAX,
	       "room for all options");

static void name_options(struct environment *environment)
{
	environment->n_options = sizeof(option_names) / sizeof(option_names[0]);
	for (size_t i = 0; i < environment->n_options; i++)
		environment->option[i].name = option_names[i];
}

void environment_take_option(struct environment *environment, const char *line)
{
	if (!environment->n_options)
		name_options(environment);
	for (size_t i = 0; i < environment->n_options; i++) {
		struct kernel_option *option = &environment->option[i];
		size_t length = strlen(option->name);

		if (strncmp(line, option->name, length) || line[length] != '=')
			continue;
		line += length + 1;
		snprintf(option->value, sizeof(option->value), "%.*s",
			 (int)strcspn(line, "\n"), line);
		text_clean(option->value);
		return;
	}
}

static void read_options(struct environment *environment)
{
	FILE *file = open_config(environment);
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		environment_take_option(environment, line);
	if (file)
		fclose(file);
}

static void read_preemption(struct environment *environment)
{
	char *text = environment->preemption;

	/* Only root sees which one a PREEMPT_DYNAMIC kernel runs with. */
	read_choice("/sys/kernel/debug/sched/preempt", "()", text, ENVIRONMENT_TEXT);
	if (*text)
		return;
	if (strstr(environment->kernel_build, "PREEMPT_RT"))
		snprintf(text, ENVIRONMENT_TEXT, "rt");
	else if (strstr(environment->kernel_build, "PREEMPT_DYNAMIC"))
		snprintf(text, ENVIRONMENT_TEXT, "dynamic");
	else if (strstr(environment->kernel_build, "PREEMPT"))
		snprintf(text, ENVIRONMENT_TEXT, "full");
	else if (config_has(environment, "CONFIG_PREEMPT_VOLUNTARY"))
		snprintf(text, ENVIRONMENT_TEXT, "voluntary");
	else if (config_has(environment, "CONFIG_PREEMPT_NONE"))
		snprintf(text, ENVIRONMENT_TEXT, "none");
}

static void read_clock(struct environment *environment)
{
	struct timespec tick;

	environment->hz = -1;
	/* The resolution of the coarse clock is one tick. */
	if (!clock_getres(CLOCK_MONOTONIC_COARSE, &tick) && !tick.tv_sec && tick.tv_nsec)
		environment->hz = (int)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
	read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		  environment->clocksource, ENVIRONMENT_TEXT);
}

#if defined(__x86_64__) || defined(__i386__)
static void read_signature(char *text, size_t size)
{
	unsigned int a, b, c, d;
	char signature[13] = "";

	*text = '\0';
	if (!__get_cpuid(1, &a, &b, &c, &d))
		return;
	if (!(c & 1u << 31)) {
		snprintf(text, size, "none");
		return;
	}
	__cpuid(0x40000000, a, b, c, d);
	memcpy(signature, &b, 4);
	memcpy(signature + 4, &c, 4);
	memcpy(signature + 8, &d, 4);
	text_clean(signature);
	snprintf(text, size, "%s", *signature ? signature : "unnamed");
}
#else
static void read_signature(char *text, size_t size)
{
	if (!access("/proc/device-tree/hypervisor", F_OK))
		snprintf(text, size, "unnamed");
	else
		read_line("/sys/hypervisor/type", text, size);
}
#endif

static void read_timing(struct environment *environment)
{
	char vendor[ENVIRONMENT_TEXT];

	read_signature(environment->hypervisor, ENVIRONMENT_TEXT);
	/*
	 * QEMU's interpreter says so in the signature, unless it was told not
	 * to, and in the name of most CPU models.
	 */
	if (strstr(environment->hypervisor, "TCG") || strstr(environment->cpu_model, "TCG")) {
		environment->timing = TIMING_EMULATED;
		if (!*environment->hypervisor || !strcmp(environment->hypervisor, "none"))
			snprintf(environment->hypervisor, ENVIRONMENT_TEXT, "TCG");
		return;
	}
	environment->timing = TIMING_HARDWARE;
	if (*environment->hypervisor && strcmp(environment->hypervisor, "none")) {
		environment->timing = TIMING_VIRTUAL;
		return;
	}
	/* Where the processor does not tell, the firmware may. */
	if (read_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor)) &&
	    (!strcmp(vendor, "QEMU") || strstr(vendor, "VMware"))) {
		snprintf(environment->hypervisor, ENVIRONMENT_TEXT, "%s", vendor);
		environment->timing = TIMING_VIRTUAL;
	}
}

void environment_take_memory(struct environment *environment, const char *line)
{
	struct { const char *key; int64_t *value; } wanted[] = {
		{ "MemTotal: %" SCNd64 " kB", &environment->memory_total },
		{ "MemAvailable: %" SCNd64 " kB", &environment->memory_available },
		{ "SwapTotal: %" SCNd64 " kB", &environment->swap_total },
		{ "SwapFree: %" SCNd64 " kB", &environment->swap_free },
	};
	int64_t kib;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (sscanf(line, wanted[i].key, &kib) == 1 && kib >= 0 && kib <= INT64_MAX >> 10)
			*wanted[i].value = kib << 10;
}

static void read_meminfo(struct environment *environment)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[256];

	environment->memory_total = environment->memory_available = -1;
	environment->swap_total = environment->swap_free = -1;
	while (file && fgets(line, sizeof(line), file))
		environment_take_memory(environment, line);
	if (file)
		fclose(file);
}

static void read_scheduler(struct environment *environment)
{
	environment->autogroup = (int)read_number("/proc/sys/kernel/sched_autogroup_enabled");
	environment->schedstats = (int)read_number("/proc/sys/kernel/sched_schedstats");
	environment->base_slice_ns = read_number("/sys/kernel/debug/sched/base_slice_ns");
	/* Before EEVDF (6.6). */
	if (environment->base_slice_ns < 0)
		environment->base_slice_ns =
			read_number("/sys/kernel/debug/sched/min_granularity_ns");
}

static void read_memory(struct environment *environment)
{
	DIR *dir = opendir("/sys/devices/system/node");
	struct dirent *entry;

	environment->numa_nodes = dir ? 0 : -1;
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "node", 4) && isdigit((unsigned char)entry->d_name[4]))
			environment->numa_nodes++;
	if (dir)
		closedir(dir);
	environment->numa_balancing = (int)read_number("/proc/sys/kernel/numa_balancing");
	read_choice("/sys/kernel/mm/transparent_hugepage/enabled", "[]",
		    environment->huge_pages, ENVIRONMENT_TEXT);
	read_choice("/sys/kernel/mm/transparent_hugepage/defrag", "[]",
		    environment->huge_pages_defrag, ENVIRONMENT_TEXT);
}

/* The tightest of the limits on the way up applies. */
static void tighten(int64_t *limit, int64_t other)
{
	if (other >= 0 && (*limit < 0 || other < *limit))
		*limit = other;
}

void environment_read_cgroup(struct environment *environment, const char *mount,
			     const char *path)
{
	char at[4096], file[4200], line[64];
	size_t base = strlen(mount);

	environment->cgroup_cpus = -1;
	environment->cgroup_memory = -1;
	environment->cgroup_pids = -1;
	if (base + strlen(path) >= sizeof(at))
		return;
	snprintf(at, sizeof(at), "%s%s", mount, path);
	for (;;) {
		int64_t quota, period;
		char *last;

		snprintf(file, sizeof(file), "%s/cpu.max", at);
		if (read_line(file, line, sizeof(line)) &&
		    sscanf(line, "%" SCNd64 " %" SCNd64, &quota, &period) == 2 && period > 0) {
			double cpus = (double)quota / (double)period;

			if (environment->cgroup_cpus < 0 || cpus < environment->cgroup_cpus)
				environment->cgroup_cpus = cpus;
		}
		snprintf(file, sizeof(file), "%s/memory.max", at);
		tighten(&environment->cgroup_memory, read_number(file));
		snprintf(file, sizeof(file), "%s/pids.max", at);
		tighten(&environment->cgroup_pids, read_number(file));
		last = strrchr(at, '/');
		if (!last || (size_t)(last - at) < base)
			return;
		*last = '\0';
	}
}

/* The mount point of the cgroup v2 file system. */
static bool cgroup_mount(char *mount, size_t size)
{
	FILE *file = fopen("/proc/self/mounts", "re");
	char line[4096 + 256], type[64], dir[4096];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %4095s %63s", dir, type) == 2 && !strcmp(type, "cgroup2") &&
		    strlen(dir) < size) {
			strcpy(mount, dir);
			found = true;
		}
	fclose(file);
	return found;
}

static void read_cgroup(struct environment *environment)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096 + 64], mount[4096], path[4096 + 64] = "";

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "0::/", 4)) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(path, sizeof(path), "%s", strcmp(line, "0::/") ? line + 3 : "");
		}
	if (file)
		fclose(file);
	environment->cgroup_cpus = -1;
	environment->cgroup_memory = -1;
	environment->cgroup_pids = -1;
	if (cgroup_mount(mount, sizeof(mount)))
		environment_read_cgroup(environment, mount, path);
}

void environment_read(struct environment *environment)
{
	memset(environment, 0, sizeof(*environment));
	read_system(environment);
	read_cpu(environment);
	read_topology(environment);
	read_mitigations(environment);
	read_options(environment);
	read_preemption(environment);
	read_clock(environment);
	read_timing(environment);
	read_memory(environment);
	read_meminfo(environment);
	read_scheduler(environment);
	read_cgroup(environment);
}

/* What @function of @library returns; "" if there is none. */
static void library_text(const char *library, const char *function, char *text)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
	const char *(*version)(void) = NULL;

	/* ISO C has no cast from an object to a function; POSIX asks for this. */
	if (handle)
		*(void **)&version = dlsym(handle, function);
	if (version)
		snprintf(text, ENVIRONMENT_TEXT, "%s", version());
	if (handle)
		dlclose(handle);
}

static void read_libpq(char *text)
{
	void *handle = dlopen("libpq.so.5", RTLD_LAZY | RTLD_LOCAL);
	int (*version)(void) = NULL;

	if (handle)
		*(void **)&version = dlsym(handle, "PQlibVersion");
	if (version)
		snprintf(text, ENVIRONMENT_TEXT, "%d.%d", version() / 10000, version() % 10000);
	if (handle)
		dlclose(handle);
}

/* Its version is the number in its name. */
static void read_x264(char *text)
{
	static const int oldest = 148, newest = 180;

	for (int build = newest; build >= oldest && !*text; build--) {
		char name[32];
		void *handle;

		snprintf(name, sizeof(name), "libx264.so.%d", build);
		handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
		if (!handle)
			continue;
		snprintf(text, ENVIRONMENT_TEXT, "%d", build);
		dlclose(handle);
	}
}

/* The first line that "PYTHON --version" prints. */
static void read_python(const char *python, char *text)
{
	char *const argv[] = { (char *)python, (char *)"--version", NULL };
	/* As worker programs have it: what is named may go on to look for another. */
	char *const fixed[] = { (char *)"LC_ALL=C", (char *)"PATH=/usr/bin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, python, &actions, NULL, argv, fixed))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	n = pid > 0 ? read(ends[0], text, ENVIRONMENT_TEXT - 1) : 0;
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	text_clean(text);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void environment_read_versions(struct environment *environment, const char *python)
{
	struct versions *versions = &environment->versions;

	memset(versions, 0, sizeof(*versions));
	read_line("/sys/module/schedsplit/version", versions->module, ENVIRONMENT_TEXT);
	snprintf(versions->libc, ENVIRONMENT_TEXT, "glibc %s", gnu_get_libc_version());
	snprintf(versions->compiler, ENVIRONMENT_TEXT, "%s", __VERSION__);
	library_text("libzstd.so.1", "ZSTD_versionString", versions->zstd);
	library_text("libsqlite3.so.0", "sqlite3_libversion", versions->sqlite);
	read_libpq(versions->libpq);
	read_x264(versions->x264);
	if (python)
		read_python(python, versions->python);
}

const char *timing_name(enum timing timing)
{
	switch (timing) {
	case TIMING_HARDWARE:
		return "hardware";
	case TIMING_VIRTUAL:
		return "virtual";
	case TIMING_EMULATED:
		break;
	}
	return "emulated";
}

static json_t *json_text(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *json_known(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *json_switch(int value)
{
	return value < 0 ? json_null() : json_boolean(value);
}

static json_t *environment_core(const struct environment *e)
{
	/* "o" takes the reference, and turns a failed part into a failed whole. */
	return json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:s s:o s:o s:{s:o s:o s:o} s:o s:o}",
			 "kernel", json_text(e->kernel),
			 "kernel_build", json_text(e->kernel_build),
			 "machine", json_text(e->machine),
			 "cpu_model", json_text(e->cpu_model),
			 "cpus_online", json_known(e->cpus_online),
			 "cpus_allowed", json_known(e->cpus_allowed),
			 "governor", json_text(e->governor),
			 "turbo", json_switch(e->turbo),
			 "smt", json_switch(e->smt),
			 "mitigations", json_text(e->mitigations),
			 "pcid", json_switch(e->pcid),
			 "hz", json_known(e->hz),
			 "preemption", json_text(e->preemption),
			 "clocksource", json_text(e->clocksource),
			 "hypervisor", json_text(e->hypervisor),
			 "timing", timing_name(e->timing),
			 "numa_nodes", json_known(e->numa_nodes),
			 "numa_balancing",
			 json_switch(e->numa_balancing < 0 ? -1 : !!e->numa_balancing),
			 "cgroup_limits",
			 "cpus", e->cgroup_cpus < 0 ? json_null() : json_real(e->cgroup_cpus),
			 "memory_bytes", json_known(e->cgroup_memory),
			 "pids", json_known(e->cgroup_pids),
			 "transparent_hugepage", json_text(e->huge_pages),
			 "load", e->load < 0 ? json_null() : json_real(e->load));
}

/* "y" is true, what is not set false; the rest as it is. */
static json_t *json_options(const struct environment *e)
{
	json_t *options = json_object();

	if (!e->n_options) {
		json_decref(options);
		return json_null();
	}
	for (size_t i = 0; i < e->n_options; i++) {
		const struct kernel_option *option = &e->option[i];
		char *end;
		long number = strtol(option->value, &end, 10);

		json_object_set_new(options, option->name,
				    !*option->value ? json_false() :
				    !strcmp(option->value, "y") ? json_true() :
				    !*end ? json_integer(number) : json_string(option->value));
	}
	return options;
}

static json_t *json_versions(const struct versions *versions)
{
	return json_pack("{s:s s:o s:o s:o s:o s:o s:o s:o s:o}",
			 "schedsplit", SCHEDSPLIT_VERSION,
			 "module", json_text(versions->module),
			 "libc", json_text(versions->libc),
			 "compiler", json_text(versions->compiler),
			 "zstd", json_text(versions->zstd),
			 "sqlite", json_text(versions->sqlite),
			 "libpq", json_text(versions->libpq),
			 "x264", json_text(versions->x264),
			 "python", json_text(versions->python));
}

/* What was added later, to the object of the first version. */
static void add_more(json_t *object, const struct environment *e)
{
	json_object_set_new(object, "kernel_command_line", json_text(e->cmdline));
	json_object_set_new(object, "kernel_config", json_options(e));
	json_object_set_new(object, "topology",
			    json_pack("{s:o s:o s:o}", "sockets", json_known(e->sockets),
				      "cores", json_known(e->cores),
				      "threads_per_core", json_known(e->threads_per_core)));
	json_object_set_new(object, "frequency_khz",
			    json_pack("{s:o s:o s:o}", "now", json_known(e->khz),
				      "min", json_known(e->khz_min),
				      "max", json_known(e->khz_max)));
	json_object_set_new(object, "memory_bytes",
			    json_pack("{s:o s:o s:o s:o}", "total", json_known(e->memory_total),
				      "available", json_known(e->memory_available),
				      "swap_total", json_known(e->swap_total),
				      "swap_free", json_known(e->swap_free)));
	json_object_set_new(object, "transparent_hugepage_defrag",
			    json_text(e->huge_pages_defrag));
	json_object_set_new(object, "sched_autogroup", json_switch(e->autogroup));
	json_object_set_new(object, "schedstats", json_switch(e->schedstats));
	json_object_set_new(object, "base_slice_ns", json_known(e->base_slice_ns));
	json_object_set_new(object, "versions", json_versions(&e->versions));
}

json_t *environment_json(const struct environment *e)
{
	json_t *object = environment_core(e);

	if (object)
		add_more(object, e);
	return object;
}

struct settings {
	struct setting	*setting;
	size_t		 n;
};

__attribute__((format(printf, 4, 5)))
static void add(struct settings *settings, const char *name, const char *trap,
		const char *format, ...)
{
	struct setting *setting = &settings->setting[settings->n++];
	va_list args;

	setting->name = name;
	snprintf(setting->trap, sizeof(setting->trap), "%s", trap ? trap : "");
	va_start(args, format);
	vsnprintf(setting->value, sizeof(setting->value), format, args);
	va_end(args);
	/* It may have been cut within a character. */
	text_clean(setting->value);
}

static const char *known(const char *text)
{
	return *text ? text : "unknown";
}

static const char *on_off(int value)
{
	return value < 0 ? "unknown" : value ? "on" : "off";
}

static void add_processor(struct settings *settings, const struct environment *e)
{
	add(settings, "governor",
	    *e->governor && strcmp(e->governor, "performance") ?
	    "clock rate follows load: cpupower frequency-set -g performance" : NULL,
	    "%s", known(e->governor));
	add(settings, "turbo",
	    e->turbo > 0 ?
	    "clock rate depends on heat and on how many cores work: turn it off in the firmware "
	    "or by intel_pstate/no_turbo, cpufreq/boost" :
	    NULL,
	    "%s", on_off(e->turbo));
	add(settings, "smt",
	    e->smt > 0 ?
	    "two CPUs can be one core: choose CPUs of different cores (taskset, --cpus)" : NULL,
	    "%s", on_off(e->smt));
	add(settings, "mitigations",
	    *e->mitigations && strcmp(e->mitigations, "none") ?
	    "part of the cost of each switch: compare only machines that have the same" : NULL,
	    "%s", known(e->mitigations));
	add(settings, "pcid",
	    !e->pcid ? "each switch to another address space empties the TLB" : NULL,
	    "%s", e->pcid < 0 ? "unknown" : e->pcid ? "yes" : "no");
}

static void add_kernel(struct settings *settings, const struct environment *e)
{
	if (e->hz > 0)
		add(settings, "hz",
		    e->hz <= 100 ?
		    "busy tasks are switched at ticks: slices come in steps of 10 ms" : NULL,
		    "%d", e->hz);
	else
		add(settings, "hz", NULL, "unknown");
	add(settings, "preemption",
	    !strcmp(e->preemption, "dynamic") ?
	    "which one is chosen at boot or in debugfs; root sees it there, if it is mounted" :
	    !strcmp(e->preemption, "none") ?
	    "a task in the kernel is not preempted: fewer involuntary switches" : NULL,
	    "%s", known(e->preemption));
	add(settings, "clocksource",
	    *e->clocksource && strcmp(e->clocksource, "tsc") &&
	    strcmp(e->clocksource, "arch_sys_counter") && strcmp(e->clocksource, "kvm-clock") ?
	    "reading the time is slow here: boot with a clocksource that programs can read, "
	    "such as tsc" :
	    NULL,
	    "%s", known(e->clocksource));
}

static void add_host(struct settings *settings, const struct environment *e)
{
	add(settings, "timing",
	    e->timing == TIMING_EMULATED ?
	    "counts are exact; times say nothing of real hardware" :
	    e->timing == TIMING_VIRTUAL ?
	    "the host takes CPUs away unseen: times include that" : NULL,
	    "%s%s%s%s", timing_name(e->timing),
	    e->timing == TIMING_HARDWARE ? "" : " (",
	    e->timing == TIMING_HARDWARE ? "" : known(e->hypervisor),
	    e->timing == TIMING_HARDWARE ? "" : ")");
	add(settings, "numa balancing",
	    e->numa_balancing > 0 && e->numa_nodes > 1 ?
	    "faults and migrations of its own: sysctl kernel.numa_balancing=0" : NULL,
	    "%s", on_off(e->numa_balancing < 0 ? -1 : !!e->numa_balancing));
	if (e->cgroup_cpus >= 0)
		add(settings, "cgroup CPU limit",
		    "tasks are throttled: involuntary waits; run it in a cgroup without cpu.max",
		    "%.2f CPUs", e->cgroup_cpus);
	else
		add(settings, "cgroup CPU limit", NULL, "none");
	if (e->cgroup_memory >= 0)
		add(settings, "cgroup memory limit",
		    "reclaim stalls tasks near the limit: leave room below memory.max",
		    "%" PRId64 " MiB", e->cgroup_memory >> 20);
	else
		add(settings, "cgroup memory limit", NULL, "none");
	add(settings, "load",
	    e->load > 0.5 ? "others use the CPUs: let the machine calm down first" : NULL,
	    e->load < 0 ? "unknown" : "%.2f", e->load);
}

size_t environment_settings(const struct environment *environment,
			    struct setting setting[ENVIRONMENT_SETTINGS_MAX])
{
	struct settings settings = { .setting = setting };

	add_processor(&settings, environment);
	add_kernel(&settings, environment);
	add_host(&settings, environment);
	return settings.n;
}
