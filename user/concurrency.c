// SPDX-License-Identifier: GPL-2.0-or-later
/* Concurrency: time during which exactly k tasks of a set were on CPUs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../kmod/uapi/schedsplit.h"
#include "attr.h"
#include "concurrency.h"
#include "info.h"

static int grow(struct concurrency *concurrency, size_t n)
{
	uint64_t *ns;

	if (n <= concurrency->n)
		return 0;
	ns = reallocarray(concurrency->ns, n, sizeof(*ns));
	if (!ns)
		return -ENOMEM;
	memset(ns + concurrency->n, 0, (n - concurrency->n) * sizeof(*ns));
	concurrency->ns = ns;
	concurrency->n = n;
	return 0;
}

int concurrency_parse(struct concurrency *concurrency, const struct nlattr *nest)
{
	uint32_t running = UINT32_MAX;
	uint64_t ns = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return -EBADMSG;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_CONCURRENCY_RUNNING:
			if (!attr_u32(attr, &running))
				return -EBADMSG;
			break;
		case SCHEDSPLIT_CONCURRENCY_NS:
			if (!attr_u64(attr, &ns))
				return -EBADMSG;
			break;
		}
	}
	if (running > INFO_CPUS_MAX)
		return -EBADMSG;
	if (grow(concurrency, running + 1))
		return -ENOMEM;
	concurrency->ns[running] += ns;
	return 0;
}

void concurrency_free(struct concurrency *concurrency)
{
	free(concurrency->ns);
	concurrency->ns = NULL;
	concurrency->n = 0;
}

int concurrency_add(struct concurrency *sum, const struct concurrency *part)
{
	if (grow(sum, part->n))
		return -ENOMEM;
	for (size_t k = 0; k < part->n; k++)
		sum->ns[k] += part->ns[k];
	return 0;
}

uint64_t concurrency_duration(const struct concurrency *concurrency)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < concurrency->n; k++)
		sum += concurrency->ns[k];
	return sum;
}

static double mean_from(const struct concurrency *concurrency, size_t least)
{
	double time = 0, weighted = 0;

	for (size_t k = least; k < concurrency->n; k++) {
		time += (double)concurrency->ns[k];
		weighted += (double)k * (double)concurrency->ns[k];
	}
	return time > 0 ? weighted / time : 0;
}

double concurrency_mean(const struct concurrency *concurrency)
{
	return mean_from(concurrency, 0);
}

double concurrency_mean_busy(const struct concurrency *concurrency)
{
	return mean_from(concurrency, 1);
}
