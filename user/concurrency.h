/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Concurrency: time during which exactly k tasks of a set were on CPUs. */
#ifndef SCHEDSPLIT_CONCURRENCY_H
#define SCHEDSPLIT_CONCURRENCY_H

#include <stddef.h>
#include <stdint.h>

struct nlattr;

struct concurrency {
	uint64_t	*ns;		/* [n], k is the index */
	size_t		 n;
};

/*
 * Takes one nest of CONCURRENCY_RUNNING and _NS into the list, which grows.
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int concurrency_parse(struct concurrency *concurrency, const struct nlattr *nest);
void concurrency_free(struct concurrency *concurrency);

/* @sum += @part. Return: 0 or -ENOMEM. */
int concurrency_add(struct concurrency *sum, const struct concurrency *part);

/* Sum of all times: the duration, in ns. */
uint64_t concurrency_duration(const struct concurrency *concurrency);

/* Mean number of tasks on CPUs over the whole duration; 0 if that is 0. */
double concurrency_mean(const struct concurrency *concurrency);

/* … over the time in which at least one was; 0 if there was none. */
double concurrency_mean_busy(const struct concurrency *concurrency);

#endif
