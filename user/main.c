// SPDX-License-Identifier: GPL-2.0-or-later
/* schedsplit: the table of subcommands. */
#include <stdio.h>
#include <string.h>

#include "../kmod/version.h"
#include "commands.h"
#include "error.h"
#include "output_file.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *line;
} commands[] = {
	{ "status", cmd_status, "module loaded? what can it measure, what spoils figures here" },
	{ "stat", cmd_stat, "count while a command runs, or until Ctrl-C" },
	{ "explain", cmd_explain, "what a command does with its CPUs, in sentences" },
	{ "top", cmd_top, "live: groups and threads by switches, time on CPUs, waiting" },
	{ "compare", cmd_compare, "the same work by processes and by threads, with verdicts" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	puts("Usage: schedsplit COMMAND [OPTION]... [ARGUMENT]...\n"
	     "       schedsplit --help | --version\n"
	     "\n"
	     "Context switches, migrations and run times, separately for processes and\n"
	     "threads.\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].line);
	puts("\n"
	     "schedsplit COMMAND --help tells the options; the manual is schedsplit(1).\n"
	     "\n"
	     "Exit status: 0 good, 1 failed, 2 wrong usage; with -- COMMAND, its own.");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run(int argc, char **argv)
{
	static char name[] = "schedsplit", option[] = "--help";
	char *help[] = { name, option, NULL };
	const struct command *command;

	if (argc < 2)
		return error_usage(NULL, "no command given");
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("schedsplit " SCHEDSPLIT_VERSION);
		return STATUS_GOOD;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc == 2)) {
		print_help();
		return STATUS_GOOD;
	}
	if (!strcmp(argv[1], "help")) {
		command = find(argv[2]);
		return command ? command->run(2, help) :
		       error_usage(NULL, "no command '%s'", argv[2]);
	}
	command = find(argv[1]);
	if (!command)
		return error_usage(NULL, "no command '%s'", argv[1]);
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	output_begin();
	return output_end(run(argc, argv));
}
