// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What two workers share: the first writes (or changes) one thing of each kind,
 * then the second looks whether it sees that. Before, the first worker times
 * its writes to pages that their creator had dirtied.
 *
 * Most of what is written was made by the creator, so that both workers know
 * it, at one address. What the writer makes itself (its stack, a new mapping, a
 * descriptor) it names by address or number.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

#define TOKEN		0x7ea5e77e5ea51deULL	/* that nothing else is likely to hold */
#define SECOND_PASSES	16			/* one is over too soon to be timed well */
#define FACTS		18
#define VARIABLE	"SCHEDSPLIT_SHARING"
#define TIMER_S		100000			/* longer than any trial */
#define OFFSET		4321

enum { WRITER, LOOKER };

/* In shared memory; the pointers in it are to what may not be. */
struct scene {
	uint32_t	written, looked;	/* futex: 1 when it was */
	bool		seen[FACTS];
	char		*pages;			/* dirtied by the creator, for the timing */
	size_t		n_pages;
	int64_t		first_ns, second_ns;
	volatile uint64_t *heap, *stack;
	volatile uint64_t *private_mmap, *shared_mmap, *new_mmap;
	int		shm, file, spare, opened;
	struct stat	opened_file;
	int		nice;
	struct rlimit	limit;
	int		peek[2];		/* a pipe, see peek() */
};

static volatile uint64_t global;
static __thread volatile uint64_t thread_local;
static size_t page_size;

static void *map(struct worker *worker, int flags, int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory != MAP_FAILED)
		return memory;
	if (worker)
		worker_fail(worker, "cannot map %zu bytes: %s", size, strerror(errno));
	die("cannot map %zu bytes: %s", size, strerror(errno));
}

/* Whether the token is at @address, where there may be nothing at all. */
static bool peek(struct worker *worker, const struct scene *scene, const volatile void *address)
{
	uint64_t value;

	if (write(scene->peek[1], (const void *)address, sizeof(value)) != sizeof(value))
		return false;
	if (read(scene->peek[0], &value, sizeof(value)) != sizeof(value))
		worker_fail(worker, "cannot read from the pipe");
	return value == TOKEN;
}

/* ---- memory ---- */

static void write_heap(struct worker *worker, struct scene *scene)
{
	(void)worker;
	*scene->heap = TOKEN;
}

static bool see_heap(struct worker *worker, struct scene *scene)
{
	(void)worker;
	return *scene->heap == TOKEN;
}

/* Written by work() itself: it must be alive while the other looks. */
static void write_stack(struct worker *worker, struct scene *scene)
{
	(void)worker;
	*scene->stack = TOKEN;
}

static bool see_stack(struct worker *worker, struct scene *scene)
{
	return peek(worker, scene, scene->stack);
}

static void write_global(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	global = TOKEN;
}

static bool see_global(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	return global == TOKEN;
}

static void write_private(struct worker *worker, struct scene *scene)
{
	(void)worker;
	*scene->private_mmap = TOKEN;
}

static bool see_private(struct worker *worker, struct scene *scene)
{
	(void)worker;
	return *scene->private_mmap == TOKEN;
}

/* A mapping that was not there when the workers were created. */
static void write_new(struct worker *worker, struct scene *scene)
{
	scene->new_mmap = map(worker, MAP_PRIVATE | MAP_ANONYMOUS, -1, page_size);
	*scene->new_mmap = TOKEN;
}

static bool see_new(struct worker *worker, struct scene *scene)
{
	return peek(worker, scene, scene->new_mmap);
}

/* In place: setenv() allocates. */
static void write_environment(struct worker *worker, struct scene *scene)
{
	char *value = getenv(VARIABLE);

	(void)scene;
	if (!value)
		worker_fail(worker, "the environment lacks " VARIABLE);
	*value = '1';
}

static bool see_environment(struct worker *worker, struct scene *scene)
{
	const char *value = getenv(VARIABLE);

	(void)worker;
	(void)scene;
	return value && *value == '1';
}

/* By name, so that each worker means its own, if it has one. */
static void write_tls(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	thread_local = TOKEN;
}

static bool see_tls(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	return thread_local == TOKEN;
}

static void write_shared(struct worker *worker, struct scene *scene)
{
	(void)worker;
	*scene->shared_mmap = TOKEN;
}

static bool see_shared(struct worker *worker, struct scene *scene)
{
	(void)worker;
	return *scene->shared_mmap == TOKEN;
}

/*
 * A memfd, mapped by each for itself. It has no name that could outlive the
 * program; otherwise it is what shm_open() gives.
 */
static void write_shm(struct worker *worker, struct scene *scene)
{
	volatile uint64_t *mine = map(worker, MAP_SHARED, scene->shm, page_size);

	*mine = TOKEN;
}

static bool see_shm(struct worker *worker, struct scene *scene)
{
	const volatile uint64_t *mine = map(worker, MAP_SHARED, scene->shm, page_size);

	return *mine == TOKEN;
}

/* ---- what the kernel keeps for a task ---- */

/* One is opened, another one closed. */
static void write_descriptors(struct worker *worker, struct scene *scene)
{
	scene->opened = memfd_create("opened", MFD_CLOEXEC);
	if (scene->opened < 0 || fstat(scene->opened, &scene->opened_file) || close(scene->spare))
		worker_fail(worker, "cannot open and close: %s", strerror(errno));
}

static bool see_descriptors(struct worker *worker, struct scene *scene)
{
	struct stat file;
	bool opened = !fstat(scene->opened, &file) && file.st_ino == scene->opened_file.st_ino &&
		      file.st_dev == scene->opened_file.st_dev;
	bool closed = fcntl(scene->spare, F_GETFD) < 0;

	if (opened != closed)
		worker_fail(worker, "descriptors: opening is %sseen, closing is %sseen",
			    opened ? "" : "not ", closed ? "" : "not ");
	return opened;
}

static void write_offset(struct worker *worker, struct scene *scene)
{
	if (lseek(scene->file, OFFSET, SEEK_SET) != OFFSET)
		worker_fail(worker, "lseek: %s", strerror(errno));
}

static bool see_offset(struct worker *worker, struct scene *scene)
{
	(void)worker;
	return lseek(scene->file, 0, SEEK_CUR) == OFFSET;
}

static void write_cwd(struct worker *worker, struct scene *scene)
{
	(void)scene;
	if (chdir("/proc"))
		worker_fail(worker, "chdir: %s", strerror(errno));
}

static bool see_cwd(struct worker *worker, struct scene *scene)
{
	char path[64];

	(void)scene;
	if (!getcwd(path, sizeof(path)))
		worker_fail(worker, "getcwd: %s", strerror(errno));
	return !strcmp(path, "/proc");
}

static void write_umask(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	umask(077);
}

static bool see_umask(struct worker *worker, struct scene *scene)
{
	(void)worker;
	(void)scene;
	return umask(077) == 077;
}

static void write_handlers(struct worker *worker, struct scene *scene)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)scene;
	if (sigaction(SIGUSR1, &ignore, NULL))
		worker_fail(worker, "sigaction: %s", strerror(errno));
}

static bool see_handlers(struct worker *worker, struct scene *scene)
{
	struct sigaction now;

	(void)scene;
	if (sigaction(SIGUSR1, NULL, &now))
		worker_fail(worker, "sigaction: %s", strerror(errno));
	return now.sa_handler == SIG_IGN;
}

static void write_mask(struct worker *worker, struct scene *scene)
{
	sigset_t set;

	(void)scene;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		worker_fail(worker, "sigprocmask: %s", strerror(errno));
}

static bool see_mask(struct worker *worker, struct scene *scene)
{
	sigset_t set;

	(void)scene;
	if (sigprocmask(SIG_BLOCK, NULL, &set))
		worker_fail(worker, "sigprocmask: %s", strerror(errno));
	return sigismember(&set, SIGUSR2);
}

static void write_timers(struct worker *worker, struct scene *scene)
{
	struct itimerval timer = { .it_value.tv_sec = TIMER_S };

	(void)scene;
	if (setitimer(ITIMER_REAL, &timer, NULL))
		worker_fail(worker, "setitimer: %s", strerror(errno));
}

static bool see_timers(struct worker *worker, struct scene *scene)
{
	struct itimerval timer;

	(void)scene;
	if (getitimer(ITIMER_REAL, &timer))
		worker_fail(worker, "getitimer: %s", strerror(errno));
	return timer.it_value.tv_sec;
}

static void write_limits(struct worker *worker, struct scene *scene)
{
	struct rlimit less = scene->limit;

	less.rlim_cur--;
	if (setrlimit(RLIMIT_NOFILE, &less))
		worker_fail(worker, "setrlimit: %s", strerror(errno));
}

static bool see_limits(struct worker *worker, struct scene *scene)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now))
		worker_fail(worker, "getrlimit: %s", strerror(errno));
	return now.rlim_cur == scene->limit.rlim_cur - 1;
}

/* Where nice is at its end already, nothing changes, and nothing is seen. */
static void write_nice(struct worker *worker, struct scene *scene)
{
	if (setpriority(PRIO_PROCESS, 0, scene->nice + 1))
		worker_fail(worker, "setpriority: %s", strerror(errno));
}

static bool see_nice(struct worker *worker, struct scene *scene)
{
	(void)worker;
	return getpriority(PRIO_PROCESS, 0) == scene->nice + 1;
}

static const struct fact {
	const char *name;
	void (*write)(struct worker *worker, struct scene *scene);
	bool (*see)(struct worker *worker, struct scene *scene);
} facts[FACTS] = {
	{ "heap", write_heap, see_heap },
	{ "stack", write_stack, see_stack },
	{ "globals", write_global, see_global },
	{ "private_mmap", write_private, see_private },
	{ "new_mmap", write_new, see_new },
	{ "environment", write_environment, see_environment },
	{ "tls", write_tls, see_tls },
	{ "shared_mmap", write_shared, see_shared },
	{ "shm", write_shm, see_shm },
	{ "descriptors", write_descriptors, see_descriptors },
	{ "file_offset", write_offset, see_offset },
	{ "cwd", write_cwd, see_cwd },
	{ "umask", write_umask, see_umask },
	{ "signal_handlers", write_handlers, see_handlers },
	{ "signal_mask", write_mask, see_mask },
	{ "timers", write_timers, see_timers },
	{ "limits", write_limits, see_limits },
	{ "nice", write_nice, see_nice },
};

/* ---- the workload ---- */

static int make_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)page_size))
		die("cannot make a memfd: %s", strerror(errno));
	return fd;
}

static void setup(struct crew *crew)
{
	struct scene *scene = crew_shared_memory(sizeof(*scene));

	if (crew->workers != 2)
		die("one worker writes and one looks: that is 2 workers, not %u", crew->workers);
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	scene->n_pages = (size_t)argument_number("pages", 1, 1 << 20);
	scene->pages = map(NULL, MAP_PRIVATE | MAP_ANONYMOUS, -1, scene->n_pages * page_size);
	memset(scene->pages, 1, scene->n_pages * page_size);
	scene->heap = calloc(1, sizeof(*scene->heap));
	scene->private_mmap = map(NULL, MAP_PRIVATE | MAP_ANONYMOUS, -1, page_size);
	scene->shared_mmap = map(NULL, MAP_SHARED | MAP_ANONYMOUS, -1, page_size);
	scene->shm = make_file("shm");
	scene->file = make_file("file");
	scene->spare = make_file("spare");
	scene->nice = getpriority(PRIO_PROCESS, 0);
	if (!scene->heap || setenv(VARIABLE, "0", 1))
		die("no memory");
	if (pipe2(scene->peek, O_CLOEXEC) || getrlimit(RLIMIT_NOFILE, &scene->limit) ||
	    chdir("/"))
		die("cannot prepare: %s", strerror(errno));
	umask(022);
	crew->shared = scene;
}

static int64_t write_pages(const struct scene *scene)
{
	volatile char *pages = scene->pages;
	int64_t begin = now_ns();

	for (size_t i = 0; i < scene->n_pages; i++)
		pages[i * page_size]++;
	return now_ns() - begin;
}

static void signal_done(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
	futex_wake(word, 1);
}

static void wait_done(uint32_t *word)
{
	while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
		futex_wait(word, 0);
}

static void write_all(struct worker *worker, struct scene *scene)
{
	volatile uint64_t on_stack = 0;
	struct itimerval none = { 0 };

	scene->first_ns = write_pages(scene);
	for (int i = 0; i < SECOND_PASSES; i++)
		scene->second_ns += write_pages(scene);
	/* cppcheck-suppress autoVariables; looked at while the writer waits */
	scene->stack = &on_stack;
	for (size_t i = 0; i < FACTS; i++)
		facts[i].write(worker, scene);
	signal_done(&scene->written);
	wait_done(&scene->looked);
	setitimer(ITIMER_REAL, &none, NULL);
}

static void look_at_all(struct worker *worker, struct scene *scene)
{
	wait_done(&scene->written);
	for (size_t i = 0; i < FACTS; i++)
		scene->seen[i] = facts[i].see(worker, scene);
	signal_done(&scene->looked);
}

static void work(struct worker *worker)
{
	if (worker->index == WRITER)
		write_all(worker, worker->crew->shared);
	else
		look_at_all(worker, worker->crew->shared);
}

static void report(const struct crew *crew)
{
	const struct scene *scene = crew->shared;

	for (size_t i = 0; i < FACTS; i++)
		report_metric(facts[i].name, scene->seen[i], 1);
	report_metric("first_write", scene->first_ns, (int64_t)scene->n_pages);
	report_metric("second_write", scene->second_ns,
		      (int64_t)scene->n_pages * SECOND_PASSES);
}

int main(int argc, char **argv)
{
	static const struct workload sharing = {
		.setup = setup,
		.work = work,
		.report = report,
	};

	return crew_main(argc, argv, &sharing);
}
