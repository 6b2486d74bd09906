/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the module says about itself. */
#ifndef SCHEDSPLIT_INFO_H
#define SCHEDSPLIT_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "../kmod/uapi/schedsplit.h"

struct nlmsghdr;
struct session;

#define INFO_HOOKS_MAX		32
#define INFO_HOOK_SIZE		64
#define INFO_BUCKETS_MAX	512
#define INFO_CPUS_MAX		65536	/* more are taken for garbage */

struct info {
	char		version[32];
	uint64_t	time_ns;	/* CLOCK_MONOTONIC at the reading */
	uint32_t	cpus;		/* CPU numbers are below this */
	uint32_t	records_max;	/* task records, of all watches together */
	uint32_t	records;
	uint32_t	watches;
	unsigned int	hooks;
	char		hook[INFO_HOOKS_MAX][INFO_HOOK_SIZE];
	uint64_t	live[SCHEDSPLIT_CLASSES];	/* tasks alive, by class */
	/* Direct costs of switches; cost_khz 0: this kernel has no hook for them. */
	uint32_t	cost_khz;	/* cycles a millisecond */
	uint32_t	cost_sockets;	/* that have attached the hook */
	uint32_t	cost_window;	/* cycles of each cost that are the measuring's own */
	uint32_t	cost_probe;	/* cycles that counting takes a switch, when cached */
	unsigned int	buckets;
	struct bound {
		uint64_t lo;
		uint64_t hi;		/* UINT64_MAX: none */
	} bound[INFO_BUCKETS_MAX];	/* histogram buckets: [lo, hi) ns */
};

/* Return: 0, or -errno (-EPERM without CAP_NET_ADMIN) with a sentence in @err. */
int info_get(struct session *session, struct info *info, char *err, size_t size);

/*
 * The median of a histogram of @info's buckets, as if within a bucket all were
 * spread evenly: as exact as that bucket is narrow. NaN if it is empty.
 */
double info_median(const struct info *info, const uint64_t *hist);

/* The answer to INFO_GET. Return: 0 or -EBADMSG. */
int info_parse(struct info *info, const struct nlmsghdr *nlh, char *err, size_t size);

#endif
