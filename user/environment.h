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
};

void environment_read(struct environment *environment);

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
