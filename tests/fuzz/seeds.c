// SPDX-License-Identifier: GPL-2.0-or-later
/* Inputs for the fuzzers to begin with: FUZZER/NAME below the working directory. */
#include <stdio.h>
#include <sys/stat.h>

#include "files.h"
#include "fuzz.h"
#include "script.h"

static void write_seed(const char *fuzzer, const char *name, const void *bytes, size_t n)
{
	char path[128];
	FILE *file;

	mkdir(fuzzer, 0777);
	snprintf(path, sizeof(path), "%s/%s", fuzzer, name);
	file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) {
		perror(path);
		exit(1);
	}
}

/* ---- replies ---- */

static struct script script;

static void begin(enum action action, unsigned int from_input, unsigned int options)
{
	script.n = 0;
	script_byte(&script, action);
	script_byte(&script, from_input);
	script_byte(&script, options & 0xff);
	script_byte(&script, options >> 8);
}

static void reply(const char *name)
{
	write_seed("replies", name, script.bytes, script.n);
}

static void replies(void)
{
	static const char *const names[ACTIONS] = {
		"status", "stat-system", "stat-pid", "explain", "top", "compare", "message",
	};
	uint32_t error = (uint32_t)-95;

	for (unsigned int action = 0; action < ACTIONS; action++) {
		begin(action, 0, 0x0fff);
		reply(names[action]);
	}
	begin(ACTION_COMPARE, 0, 0xffff);
	reply("large");
	begin(ACTION_MESSAGE, 0, 0);
	script_task(&script, 7, 101);
	reply("message-exit");
	begin(ACTION_MESSAGE, 0, 1);
	script_group(&script, 7, 1);
	reply("message-group");
	begin(ACTION_MESSAGE, 0, 2);
	script_state(&script, 7);
	reply("message-watch");
	begin(ACTION_MESSAGE, 0, 3);
	script_info(&script, 7, 3);
	reply("message-info");
	begin(ACTION_MESSAGE, 0, 4);
	script_cpu_class(&script, 7, 1, SCHEDSPLIT_CLASS_THREAD);
	reply("message-class");
	begin(ACTION_MESSAGE, 0, 4);
	script_cpu_rest(&script, 7, 1);
	reply("message-rest");
	begin(ACTION_STATUS, FROM_INPUT_FAMILY | FROM_INPUT_INFO, 0);
	script_family(&script);
	script_info(&script, 1, 3);
	reply("family-info");
	begin(ACTION_STAT_PID, FROM_INPUT_WATCH | FROM_INPUT_STATE, 0x0fff);
	script_watch(&script);
	script_state(&script, 1);
	script_state(&script, 2);
	reply("watch");
	begin(ACTION_STAT_SYSTEM, FROM_INPUT_CPUS, 0x0fff);
	for (uint64_t n = 1; n < 4; n++)
		script_cpus(&script, n, 2);
	reply("cpus");
	begin(ACTION_EXPLAIN, FROM_INPUT_GROUPS | FROM_INPUT_TASKS, 0x0fff);
	script_groups(&script, 1);
	script_groups(&script, 2);
	script_tasks(&script, 2);
	reply("groups-tasks");
	begin(ACTION_TOP, FROM_INPUT_GROUPS | FROM_INPUT_TASKS, 0x200);
	for (uint64_t n = 1; n < 4; n++) {
		script_tasks(&script, n);
		script_groups(&script, n);
	}
	reply("tasks-groups");
	begin(ACTION_COMPARE, FROM_INPUT_CPUS, 7);
	script_cpus(&script, 1, 1);
	script_byte(&script, OP_PART);
	script_cpus(&script, 2, 1);
	reply("parts");
	/* The kernel's own words; a dump that is interrupted. */
	begin(ACTION_STATUS, FROM_INPUT_INFO, 0);
	script_byte(&script, OP_ERROR);
	script_byte(&script, FLAG_WORDS | FLAG_CAPPED);
	script_bytes(&script, &error, sizeof(error));
	script_text(&script, NLMSGERR_ATTR_MSG, "no such thing");
	script_byte(&script, OP_PART);
	reply("words");
	begin(ACTION_STAT_PID, FROM_INPUT_TASKS | FROM_INPUT_OTHERS, 0x0fff);
	script_send(&script);
	script_answer(&script, FLAG_INTERRUPTED);
	script_task(&script, 1, 100);
	script_byte(&script, OP_DONE);
	script_byte(&script, FLAG_INTERRUPTED);
	script_bytes(&script, &(uint32_t){ 0 }, sizeof(uint32_t));
	script_byte(&script, OP_PART);
	script_tasks(&script, 1);
	reply("interrupted");
	/* A dump that fails, by each number. */
	for (uint32_t number = 1; number < 134; number++) {
		char name[16];

		begin(ACTION_STAT_PID, FROM_INPUT_TASKS, 0x0fff);
		script_byte(&script, OP_ERROR);
		script_byte(&script, 0);
		script_bytes(&script, &(uint32_t){ -number }, sizeof(uint32_t));
		script_byte(&script, OP_PART);
		snprintf(name, sizeof(name), "errno-%u", number);
		reply(name);
	}
}

/* ---- texts ---- */

/* Every text with @first before it. */
static void write_texts(const char *fuzzer, unsigned int first, const char *const *texts)
{
	static unsigned int number;

	for (; *texts; texts++) {
		char name[32], bytes[4096];
		int n = snprintf(bytes, sizeof(bytes), "%c%s", first ? (int)first : 'x', *texts);

		CHECK(n > 0 && n < (int)sizeof(bytes));
		bytes[0] = (char)first;
		snprintf(name, sizeof(name), "%u", number++);
		write_seed(fuzzer, name, bytes, (size_t)n);
	}
}

/* Blanks stand for the NULs between arguments. */
static void write_arguments(unsigned int command, const char *const *lines)
{
	static unsigned int number;

	for (; *lines; lines++) {
		char name[32], bytes[512];
		int n = snprintf(bytes, sizeof(bytes), "x%s", *lines);

		CHECK(n > 0 && n < (int)sizeof(bytes));
		bytes[0] = (char)command;
		for (int i = 1; i < n; i++)
			if (bytes[i] == ' ')
				bytes[i] = '\0';
		snprintf(name, sizeof(name), "%u", number++);
		write_seed("arguments", name, bytes, (size_t)n);
	}
}

static void arguments(void)
{
	static const char *const stat[] = {
		"-a -d 1 -I 200", "-p 1,22,333 -d 0.25 -CTgHxmlk", "-t 5 --cgroup=x",
		"--cgroup /lab -d 6 --handoff", "-r 5 -w -- true -x", "-s -a --json --csv=a -o b",
		"--per-cpu --per-task --per-group --hist --cost --migrations --life --signals",
		"--help", "-V", "--interval=10 --repeat 2 sleep 1", NULL,
	};
	static const char *const compare[] = {
		"--quick start-time switch-cost", "-l", "-n 7 -w 1 -s 4294967295 -C 0-1,0",
		"-p method=fork,spawn,cpu=same", "--vs true false --prepare sync",
		"--repeat run.json --db postgresql://u@h/d -o a --json=b --csv=c",
		"-d /var/tmp --python python3 -v --json", "--help", "--version", NULL,
	};
	static const char *const top[] = {
		"-d 2 -n 3 -p 1,2 -H -s cpu -r -f bash -a -b", "--batch --json=x", "--sort wait",
		"--help", "-V", NULL,
	};
	static const char *const explain[] = {
		"-p 1 -d 1 -o x", "-w --json -- make -j", "--cgroup /", "-a", "--help", NULL,
	};
	static const char *const status[] = { "", "--json", "-jx", "--json=", "-h", NULL };

	write_arguments(0, stat);
	write_arguments(1, compare);
	write_arguments(2, top);
	write_arguments(3, explain);
	write_arguments(4, status);
}

static void reports(void)
{
	static const char *const worker[] = {
		"watch 123\nready\nmetric time 100 3\ncount interval_ns 1000\ndone\nend\n",
		"ready\ncount thread.switches_voluntary 12\ncount pinned_migrations 0\ndone\nend\n",
		"ready\ncount process.run_ns 99\ncount extra 5\ndone\nmetric a 0 0\nend\n",
		"error cannot fork: Resource temporarily unavailable\n",
		"unavailable there is no such clock\n", "nonsense\n", NULL,
	};
	static const char *const companion[] = {
		"argument port=1234\nargument other=5\nready\nmetric latency 9 2\nend\n", NULL,
	};

	write_texts("reports", 0, worker);
	write_texts("reports", 1, companion);
}

static void texts(void)
{
	static const char *const urls[] = {
		"u\npass\nh/d", "u\na\nh:5432/d?sslmode=x", "u\n?pass\nh/d?password=b%20c",
		"host=h password=x", "postgresql://u:p@h/d", NULL,
	};
	static const char *const plans[] = {
		"a1cpu=same\nmethod=pipe,futex", "b0workers=1,2", "k1working_set=0,64", NULL,
	};
	static const char *const words[] = {
		"kworker/0:1-events", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\x1b[31mred\xc2\x9b",
		"a line of words that is to be broken somewhere", NULL,
	};
	static const char *const lines[] = {
		"CONFIG_HZ=250\nCONFIG_PREEMPT_VOLUNTARY=y\n# CONFIG_NUMA is not set\n",
		"MemTotal: 24684092 kB\nMemAvailable: 100 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
		NULL,
	};
	static const char *const counts[] = { "thread.run_ns", "-12", "9223372036854775808", NULL };

	write_texts("texts", 0, urls);
	write_texts("texts", 1, plans);
	write_texts("texts", 2, words);
	write_texts("texts", 3, words);
	write_texts("texts", 4, words);
	write_texts("texts", 5, lines);
	write_texts("texts", 6, counts);
}

/* ---- files ---- */

struct file {
	const char	*name;		/* of files.h; NULL: no more */
	const char	*text;
};

static unsigned int place_of(const char *name)
{
	unsigned int i = 0;

	while (i < COUNT(file_names) && strcmp(file_names[i], name))
		i++;
	CHECK(i < COUNT(file_names));
	return i;
}

static void write_files(const char *name, unsigned int action, const struct file *list)
{
	script.n = 0;
	script_byte(&script, action);
	for (; list->name; list++) {
		script_byte(&script, place_of(list->name));
		script_bytes(&script, list->text, strlen(list->text));
		script_byte(&script, 0xff);
	}
	write_seed("files", name, script.bytes, script.n);
}

static void files(void)
{
	static const struct file environment[] = {
		{ "/proc/cpuinfo", "model name\t: A processor\nflags\t\t: fpu pcid\n" },
		{ "/proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\nSwapFree: 1 kB\n" },
		{ "/proc/cmdline", "quiet splash\n" },
		{ "/proc/self/cgroup", "0::/a/b\n" },
		{ "/proc/self/mounts", "none /sys/fs/cgroup cgroup2 rw 0 0\n" },
		{ "/cpu.max", "50000 100000\n" },
		{ "/memory.max", "1048576\n" },
		{ "/pids.max", "max\n" },
		{ "/boot/config-", "CONFIG_HZ=250\nCONFIG_PREEMPT=y\n" },
		{ "vulnerabilities/", "Mitigation: PTI\n" },
		{ "sched/preempt", "none (voluntary) full\n" },
		{ "transparent_hugepage/enabled", "always [madvise] never\n" },
		{ NULL, NULL },
	};
	static const struct file others[] = {
		{ "/proc/cpuinfo", "CPU implementer\t: 0x41\ncpu MHz\t\t: 2400.123\n" },
		{ "cpu0/cpufreq/scaling_governor", "performance\n" },
		{ "intel_pstate/no_turbo", "0\n" },
		{ "smt/active", "1\n" },
		{ "cpu0/topology/physical_package_id", "0\n" },
		{ "cpu0/topology/core_id", "0\n" },
		{ "cpu1/topology/core_id", "0\n" },
		{ "cpu2/topology/core_id", "1\n" },
		{ "current_clocksource", "tsc\n" },
		{ "dmi/id/sys_vendor", "QEMU\n" },
		{ "base_slice_ns", "3000000\n" },
		{ NULL, NULL },
	};
	static const struct file machine[] = {
		{ "/proc/meminfo", "MemAvailable: 50 kB\n" },
		{ "cpu0/topology/thread_siblings_list", "0,2-3\n" },
		{ "index0/type", "Data\n" },
		{ "index0/level", "1\n" },
		{ "index0/size", "32K\n" },
		{ "index1/type", "Unified\n" },
		{ "index1/level", "2\n" },
		{ "index1/size", "1024K\n" },
		{ NULL, NULL },
	};
	static const struct file disturbance[] = {
		{ "/proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/b/c\n" },
		{ "/cpu.stat", "nr_periods 0\nnr_throttled 3\n" },
		{ "cpu0/cpufreq/scaling_cur_freq", "2400000\n" },
		{ "core_throttle_count", "5\n" },
		{ NULL, NULL },
	};
	static const struct file large[] = {
		{ "/proc/self/cgroup", "0::/a/b\n" },
		{ "/cpu.stat", "nr_throttled 9223372036854775807\n" },
		{ "core_throttle_count", "9223372036854775807\n" },
		{ NULL, NULL },
	};
	static const struct file mounts[] = {
		{ "/proc/self/mounts",
		  "none /sys/fs/cgroup cgroup2 rw 0 0\n/dev/vda /var/tmp ext4 rw 0 0\n" },
		{ NULL, NULL },
	};

	write_files("environment", 0, environment);
	write_files("others", 0, others);
	write_files("machine", 1, machine);
	write_files("disturbance", 1, disturbance);
	write_files("large", 1, large);
	write_files("mounts", 2, mounts);
}

/* ---- saved ---- */

#define OPTIONS(name)	"\"seed\":1,\"blocks\":8,\"warmups\":1,\"cpus\":[0,1],\"options\":" \
	"{\"quick\":true,\"params\":{" name "},\"dir\":\"/var/tmp\",\"db\":null,\"python\":null}"
#define FIGURES(arm, value, m)	"{\"metric\":\"time\",\"unit\":\"ns\",\"params\":{\"cpu\":\"same\"," \
	"\"n\":2}," arm ",\"" value "\":" m ",\"ci95\":[" m ",9.5]}"
#define RUN(options, name, m, rest)	"{\"schema\":\"schedsplit-compare/1\",\"version\":\"1\"," \
	"\"environment\":{}," options ",\"experiments\":[{\"name\":\"" name "\",\"measurements\":[" \
	FIGURES("\"arm\":\"process\"", "median", m) "],\"ratios\":["			\
	FIGURES("\"of\":\"process\",\"to\":\"thread\"", "value", m) "]}],\"claims\":["	\
	"{\"id\":\"switch-cost\",\"verdict\":\"holds\"}]" rest "}"

static void saved(void)
{
	static const char one[] = RUN(OPTIONS("\"method\":\"pipe,futex\""), "switch-cost", "1.5", "");
	static const char two[] = RUN(OPTIONS(""), "switch-cost", "1.5", "") "\0"
				  RUN(OPTIONS(""), "switch-cost", "7", "");
	static const char vs[] = RUN(OPTIONS(""), "vs", "2",
				     ",\"vs\":{\"a\":\"true\",\"b\":[102,255],\"prepare\":\"sync\"}");

	write_seed("saved", "one", one, sizeof(one) - 1);
	write_seed("saved", "two", two, sizeof(two) - 1);
	write_seed("saved", "vs", vs, sizeof(vs) - 1);
}

int main(void)
{
	replies();
	arguments();
	reports();
	texts();
	files();
	saved();
	return 0;
}
