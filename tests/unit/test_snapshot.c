// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots, tasks, groups and watches from messages; differences; sums. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "error.h"
#include "groups.h"
#include "info.h"
#include "message.h"
#include "snapshot.h"
#include "tasks.h"
#include "watch.h"

static char err[ERROR_SIZE];

static void put_handoff(struct message *message, uint32_t to, uint32_t space,
			uint64_t voluntary, uint64_t involuntary)
{
	struct nlattr *nest = mnl_attr_nest_start(message->nlh, SCHEDSPLIT_A_HANDOFF);

	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_HANDOFF_TO, to);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_HANDOFF_SPACE, space);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_HANDOFF_VOLUNTARY, voluntary);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_HANDOFF_INVOLUNTARY, involuntary);
	mnl_attr_nest_end(message->nlh, nest);
}

static void put_bucket(struct message *message, uint16_t type, uint32_t index, uint64_t count)
{
	struct nlattr *nest = mnl_attr_nest_start(message->nlh, type);

	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_BUCKET_INDEX, index);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_BUCKET_COUNT, count);
	mnl_attr_nest_end(message->nlh, nest);
}

static void begin_cpu(struct message *message, uint64_t time, uint32_t cpu, uint32_t class)
{
	message_begin(message, SCHEDSPLIT_CMD_CPU_GET);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_A_TIME, time);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_A_CPU, cpu);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_A_CLASS, class);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_A_UNTRACED, 3);
}

/* A CPU on which threads did @n voluntary and n + 1 involuntary switches. */
static void make_cpu(struct message *message, uint64_t time, uint32_t cpu, uint64_t n)
{
	begin_cpu(message, time, cpu, SCHEDSPLIT_CLASS_THREAD);
	message_counters(message, SCHEDSPLIT_A_COUNTERS, n, SCHEDSPLIT_COUNTERS_EXITS);
	put_handoff(message, SCHEDSPLIT_CLASS_IDLE, SCHEDSPLIT_SPACE_LAZY, n, 0);
	put_handoff(message, SCHEDSPLIT_CLASS_THREAD, SCHEDSPLIT_SPACE_SAME_GROUP, 0, n);
	put_handoff(message, SCHEDSPLIT_CLASS_PROCESS, SCHEDSPLIT_SPACE_CROSS, 0, 1);
	put_bucket(message, SCHEDSPLIT_A_SLICE, 7, 2 * n);
	put_bucket(message, SCHEDSPLIT_A_WAIT, 9, n);
}

static void parses_a_cpu(void **state)
{
	struct snapshot snapshot;
	struct message message;
	struct counters *thread;

	(void)state;
	snapshot_init(&snapshot);
	make_cpu(&message, 1000, 2, 10);
	assert_int_equal(snapshot_parse(&snapshot, message.nlh, err, sizeof(err)), 0);
	snapshot_sum(&snapshot);
	assert_int_equal(snapshot.time_ns, 1000);
	assert_int_equal(snapshot.cpus, 3);
	assert_null(snapshot.cpu[0]);
	thread = &snapshot.cpu[2]->class[SCHEDSPLIT_CLASS_THREAD];
	assert_int_equal(thread->voluntary, 10);
	assert_int_equal(thread->involuntary, 11);
	assert_int_equal(thread->migrations, 12);
	assert_int_equal(thread->wakeups, 13);
	assert_int_equal(thread->run_ns, 14);
	assert_int_equal(thread->wait_ns, 15);
	assert_int_equal(thread->forks, 16);
	assert_int_equal(thread->exits, 17);
	assert_int_equal(snapshot.cpu[2]->untraced, 3);
	assert_int_equal(snapshot.sum.slice[SCHEDSPLIT_CLASS_THREAD][7], 20);
	assert_int_equal(snapshot.sum.wait[SCHEDSPLIT_CLASS_THREAD][9], 10);
	snapshot_free(&snapshot);
}

static void everything_adds_up(void **state)
{
	struct space_counts space;
	struct snapshot snapshot;
	struct message message;
	uint64_t handoff = 0;

	(void)state;
	snapshot_init(&snapshot);
	for (uint32_t cpu = 0; cpu < 4; cpu++) {
		make_cpu(&message, 1, cpu, 100 * cpu + 7);
		assert_int_equal(snapshot_parse(&snapshot, message.nlh, err, sizeof(err)), 0);
	}
	snapshot_sum(&snapshot);
	space = cpu_counts_space(&snapshot.sum);
	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
			handoff += cpu_counts_handoff(&snapshot.sum, from, to);
	/* sum of 2n + 1 */
	assert_int_equal(cpu_counts_switches(&snapshot.sum), 2 * (600 + 28) + 4);
	assert_int_equal(cpu_counts_class_switches(&snapshot.sum), 2 * (600 + 28) + 4);
	assert_int_equal(handoff, 2 * (600 + 28) + 4);
	assert_int_equal(space.lazy + space.same + space.cross, handoff);
	assert_int_equal(space.same_group, 628);
	assert_int_equal(space.same, 628);
	assert_int_equal(space.cross, 4);
	snapshot_free(&snapshot);
}

static void subtracts(void **state)
{
	struct snapshot start, end, copy;
	struct message message;

	(void)state;
	snapshot_init(&start);
	snapshot_init(&end);
	make_cpu(&message, 1000, 0, 10);
	assert_int_equal(snapshot_parse(&start, message.nlh, err, sizeof(err)), 0);
	make_cpu(&message, 5000, 0, 25);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	/* a CPU that has come since */
	make_cpu(&message, 5000, 1, 4);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	snapshot_sum(&start);
	snapshot_sum(&end);
	assert_int_equal(snapshot_copy(&copy, &end), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), 0);
	assert_int_equal(end.time_ns, 4000);
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_THREAD].voluntary, 15 + 4);
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_THREAD].involuntary, 15 + 5);
	assert_int_equal(cpu_counts_switches(&end.sum), 19 + 20);
	assert_int_equal(end.sum.slice[SCHEDSPLIT_CLASS_THREAD][7], 30 + 8);
	assert_int_equal(end.sum.untraced, 3);
	/* end - start + start = end */
	assert_int_equal(snapshot_add(&end, &start), 0);
	assert_memory_equal(&end.sum, &copy.sum, sizeof(end.sum));
	snapshot_free(&start);
	snapshot_free(&end);
	snapshot_free(&copy);
}

static void refuses_to_go_backwards(void **state)
{
	struct snapshot start, end;
	struct message message;

	(void)state;
	snapshot_init(&start);
	snapshot_init(&end);
	make_cpu(&message, 1000, 0, 10);
	assert_int_equal(snapshot_parse(&start, message.nlh, err, sizeof(err)), 0);
	make_cpu(&message, 2000, 0, 9);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), -ERANGE);
	assert_non_null(strstr(err, "loaded anew"));
	snapshot_free(&end);
	/* a CPU that is gone; a clock that went back */
	make_cpu(&message, 2000, 1, 99);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), -ERANGE);
	snapshot_free(&end);
	make_cpu(&message, 999, 0, 99);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), -ERANGE);
	snapshot_free(&end);
	snapshot_free(&start);
}

static void put_times(struct message *message, uint32_t class, uint64_t run_ns, uint64_t wait_ns)
{
	struct nlattr *nest;

	begin_cpu(message, 1000, 0, class);
	nest = mnl_attr_nest_start(message->nlh, SCHEDSPLIT_A_COUNTERS);
	for (int i = SCHEDSPLIT_COUNTERS_VOLUNTARY; i <= SCHEDSPLIT_COUNTERS_EXITS; i++)
		mnl_attr_put_u64(message->nlh, (uint16_t)i,
				 i == SCHEDSPLIT_COUNTERS_RUN_NS ? run_ns :
				 i == SCHEDSPLIT_COUNTERS_WAIT_NS ? wait_ns : 0);
	mnl_attr_nest_end(message->nlh, nest);
}

/*
 * While a process is on a CPU it is read there, starts a thread, and leaves as
 * a leader: the time that the first reading gave to "process" has moved.
 */
static void a_stay_may_change_class(void **state)
{
	struct snapshot start, end;
	struct message message;

	(void)state;
	snapshot_init(&start);
	snapshot_init(&end);
	put_times(&message, SCHEDSPLIT_CLASS_PROCESS, 100 + 40, 20 + 7);
	assert_int_equal(snapshot_parse(&start, message.nlh, err, sizeof(err)), 0);
	put_times(&message, SCHEDSPLIT_CLASS_LEADER, 1000, 50);
	assert_int_equal(snapshot_parse(&start, message.nlh, err, sizeof(err)), 0);
	put_times(&message, SCHEDSPLIT_CLASS_PROCESS, 110, 20);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	put_times(&message, SCHEDSPLIT_CLASS_LEADER, 1000 + 40 + 60, 50 + 7);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), 0);
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_PROCESS].run_ns, 0);
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_PROCESS].wait_ns, 0);
	/* all time that has passed, and no more */
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_LEADER].run_ns, 110 + 1100 - 1140);
	assert_int_equal(end.sum.class[SCHEDSPLIT_CLASS_LEADER].wait_ns, 0);
	snapshot_free(&end);
	/* less time than before is another thing */
	put_times(&message, SCHEDSPLIT_CLASS_PROCESS, 140, 27);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	put_times(&message, SCHEDSPLIT_CLASS_LEADER, 999, 50);
	assert_int_equal(snapshot_parse(&end, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(snapshot_subtract(&end, &start, err, sizeof(err)), -ERANGE);
	snapshot_free(&end);
	snapshot_free(&start);
}

static int parse(const struct message *message)
{
	struct snapshot snapshot;
	int ret;

	snapshot_init(&snapshot);
	ret = snapshot_parse(&snapshot, message->nlh, err, sizeof(err));
	snapshot_free(&snapshot);
	return ret;
}

static void refuses_nonsense(void **state)
{
	struct message message;

	(void)state;
	/* out of range: CPU, class, classes of a handoff, its space, a bucket */
	begin_cpu(&message, 1, INFO_CPUS_MAX, 0);
	message_counters(&message, SCHEDSPLIT_A_COUNTERS, 1, SCHEDSPLIT_COUNTERS_EXITS);
	assert_int_equal(parse(&message), -EBADMSG);
	begin_cpu(&message, 1, 0, SCHEDSPLIT_CLASSES);
	message_counters(&message, SCHEDSPLIT_A_COUNTERS, 1, SCHEDSPLIT_COUNTERS_EXITS);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	put_handoff(&message, SCHEDSPLIT_CLASSES, 0, 1, 1);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	put_handoff(&message, 0, SCHEDSPLIT_SPACES, 1, 1);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	put_bucket(&message, SCHEDSPLIT_A_SLICE, INFO_BUCKETS_MAX, 1);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	put_bucket(&message, SCHEDSPLIT_A_WAIT, UINT32_MAX, 1);
	assert_int_equal(parse(&message), -EBADMSG);
	/* a counter is missing; all of them are; wrong size */
	begin_cpu(&message, 1, 0, 0);
	message_counters(&message, SCHEDSPLIT_A_COUNTERS, 1, SCHEDSPLIT_COUNTERS_RUN_NS);
	assert_int_equal(parse(&message), -EBADMSG);
	begin_cpu(&message, 1, 0, 0);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_UNTRACED, 1);
	assert_int_equal(parse(&message), -EBADMSG);
	make_cpu(&message, 1, 0, 1);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_A_CPU, 0);
	assert_int_equal(parse(&message), -EBADMSG);
	/* a handoff that is no nest */
	make_cpu(&message, 1, 0, 1);
	mnl_attr_put_u16(message.nlh, SCHEDSPLIT_A_HANDOFF, 0xffff);
	assert_int_equal(parse(&message), -EBADMSG);
}

static void takes_what_it_does_not_know(void **state)
{
	struct message message;

	(void)state;
	make_cpu(&message, 1, 0, 1);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_A_MAX + 1, 1);
	mnl_attr_put_strz(message.nlh, 1000, "of a newer module");
	assert_int_equal(parse(&message), 0);
}

/* No prefix of a message may be read beyond its end, and none is a whole one. */
static void survives_truncation(void **state)
{
	struct message message;
	uint32_t whole;

	(void)state;
	make_cpu(&message, 1, 0, 5);
	whole = message.nlh->nlmsg_len;
	for (uint32_t length = MNL_NLMSG_HDRLEN; length < whole; length++) {
		struct nlmsghdr *copy = malloc(length);
		struct snapshot snapshot;
		int ret;

		assert_non_null(copy);
		memcpy(copy, message.nlh, length);
		copy->nlmsg_len = length;
		snapshot_init(&snapshot);
		ret = snapshot_parse(&snapshot, copy, err, sizeof(err));
		/* between two attributes: what is missing may not be needed */
		assert_true(ret == -EBADMSG || (ret == 0 && length % 4 == 0));
		snapshot_free(&snapshot);
		free(copy);
	}
}

/* Bytes changed at random, always the same ones. */
static void survives_garbage(void **state)
{
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct group_record group;
		struct watch_state watch;
		struct task_record task;
		struct snapshot snapshot;
		struct message message;
		static struct info info;

		make_cpu(&message, 1, 0, 5);
		for (int change = 0; change < 1 + round % 4; change++) {
			uint32_t at;

			random = random * 1664525 + 1013904223;
			at = MNL_NLMSG_HDRLEN +
			     (random >> 8) % (message.nlh->nlmsg_len - MNL_NLMSG_HDRLEN);
			random = random * 1664525 + 1013904223;
			message.buffer[at] = (char)(random >> 16);
		}
		snapshot_init(&snapshot);
		snapshot_parse(&snapshot, message.nlh, err, sizeof(err));
		snapshot_free(&snapshot);
		info_parse(&info, message.nlh, err, sizeof(err));
		task_parse(&task, message.nlh, err, sizeof(err));
		if (!group_parse(&group, message.nlh, err, sizeof(err)))
			group_free(&group);
		if (!watch_state_parse(&watch, message.nlh, err, sizeof(err)))
			watch_state_free(&watch);
	}
}

/* --- tasks --- */

struct task_spec {
	uint64_t voluntary, involuntary, migrations;	/* counted */
	uint64_t nvcsw, nivcsw, kernel_migrations;
	uint64_t untraced;
};

static void make_task(struct message *message, const struct task_spec *spec, const char *comm)
{
	struct nlattr *task, *nest;

	message_begin(message, SCHEDSPLIT_CMD_TASK_GET);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_A_WATCH, 1);
	task = mnl_attr_nest_start(message->nlh, SCHEDSPLIT_A_TASK);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_TID, 101);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_TGID, 100);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_GROUP_ID, 1);
	mnl_attr_put_strz(message->nlh, SCHEDSPLIT_TASK_COMM, comm);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_CLASS, SCHEDSPLIT_CLASS_THREAD);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_SEEN,
			 1 << SCHEDSPLIT_CLASS_THREAD | 1 << SCHEDSPLIT_CLASS_LEADER);
	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_TASK_END, SCHEDSPLIT_END_DEAD);
	nest = mnl_attr_nest_start(message->nlh, SCHEDSPLIT_TASK_COUNTERS);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_VOLUNTARY, spec->voluntary);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_INVOLUNTARY, spec->involuntary);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_MIGRATIONS, spec->migrations);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_WAKEUPS, 1);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_RUN_NS, 1);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_COUNTERS_WAIT_NS, 1);
	mnl_attr_nest_end(message->nlh, nest);
	nest = mnl_attr_nest_start(message->nlh, SCHEDSPLIT_TASK_KERNEL);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_KERNEL_NVCSW, spec->nvcsw);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_KERNEL_NIVCSW, spec->nivcsw);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_KERNEL_MIGRATIONS, spec->kernel_migrations);
	mnl_attr_nest_end(message->nlh, nest);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_TASK_UNTRACED, spec->untraced);
	mnl_attr_nest_end(message->nlh, task);
}

static bool matches(const struct task_spec *spec)
{
	struct task_record task;
	struct message message;

	make_task(&message, spec, "worker");
	assert_int_equal(task_parse(&task, message.nlh, err, sizeof(err)), 0);
	return task_matches(&task);
}

static void proves_tasks(void **state)
{
	(void)state;
	assert_true(matches(&(struct task_spec){ 5, 6, 7, 5, 6, 7, 0 }));
	assert_false(matches(&(struct task_spec){ 5, 6, 7, 4, 6, 7, 0 }));
	/* the same sum is not enough: the kinds must agree */
	assert_false(matches(&(struct task_spec){ 5, 6, 7, 6, 5, 7, 0 }));
	assert_false(matches(&(struct task_spec){ 5, 6, 7, 5, 6, 8, 0 }));
	/* unless the tracepoint was not there for some */
	assert_true(matches(&(struct task_spec){ 5, 6, 7, 6, 6, 7, 1 }));
	assert_true(matches(&(struct task_spec){ 5, 6, 7, 5, 7, 7, 1 }));
	assert_false(matches(&(struct task_spec){ 5, 6, 7, 6, 7, 7, 1 }));
}

static void counts_proofs_and_classes(void **state)
{
	static const struct task_spec good = { 1, 2, 3, 1, 2, 3, 0 }, bad = { 1, 2, 3, 1, 1, 3, 0 };
	struct counters class[SCHEDSPLIT_CLASSES];
	struct task_record tasks[3];
	struct task_list list = { .task = tasks, .n = 3 };
	struct message message;
	struct proof proof;

	(void)state;
	for (int i = 0; i < 3; i++) {
		make_task(&message, i == 1 ? &bad : &good, "worker");
		assert_int_equal(task_parse(&tasks[i], message.nlh, err, sizeof(err)), 0);
	}
	tasks[2].end = SCHEDSPLIT_END_STOPPED;
	tasks_prove(&list, &proof);
	assert_int_equal(proof.tasks_checked, 3);
	assert_int_equal(proof.tasks_mismatched, 1);
	assert_int_equal(tasks_alive(&list), 1);
	tasks_count_seen(&list, class);
	assert_int_equal(class[SCHEDSPLIT_CLASS_THREAD].tasks, 3);
	assert_int_equal(class[SCHEDSPLIT_CLASS_LEADER].tasks, 3);
	assert_int_equal(class[SCHEDSPLIT_CLASS_PROCESS].tasks, 0);
}

static void names_cannot_command_a_terminal(void **state)
{
	static const struct task_spec spec = { 0, 0, 0, 0, 0, 0, 0 };
	static const struct {
		const char *given, *shown;
	} names[] = {
		{ "kworker/0:1", "kworker/0:1" },
		{ "\033[31mred\n", "?[31mred?" },
		{ "gr\303\274n", "gr\303\274n" },
		{ "cut\303", "cut?" },		/* a name cut in a character */
		{ "\300\257\355\240\200", "?????" },	/* overlong; surrogate */
		{ "\302\233m", "??m" },		/* C1 CSI */
		{ "\177", "?" },
		{ "", "" },
	};
	struct task_record task;
	struct message message;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make_task(&message, &spec, names[i].given);
		assert_int_equal(task_parse(&task, message.nlh, err, sizeof(err)), 0);
		assert_string_equal(task.comm, names[i].shown);
	}
	/* longer than any name */
	make_task(&message, &spec,
		  "0123456789012345678901234567890123456789012345678901234567890123456789");
	assert_int_equal(task_parse(&task, message.nlh, err, sizeof(err)), -EBADMSG);
}

static void refuses_half_a_task(void **state)
{
	struct task_record task;
	struct message message;
	struct nlattr *nest;

	(void)state;
	message_begin(&message, SCHEDSPLIT_CMD_TASK_GET);
	assert_int_equal(task_parse(&task, message.nlh, err, sizeof(err)), -EBADMSG);
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_TASK);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_TASK_TID, 1);
	mnl_attr_nest_end(message.nlh, nest);
	assert_int_equal(task_parse(&task, message.nlh, err, sizeof(err)), -EBADMSG);
}

/* --- groups, watches, info --- */

static void put_concurrency(struct message *message, uint16_t type, uint32_t running, uint64_t ns)
{
	struct nlattr *nest = mnl_attr_nest_start(message->nlh, type);

	mnl_attr_put_u32(message->nlh, SCHEDSPLIT_CONCURRENCY_RUNNING, running);
	mnl_attr_put_u64(message->nlh, SCHEDSPLIT_CONCURRENCY_NS, ns);
	mnl_attr_nest_end(message->nlh, nest);
}

static void parses_a_group(void **state)
{
	struct group_record group;
	struct message message;
	struct nlattr *nest;

	(void)state;
	message_begin(&message, SCHEDSPLIT_CMD_GROUP_GET);
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_GROUP);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_GROUP_ID, 4);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_GROUP_TGID, 100);
	mnl_attr_put_strz(message.nlh, SCHEDSPLIT_GROUP_COMM, "sh");
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_GROUP_TASKS, 3);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_GROUP_ALIVE, 1);
	message_counters(&message, SCHEDSPLIT_GROUP_LEADER, 10, SCHEDSPLIT_COUNTERS_EXITS);
	message_counters(&message, SCHEDSPLIT_GROUP_THREAD, 20, SCHEDSPLIT_COUNTERS_EXITS);
	put_concurrency(&message, SCHEDSPLIT_GROUP_CONCURRENCY, 0, 500);
	put_concurrency(&message, SCHEDSPLIT_GROUP_CONCURRENCY, 2, 300);
	put_concurrency(&message, SCHEDSPLIT_GROUP_CONCURRENCY, 3, 200);
	put_concurrency(&message, SCHEDSPLIT_GROUP_LED, 2, 250);
	put_concurrency(&message, SCHEDSPLIT_GROUP_LED, 3, 40);
	put_concurrency(&message, SCHEDSPLIT_GROUP_CORES, 0, 970);
	put_concurrency(&message, SCHEDSPLIT_GROUP_CORES, 1, 30);
	mnl_attr_nest_end(message.nlh, nest);
	assert_int_equal(group_parse(&group, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(group.tgid, 100);
	assert_int_equal(group.alive, 1);
	assert_int_equal(group.leader.voluntary, 10);
	assert_int_equal(group.thread.voluntary, 20);
	assert_int_equal(group.concurrency.n, 4);
	assert_true(concurrency_mean(&group.concurrency) == 1.2);
	assert_true(concurrency_mean_busy(&group.concurrency) == 2.4);
	/* Beside two threads the leader makes three: they are beside each other too. */
	assert_int_equal(group_leader_beside(&group), 250 + 40);
	assert_int_equal(group_threads_beside(&group), (300 - 250) + 200);
	assert_int_equal(group_on_one_core(&group), 30);
	group_free(&group);
}

static void parses_a_watch(void **state)
{
	struct watch_state watch;
	struct message message;

	(void)state;
	message_begin(&message, SCHEDSPLIT_CMD_WATCH_GET);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_A_DURATION, 1000);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_A_LOST, 2);
	put_concurrency(&message, SCHEDSPLIT_A_CONCURRENCY, 0, 250);
	put_concurrency(&message, SCHEDSPLIT_A_CONCURRENCY, 1, 250);
	put_concurrency(&message, SCHEDSPLIT_A_CONCURRENCY, 3, 500);
	assert_int_equal(watch_state_parse(&watch, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(watch.lost, 2);
	assert_int_equal(watch.alive, UINT32_MAX);
	assert_int_equal(concurrency_duration(&watch.concurrency), watch.duration_ns);
	assert_true(concurrency_mean(&watch.concurrency) == 1.75);
	watch_state_free(&watch);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_ALIVE, 7);
	assert_int_equal(watch_state_parse(&watch, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(watch.alive, 7);
	watch_state_free(&watch);
	/* more tasks on CPUs than CPUs can be */
	put_concurrency(&message, SCHEDSPLIT_A_CONCURRENCY, UINT32_MAX, 1);
	assert_int_equal(watch_state_parse(&watch, message.nlh, err, sizeof(err)), -EBADMSG);
}

static void parses_info(void **state)
{
	static struct info info;
	struct message message;
	struct nlattr *nest;

	(void)state;
	message_begin(&message, SCHEDSPLIT_CMD_INFO_GET);
	mnl_attr_put_strz(message.nlh, SCHEDSPLIT_A_VERSION, "1.2.3");
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_A_CPUS, 4);
	mnl_attr_put_strz(message.nlh, SCHEDSPLIT_A_HOOK, "sched_switch");
	mnl_attr_put_strz(message.nlh, SCHEDSPLIT_A_HOOK, "sched_wakeup");
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_BOUND);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_BOUND_INDEX, 1);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_BOUND_LO, 8);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_BOUND_HI, 10);
	mnl_attr_nest_end(message.nlh, nest);
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_LIVE);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_LIVE_CLASS, SCHEDSPLIT_CLASS_KTHREAD);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_LIVE_TASKS, 77);
	mnl_attr_nest_end(message.nlh, nest);
	assert_int_equal(info_parse(&info, message.nlh, err, sizeof(err)), 0);
	assert_int_equal(info.hooks, 2);
	assert_string_equal(info.hook[1], "sched_wakeup");
	assert_int_equal(info.buckets, 2);
	assert_int_equal(info.bound[1].hi, 10);
	assert_int_equal(info.live[SCHEDSPLIT_CLASS_KTHREAD], 77);
	/* an empty bucket; more hooks than there can be */
	nest = mnl_attr_nest_start(message.nlh, SCHEDSPLIT_A_BOUND);
	mnl_attr_put_u32(message.nlh, SCHEDSPLIT_BOUND_INDEX, 2);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_BOUND_LO, 10);
	mnl_attr_put_u64(message.nlh, SCHEDSPLIT_BOUND_HI, 10);
	mnl_attr_nest_end(message.nlh, nest);
	assert_int_equal(info_parse(&info, message.nlh, err, sizeof(err)), -EBADMSG);
	message_begin(&message, SCHEDSPLIT_CMD_INFO_GET);
	for (int i = 0; i <= INFO_HOOKS_MAX; i++)
		mnl_attr_put_strz(message.nlh, SCHEDSPLIT_A_HOOK, "x");
	assert_int_equal(info_parse(&info, message.nlh, err, sizeof(err)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_a_cpu),
		cmocka_unit_test(everything_adds_up),
		cmocka_unit_test(subtracts),
		cmocka_unit_test(refuses_to_go_backwards),
		cmocka_unit_test(a_stay_may_change_class),
		cmocka_unit_test(refuses_nonsense),
		cmocka_unit_test(takes_what_it_does_not_know),
		cmocka_unit_test(survives_truncation),
		cmocka_unit_test(survives_garbage),
		cmocka_unit_test(proves_tasks),
		cmocka_unit_test(counts_proofs_and_classes),
		cmocka_unit_test(names_cannot_command_a_terminal),
		cmocka_unit_test(refuses_half_a_task),
		cmocka_unit_test(parses_a_group),
		cmocka_unit_test(parses_a_watch),
		cmocka_unit_test(parses_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
