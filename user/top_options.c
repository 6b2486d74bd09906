// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `schedsplit top`. */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "error.h"
#include "option_values.h"
#include "top_options.h"

#define DELAY_NS	2000000000
#define DELAY_MIN_S	0.01

const char top_help[] =
"Usage: schedsplit top [OPTION]...\n"
"\n"
"Live: switches, migrations, time on CPUs and time waiting for one, by thread group\n"
"or by task.\n"
"\n"
"  -d, --delay SEC      so many seconds between readings (2)\n"
"  -n, --intervals N    end after so many\n"
"  -p, --pid PID,...    these processes and what they create, not all tasks\n"
"  -H, --threads        tasks rather than thread groups\n"
"  -s, --sort COLUMN    switches (default), voluntary, involuntary, migrations, cpu,\n"
"                       wait, slice, parallelism, tasks, pid, tid, class, command\n"
"  -r, --reverse        the other way round\n"
"  -f, --filter TEXT    only commands with TEXT in their names, in capitals or not\n"
"  -a, --all            with those that did nothing\n"
"\n"
"  -b, --batch          no screen: a table for each interval\n"
"  -j, --json[=FILE]    with --batch, a line of JSON for each: instead of the tables,\n"
"                       or to FILE\n"
"\n"
"  -h, --help           print this\n"
"  -V, --version        print the version\n"
"\n"
"On the screen, h tells the keys and q quits. In a batch, Ctrl-C ends the last\n"
"interval early.\n";

static const struct option long_options[] = {
	{ "delay", required_argument, NULL, 'd' },
	{ "intervals", required_argument, NULL, 'n' },
	{ "pid", required_argument, NULL, 'p' },
	{ "threads", no_argument, NULL, 'H' },
	{ "sort", required_argument, NULL, 's' },
	{ "reverse", no_argument, NULL, 'r' },
	{ "filter", required_argument, NULL, 'f' },
	{ "all", no_argument, NULL, 'a' },
	{ "batch", no_argument, NULL, 'b' },
	{ "json", optional_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int parse_intervals(struct top_options *options, const char *text)
{
	long number;

	if (!option_integer(text, 1, LONG_MAX, &number))
		return error_usage("top", "-n: '%s' is not a number of intervals from 1", text);
	options->intervals = (unsigned long)number;
	return 0;
}

static int parse_filter(struct top_options *options, const char *text)
{
	if (strlen(text) >= sizeof(options->view.filter))
		return error_usage("top", "-f: no name is as long as '%.80s'", text);
	strcpy(options->view.filter, text);
	return 0;
}

static int parse_sort(struct top_options *options, const char *name)
{
	options->view.sort = column_by_name(name);
	if (options->view.sort == COLUMNS)
		return error_usage("top", "-s: no column '%s' to sort by", name);
	return 0;
}

static int parse_option(struct top_options *options, int c)
{
	switch (c) {
	case 'd':
		return option_seconds("top", "-d", optarg, DELAY_MIN_S, &options->delay_ns);
	case 'n':
		return parse_intervals(options, optarg);
	case 'p':
		return option_pids("top", "-p", optarg, options->pid, &options->pids);
	case 'H':
		options->view.tasks = true;
		return 0;
	case 's':
		return parse_sort(options, optarg);
	case 'r':
		options->view.reverse = true;
		return 0;
	case 'f':
		return parse_filter(options, optarg);
	case 'a':
		options->view.all = true;
		return 0;
	case 'b':
		options->batch = true;
		return 0;
	case 'j':
		options->json = (struct output_choice){ true, option_file(optarg) };
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

static int check(const struct top_options *options)
{
	if (options->json.wanted && !options->batch)
		return error_usage("top", "--json is for --batch");
	return option_files_differ("top", &options->json.path, 1);
}

int top_options_parse(struct top_options *options, int argc, char **argv)
{
	int c, status;

	memset(options, 0, sizeof(*options));
	options->view.sort = COLUMN_SWITCHES;
	options->delay_ns = DELAY_NS;
	/* 0: begin anew, also in glibc's own state */
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":d:n:p:Hs:rf:abj::hV", long_options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return option_complain("top", c, long_options, argv);
		status = parse_option(options, c);
		if (status)
			return status;
		if (options->help || options->version)
			return 0;
	}
	if (optind < argc)
		return error_usage("top", "what is '%s' to top? it takes options alone",
				   argv[optind]);
	return check(options);
}
