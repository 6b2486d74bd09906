// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit status`: the module, what it can measure, and this machine's traps. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/version.h"
#include "commands.h"
#include "environment.h"
#include "error.h"
#include "info.h"
#include "netlink.h"
#include "option_values.h"
#include "output/json.h"
#include "output/table.h"
#include "output_file.h"
#include "terminal.h"

static const char help[] =
"Usage: schedsplit status [OPTION]...\n"
"\n"
"Is the module loaded, what can it measure on this kernel, and which settings of\n"
"this machine spoil figures. Works without the module and without privileges, and\n"
"says what it then cannot see.\n"
"\n"
"  -j, --json[=FILE]    JSON, to standard output or to FILE\n"
"  -h, --help           print this\n"
"  -V, --version        print the version\n"
"\n"
"Exit status: 0 if the module is loaded, 1 if not.\n";

static const struct option long_options[] = {
	{ "json", optional_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct status {
	bool		loaded;
	bool		visible;	/* info is filled in */
	char		why[ERROR_SIZE];	/* not loaded, or not visible */
	struct info	info;
	struct environment environment;
	struct setting	setting[ENVIRONMENT_SETTINGS_MAX];
	size_t		settings;
};

/* What can be measured, and the tracepoint that it takes. */
static const struct capability {
	const char *key;
	const char *words;
	const char *hook;
} capabilities[] = {
	{ "switches", "switches by class, handoff, address space", "sched_switch" },
	{ "times", "run times, wait times, slices, concurrency", "sched_switch" },
	{ "migrations", "migrations", "sched_migrate_task" },
	{ "wakeups", "wakeups", "sched_wakeup" },
	{ "forks", "forks, and watching what a task creates", "task_newtask" },
	{ "exits", "exits", "sched_process_exit" },
	{ "cgroups", "tasks that move between cgroups", "cgroup_attach_task" },
};

#define CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

/* 1 yes, 0 no, -1 cannot be seen: by the module, else by tracefs. */
static int can(const struct status *status, const struct capability *capability)
{
	static const char *const place[] = {
		"/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events",
	};
	static const char *const system[] = { "sched", "task", "cgroup" };

	for (unsigned int i = 0; i < status->info.hooks; i++)
		if (!strcmp(status->info.hook[i], capability->hook))
			return 1;
	if (status->visible)
		return 0;
	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		char path[256];

		if (access(place[i], R_OK | X_OK))
			continue;
		for (size_t j = 0; j < sizeof(system) / sizeof(system[0]); j++) {
			snprintf(path, sizeof(path), "%s/%s/%s", place[i], system[j],
				 capability->hook);
			if (!access(path, F_OK))
				return 1;
		}
		return 0;
	}
	return -1;
}

static void read_status(struct status *status)
{
	struct session *session;
	int ret;

	environment_read(&status->environment);
	status->settings = environment_settings(&status->environment, status->setting);
	ret = session_open(&session, status->why, sizeof(status->why));
	/* A module of another version is there, though of no use. */
	status->loaded = !ret || ret == -EPROTO;
	if (ret)
		return;
	status->visible = !info_get(session, &status->info, status->why, sizeof(status->why));
	session_close(session);
}

/* --- for people --- */

static void print_module(FILE *stream, const struct status *status)
{
	const struct info *info = &status->info;

	if (!status->loaded) {
		fprintf(stream, "module     not loaded\n");
		return;
	}
	if (!status->visible) {
		fprintf(stream, "module     loaded; its state cannot be seen\n");
		return;
	}
	fprintf(stream, "module     loaded, version %s%s\n", info->version,
		strcmp(info->version, SCHEDSPLIT_VERSION) ? " (tool: " SCHEDSPLIT_VERSION ")" : "");
	fprintf(stream, "hooks     ");
	for (unsigned int i = 0; i < info->hooks; i++)
		fprintf(stream, " %s", info->hook[i]);
	fprintf(stream, "%s\n", info->hooks ? "" : " none");
	fprintf(stream, "watches    %" PRIu32 " open, %" PRIu32 " of %" PRIu32 " task records in use\n",
		info->watches, info->records, info->records_max);
	fprintf(stream, "tasks     ");
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		fprintf(stream, " %s %" PRIu64 "%s", class_name[class], info->live[class],
			class + 1 < SCHEDSPLIT_CLASSES ? "," : "\n");
}

static void print_capabilities(FILE *stream, const struct status *status)
{
	fprintf(stream, "\n%s\n\n", status->visible ? "The module measures:" :
		"What this kernel lets the module measure:");
	for (size_t i = 0; i < CAPABILITIES; i++) {
		int yes = can(status, &capabilities[i]);

		fprintf(stream, "  %-3s  %s%s%s\n", yes < 0 ? "?" : yes ? "yes" : "no",
			capabilities[i].words, yes ? "" : ": no tracepoint ",
			yes ? "" : capabilities[i].hook);
	}
	if (!status->visible)
		fprintf(stream, "  ?    direct cost of a switch: only the module can tell\n");
	else if (status->info.cost_khz)
		fprintf(stream, "  yes  direct cost of a switch, while somebody asks (%" PRIu32
			" do)\n", status->info.cost_sockets);
	else
		fprintf(stream, "  no   direct cost of a switch: finish_task_switch() cannot be traced\n");
	for (size_t i = 0; i < CAPABILITIES; i++)
		if (can(status, &capabilities[i]) < 0) {
			fprintf(stream, "  (?: tracefs is not to be seen; root sees it, where it is mounted)\n");
			break;
		}
}

static int print_settings(FILE *stream, const struct status *status)
{
	bool colour = terminal_has_colour(stream);
	struct table table;

	fprintf(stream, "\n%sThis machine, and its traps:%s\n\n", colour ? "\033[1m" : "",
		colour ? "\033[0m" : "");
	table_init(&table);
	table_column(&table, "setting", ALIGN_LEFT);
	table_column(&table, "value", ALIGN_LEFT);
	table_column(&table, "trap", ALIGN_LEFT);
	for (size_t i = 0; i < status->settings; i++) {
		const struct setting *setting = &status->setting[i];

		table_line(&table);
		table_cell(&table, "%s", setting->name);
		/* the whole of it is in the JSON */
		table_cell(&table, strlen(setting->value) > 40 ? "%.37s..." : "%s",
			   setting->value);
		table_cell(&table, "%s", setting->trap);
	}
	return table_print(&table, stream, 2);
}

/* --- for programs --- */

static json_t *module_json(const struct status *status)
{
	const struct info *info = &status->info;
	json_t *json = json_pack("{s:b s:b}", "loaded", status->loaded,
				 "visible", status->visible);
	json_t *hooks, *live;

	if (!status->visible) {
		json_object_set_new(json, "why", json_string(status->why));
		return json;
	}
	hooks = json_array();
	for (unsigned int i = 0; i < info->hooks; i++)
		json_array_append_new(hooks, json_string(info->hook[i]));
	live = json_object();
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		json_object_set_new(live, class_name[class], json_count(info->live[class]));
	json_object_set_new(json, "version", json_string(info->version));
	json_object_set_new(json, "hooks", hooks);
	json_object_set_new(json, "watches", json_integer(info->watches));
	json_object_set_new(json, "records", json_integer(info->records));
	json_object_set_new(json, "records_max", json_integer(info->records_max));
	json_object_set_new(json, "tasks_alive", live);
	return json;
}

static json_t *status_json(const struct status *status)
{
	json_t *abilities = json_object(), *traps = json_array();

	for (size_t i = 0; i < CAPABILITIES; i++) {
		int yes = can(status, &capabilities[i]);

		json_object_set_new(abilities, capabilities[i].key,
				    yes < 0 ? json_null() : json_boolean(yes));
	}
	json_object_set_new(abilities, "cost", status->visible ?
			    json_boolean(status->info.cost_khz != 0) : json_null());
	for (size_t i = 0; i < status->settings; i++)
		if (*status->setting[i].trap)
			json_array_append_new(traps, json_pack("{s:s s:s s:s}",
					      "name", status->setting[i].name,
					      "value", status->setting[i].value,
					      "trap", status->setting[i].trap));
	return json_pack("{s:s s:s s:o s:o s:o s:o}",
			 "schema", "schedsplit-status/1", "version", SCHEDSPLIT_VERSION,
			 "module", module_json(status), "capabilities", abilities,
			 "environment", environment_json(&status->environment), "traps", traps);
}

static int write_json(const struct status *status, const char *path, char *err, size_t size)
{
	struct output_file file;
	json_t *json;
	int ret;

	ret = output_file_open(&file, path, err, size);
	if (ret)
		return ret;
	*err = '\0';
	json = status_json(status);
	output_file_commit(&file, json ? json_write(file.stream, json) : -ENOMEM, err, size);
	json_decref(json);
	return *err ? -EIO : 0;
}

static int report(const struct status *status, bool json, const char *path)
{
	char err[ERROR_SIZE];

	if (!json || path) {
		print_module(stdout, status);
		print_capabilities(stdout, status);
		print_settings(stdout, status);
	}
	if (json && write_json(status, path, err, sizeof(err))) {
		error_print("%s", err);
		return STATUS_FAILED;
	}
	/* What stands on stdout comes first, where both go to one place. */
	fflush(stdout);
	if (!status->visible)
		error_print("%s", status->why);
	return status->loaded ? STATUS_GOOD : STATUS_FAILED;
}

int cmd_status(int argc, char **argv)
{
	static struct status status;	/* large */
	const char *path = NULL;
	bool json = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "j::hV", long_options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			path = option_file(optarg);
			break;
		case 'h':
			fputs(help, stdout);
			return STATUS_GOOD;
		case 'V':
			puts("schedsplit " SCHEDSPLIT_VERSION);
			return STATUS_GOOD;
		default:
			return option_complain("status", c, long_options, argv);
		}
	}
	if (optind < argc)
		return error_usage("status", "no argument is wanted: '%s'", argv[optind]);
	if (option_files_differ("status", &path, 1))
		return STATUS_USAGE;
	setlocale(LC_ALL, "");
	read_status(&status);
	return report(&status, json, path);
}
