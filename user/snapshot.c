// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot: one reading of the counts per CPU and class. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "error.h"
#include "netlink.h"
#include "snapshot.h"

/* One message, before it is known which CPU and class it is about. */
struct message {
	bool		 has_time, has_cpu, has_class, has_counters, has_costs, has_signals,
			 has_lives;
	uint64_t	 time_ns;
	uint32_t	 cpu;
	uint32_t	 class;
	uint64_t	 untraced;
	struct counters	 counters;
};

static bool parse_head(struct message *message, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_A_TIME:
			good = message->has_time = attr_u64(attr, &message->time_ns);
			break;
		case SCHEDSPLIT_A_CPU:
			good = message->has_cpu = attr_u32(attr, &message->cpu);
			break;
		case SCHEDSPLIT_A_CLASS:
			good = message->has_class = attr_u32(attr, &message->class);
			break;
		case SCHEDSPLIT_A_UNTRACED:
			good = attr_u64(attr, &message->untraced);
			break;
		case SCHEDSPLIT_A_COUNTERS:
			good = message->has_counters = !counters_parse(&message->counters, attr);
			break;
		case SCHEDSPLIT_A_COST_MISSED:
			message->has_costs = true;
			break;
		case SCHEDSPLIT_A_SIGNAL:
			message->has_signals = true;
			break;
		case SCHEDSPLIT_A_LIFE:
			message->has_lives = true;
			break;
		}
		if (!good)
			return false;
	}
	if (!message->has_time || !message->has_cpu || message->cpu >= INFO_CPUS_MAX)
		return false;
	if (message->has_costs || message->has_signals)
		return true;
	return message->has_class && message->class < SCHEDSPLIT_CLASSES &&
	       (message->has_counters || message->has_lives);
}

static bool parse_handoff(uint64_t from[SCHEDSPLIT_CLASSES][SCHEDSPLIT_SPACES][2],
			  const struct nlattr *nest)
{
	uint32_t to = UINT32_MAX, space = UINT32_MAX;
	uint64_t voluntary = 0, involuntary = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_HANDOFF_TO:
			good = attr_u32(attr, &to);
			break;
		case SCHEDSPLIT_HANDOFF_SPACE:
			good = attr_u32(attr, &space);
			break;
		case SCHEDSPLIT_HANDOFF_VOLUNTARY:
			good = attr_u64(attr, &voluntary);
			break;
		case SCHEDSPLIT_HANDOFF_INVOLUNTARY:
			good = attr_u64(attr, &involuntary);
			break;
		}
		if (!good)
			return false;
	}
	if (to >= SCHEDSPLIT_CLASSES || space >= SCHEDSPLIT_SPACES)
		return false;
	from[to][space][VOLUNTARY] += voluntary;
	from[to][space][INVOLUNTARY] += involuntary;
	return true;
}

const char *const distance_name[SCHEDSPLIT_DISTANCES] = {
	[SCHEDSPLIT_DISTANCE_NONE] = "none", [SCHEDSPLIT_DISTANCE_SMT] = "smt",
	[SCHEDSPLIT_DISTANCE_CACHE] = "cache", [SCHEDSPLIT_DISTANCE_NODE] = "node",
	[SCHEDSPLIT_DISTANCE_REMOTE] = "remote",
};

const char *const cause_name[SCHEDSPLIT_CAUSES] = {
	[SCHEDSPLIT_CAUSE_WAKEUP] = "wakeup", [SCHEDSPLIT_CAUSE_BALANCE] = "balance",
	[SCHEDSPLIT_CAUSE_AFFINITY] = "affinity", [SCHEDSPLIT_CAUSE_EXEC] = "exec",
	[SCHEDSPLIT_CAUSE_OTHER] = "other",
};

static bool parse_moves(moves_matrix moves, const struct nlattr *nest)
{
	uint32_t distance = UINT32_MAX, cause = MOVES_PLACEMENTS;
	uint64_t count = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_MOVES_DISTANCE:
			good = attr_u32(attr, &distance);
			break;
		case SCHEDSPLIT_MOVES_CAUSE:
			good = attr_u32(attr, &cause) && cause < SCHEDSPLIT_CAUSES;
			break;
		case SCHEDSPLIT_MOVES_COUNT:
			good = attr_u64(attr, &count);
			break;
		}
		if (!good)
			return false;
	}
	if (distance >= SCHEDSPLIT_DISTANCES)
		return false;
	moves[cause][distance] += count;
	return true;
}

const char *const life_name[SCHEDSPLIT_LIVES] = {
	[SCHEDSPLIT_LIFE_WAKEUP] = "birth_to_wakeup", [SCHEDSPLIT_LIFE_RUN] = "wakeup_to_run",
	[SCHEDSPLIT_LIFE_EXEC] = "birth_to_exec", [SCHEDSPLIT_LIFE_EXIT] = "birth_to_exit",
};

const char *const signal_to_name[SCHEDSPLIT_SIGNAL_TOS] = {
	[SCHEDSPLIT_SIGNAL_PROCESS] = "process", [SCHEDSPLIT_SIGNAL_THREAD] = "thread",
};

/* A bucket that says which stage of life it is of. */
static bool parse_life(struct cpu_counts *counts, uint32_t class, const struct nlattr *nest)
{
	uint32_t stage = UINT32_MAX;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_BUCKET_STAGE && !attr_u32(attr, &stage))
			return false;
	return stage < SCHEDSPLIT_LIVES && bucket_parse(counts->life[stage][class], nest);
}

static bool parse_rest(struct cpu_counts *counts, uint32_t class, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_A_HANDOFF:
			good = parse_handoff(counts->handoff[class], attr);
			break;
		case SCHEDSPLIT_A_MOVES:
			good = parse_moves(counts->moves[class], attr);
			break;
		case SCHEDSPLIT_A_LIFE:
			good = parse_life(counts, class, attr);
			break;
		case SCHEDSPLIT_A_SLICE:
			good = bucket_parse(counts->slice[class], attr);
			break;
		case SCHEDSPLIT_A_WAIT:
			good = bucket_parse(counts->wait[class], attr);
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

static bool parse_costs(struct costs *costs, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		uint64_t missed = 0;
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_A_COST:
			good = costs_parse_kind(costs, attr);
			break;
		case SCHEDSPLIT_A_COST_SPACE:
			good = costs_parse_space(costs, attr);
			break;
		case SCHEDSPLIT_A_COST_MISSED:
			good = attr_u64(attr, &missed);
			costs->missed += missed;
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

/* How many signals a class has taken. */
static bool parse_taken(uint64_t taken[SCHEDSPLIT_CLASSES], const struct nlattr *nest)
{
	uint32_t class = UINT32_MAX;
	uint64_t n = 0;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_LIVE_CLASS && !attr_u32(attr, &class))
			return false;
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_LIVE_TASKS && !attr_u64(attr, &n))
			return false;
	}
	if (class >= SCHEDSPLIT_CLASSES)
		return false;
	taken[class] += n;
	return true;
}

static bool parse_signal(struct signal_counts signals[SCHEDSPLIT_SIGNAL_TOS],
			 const struct nlattr *nest)
{
	struct signal_counts *counts;
	uint32_t to = UINT32_MAX;
	const struct nlattr *attr;

	if (!attr_is_nest(nest))
		return false;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_SIGNAL_TO && !attr_u32(attr, &to))
			return false;
	if (to >= SCHEDSPLIT_SIGNAL_TOS)
		return false;
	counts = &signals[to];
	mnl_attr_for_each_nested(attr, nest) {
		uint64_t generated = 0;
		bool good = true;

		switch (mnl_attr_get_type(attr)) {
		case SCHEDSPLIT_SIGNAL_GENERATED:
			good = attr_u64(attr, &generated);
			counts->generated += generated;
			break;
		case SCHEDSPLIT_SIGNAL_TAKEN:
			good = parse_taken(counts->taken, attr);
			break;
		case SCHEDSPLIT_SIGNAL_BUCKET:
			good = bucket_parse(counts->delay, attr);
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

static bool parse_signals(struct signal_counts signals[SCHEDSPLIT_SIGNAL_TOS],
			  const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == SCHEDSPLIT_A_SIGNAL && !parse_signal(signals, attr))
			return false;
	return true;
}

/* The counts of @cpu, made if need be; NULL: no memory. */
static struct cpu_counts *counts_of(struct snapshot *snapshot, uint32_t cpu)
{
	if (cpu >= snapshot->cpus) {
		struct cpu_counts **grown = reallocarray(snapshot->cpu, cpu + 1, sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + snapshot->cpus, 0, (cpu + 1 - snapshot->cpus) * sizeof(*grown));
		snapshot->cpu = grown;
		snapshot->cpus = cpu + 1;
	}
	if (!snapshot->cpu[cpu])
		snapshot->cpu[cpu] = calloc(1, sizeof(struct cpu_counts));
	return snapshot->cpu[cpu];
}

void snapshot_init(struct snapshot *snapshot)
{
	memset(snapshot, 0, sizeof(*snapshot));
}

int snapshot_parse(struct snapshot *snapshot, const struct nlmsghdr *nlh, char *err, size_t size)
{
	struct message message = { 0 };
	struct cpu_counts *counts;

	if (!attr_message_is_whole(nlh) || !parse_head(&message, nlh))
		goto garbage;
	counts = counts_of(snapshot, message.cpu);
	if (!counts)
		return error_set(-ENOMEM, err, size, "out of memory");
	if (!snapshot->time_ns)
		snapshot->time_ns = message.time_ns;
	counts->present = true;
	if (message.has_costs || message.has_signals) {
		if (parse_costs(&counts->costs, nlh) && parse_signals(counts->signal, nlh))
			return 0;
		goto garbage;
	}
	if (message.has_counters)
		counts->untraced = message.untraced;
	counters_add(&counts->class[message.class], &message.counters);
	if (parse_rest(counts, message.class, nlh))
		return 0;
garbage:
	return error_set(-EBADMSG, err, size,
			 "the module sent counts that make no sense: use module and tool of the same version");
}

/* Members that are nothing but counts, from life to moves. */
#define PLAIN_COUNTS(counts)	(&(counts)->life[0][0][0])
#define PLAIN_COUNTS_N		((offsetof(struct cpu_counts, costs) -				\
				  offsetof(struct cpu_counts, life)) / sizeof(uint64_t))

static void counts_add(struct cpu_counts *sum, const struct cpu_counts *part)
{
	const uint64_t *from = &part->handoff[0][0][0][0];
	uint64_t *to = &sum->handoff[0][0][0][0];

	sum->present |= part->present;
	sum->untraced += part->untraced;
	for (size_t i = 0; i < PLAIN_COUNTS_N; i++)
		PLAIN_COUNTS(sum)[i] += PLAIN_COUNTS(part)[i];
	costs_add(&sum->costs, &part->costs);
	for (size_t i = 0; i < sizeof(sum->handoff) / sizeof(*to); i++)
		to[i] += from[i];
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		counters_add(&sum->class[class], &part->class[class]);
		for (int i = 0; i < INFO_BUCKETS_MAX; i++) {
			sum->slice[class][i] += part->slice[class][i];
			sum->wait[class][i] += part->wait[class][i];
		}
	}
}

static bool subtract(uint64_t *later, const uint64_t *earlier, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (later[i] < earlier[i])
			return false;
		later[i] -= earlier[i];
	}
	return true;
}

static bool counts_subtract(struct cpu_counts *later, const struct cpu_counts *earlier)
{
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		if (!subtract(later->slice[class], earlier->slice[class], INFO_BUCKETS_MAX) ||
		    !subtract(later->wait[class], earlier->wait[class], INFO_BUCKETS_MAX))
			return false;
	return subtract(PLAIN_COUNTS(later), PLAIN_COUNTS(earlier), PLAIN_COUNTS_N) &&
	       costs_subtract(&later->costs, &earlier->costs) &&
	       counters_subtract(later->class, earlier->class) &&
	       subtract(&later->untraced, &earlier->untraced, 1) &&
	       subtract(&later->handoff[0][0][0][0], &earlier->handoff[0][0][0][0],
			sizeof(later->handoff) / sizeof(uint64_t));
}

void snapshot_sum(struct snapshot *snapshot)
{
	memset(&snapshot->sum, 0, sizeof(snapshot->sum));
	for (uint32_t cpu = 0; cpu < snapshot->cpus; cpu++)
		if (snapshot->cpu[cpu])
			counts_add(&snapshot->sum, snapshot->cpu[cpu]);
}

void snapshot_free(struct snapshot *snapshot)
{
	for (uint32_t cpu = 0; cpu < snapshot->cpus; cpu++)
		free(snapshot->cpu[cpu]);
	free(snapshot->cpu);
	snapshot_init(snapshot);
}

int snapshot_add(struct snapshot *sum, const struct snapshot *part)
{
	for (uint32_t cpu = 0; cpu < part->cpus; cpu++) {
		struct cpu_counts *counts;

		if (!part->cpu[cpu])
			continue;
		counts = counts_of(sum, cpu);
		if (!counts)
			return -ENOMEM;
		counts_add(counts, part->cpu[cpu]);
	}
	sum->time_ns += part->time_ns;
	counts_add(&sum->sum, &part->sum);
	return 0;
}

int snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	int ret;

	snapshot_init(to);
	ret = snapshot_add(to, from);
	if (ret)
		snapshot_free(to);
	return ret;
}

int snapshot_subtract(struct snapshot *later, const struct snapshot *earlier,
		      char *err, size_t size)
{
	if (later->time_ns < earlier->time_ns || later->cpus < earlier->cpus)
		goto backwards;
	for (uint32_t cpu = 0; cpu < earlier->cpus; cpu++) {
		if (!earlier->cpu[cpu])
			continue;
		if (!later->cpu[cpu] || !counts_subtract(later->cpu[cpu], earlier->cpu[cpu]))
			goto backwards;
	}
	later->time_ns -= earlier->time_ns;
	snapshot_sum(later);
	return 0;
backwards:
	return error_set(-ERANGE, err, size,
			 "counts went backwards between two readings: was the module loaded anew meanwhile? Measure again");
}

static void forget(void *data)
{
	snapshot_free(data);
}

static int take(const struct nlmsghdr *nlh, void *data, char *err, size_t size)
{
	return snapshot_parse(data, nlh, err, size);
}

int snapshot_take(struct session *session, uint32_t watch, struct snapshot *snapshot,
		  char *err, size_t size)
{
	struct nlmsghdr *nlh = session_message(session, SCHEDSPLIT_CMD_CPU_GET);
	int ret;

	snapshot_init(snapshot);
	if (watch)
		mnl_attr_put_u32(nlh, SCHEDSPLIT_A_WATCH, watch);
	ret = session_dump(session, nlh, forget, take, snapshot, "read the counts", err, size);
	if (!ret && !snapshot->cpus)
		ret = error_set(-EBADMSG, err, size,
				"the module told of no CPU: use module and tool of the same version");
	if (ret) {
		snapshot_free(snapshot);
		return ret;
	}
	snapshot_sum(snapshot);
	return 0;
}

static uint64_t space_switches(const struct cpu_counts *counts, enum schedsplit_space space)
{
	uint64_t sum = 0;

	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
			sum += counts->handoff[from][to][space][VOLUNTARY] +
			       counts->handoff[from][to][space][INVOLUNTARY];
	return sum;
}

struct space_counts cpu_counts_space(const struct cpu_counts *counts)
{
	uint64_t same_group = space_switches(counts, SCHEDSPLIT_SPACE_SAME_GROUP);

	return (struct space_counts){
		.lazy = space_switches(counts, SCHEDSPLIT_SPACE_LAZY),
		.same = space_switches(counts, SCHEDSPLIT_SPACE_SAME) + same_group,
		.cross = space_switches(counts, SCHEDSPLIT_SPACE_CROSS),
		.same_group = same_group,
	};
}

uint64_t cpu_counts_handoff(const struct cpu_counts *counts, enum schedsplit_class from,
			    enum schedsplit_class to)
{
	uint64_t sum = 0;

	for (int space = 0; space < SCHEDSPLIT_SPACES; space++)
		sum += counts->handoff[from][to][space][VOLUNTARY] +
		       counts->handoff[from][to][space][INVOLUNTARY];
	return sum;
}

uint64_t cpu_counts_switches(const struct cpu_counts *counts)
{
	struct space_counts space = cpu_counts_space(counts);

	return space.lazy + space.same + space.cross;
}

uint64_t cpu_counts_class_switches(const struct cpu_counts *counts)
{
	uint64_t sum = 0;

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		sum += counters_switches(&counts->class[class]);
	return sum;
}
