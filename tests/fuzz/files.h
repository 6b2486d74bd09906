/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that files.c reads: its input has their places in this list. */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

/* Ends of paths. */
static const char *const file_names[] = {
	"/proc/cpuinfo", "/proc/meminfo", "/proc/cmdline", "/proc/self/cgroup",
	"/proc/self/mounts", "/boot/config-", "cpu0/cpufreq/scaling_governor",
	"cpu0/cpufreq/scaling_cur_freq", "cpu0/cpufreq/scaling_min_freq",
	"cpu0/cpufreq/scaling_max_freq", "intel_pstate/no_turbo", "cpufreq/boost",
	"smt/active", "cpu0/topology/physical_package_id", "cpu1/topology/physical_package_id",
	"cpu0/topology/core_id", "cpu1/topology/core_id", "cpu2/topology/core_id",
	"cpu0/topology/thread_siblings_list", "vulnerabilities/", "sched/preempt",
	"current_clocksource", "hypervisor/type", "dmi/id/sys_vendor",
	"kernel/numa_balancing", "transparent_hugepage/enabled", "transparent_hugepage/defrag",
	"sched_autogroup_enabled", "sched_schedstats", "base_slice_ns", "min_granularity_ns",
	"/cpu.max", "/memory.max", "/pids.max", "/cpu.stat", "core_throttle_count",
	"index0/type", "index0/level", "index0/size", "index1/type", "index1/level",
	"index1/size",
};

#endif
