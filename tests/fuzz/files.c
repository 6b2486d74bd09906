// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of /proc, /sys and /boot, whatever is in them.
 *
 * Input: one byte that says what is read, then files: a byte that says which
 * (see files.h), and its content up to a byte 0xff. All others are not there.
 *
 * wraps: fopen setmntent sysconf
 */
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "files.h"
#include "fuzz.h"
#include "machine.h"
#include "marks.h"
#include "measure.h"
#include "output/json.h"
#include "storage.h"

#define CPUS	4

struct content {
	const uint8_t	*bytes;
	size_t		 n;
};

static struct content	content[COUNT(file_names)];	/* bytes NULL: not there */

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_setmntent(const char *path, const char *mode);
long __wrap_sysconf(int name);
long __real_sysconf(int name);

/* Of the configuration and the vulnerabilities the end is anything. */
static bool is_meant(const char *path, const char *name)
{
	const char *at = strstr(path, name);
	size_t length = strlen(name);

	return at && (!at[length] || strchr("-/", name[length - 1]));
}

static FILE *open_content(const char *path)
{
	for (size_t i = 0; i < COUNT(file_names); i++) {
		if (!content[i].bytes || !is_meant(path, file_names[i]))
			continue;
		return content[i].n ? fmemopen((void *)content[i].bytes, content[i].n, "r") :
				      __real_fopen("/dev/null", "r");
	}
	return NULL;
}

/* The fuzzer itself opens files too. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (!strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5) ||
	    !strncmp(path, "/boot/", 6) || !strncmp(path, "/lib/modules/", 13))
		return open_content(path);
	return __real_fopen(path, mode);
}

FILE *__wrap_setmntent(const char *path, const char *mode)
{
	(void)mode;
	return open_content(path);
}

long __wrap_sysconf(int name)
{
	return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF ? CPUS :
	       __real_sysconf(name);
}

static void read_environment(void)
{
	static struct environment environment;
	struct setting setting[ENVIRONMENT_SETTINGS_MAX];
	json_t *json;
	size_t n;

	environment_read(&environment);
	json = environment_json(&environment);
	CHECK(json);
	json_decref(json);
	n = environment_settings(&environment, setting);
	CHECK(n <= ENVIRONMENT_SETTINGS_MAX);
	for (size_t i = 0; i < n; i++) {
		json = json_pack("{s:s s:s}", "value", setting[i].value, "trap", setting[i].trap);
		CHECK(json);
		json_decref(json);
		for (const char *c = setting[i].value; *c; c++)
			CHECK((unsigned char)*c >= ' ');
	}
}

static void read_machine(void)
{
	static struct environment environment;
	struct machine machine = { .n_cpus = 0 };
	static const int cpus[] = { 0, 1 };
	struct disturbance disturbance;
	char err[512];

	disturbance_read(&disturbance, cpus, COUNT(cpus));
	environment.cgroup_memory = -1;
	if (!machine_cpus(&machine, NULL, err, sizeof(err)))
		machine_memory(&machine, &environment);
}

static void read_mounts(void)
{
	char path[PATH_MAX], err[512];

	storage_default();
	storage_check("/proc", path, err, sizeof(err));
	measure_cgroup_path("/sys/fs/cgroup", path, sizeof(path), err, sizeof(err));
	measure_cgroup_path("/proc/self", path, sizeof(path), err, sizeof(err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *at = data + 1;

	if (!size)
		return 0;
	memset(content, 0, sizeof(content));
	while (at < end) {
		struct content *file = &content[*at++ % COUNT(file_names)];
		const uint8_t *last = memchr(at, 0xff, (size_t)(end - at));

		file->bytes = at;
		file->n = (size_t)((last ? last : end) - at);
		at = last ? last + 1 : end;
	}
	switch (data[0] % 3) {
	case 0:
		read_environment();
		break;
	case 1:
		read_machine();
		break;
	default:
		read_mounts();
		break;
	}
	return 0;
}
