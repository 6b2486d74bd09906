// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory is not shared between processes, but between threads of one: work/sharing.c. */
#include "experiments.h"

static const struct sweep sweeps[] = {
	{ .name = "pages", .help = "pages that the creator dirtied and a worker writes to",
	  .values = "2048", .min = 1, .max = 1 << 20 },
	{ .name = NULL },
};

#define FACT(metric, words)	{ .name = (metric), .unit = "bool", .help = (words) }

static const struct metric metrics[] = {
	FACT("heap", "one worker's write to malloc()ed memory is seen by the other"),
	FACT("stack", "a write to its stack, looked at by address"),
	FACT("globals", "a write to a global variable"),
	FACT("private_mmap", "a write to a private mapping from before the workers' creation"),
	FACT("new_mmap", "a write to a private mapping made since, by address"),
	FACT("environment", "a write to the environment"),
	FACT("tls", "a write to a __thread variable, by name"),
	FACT("shared_mmap", "a write to a shared mapping from before"),
	FACT("shm", "a write to a memfd that each maps for itself"),
	FACT("descriptors", "opening and closing a file is seen, by number"),
	FACT("file_offset", "lseek() is seen"),
	FACT("cwd", "chdir() is seen"),
	FACT("umask", "umask() is seen"),
	FACT("signal_handlers", "sigaction() is seen"),
	FACT("signal_mask", "sigprocmask() is seen"),
	FACT("timers", "setitimer() is seen"),
	FACT("limits", "setrlimit() is seen"),
	FACT("nice", "setpriority() is seen"),
	{ .name = "first_write", .unit = "ns",
	  .help = "a page, first write after creation to pages that the creator had dirtied" },
	{ .name = "second_write", .unit = "ns", .help = "a page, the same pages again" },
};

static const char *const arguments[] = { "workers=2", "pin=0", "start=steady", NULL };

/*
 * Ordinary memory: what a program has without asking for another kind. The
 * exceptions are measured and decide nothing: a shared mapping and shm are
 * asked to be shared, and so they are between processes too; __thread is asked
 * to be not, and is not between threads (each names its own: by address it
 * would be seen). The environment and a mapping made later follow from the
 * four; what the kernel keeps for a task besides is not memory.
 */
#define SEEN(name, who, wanted, words) \
	{ .figure = FIGURE_FACT, .metric = (name), .of = (who), .lo = (wanted), \
	  .hi = (wanted), .what = (words) }

static const struct condition conditions[] = {
	SEEN("heap", ARM_PROCESS, 0, "between processes heap"),
	SEEN("stack", ARM_PROCESS, 0, "stack"),
	SEEN("globals", ARM_PROCESS, 0, "globals"),
	SEEN("private_mmap", ARM_PROCESS, 0, "private mapping"),
	SEEN("heap", ARM_THREAD, 1, "between threads heap"),
	SEEN("stack", ARM_THREAD, 1, "stack"),
	SEEN("globals", ARM_THREAD, 1, "globals"),
	SEEN("private_mmap", ARM_THREAD, 1, "private mapping"),
};

static const struct claim claim = {
	.id = "memory-sharing",
	.text = "memory is not shared between processes; it is shared between threads of one",
	.rule = "in every trial, a worker's write to ordinary memory (heap, stack, globals, a "
		"private mapping) is not seen by another process, and is seen by another thread",
	.conditions = conditions, .n_conditions = COUNT(conditions),
	.holds = "no write is seen between processes, every one between threads",
	.fails = "writes are seen between processes, and are not between threads",
};

const struct experiment memory_sharing = {
	.name = "memory-sharing",
	.help = "which writes and changes of a worker another one sees",
	.program = "sharing",
	.sweeps = sweeps,
	.variants = three_arms, .n_variants = COUNT(three_arms),
	.metrics = metrics, .n_metrics = COUNT(metrics),
	.pace = PACE_ONCE,
	.min_iterations = 1,
	/* On one CPU a write cannot cost what the other worker's caches make of it. */
	.cpus = first_cpu,
	.arguments = arguments,
	.claim = &claim,
};
