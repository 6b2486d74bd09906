/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernel versions that the module knows of. */
#ifndef SCHEDSPLIT_COMPAT_H
#define SCHEDSPLIT_COMPAT_H

#include <linux/version.h>
#include <linux/sched.h>
#include <net/genetlink.h>

/* 6.4 made user workers of what vhost had as kernel threads. */
#ifndef PF_USER_WORKER
#define PF_USER_WORKER 0
#endif

/* 6.7 replaced the attrs of genl_dumpit_info by a genl_info. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define compat_dump_attrs(cb) (genl_dumpit_info(cb)->info.attrs)
#else
#define compat_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

/* 6.2 split do and dump, and tells pre_doit of the former. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define compat_pre_doit_ops const struct genl_split_ops
#else
#define compat_pre_doit_ops const struct genl_ops
#endif

/* 6.8 lets the sender choose among the members of a multicast group. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define COMPAT_MULTICAST_FILTER
#endif

/* get_cycles() in a millisecond, 0: not known; and whether tlb_flush is there. */
#ifdef CONFIG_X86
#include <asm/tsc.h>
#include <trace/events/tlb.h>
#define COMPAT_TLB_FLUSH
#define compat_cycles_khz() tsc_khz

/* 6.7 moved it into cpu_info. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define compat_llc_id(cpu) (cpu_data(cpu).topo.llc_id)
#else
#define compat_llc_id(cpu) get_llc_id(cpu)
#endif
#else
#define compat_cycles_khz() 0
#define compat_llc_id(cpu) topology_physical_package_id(cpu)
#endif

/* 6.15 takes it away. */
static inline bool compat_in_execve(const struct task_struct *p)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return false;
#else
	return p->in_execve;
#endif
}

#endif
