// SPDX-License-Identifier: GPL-2.0-or-later
/* Direct costs of switches. */
#include <math.h>

#include "attr.h"
#include "costs.h"
#include "netlink.h"

const char *const cost_space_name[COST_SPACES] = { "lazy", "same", "cross" };

static bool is_of(enum schedsplit_space space, enum cost_space wanted)
{
	switch (space) {
	case SCHEDSPLIT_SPACE_LAZY:
		return wanted == COST_LAZY;
	case SCHEDSPLIT_SPACE_CROSS:
		return wanted == COST_CROSS;
	default:
		return wanted == COST_SAME;
	}
}

struct cost_sum costs_of_kind(const struct costs *costs, enum schedsplit_class from,
			      enum schedsplit_class to, enum cost_space space)
{
	struct cost_sum sum = { 0 };

	for (int s = 0; s < SCHEDSPLIT_SPACES; s++)
		if (is_of(s, space)) {
			sum.switches += costs->count[from][to][s];
			sum.cycles += costs->cycles[from][to][s];
		}
	return sum;
}

struct cost_sum costs_of_space(const struct costs *costs, enum cost_space space)
{
	struct cost_sum sum = { 0 };

	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++) {
			struct cost_sum kind = costs_of_kind(costs, from, to, space);

			sum.switches += kind.switches;
			sum.cycles += kind.cycles;
		}
	for (int s = 0; s < SCHEDSPLIT_SPACES; s++)
		if (is_of(s, space))
			sum.flushed += costs->flushed[s];
	return sum;
}

uint64_t costs_switches(const struct costs *costs)
{
	uint64_t sum = 0;

	for (int space = 0; space < COST_SPACES; space++)
		sum += costs_of_space(costs, space).switches;
	return sum;
}

uint64_t costs_bucket(const struct costs *costs, enum cost_space space, unsigned int i)
{
	uint64_t sum = 0;

	for (int s = 0; s < SCHEDSPLIT_SPACES; s++)
		if (is_of(s, space))
			sum += costs->hist[s][i];
	return sum;
}

uint64_t costs_quantile(const struct costs *costs, enum cost_space space, double q,
			const struct info *info)
{
	uint64_t all = costs_of_space(costs, space).switches, seen = 0;
	uint64_t wanted = (uint64_t)ceil(q * (double)all);

	for (unsigned int i = 0; i < info->buckets && all; i++) {
		seen += costs_bucket(costs, space, i);
		if (seen && seen >= wanted)
			return info->bound[i].hi;
	}
	return 0;
}

/* All members are counts. */
#define COUNTS	(sizeof(struct costs) / sizeof(uint64_t))

void costs_add(struct costs *sum, const struct costs *part)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)part;

	for (size_t i = 0; i < COUNTS; i++)
		to[i] += from[i];
}

bool costs_subtract(struct costs *later, const struct costs *earlier)
{
	uint64_t *to = (uint64_t *)later;
	const uint64_t *from = (const uint64_t *)earlier;

	for (size_t i = 0; i < COUNTS; i++) {
		if (to[i] < from[i])
			return false;
		to[i] -= from[i];
	}
	return true;
}

bool bucket_parse(uint64_t bucket[INFO_BUCKETS_MAX], const struct nlattr *nest)
{
	uint32_t index = UINT32_MAX;
	uint64_t count = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_BUCKET_INDEX:
			good = attr_u32(attr, &index);
			break;
		case SCHEDSPLIT_BUCKET_COUNT:
			good = attr_u64(attr, &count);
			break;
		}
		if (!good)
			return false;
	}
	if (index >= INFO_BUCKETS_MAX)
		return false;
	bucket[index] += count;
	return true;
}

bool costs_parse_kind(struct costs *costs, const struct nlattr *nest)
{
	uint32_t from = UINT32_MAX, to = UINT32_MAX, space = UINT32_MAX;
	uint64_t count = 0, cycles = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_COST_FROM:
			good = attr_u32(attr, &from);
			break;
		case SCHEDSPLIT_COST_TO:
			good = attr_u32(attr, &to);
			break;
		case SCHEDSPLIT_COST_SPACE:
			good = attr_u32(attr, &space);
			break;
		case SCHEDSPLIT_COST_COUNT:
			good = attr_u64(attr, &count);
			break;
		case SCHEDSPLIT_COST_CYCLES:
			good = attr_u64(attr, &cycles);
			break;
		}
		if (!good)
			return false;
	}
	if (from >= SCHEDSPLIT_CLASSES || to >= SCHEDSPLIT_CLASSES || space >= SCHEDSPLIT_SPACES)
		return false;
	costs->count[from][to][space] += count;
	costs->cycles[from][to][space] += cycles;
	return true;
}

bool costs_parse_space(struct costs *costs, const struct nlattr *nest)
{
	uint32_t space = UINT32_MAX;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_SPACE_ATTR_SPACE &&
		    !attr_u32(attr, &space))
			return false;
	if (space >= SCHEDSPLIT_SPACES)
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		uint64_t flushed = 0;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_SPACE_ATTR_FLUSHED:
			if (!attr_u64(attr, &flushed))
				return false;
			costs->flushed[space] += flushed;
			break;
		case SCHEDSPLIT_SPACE_ATTR_BUCKET:
			if (!bucket_parse(costs->hist[space], attr))
				return false;
			break;
		}
	}
	return true;
}

int costs_attach(struct session *session, char *err, size_t size)
{
	return session_ask(session, session_message(session, SCHEDSPLIT_CMD_COST_ATTACH), NULL,
			   NULL, "measure the cost of switches", err, size);
}

int costs_detach(struct session *session, char *err, size_t size)
{
	return session_ask(session, session_message(session, SCHEDSPLIT_CMD_COST_DETACH), NULL,
			   NULL, "leave off measuring the cost of switches", err, size);
}
