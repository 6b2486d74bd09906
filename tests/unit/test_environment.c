// SPDX-License-Identifier: GPL-2.0-or-later
/* What is recorded of the machine, held against what else tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cmocka.h>

#include "environment.h"

static struct environment environment;

static int read_it(void **state)
{
	(void)state;
	environment_read(&environment);
	environment_read_versions(&environment, NULL);
	return 0;
}

static void it_is_this_machine(void **state)
{
	struct utsname name;
	struct sysinfo info;

	(void)state;
	uname(&name);
	sysinfo(&info);
	assert_string_equal(environment.kernel, name.release);
	assert_int_equal(environment.cpus_online, sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(environment.memory_total, (int64_t)info.totalram * info.mem_unit);
	assert_int_equal(environment.swap_total, (int64_t)info.totalswap * info.mem_unit);
	assert_true(environment.memory_available > 0);
	assert_true(environment.memory_available <= environment.memory_total);
	assert_true(environment.cmdline[0]);
}

/* Each CPU that is online is a thread of a core. */
static void topology_adds_up(void **state)
{
	(void)state;
	if (environment.cores < 0)
		skip();
	assert_true(environment.sockets >= 1 && environment.sockets <= environment.cores);
	assert_true(environment.threads_per_core >= 1);
	assert_true(environment.cores <= environment.cpus_online);
	assert_true(environment.cores * environment.threads_per_core >= environment.cpus_online);
	if (environment.smt == 0)
		assert_int_equal(environment.threads_per_core, 1);
}

static void options_are_taken_whole(void **state)
{
	static struct environment e;
	json_t *json, *options;

	(void)state;
	environment_take_option(&e, "CONFIG_HZ_250=y\n");
	environment_take_option(&e, "CONFIG_HZ=250\n");
	environment_take_option(&e, "CONFIG_SCHED_AUTOGROUP=y\n");
	environment_take_option(&e, "# CONFIG_PREEMPT is not set\n");
	environment_take_option(&e, "CONFIG_PREEMPT_VOLUNTARY=y\n");
	environment_take_option(&e, "CONFIG_HZ");
	environment_take_option(&e, "");
	json = environment_json(&e);
	options = json_object_get(json, "kernel_config");
	assert_int_equal(json_integer_value(json_object_get(options, "CONFIG_HZ")), 250);
	assert_true(json_is_true(json_object_get(options, "CONFIG_SCHED_AUTOGROUP")));
	assert_true(json_is_true(json_object_get(options, "CONFIG_PREEMPT_VOLUNTARY")));
	assert_true(json_is_false(json_object_get(options, "CONFIG_PREEMPT")));
	json_decref(json);
}

static void memory_is_in_bytes(void **state)
{
	static struct environment e = { .swap_free = -1 };

	(void)state;
	environment_take_memory(&e, "MemTotal:       24684092 kB\n");
	environment_take_memory(&e, "MemAvailable:   100 kB\n");
	environment_take_memory(&e, "SwapTotal:      0 kB\n");
	environment_take_memory(&e, "SwapFree: nonsense\n");
	assert_int_equal(e.memory_total, 24684092LL << 10);
	assert_int_equal(e.memory_available, 100 << 10);
	assert_int_equal(e.swap_total, 0);
	assert_int_equal(e.swap_free, -1);
	/* more bytes than there are numbers */
	environment_take_memory(&e, "SwapFree: 9007199254740992 kB\n");
	assert_int_equal(e.swap_free, -1);
	environment_take_memory(&e, "SwapFree: -5 kB\n");
	assert_int_equal(e.swap_free, -1);
	environment_take_memory(&e, "SwapFree: 9007199254740991 kB\n");
	assert_int_equal(e.swap_free, INT64_MAX - 1023);
}

static void clock_rates_are_numbers(void **state)
{
	static struct environment e;

	(void)state;
	environment_take_mhz(&e, "2400.123");
	assert_int_equal(e.khz, 2400123);
	environment_take_mhz(&e, "unknown");
	assert_int_equal(e.khz, -1);
	environment_take_mhz(&e, "1e300");
	assert_int_equal(e.khz, -1);
	environment_take_mhz(&e, "nan");
	assert_int_equal(e.khz, -1);
	environment_take_mhz(&e, "-5");
	assert_int_equal(e.khz, -1);
}

/* JSON takes nothing that is cut within a character. */
static void what_is_cut_is_text(void **state)
{
	static struct environment e;
	struct setting setting[ENVIRONMENT_SETTINGS_MAX];
	size_t n;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(e.mitigations); i += 2)
		memcpy(e.mitigations + i, "\xc3\xa4", 2);
	n = environment_settings(&e, setting);
	for (size_t i = 0; i < n; i++) {
		json_t *json = json_string(setting[i].value);

		if (!json)
			fail_msg("%s is no text", setting[i].name);
		json_decref(json);
	}
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The tightest limit on the way up is the one. */
static void limits_of_a_cgroup(void **state)
{
	static struct environment e;

	(void)state;
	mkdir("cgroup", 0755);
	mkdir("cgroup/a", 0755);
	mkdir("cgroup/a/b", 0755);
	write_file("cgroup/a/cpu.max", "50000 100000\n");
	write_file("cgroup/a/b/cpu.max", "max 100000\n");
	write_file("cgroup/a/memory.max", "max\n");
	write_file("cgroup/a/b/memory.max", "1048576\n");
	write_file("cgroup/a/pids.max", "5\n");
	write_file("cgroup/a/b/pids.max", "7\n");
	environment_read_cgroup(&e, "cgroup", "/a/b");
	assert_true(e.cgroup_cpus == 0.5);
	assert_int_equal(e.cgroup_memory, 1048576);
	assert_int_equal(e.cgroup_pids, 5);
	environment_read_cgroup(&e, "cgroup", "");
	assert_true(e.cgroup_cpus < 0);
	assert_int_equal(e.cgroup_memory, -1);
}

static void json_has_old_and_new_keys(void **state)
{
	static const char *const keys[] = {
		"kernel", "kernel_build", "machine", "cpu_model", "cpus_online", "cpus_allowed",
		"governor", "turbo", "smt", "mitigations", "pcid", "hz", "preemption",
		"clocksource", "hypervisor", "timing", "numa_nodes", "numa_balancing",
		"cgroup_limits", "transparent_hugepage", "load",
		"kernel_command_line", "kernel_config", "topology", "frequency_khz",
		"memory_bytes", "transparent_hugepage_defrag", "sched_autogroup", "schedstats",
		"base_slice_ns", "versions",
	};
	static const char *const versions[] = { "schedsplit", "module", "libc", "compiler", "zstd",
						"sqlite", "libpq", "x264", "python" };
	json_t *json = environment_json(&environment);

	(void)state;
	assert_non_null(json);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_object_get(json, keys[i]))
			fail_msg("no key \"%s\"", keys[i]);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (!json_object_get(json_object_get(json, "versions"), versions[i]))
			fail_msg("no version of %s", versions[i]);
	json_decref(json);
}

/* An interpreter that is not there is no version, and no failure. */
static void versions_that_are_not_there(void **state)
{
	static struct environment e;

	(void)state;
	assert_non_null(strstr(environment.versions.libc, "glibc"));
	environment_read_versions(&e, "/nowhere/python");
	assert_string_equal(e.versions.python, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_this_machine),
		cmocka_unit_test(topology_adds_up),
		cmocka_unit_test(options_are_taken_whole),
		cmocka_unit_test(memory_is_in_bytes),
		cmocka_unit_test(clock_rates_are_numbers),
		cmocka_unit_test(what_is_cut_is_text),
		cmocka_unit_test(limits_of_a_cgroup),
		cmocka_unit_test(json_has_old_and_new_keys),
		cmocka_unit_test(versions_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, read_it, NULL);
}
