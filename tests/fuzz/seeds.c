// SPDX-License-Identifier: GPL-2.0-or-later
/* Inputs for the fuzzers to begin with: FUZZER/NAME below the working directory. */
#include <stdio.h>
#include <sys/stat.h>

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
		"status", "stat-system", "stat-pid", "explain", "top", "compare", "exit",
	};
	uint32_t error = (uint32_t)-95;

	for (unsigned int action = 0; action < ACTION_EXIT; action++) {
		begin(action, 0, 0xffff);
		reply(names[action]);
	}
	begin(ACTION_EXIT, 0, 0);
	script_task(&script, 7, 101);
	reply(names[ACTION_EXIT]);
	begin(ACTION_STATUS, FROM_INPUT_FAMILY | FROM_INPUT_INFO, 0);
	script_family(&script);
	script_info(&script, 1, 3);
	reply("family-info");
	begin(ACTION_STAT_PID, FROM_INPUT_WATCH | FROM_INPUT_STATE, 0xffff);
	script_watch(&script);
	script_state(&script, 1);
	script_state(&script, 2);
	reply("watch");
	begin(ACTION_STAT_SYSTEM, FROM_INPUT_CPUS, 0xffff);
	for (uint64_t n = 1; n < 4; n++)
		script_cpus(&script, n);
	reply("cpus");
	begin(ACTION_EXPLAIN, FROM_INPUT_GROUPS | FROM_INPUT_TASKS, 0xffff);
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
	script_cpus(&script, 1);
	script_byte(&script, OP_PART);
	script_cpus(&script, 2);
	reply("parts");
	/* The kernel's own words; a dump that is interrupted. */
	begin(ACTION_STATUS, FROM_INPUT_INFO, 0);
	script_byte(&script, OP_ERROR);
	script_byte(&script, FLAG_WORDS | FLAG_CAPPED);
	script_bytes(&script, &error, sizeof(error));
	script_text(&script, NLMSGERR_ATTR_MSG, "no such thing");
	script_byte(&script, OP_PART);
	reply("words");
	begin(ACTION_STAT_PID, FROM_INPUT_TASKS | FROM_INPUT_OTHERS, 0xffff);
	script_send(&script);
	script_answer(&script, FLAG_INTERRUPTED);
	script_task(&script, 1, 100);
	script_byte(&script, OP_DONE);
	script_byte(&script, FLAG_INTERRUPTED);
	script_bytes(&script, &(uint32_t){ 0 }, sizeof(uint32_t));
	script_byte(&script, OP_PART);
	script_tasks(&script, 1);
	reply("interrupted");
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
		"ready\ncount thread.switches_voluntary 12\ncount process.run_ns 99\n"
		"count pinned_migrations 0\ncount extra 5\ndone\nmetric a 0 0\nend\n",
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

/* ---- files: the bytes are places in the list of files.c ---- */

static void files(void)
{
	static const char *const environment[] = {
		"\1MemTotal: 100 kB\nMemAvailable: 50 kB\nSwapTotal: 1 kB\nSwapFree: 1 kB\n\xff"
		"\2quiet splash\n\xff" "\3" "0::/a/b\n\xff" "\4none /sys/fs/cgroup cgroup2 rw 0 0\n\xff"
		"\5" "CONFIG_HZ=250\nCONFIG_PREEMPT=y\n",
		"\6performance\n\xff" "\7" "2400000\n\xff" "\10" "800000\n\xff" "\11" "3600000\n\xff"
		"\12" "0\n\xff" "\13" "1\n\xff" "\14" "1\n\xff" "\15" "0\n\xff" "\16" "0\n\xff"
		"\17" "0\n\xff" "\20" "1\n\xff" "\21" "1\n\xff" "\23Mitigation: PTI\n\xff"
		"\24none (voluntary) full\n\xff" "\25tsc\n\xff" "\26kvm\n\xff" "\27QEMU\n\xff"
		"\30" "1\n\xff" "\31" "always [madvise] never\n\xff" "\32" "[always] never\n\xff"
		"\33" "1\n\xff" "\34" "0\n\xff" "\35" "3000000\n",
		"\4none /sys/fs/cgroup cgroup2 rw 0 0\n\xff" "\3" "0::/a/b\n\xff"
		"\37" "50000 100000\n\xff" " 1048576\n\xff" "!7\n",
		NULL,
	};
	static const char *const machine[] = {
		"\1MemAvailable: 50 kB\n\xff" "\22" "0,2-3\n\xff" "$Data\n\xff" "%1\n\xff" "&32K\n\xff"
		"'Unified\n\xff" "(2\n\xff" ")1024K\n",
		"\3" "4:cpu,cpuacct:/a\n0::/b/c\n\xff" "\"nr_periods 0\nnr_throttled 3\n\xff"
		"\7" "2400000\n\xff" "#5\n",
		NULL,
	};
	static const char *const mounts[] = {
		"\4proc /proc proc rw 0 0\n/dev/vda / ext4 rw 0 0\n/dev/vdb /var/tmp/x ext4 rw 0 0\n"
		"none /sys/fs/cgroup cgroup2 rw 0 0\n",
		NULL,
	};

	write_texts("files", 0, environment);
	write_texts("files", 1, machine);
	write_texts("files", 2, mounts);
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
