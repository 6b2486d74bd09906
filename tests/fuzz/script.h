/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language that replies.c reads: what a module puts into its answers. All of
 * it makes messages whose parts have the right lengths, unless OP_LENGTH is used,
 * so that little is wasted on what the kernel's netlink code would never let by.
 *
 * An input is four bytes (see replies.c) and a list of these:
 */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include <linux/genetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "uapi/schedsplit.h"

enum op {
	OP_U32,		/* TYPE, 4 bytes: an attribute */
	OP_U64,		/* TYPE, 8 bytes */
	OP_TEXT,	/* TYPE, N, N bytes: so, and a NUL */
	OP_BYTES,	/* TYPE, N, N bytes */
	OP_NEST,	/* TYPE: what follows is in it */
	OP_END,		/* of a nest */
	OP_LENGTH,	/* N, signed: the last attribute says that it is so much longer */
	OP_ANSWER,	/* FLAGS: another message */
	OP_ERROR,	/* FLAGS, 4 bytes: an error or acknowledgment */
	OP_DONE,	/* FLAGS, 4 bytes: the end of a dump */
	OP_OVERRUN,
	OP_PART,	/* the end of a datagram */
	OP_SEND,	/* … and of all that answers this request */
	OPS,
};

/* FLAGS */
enum {
	FLAG_INTERRUPTED	= 1 << 0,	/* NLM_F_DUMP_INTR */
	FLAG_OTHER_SEQUENCE	= 1 << 1,
	FLAG_OTHER_PORT		= 1 << 2,
	FLAG_OTHER_TYPE		= 1 << 3,
	FLAG_OTHER_COMMAND	= 1 << 4,
	FLAG_WORDS		= 1 << 5,	/* NLM_F_ACK_TLVS */
	FLAG_CAPPED		= 1 << 6,	/* NLM_F_CAPPED */
};

/* Requests whose answers come from the input: its second byte. */
enum {
	FROM_INPUT_INFO		= 1 << 0,
	FROM_INPUT_CPUS		= 1 << 1,
	FROM_INPUT_WATCH	= 1 << 2,	/* WATCH_NEW */
	FROM_INPUT_STATE	= 1 << 3,	/* WATCH_GET */
	FROM_INPUT_GROUPS	= 1 << 4,
	FROM_INPUT_TASKS	= 1 << 5,
	FROM_INPUT_OTHERS	= 1 << 6,	/* that have no answer but an acknowledgment */
	FROM_INPUT_FAMILY	= 1 << 7,
};

/* What the tool does: the first byte, modulo ACTIONS. */
enum action {
	ACTION_STATUS, ACTION_STAT_SYSTEM, ACTION_STAT_PID, ACTION_EXPLAIN, ACTION_TOP,
	ACTION_COMPARE, ACTION_MESSAGE, ACTIONS,
};

/* ---- writing it ---- */

#define SCRIPT_SIZE	16384

struct script {
	uint8_t	bytes[SCRIPT_SIZE];
	size_t	n;
};

static inline void script_byte(struct script *script, unsigned int byte)
{
	if (script->n < sizeof(script->bytes))
		script->bytes[script->n++] = (uint8_t)byte;
}

static inline void script_bytes(struct script *script, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		script_byte(script, ((const uint8_t *)bytes)[i]);
}

static inline void script_u32(struct script *script, unsigned int type, uint32_t value)
{
	script_byte(script, OP_U32);
	script_byte(script, type);
	script_bytes(script, &value, sizeof(value));
}

static inline void script_u64(struct script *script, unsigned int type, uint64_t value)
{
	script_byte(script, OP_U64);
	script_byte(script, type);
	script_bytes(script, &value, sizeof(value));
}

static inline void script_text(struct script *script, unsigned int type, const char *text)
{
	script_byte(script, OP_TEXT);
	script_byte(script, type);
	script_byte(script, (unsigned int)strlen(text));
	script_bytes(script, text, strlen(text));
}

static inline void script_nest(struct script *script, unsigned int type)
{
	script_byte(script, OP_NEST);
	script_byte(script, type);
}

static inline void script_end(struct script *script)
{
	script_byte(script, OP_END);
}

static inline void script_answer(struct script *script, unsigned int flags)
{
	script_byte(script, OP_ANSWER);
	script_byte(script, flags);
}

static inline void script_send(struct script *script)
{
	script_byte(script, OP_SEND);
}

/* ---- good answers, whose counts grow with @n ---- */

static inline void script_counters(struct script *script, unsigned int type, uint64_t n)
{
	script_nest(script, type);
	for (unsigned int i = SCHEDSPLIT_COUNTERS_VOLUNTARY; i <= SCHEDSPLIT_COUNTERS_EXITS; i++)
		script_u64(script, i, n);
	script_end(script);
}

static inline void script_bucket(struct script *script, unsigned int type, uint32_t index,
				 uint64_t n)
{
	script_nest(script, type);
	script_u32(script, SCHEDSPLIT_BUCKET_INDEX, index);
	script_u64(script, SCHEDSPLIT_BUCKET_COUNT, n);
	script_end(script);
}

static inline void script_family(struct script *script)
{
	static const uint8_t id[2] = { 0x20, 0 };

	script_byte(script, OP_BYTES);
	script_byte(script, CTRL_ATTR_FAMILY_ID);
	script_byte(script, sizeof(id));
	script_bytes(script, id, sizeof(id));
	script_u32(script, CTRL_ATTR_VERSION, SCHEDSPLIT_GENL_VERSION);
	script_send(script);
}

static inline void script_info(struct script *script, uint64_t n, uint32_t buckets)
{
	script_text(script, SCHEDSPLIT_A_VERSION, "0.1.0");
	script_u64(script, SCHEDSPLIT_A_TIME, 1000000000 + n);
	script_u32(script, SCHEDSPLIT_A_CPUS, 2);
	script_u32(script, SCHEDSPLIT_A_RECORDS_MAX, 262144);
	script_u32(script, SCHEDSPLIT_A_RECORDS, 2);
	script_u32(script, SCHEDSPLIT_A_WATCHES, 1);
	script_text(script, SCHEDSPLIT_A_HOOK, "sched_switch");
	script_text(script, SCHEDSPLIT_A_HOOK, "sched_wakeup");
	script_nest(script, SCHEDSPLIT_A_LIVE);
	script_u32(script, SCHEDSPLIT_LIVE_CLASS, SCHEDSPLIT_CLASS_PROCESS);
	script_u64(script, SCHEDSPLIT_LIVE_TASKS, 5);
	script_end(script);
	for (uint32_t i = 0; i < buckets; i++) {
		script_nest(script, SCHEDSPLIT_A_BOUND);
		script_u32(script, SCHEDSPLIT_BOUND_INDEX, i);
		script_u64(script, SCHEDSPLIT_BOUND_LO, 1000 * i);
		script_u64(script, SCHEDSPLIT_BOUND_HI, i + 1 < buckets ? 1000 * (i + 1) : ~0ull);
		script_end(script);
	}
	script_nest(script, SCHEDSPLIT_A_COST_HOOK);
	script_u32(script, SCHEDSPLIT_HOOK_SOCKETS, 1);
	script_u32(script, SCHEDSPLIT_HOOK_KHZ, 2000000);
	script_u32(script, SCHEDSPLIT_HOOK_WINDOW, 40);
	script_u32(script, SCHEDSPLIT_HOOK_PROBE, 90);
	script_end(script);
	script_send(script);
}

static inline void script_cpu_head(struct script *script, uint64_t n, uint32_t cpu)
{
	script_answer(script, 0);
	script_u64(script, SCHEDSPLIT_A_TIME, 1000000000 + 1000000 * n);
	script_u32(script, SCHEDSPLIT_A_CPU, cpu);
}

static inline void script_cpu_class(struct script *script, uint64_t n, uint32_t cpu,
				    uint32_t class)
{
	script_cpu_head(script, n, cpu);
	script_u32(script, SCHEDSPLIT_A_CLASS, class);
	script_u64(script, SCHEDSPLIT_A_UNTRACED, 0);
	script_counters(script, SCHEDSPLIT_A_COUNTERS, n);
	script_nest(script, SCHEDSPLIT_A_HANDOFF);
	script_u32(script, SCHEDSPLIT_HANDOFF_TO, SCHEDSPLIT_CLASS_THREAD);
	script_u32(script, SCHEDSPLIT_HANDOFF_SPACE, SCHEDSPLIT_SPACE_SAME_GROUP);
	script_u64(script, SCHEDSPLIT_HANDOFF_VOLUNTARY, n);
	script_u64(script, SCHEDSPLIT_HANDOFF_INVOLUNTARY, n);
	script_end(script);
	script_nest(script, SCHEDSPLIT_A_MOVES);
	script_u32(script, SCHEDSPLIT_MOVES_DISTANCE, SCHEDSPLIT_DISTANCE_CACHE);
	script_u32(script, SCHEDSPLIT_MOVES_CAUSE, SCHEDSPLIT_CAUSE_WAKEUP);
	script_u64(script, SCHEDSPLIT_MOVES_COUNT, n);
	script_end(script);
	script_bucket(script, SCHEDSPLIT_A_SLICE, 3, n);
	script_bucket(script, SCHEDSPLIT_A_WAIT, 2, n);
	script_cpu_head(script, n, cpu);
	script_u32(script, SCHEDSPLIT_A_CLASS, class);
	script_nest(script, SCHEDSPLIT_A_LIFE);
	script_u32(script, SCHEDSPLIT_BUCKET_STAGE, SCHEDSPLIT_LIFE_EXIT);
	script_u32(script, SCHEDSPLIT_BUCKET_INDEX, 5);
	script_u64(script, SCHEDSPLIT_BUCKET_COUNT, n);
	script_end(script);
}

static inline void script_cpu_rest(struct script *script, uint64_t n, uint32_t cpu)
{
	script_cpu_head(script, n, cpu);
	script_nest(script, SCHEDSPLIT_A_SIGNAL);
	script_u32(script, SCHEDSPLIT_SIGNAL_TO, SCHEDSPLIT_SIGNAL_THREAD);
	script_u64(script, SCHEDSPLIT_SIGNAL_GENERATED, n);
	script_nest(script, SCHEDSPLIT_SIGNAL_TAKEN);
	script_u32(script, SCHEDSPLIT_LIVE_CLASS, SCHEDSPLIT_CLASS_THREAD);
	script_u64(script, SCHEDSPLIT_LIVE_TASKS, n);
	script_end(script);
	script_bucket(script, SCHEDSPLIT_SIGNAL_BUCKET, 4, n);
	script_end(script);
	script_cpu_head(script, n, cpu);
	script_nest(script, SCHEDSPLIT_A_COST);
	script_u32(script, SCHEDSPLIT_COST_FROM, SCHEDSPLIT_CLASS_THREAD);
	script_u32(script, SCHEDSPLIT_COST_TO, SCHEDSPLIT_CLASS_THREAD);
	script_u32(script, SCHEDSPLIT_COST_SPACE, SCHEDSPLIT_SPACE_SAME_GROUP);
	script_u64(script, SCHEDSPLIT_COST_COUNT, n);
	script_u64(script, SCHEDSPLIT_COST_CYCLES, 1000 * n);
	script_end(script);
	script_nest(script, SCHEDSPLIT_A_COST_SPACE);
	script_u32(script, SCHEDSPLIT_SPACE_ATTR_SPACE, SCHEDSPLIT_SPACE_SAME_GROUP);
	script_u64(script, SCHEDSPLIT_SPACE_ATTR_FLUSHED, n);
	script_bucket(script, SCHEDSPLIT_SPACE_ATTR_BUCKET, 1, n);
	script_end(script);
	script_u64(script, SCHEDSPLIT_A_COST_MISSED, n);
}

static inline void script_cpus(struct script *script, uint64_t n, uint32_t cpus)
{
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		script_cpu_class(script, n, cpu, SCHEDSPLIT_CLASS_THREAD);
		script_cpu_class(script, n, cpu, SCHEDSPLIT_CLASS_LEADER);
		script_cpu_rest(script, n, cpu);
	}
	script_send(script);
}

static inline void script_watch(struct script *script)
{
	script_u32(script, SCHEDSPLIT_A_WATCH, 1);
	script_send(script);
}

static inline void script_running(struct script *script, unsigned int type, uint32_t running,
				  uint64_t ns)
{
	script_nest(script, type);
	script_u32(script, SCHEDSPLIT_CONCURRENCY_RUNNING, running);
	script_u64(script, SCHEDSPLIT_CONCURRENCY_NS, ns);
	script_end(script);
}

static inline void script_state(struct script *script, uint64_t n)
{
	script_u32(script, SCHEDSPLIT_A_WATCH, 1);
	script_u64(script, SCHEDSPLIT_A_TIME, 1000000000 + 1000000 * n);
	script_u64(script, SCHEDSPLIT_A_DURATION, 1000000 * n);
	script_u32(script, SCHEDSPLIT_A_RECORDS, 2);
	script_u32(script, SCHEDSPLIT_A_ALIVE, 1);
	script_u64(script, SCHEDSPLIT_A_LOST, 0);
	script_u32(script, SCHEDSPLIT_A_GENERATION, 2);
	for (uint32_t k = 0; k < 3; k++)
		script_running(script, SCHEDSPLIT_A_CONCURRENCY, k, 300000 * n);
	script_send(script);
}

static inline void script_group(struct script *script, uint64_t n, uint32_t id)
{
	script_answer(script, 0);
	script_u32(script, SCHEDSPLIT_A_WATCH, 1);
	script_nest(script, SCHEDSPLIT_A_GROUP);
	script_u32(script, SCHEDSPLIT_GROUP_ID, id);
	script_u32(script, SCHEDSPLIT_GROUP_TGID, 100);
	script_text(script, SCHEDSPLIT_GROUP_COMM, "python3");
	script_u32(script, SCHEDSPLIT_GROUP_TASKS, 2);
	script_u32(script, SCHEDSPLIT_GROUP_ALIVE, 2);
	script_counters(script, SCHEDSPLIT_GROUP_LEADER, n);
	script_counters(script, SCHEDSPLIT_GROUP_THREAD, n);
	for (uint32_t k = 0; k < 3; k++)
		script_running(script, SCHEDSPLIT_GROUP_CONCURRENCY, k, 300000 * n);
	script_running(script, SCHEDSPLIT_GROUP_LED, 1, 100000 * n);
	script_running(script, SCHEDSPLIT_GROUP_CORES, 0, 1000000 * n);
	script_end(script);
}

static inline void script_groups(struct script *script, uint64_t n)
{
	script_group(script, n, 2);
	script_group(script, n, 1);
	script_send(script);
}

static inline void script_task(struct script *script, uint64_t n, uint32_t tid)
{
	script_u32(script, SCHEDSPLIT_A_WATCH, 1);
	script_nest(script, SCHEDSPLIT_A_TASK);
	script_u32(script, SCHEDSPLIT_TASK_TID, tid);
	script_u32(script, SCHEDSPLIT_TASK_TGID, 100);
	script_u32(script, SCHEDSPLIT_TASK_GROUP_ID, tid == 102 ? 2 : 1);
	script_text(script, SCHEDSPLIT_TASK_COMM, "python3");
	script_u32(script, SCHEDSPLIT_TASK_CLASS, tid == 100 ? SCHEDSPLIT_CLASS_LEADER :
						  SCHEDSPLIT_CLASS_THREAD);
	script_u32(script, SCHEDSPLIT_TASK_SEEN, tid == 100 ? 0x18 : 0x20);
	script_u32(script, SCHEDSPLIT_TASK_END, tid == 102 ? SCHEDSPLIT_END_DEAD :
						SCHEDSPLIT_END_NONE);
	script_counters(script, SCHEDSPLIT_TASK_COUNTERS, 2 * n);
	script_nest(script, SCHEDSPLIT_TASK_KERNEL);
	script_u64(script, SCHEDSPLIT_KERNEL_NVCSW, 2 * n);
	script_u64(script, SCHEDSPLIT_KERNEL_NIVCSW, 2 * n);
	script_u64(script, SCHEDSPLIT_KERNEL_MIGRATIONS, 2 * n);
	script_end(script);
	script_u64(script, SCHEDSPLIT_TASK_UNTRACED, 0);
	script_end(script);
}

static inline void script_tasks(struct script *script, uint64_t n)
{
	for (uint32_t tid = 100; tid < 103; tid++) {
		script_answer(script, 0);
		script_task(script, n, tid);
	}
	script_send(script);
}

#endif
