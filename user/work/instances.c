// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes are instances of a program, threads units within a process: runs a
 * program several times (arm=process), or starts as many threads in this one
 * (arm=thread), and while all of them live looks into /proc at who they are.
 *
 * The program is this one (own), or an interpreter that runs app.py (python).
 * An instance says that it is alive with one byte to its standard output, and
 * lives until its standard input ends: no later than its creator.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arm.h"
#include "common/clock.h"
#include "common/futex.h"
#include "common/procfs.h"
#include "common/protocol.h"

#define INSTANCES_MAX	256

/* ---- a program that is run several times ---- */

struct instance {
	pid_t	pid;
	int	life;		/* closed to end it */
	int	alive;		/* it writes here */
};

static char own_path[] = "/proc/self/exe", own_name[] = "instances";
static char instance_command[] = "--instance";

static char no_site[] = "-S", no_environment[] = "-E";
static char python_command[] = "-c", app_path[PATH_MAX];
/* app.py by itself is over at once: it is run, and then waits to be looked at. */
static char python_text[] =
	"import sys\n"
	"exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))\n"
	"print(flush=True)\n"
	"sys.stdin.read()\n";

static struct program {
	const char	*name;
	char		*file;
	char		*argv[7];
} programs[] = {
	{ "own", own_path, { own_name, instance_command, NULL } },
	/* Its file and first word: argument python. */
	{ "python", NULL, { NULL, no_site, no_environment, python_command, python_text,
			    app_path, NULL } },
};

/* What an instance of this program does. */
static int live(void)
{
	char byte;

	if (write(STDOUT_FILENO, "", 1) != 1)
		return 1;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

static const struct program *program_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(name, programs[i].name))
			return &programs[i];
	die("argument program: '%s' is none of own, python", name);
}

/* app.py is installed beside this program. */
static void find_app(void)
{
	ssize_t n = readlink("/proc/self/exe", app_path, sizeof(app_path) - sizeof("/app.py"));
	char *slash;

	if (n < 0)
		die("cannot tell where this program is: %s", strerror(errno));
	app_path[n] = '\0';
	slash = strrchr(app_path, '/');
	strcpy(slash ? slash : app_path, "/app.py");
	if (access(app_path, R_OK))
		die("%s: %s", app_path, strerror(errno));
}

__attribute__((noreturn))
static void become(const struct program *program, pid_t creator, int life, int alive)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != creator || dup2(life, STDIN_FILENO) < 0 ||
	    dup2(alive, STDOUT_FILENO) < 0)
		_exit(1);
	execvp(program->file, program->argv);
	_exit(1);
}

static void run_instance(const struct program *program, struct instance *instance)
{
	pid_t creator = getpid();
	int life[2], alive[2];

	if (pipe2(life, O_CLOEXEC) || pipe2(alive, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	instance->pid = fork();
	if (instance->pid < 0)
		die("fork: %s", strerror(errno));
	if (!instance->pid)
		become(program, creator, life[0], alive[1]);
	close(life[0]);
	close(alive[1]);
	instance->life = life[1];
	instance->alive = alive[0];
}

static void end_early(const struct program *program, const struct instance *instance)
{
	int status = 0;

	waitpid(instance->pid, &status, 0);
	die("an instance of %s ended early, with wait status %d", program->name, status);
}

static void run_program(const struct program *program, struct instance *instance, size_t n)
{
	char byte;

	for (size_t i = 0; i < n; i++)
		run_instance(program, &instance[i]);
	for (size_t i = 0; i < n; i++)
		if (read(instance[i].alive, &byte, 1) != 1)
			end_early(program, &instance[i]);
}

static void end_instances(const struct program *program, struct instance *instance, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int status;

		close(instance[i].life);
		if (waitpid(instance[i].pid, &status, 0) != instance[i].pid || status)
			die("an instance of %s did not end well", program->name);
	}
}

/* ---- threads in this program ---- */

static uint32_t started, release;

static void be_a_thread(void *arg)
{
	(void)arg;
	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	futex_wake(&started, 1);
	while (!__atomic_load_n(&release, __ATOMIC_SEQ_CST))
		futex_wait(&release, 0);
}

static void start_threads(struct arm_worker *worker, size_t n)
{
	uint32_t now;

	for (size_t i = 0; i < n; i++) {
		int err = arm_create(ARM_THREAD, &worker[i], be_a_thread, NULL);

		if (err)
			die("cannot create thread %zu of %zu: %s", i + 1, n, strerror(err));
	}
	while ((now = __atomic_load_n(&started, __ATOMIC_SEQ_CST)) < n)
		futex_wait(&started, now);
}

static void end_threads(struct arm_worker *worker, size_t n)
{
	__atomic_store_n(&release, 1, __ATOMIC_SEQ_CST);
	futex_wake(&release, INT_MAX);
	for (size_t i = 0; i < n; i++)
		if (arm_join(ARM_THREAD, &worker[i]))
			die("cannot join thread %zu", i + 1);
}

/* ---- who they are ---- */

/* Distinct things, each named by two numbers. */
struct set {
	struct {
		uint64_t a, b;
	} element[INSTANCES_MAX + 1];
	size_t n;
};

struct view {
	struct set	tgids;
	struct set	tids;
	struct set	executables;
	size_t		processes;		/* that were looked at */
	/* Of the executable's code, all together. */
	int64_t		pss_kb, rss_kb;
	/* Tasks that are alone in their process, leaders of others, others. */
	int64_t		single, leaders, threads;
};

static void add(struct set *set, uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->element[i].a == a && set->element[i].b == b)
			return;
	if (set->n == sizeof(set->element) / sizeof(set->element[0]))
		die("more than %zu tasks where %d were started", set->n, INSTANCES_MAX);
	set->element[set->n].a = a;
	set->element[set->n++].b = b;
}

static int64_t number_of(const char *text, const char *name)
{
	int64_t value = procfs_number(text, name);

	if (value < 0)
		die("/proc does not say %s", name);
	return value;
}

static void look_at_tasks(struct view *view, pid_t pid)
{
	char path[64], text[PROCFS_SIZE];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		die("%s: %s", path, strerror(errno));
	while ((entry = readdir(tasks))) {
		int tid = atoi(entry->d_name);

		if (tid <= 0)
			continue;
		if (procfs_read(tid, "status", text))
			die("/proc/%d/status cannot be read", tid);
		add(&view->tids, (uint64_t)number_of(text, "Pid:"), 0);
		add(&view->tgids, (uint64_t)number_of(text, "Tgid:"), 0);
	}
	closedir(tasks);
}

static void look_at_class(struct view *view, pid_t pid)
{
	char text[PROCFS_SIZE];
	int64_t threads;

	if (procfs_read(pid, "status", text))
		die("/proc/%d/status cannot be read", (int)pid);
	threads = number_of(text, "Threads:");
	view->single += threads == 1;
	view->leaders += threads > 1;
	view->threads += threads - 1;
}

/* Pss and Rss of the mappings that execute @file. */
static void look_at_code(struct view *view, pid_t pid, const char *file)
{
	char path[64], perms[5], *line = NULL;
	bool inside = false;
	size_t size = 0;
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	smaps = fopen(path, "re");
	if (!smaps)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, smaps) > 0) {
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*x-%*x %4s %*s %*s %*s %n", perms, &at) == 1 && at)
			inside = !strcmp(line + at, file) && !strncmp(perms, "r-x", 3);
		else if (inside && !strncmp(line, "Pss:", 4))
			view->pss_kb += atoll(line + 4);
		else if (inside && !strncmp(line, "Rss:", 4))
			view->rss_kb += atoll(line + 4);
	}
	free(line);
	fclose(smaps);
}

static void look_at(struct view *view, pid_t pid)
{
	char path[64], file[PATH_MAX];
	struct stat exe;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, file, sizeof(file) - 1);
	if (n < 0 || stat(path, &exe))
		die("%s: %s", path, strerror(errno));
	file[n] = '\0';
	add(&view->executables, exe.st_dev, exe.st_ino);
	look_at_tasks(view, pid);
	look_at_class(view, pid);
	look_at_code(view, pid, file);
	view->processes++;
}

static void report_view(const struct view *view)
{
	report_metric("tgids", (int64_t)view->tgids.n, 1);
	report_metric("tids", (int64_t)view->tids.n, 1);
	report_metric("executables", (int64_t)view->executables.n, 1);
	/* Over the Rss of one: their mean. */
	report_metric("text", (int64_t)view->processes * view->pss_kb, view->rss_kb);
	report_count("process.tasks", view->single);
	report_count("leader.tasks", view->leaders);
	report_count("thread.tasks", view->threads);
}

int main(int argc, char **argv)
{
	static struct instance instance[INSTANCES_MAX];
	static struct arm_worker worker[INSTANCES_MAX];
	static struct view view;
	const struct program *program;
	int64_t begin;
	enum arm arm;
	size_t n;

	if (argc == 2 && !strcmp(argv[1], instance_command))
		return live();

	protocol_start(argc, argv);
	arm = arm_from_name(argument_text("arm"));
	n = (size_t)argument_number("instances", 1, INSTANCES_MAX);
	programs[1].file = programs[1].argv[0] = (char *)argument_text_or("python", "python3");
	program = program_from_name(argument_text("program"));
	if (arm == ARM_OTHER || (arm == ARM_THREAD && program != &programs[0]))
		die("there is no arm of that name with program %s", program->name);
	find_app();

	report_ready();
	begin = now_ns();
	if (arm == ARM_PROCESS) {
		run_program(program, instance, n);
		for (size_t i = 0; i < n; i++)
			look_at(&view, instance[i].pid);
	} else {
		start_threads(worker, n);
		look_at(&view, getpid());
	}
	report_count("interval_ns", now_ns() - begin);
	report_done();
	report_view(&view);
	if (arm == ARM_PROCESS)
		end_instances(program, instance, n);
	else
		end_threads(worker, n);
	report_end();
	return 0;
}
