// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `schedsplit stat`. */
#include <getopt.h>
#include <string.h>

#include "error.h"
#include "option_values.h"
#include "stat_options.h"

#define INTERVAL_MIN_MS	10

const char stat_help[] =
"Usage: schedsplit stat [OPTION]... [--] COMMAND [ARGUMENT]...\n"
"       schedsplit stat [OPTION]... [-a | -p PID,... | -t TID,... | --cgroup PATH]\n"
"\n"
"Count context switches, migrations and run times by task class: of COMMAND and\n"
"all its descendants, or of the whole system or what is named, until Ctrl-C.\n"
"\n"
"What\n"
"  -a, --all-cpus       the whole system (default without COMMAND)\n"
"  -p, --pid PID,...    processes, with all their threads and descendants\n"
"  -t, --tid TID,...    single tasks, and what they create\n"
"  -G, --cgroup PATH    a cgroup v2 and those below it\n"
"      With COMMAND, these are counted for as long as it runs.\n"
"\n"
"How long\n"
"  -d, --duration SEC   no longer than SEC seconds; COMMAND then gets SIGTERM\n"
"  -r, --repeat N       run COMMAND N times: mean and standard deviation\n"
"  -w, --wait-all       wait for COMMAND's descendants too\n"
"  -I, --interval MS    a line per class every MS milliseconds, 10 or more\n"
"\n"
"What to show\n"
"  -C, --per-cpu        each CPU\n"
"  -T, --per-task       each task, the dead included\n"
"  -g, --per-group      each thread group\n"
"  -H, --hist           histograms of slices and waits; in JSON also of costs (-k)\n"
"  -x, --handoff        switches by class of both tasks\n"
"  -m, --migrations     migrations by cause and distance, and where new tasks begin\n"
"  -l, --life           times from birth to first wake-up, first run, exec, exit\n"
"  -s, --signals        time from sending to taking signals; of the whole system\n"
"  -k, --cost           direct cost of switches inside the kernel, by kind\n"
"\n"
"Where to\n"
"  -j, --json[=FILE]    JSON, instead of the table or to FILE\n"
"  -c, --csv[=FILE]     CSV, likewise\n"
"  -o, --output FILE    the table (or what replaces it) to FILE\n"
"\n"
"  -h, --help           print this\n"
"  -V, --version        print the version\n"
"\n"
"Results go to standard output; with COMMAND, to standard error. The exit status\n"
"is COMMAND's.\n";

/* Which subcommand is told of in errors. */
static const char *command_name;

static const struct option long_options[] = {
	{ "all-cpus", no_argument, NULL, 'a' },
	{ "pid", required_argument, NULL, 'p' },
	{ "tid", required_argument, NULL, 't' },
	{ "cgroup", required_argument, NULL, 'G' },
	{ "duration", required_argument, NULL, 'd' },
	{ "repeat", required_argument, NULL, 'r' },
	{ "wait-all", no_argument, NULL, 'w' },
	{ "interval", required_argument, NULL, 'I' },
	{ "per-cpu", no_argument, NULL, 'C' },
	{ "per-task", no_argument, NULL, 'T' },
	{ "per-group", no_argument, NULL, 'g' },
	{ "hist", no_argument, NULL, 'H' },
	{ "handoff", no_argument, NULL, 'x' },
	{ "cost", no_argument, NULL, 'k' },
	{ "migrations", no_argument, NULL, 'm' },
	{ "life", no_argument, NULL, 'l' },
	{ "signals", no_argument, NULL, 's' },
	{ "json", optional_argument, NULL, 'j' },
	{ "csv", optional_argument, NULL, 'c' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* "+": what follows the command's name is the command's. */
static const char short_options[] = "+:ap:t:G:d:r:wI:CTgHxkmlsj::c::o:hV";

static int set_scope(struct stat_options *options, bool *set, enum scope scope)
{
	if (*set && options->scope != scope)
		return error_usage(command_name, "only one of -a, -p, -t and --cgroup at a time");
	options->scope = scope;
	*set = true;
	return 0;
}

static int parse_option(struct stat_options *options, int c, bool *scope_set)
{
	long number;
	int status;

	switch (c) {
	case 'a':
		return set_scope(options, scope_set, SCOPE_SYSTEM);
	case 'p':
		status = set_scope(options, scope_set, SCOPE_PID);
		return status ? status : option_pids(command_name, "-p", optarg, options->pid,
						     &options->pids);
	case 't':
		status = set_scope(options, scope_set, SCOPE_TID);
		return status ? status : option_pids(command_name, "-t", optarg, options->pid,
						     &options->pids);
	case 'G':
		if (options->cgroup)
			return error_usage(command_name, "--cgroup: one at a time; name one that is above both");
		if (!*optarg)
			return error_usage(command_name, "--cgroup: the path is empty; / is the root");
		options->cgroup = optarg;
		return set_scope(options, scope_set, SCOPE_CGROUP);
	case 'd':
		return option_seconds(command_name, "-d", optarg, 1e-3, &options->duration_ns);
	case 'r':
		if (!option_integer(optarg, 1, STAT_REPEAT_MAX, &number))
			return error_usage(command_name, "-r: '%s' is not a number from 1 to %d",
					   optarg, STAT_REPEAT_MAX);
		options->repeat = (unsigned int)number;
		return 0;
	case 'w':
		options->wait_all = true;
		return 0;
	case 'I':
		if (!option_integer(optarg, INTERVAL_MIN_MS, 86400000, &number))
			return error_usage(command_name, "-I: '%s' is not a number of milliseconds from %d",
					   optarg, INTERVAL_MIN_MS);
		options->interval_ns = (uint64_t)number * 1000000;
		return 0;
	case 'C':
		options->per_cpu = true;
		return 0;
	case 'T':
		options->per_task = true;
		return 0;
	case 'g':
		options->per_group = true;
		return 0;
	case 'H':
		options->hist = true;
		return 0;
	case 'x':
		options->handoff = true;
		return 0;
	case 'k':
		options->cost = true;
		return 0;
	case 'm':
		options->migrations = true;
		return 0;
	case 'l':
		options->life = true;
		return 0;
	case 's':
		options->signals = true;
		return 0;
	case 'j':
		options->json = (struct output_choice){ true, optarg };
		return 0;
	case 'c':
		options->csv = (struct output_choice){ true, optarg };
		return 0;
	case 'o':
		options->output = optarg;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case 'V':
		options->version = true;
		return 0;
	}
	return STATUS_USAGE;
}

static int check_outputs(struct stat_options *options)
{
	/* "-" is no other place where the table would be. */
	if (options->output ? !strcmp(options->output, "-") : !options->command) {
		options->json.path = option_file(options->json.path);
		options->csv.path = option_file(options->csv.path);
	}
	if (options->json.wanted && !options->json.path && options->csv.wanted &&
	    !options->csv.path)
		return error_usage(command_name, "--json and --csv cannot both replace the table: give one a file, --json=FILE");
	return option_files_differ(command_name,
				   (const char *[]){ options->json.path, options->csv.path,
						     options->output }, 3);
}

static int check(struct stat_options *options, bool scope_set)
{
	if (!scope_set)
		options->scope = options->command ? SCOPE_COMMAND : SCOPE_SYSTEM;
	if (options->command && !*options->command[0])
		return error_usage(command_name, "the command's name is empty");
	if (options->repeat > 1 && !options->command)
		return error_usage(command_name, "-r needs a command to repeat: -- COMMAND");
	if (options->repeat > 1 && options->interval_ns)
		return error_usage(command_name, "-r and -I do not go together");
	if (options->wait_all && options->scope != SCOPE_COMMAND)
		return error_usage(command_name, "--wait-all needs a command that is watched itself: -- COMMAND without -a, -p, -t, --cgroup");
	if (options->signals && options->scope != SCOPE_SYSTEM)
		return error_usage(command_name, "--signals counts for the whole system: -a");
	return check_outputs(options);
}

int stat_options_parse(struct stat_options *options, const char *name, int argc, char **argv)
{
	bool scope_set = false;
	int c, status;

	command_name = name;
	memset(options, 0, sizeof(*options));
	options->repeat = 1;
	/* 0: begin anew, also in glibc's own state */
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return option_complain(command_name, c, long_options, argv);
		status = parse_option(options, c, &scope_set);
		if (status)
			return status;
		if (options->help || options->version)
			return 0;
	}
	if (optind < argc)
		options->command = argv + optind;
	else if (argc > 1 && !strcmp(argv[argc - 1], "--"))
		return error_usage(command_name, "no command after --");
	return check(options, scope_set);
}
