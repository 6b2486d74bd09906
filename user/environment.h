/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that figures come from, and what on it spoils them. Reads /proc,
 * /sys and the processor's own identification; needs no privilege and no
 * module. What cannot be read is unknown: "" or -1, null in JSON.
 */
#ifndef SCHEDSPLIT_ENVIRONMENT_H
#define SCHEDSPLIT_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a nanosecond on this machine is worth. */
enum timing {
	TIMING_HARDWARE,	/* no hypervisor is seen */
	TIMING_VIRTUAL,		/* a hypervisor runs the code on the processor */
	TIMING_EMULATED,	/* a program interprets the code: times mean nothing */
};

#define ENVIRONMENT_TEXT	160
#define ENVIRONMENT_OPTIONS_MAX	48

/* An option of the kernel's configuration. */
struct kernel_option {
	const char	*name;		/* "CONFIG_HZ" */
	char		 value[24];	/* "250", "y", "m"; "": not set */
};

/* Of the programs and libraries that results depend on. "": not there. */
struct versions {
	char	module[ENVIRONMENT_TEXT];	/* loaded */
	char	libc[ENVIRONMENT_TEXT];
	char	compiler[ENVIRONMENT_TEXT];	/* of this tool and its workers */
	char	zstd[ENVIRONMENT_TEXT];
	char	sqlite[ENVIRONMENT_TEXT];
	char	libpq[ENVIRONMENT_TEXT];
	char	x264[ENVIRONMENT_TEXT];
	char	python[ENVIRONMENT_TEXT];
};

struct environment {
	char	kernel[ENVIRONMENT_TEXT];	/* uname -r */
	char	kernel_build[ENVIRONMENT_TEXT];	/* uname -v */
	char	machine[ENVIRONMENT_TEXT];	/* uname -m */
	char	cpu_model[ENVIRONMENT_TEXT];
	int	cpus_online;
	int	cpus_allowed;			/* to this process */
	char	governor[ENVIRONMENT_TEXT];	/* of CPU 0 */
	int	turbo;				/* 1 on, 0 off, -1 unknown */
	int	smt;				/* likewise: threads share cores */
	char	mitigations[1024];		/* "meltdown: PTI; …", "off" */
	int	pcid;
	int	hz;				/* of the timer tick; -1 unknown */
	char	preemption[ENVIRONMENT_TEXT];	/* none, voluntary, full, rt, lazy */
	char	clocksource[ENVIRONMENT_TEXT];
	char	hypervisor[ENVIRONMENT_TEXT];	/* "none", or its signature */
	enum timing timing;
	int	numa_nodes;
	int	numa_balancing;
	double	cgroup_cpus;			/* CPUs that the limit allows; -1: no limit */
	int64_t	cgroup_memory;			/* bytes; -1: no limit */
	int64_t	cgroup_pids;			/* tasks; -1: no limit */
	char	huge_pages[ENVIRONMENT_TEXT];	/* transparent: always, madvise, never */
	double	load;				/* average of the last minute */
	char	cmdline[2048];			/* of the kernel */
	/* n_options 0: the configuration was not found. */
	struct kernel_option option[ENVIRONMENT_OPTIONS_MAX];
	size_t	n_options;
	int	sockets, cores;			/* of the CPUs that are online; -1 unknown */
	int	threads_per_core;		/* at most */
	int64_t	khz, khz_min, khz_max;		/* clock rate of CPU 0; -1 unknown */
	int64_t	memory_total, memory_available;	/* bytes; -1 unknown */
	int64_t	swap_total, swap_free;
	char	huge_pages_defrag[ENVIRONMENT_TEXT];
	int	autogroup;			/* 1 on, 0 off, -1 not there */
	int	schedstats;
	int64_t	base_slice_ns;			/* root's to see; -1 unknown */
	struct versions versions;
};

void environment_read(struct environment *environment);

/*
 * The versions, which take longer: libraries are loaded, and an interpreter is
 * run. @python: its file; NULL: there is none.
 */
void environment_read_versions(struct environment *environment, const char *python);

/*
 * Pure parts, for tests: an option's line of a configuration, a line of
 * /proc/meminfo, the clock rate that /proc/cpuinfo tells.
 */
void environment_take_option(struct environment *environment, const char *line);
void environment_take_memory(struct environment *environment, const char *line);
void environment_take_mhz(struct environment *environment, const char *text);

/* The object that every result file has as "environment". NULL: no memory. */
json_t *environment_json(const struct environment *environment);

/* "hardware", "virtual" or "emulated" */
const char *timing_name(enum timing timing);

/* A setting that can make figures vary or mean something else. */
struct setting {
	const char	*name;		/* "governor" */
	char		 value[ENVIRONMENT_TEXT];	/* "powersave", "unknown" */
	char		 trap[256];	/* what it does here and what to do; "": no trap */
};

#define ENVIRONMENT_SETTINGS_MAX	16

/* The settings of this machine, traps or not, into @setting. Returns how many. */
size_t environment_settings(const struct environment *environment,
			    struct setting setting[ENVIRONMENT_SETTINGS_MAX]);

/*
 * What the CPU limits of the cgroup @path (as in /proc/self/cgroup) and those
 * above it, below the mount point @mount, add up to. For tests, mostly.
 */
void environment_read_cgroup(struct environment *environment, const char *mount,
			     const char *path);

#endif
