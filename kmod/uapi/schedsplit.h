/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "schedsplit", version 1.
 *
 * Every command needs CAP_NET_ADMIN in the initial user namespace, a socket in
 * the initial net namespace, and a caller in the initial pid namespace (pids
 * are shown as seen from there).
 * Validation is strict: an unknown, short, long or wrongly nested attribute is
 * refused with an extended ack that names it, and changes nothing.
 *
 * The attribute tree. "*" marks an attribute that may repeat, "?" one that
 * may be absent. Times are nanoseconds. Counts and times are u64 and count
 * from insmod, or, where SCHEDSPLIT_A_WATCH is given, from the start of the
 * watch. Readers subtract two readings; nothing is ever reset.
 *
 * SCHEDSPLIT_CMD_INFO_GET (do)
 *   reply
 *     A_VERSION         string   version of the module
 *     A_TIME            u64      CLOCK_MONOTONIC at the reading
 *     A_CPUS            u32      CPU numbers are below this (nr_cpu_ids)
 *     A_RECORDS_MAX     u32      limit on task records, of all watches together
 *     A_RECORDS         u32      task records in use
 *     A_WATCHES         u32      watches open
 *     A_HOOK         *  string   a tracepoint that is attached
 *     A_LIVE         *  nest     tasks alive now
 *       LIVE_CLASS      u32      enum schedsplit_class
 *       LIVE_TASKS      u64
 *     A_BOUND        *  nest     bounds of the histogram buckets: [lo, hi)
 *       BOUND_INDEX     u32
 *       BOUND_LO        u64
 *       BOUND_HI        u64      U64_MAX: no upper bound
 *     A_COST_HOOK    ?  nest     this kernel lets direct costs be measured
 *       HOOK_SOCKETS    u32      sockets that have attached it
 *       HOOK_KHZ        u32      cycles a millisecond
 *       HOOK_WINDOW     u32      cycles of each cost that are the measuring's
 *                                own; 0 before the first attachment
 *       HOOK_PROBE      u32      cycles that counting takes a switch, costs
 *                                included, when its code and data are cached
 *
 * SCHEDSPLIT_CMD_CPU_GET (dump): a message for each CPU and class. All of one
 * dump belong to one reading, taken when the dump begins; each CPU is read in
 * one piece, by itself, with interrupts off.
 *   request
 *     A_WATCH        ?  u32      count only the tasks of this watch
 *   reply
 *     A_TIME            u64      CLOCK_MONOTONIC when the reading began
 *     A_CPU             u32
 *     A_CLASS           u32      enum schedsplit_class
 *     A_UNTRACED        u64      switches that this CPU did not show to the
 *                                tracepoint (the same in all its messages)
 *     A_COUNTERS        nest     see below; TASKS is absent
 *     A_HANDOFF      *  nest     switches from this class
 *       HANDOFF_TO      u32      enum schedsplit_class, of the next task
 *       HANDOFF_SPACE   u32      enum schedsplit_space
 *       HANDOFF_VOLUNTARY   u64
 *       HANDOFF_INVOLUNTARY u64
 *     A_MOVES        *  nest     migrations and placements of this class
 *       MOVES_DISTANCE  u32      enum schedsplit_distance
 *       MOVES_CAUSE   ? u32      enum schedsplit_cause; absent: not a migration,
 *                                but the place of a new task, seen from its
 *                                creator's
 *       MOVES_COUNT     u64
 *     A_SLICE        *  nest     histogram of stays on a CPU
 *       BUCKET_INDEX    u32      into the bounds that INFO_GET tells
 *       BUCKET_COUNT    u64
 *     A_WAIT         *  nest     histogram of last legs of waits, like A_SLICE
 *   and for each CPU, class and stage that has seen any, a message of the same
 *   reading, but for what that CPU has counted while it was written
 *     A_TIME, A_CPU, A_CLASS
 *     A_LIFE         *  nest     histogram of times in tasks' lives
 *       BUCKET_STAGE    u32      enum schedsplit_life
 *       BUCKET_INDEX, BUCKET_COUNT: as in A_SLICE
 *   and for each CPU that has seen signals, a message of the same reading, where
 *   that is of the system
 *     A_TIME, A_CPU
 *     A_SIGNAL       *  nest
 *       SIGNAL_TO       u32      enum schedsplit_signal_to
 *       SIGNAL_GENERATED u64     signals that became pending
 *       SIGNAL_TAKEN *  nest     of these, delivered: LIVE_CLASS, of the task
 *                                that took it; LIVE_TASKS, how many. The others
 *                                were ignored, merged with one pending, read by
 *                                sigwait() or a signalfd, are pending yet, or
 *                                had to give way in the table of those that are
 *       SIGNAL_BUCKET * nest     histogram of the time from one to the other
 *   and for each CPU that has measured costs, a message for each space of the
 *   same reading: direct costs of switches, from the end of our sched_switch probe to
 *   the first instruction of finish_task_switch(), in cycles
 *     A_TIME, A_CPU
 *     A_COST         *  nest     of one kind of switch
 *       COST_FROM       u32      enum schedsplit_class
 *       COST_TO         u32      enum schedsplit_class
 *       COST_SPACE      u32      enum schedsplit_space
 *       COST_COUNT      u64      switches
 *       COST_CYCLES     u64      all of theirs
 *     A_COST_SPACE   *  nest     of all switches of one space
 *       SPACE_ATTR_SPACE u32     enum schedsplit_space
 *       SPACE_ATTR_FLUSHED u64   those that flushed the TLB, the others having
 *                                reused the address space's identifier (x86)
 *       SPACE_ATTR_BUCKET * nest histogram: BUCKET_INDEX, BUCKET_COUNT; the
 *                                bounds are cycles here
 *     A_COST_MISSED     u64      switches whose end was not seen; all of the
 *                                CPU's are in one of these messages
 *
 * SCHEDSPLIT_CMD_WATCH_NEW (do): begin to keep records. The watch belongs to
 * the socket and ends with it. Tasks that a watched task creates are watched
 * too (A_CGROUP: tasks created in the cgroup or moved into it).
 *   request
 *     A_KIND            u32      enum schedsplit_watch_kind
 *     A_PID          *  u32      for KIND_GROUP and KIND_TASK, 1 to 1024
 *     A_CGROUP       ?  string   for KIND_CGROUP: path below the v2 mount
 *   reply
 *     A_WATCH           u32
 *
 * SCHEDSPLIT_CMD_WATCH_STOP (do): no event after this one counts for the
 * watch; its records can still be read, and no longer change.
 * SCHEDSPLIT_CMD_WATCH_DEL (do): stop, and forget the records.
 *   request
 *     A_WATCH           u32
 *
 * SCHEDSPLIT_CMD_WATCH_GET (do)
 *   request
 *     A_WATCH           u32
 *   reply
 *     A_WATCH           u32
 *     A_TIME            u64      CLOCK_MONOTONIC at the reading
 *     A_DURATION        u64      since the watch began, to now or to its stop
 *     A_RECORDS         u32      task records of this watch
 *     A_ALIVE           u32      those of them that have not ended
 *     A_LOST            u64      tasks that got no record; what these create
 *                                in their turn is not seen at all
 *     A_GENERATION      u32      changes when a record is added or ends
 *     A_CONCURRENCY  *  nest     time with exactly so many watched tasks on
 *                                CPUs; over all of them, adds up to A_DURATION
 *       CONCURRENCY_RUNNING u32
 *       CONCURRENCY_NS      u64
 *
 * SCHEDSPLIT_CMD_GROUP_GET (dump): a message for each thread group of a watch.
 *   request
 *     A_WATCH           u32
 *   reply
 *     A_WATCH           u32
 *     A_GROUP           nest
 *       GROUP_ID        u32      unique in the watch; tgids are reused
 *       GROUP_TGID      u32
 *       GROUP_COMM      string   of the leader, or of the first task seen
 *       GROUP_TASKS     u32      task records
 *       GROUP_ALIVE     u32      of these, not yet ended
 *       GROUP_LEADER    nest     counters of the leader
 *       GROUP_THREAD    nest     counters of all others
 *       GROUP_CONCURRENCY * nest like A_CONCURRENCY, of this group's tasks,
 *                                since its first record
 *       GROUP_LED    *  nest     of that, the time in which the leader was one
 *                                of them
 *       GROUP_CORES  *  nest     time in which on exactly so many cores
 *                                (CONCURRENCY_RUNNING) two SMT siblings or
 *                                more ran tasks of this group
 *
 * SCHEDSPLIT_CMD_TASK_GET (dump): a message for each task record of a watch.
 *   request
 *     A_WATCH           u32
 *   reply
 *     A_WATCH           u32
 *     A_TASK            nest     see below
 *
 * SCHEDSPLIT_CMD_COST_ATTACH (do): measure the direct cost of every switch, for
 * as long as any socket wants it: until COST_DETACH, or its end.
 * SCHEDSPLIT_CMD_COST_DETACH (do)
 *
 * SCHEDSPLIT_CMD_EXIT_NTF (multicast group "exits"): a watched task has died.
 * Of the sockets that have joined, those are told that have had a command done
 * (INFO_GET will do): whoever may not have one done hears nothing. Before Linux
 * 6.8, such a socket is told too if it is in a group of another family only.
 *     A_WATCH           u32
 *     A_TASK            nest
 *
 * A_TASK
 *   TASK_TID            u32
 *   TASK_TGID           u32
 *   TASK_GROUP_ID       u32
 *   TASK_COMM           string
 *   TASK_CLASS          u32      enum schedsplit_class, at its last event
 *   TASK_SEEN           u32      bit n: was seen in class n
 *   TASK_END            u32      enum schedsplit_end
 *   TASK_COUNTERS       nest     counters
 *   TASK_AS_THREAD      nest ?   the part of them from before its exec made it
 *                                the group's leader
 *   TASK_KERNEL         nest     the kernel's own count of the same events
 *     KERNEL_NVCSW      u64      as of the record's last switch-out
 *     KERNEL_NIVCSW     u64      as of the record's last switch-out
 *     KERNEL_MIGRATIONS u64
 *   TASK_UNTRACED       u64      switches of it that had no tracepoint
 *
 * counters
 *   COUNTERS_TASKS      u64 ?
 *   COUNTERS_VOLUNTARY, _INVOLUNTARY, _MIGRATIONS, _WAKEUPS, _RUN_NS,
 *   COUNTERS_WAIT_NS, _FORKS, _EXITS
 *                       u64      forks and exits are absent from tasks
 *
 * Of a watch that goes on, a record is read while it is written: its counters
 * may be one event apart from each other, and from the kernel's.
 *
 * Dumps of groups and tasks hold those that were there when the dump began, as
 * they are when read, and carry the generation of the watch: where it
 * changes meanwhile, NLM_F_DUMP_INTR says so. After WATCH_STOP it does not.
 */
#ifndef _UAPI_SCHEDSPLIT_H
#define _UAPI_SCHEDSPLIT_H

#define SCHEDSPLIT_GENL_NAME		"schedsplit"
#define SCHEDSPLIT_GENL_VERSION		1
#define SCHEDSPLIT_MCGRP_EXITS		"exits"

/* Longest CGROUP path and most PIDs that WATCH_NEW takes. */
#define SCHEDSPLIT_CGROUP_MAX		4095
#define SCHEDSPLIT_PIDS_MAX		1024
/* Most watches, of all sockets together. */
#define SCHEDSPLIT_WATCHES_MAX		64

enum schedsplit_cmd {
	SCHEDSPLIT_CMD_UNSPEC,
	SCHEDSPLIT_CMD_INFO_GET,
	SCHEDSPLIT_CMD_CPU_GET,
	SCHEDSPLIT_CMD_WATCH_NEW,
	SCHEDSPLIT_CMD_WATCH_STOP,
	SCHEDSPLIT_CMD_WATCH_DEL,
	SCHEDSPLIT_CMD_WATCH_GET,
	SCHEDSPLIT_CMD_GROUP_GET,
	SCHEDSPLIT_CMD_TASK_GET,
	SCHEDSPLIT_CMD_EXIT_NTF,
	SCHEDSPLIT_CMD_COST_ATTACH,
	SCHEDSPLIT_CMD_COST_DETACH,
	__SCHEDSPLIT_CMD_LAST,
};

#define SCHEDSPLIT_CMD_MAX (__SCHEDSPLIT_CMD_LAST - 1)

/* What a task is. Decided at the moment of the event. */
enum schedsplit_class {
	SCHEDSPLIT_CLASS_IDLE,		/* the per-CPU idle task */
	SCHEDSPLIT_CLASS_KTHREAD,	/* PF_KTHREAD, not idle */
	SCHEDSPLIT_CLASS_WORKER,	/* PF_IO_WORKER, PF_USER_WORKER */
	SCHEDSPLIT_CLASS_PROCESS,	/* leader of a group of one */
	SCHEDSPLIT_CLASS_LEADER,	/* leader of a larger group */
	SCHEDSPLIT_CLASS_THREAD,	/* any other member of a group */
	SCHEDSPLIT_CLASSES,
};

/* What a switch does to the user address space. */
enum schedsplit_space {
	SCHEDSPLIT_SPACE_LAZY,		/* next has none: kthread or idle */
	SCHEDSPLIT_SPACE_SAME,		/* next's is loaded already */
	SCHEDSPLIT_SPACE_SAME_GROUP,	/* so, and prev is of next's group */
	SCHEDSPLIT_SPACE_CROSS,		/* another one is loaded */
	SCHEDSPLIT_SPACES,
};

/* How far a task moves, by the closest thing that both CPUs share. */
enum schedsplit_distance {
	SCHEDSPLIT_DISTANCE_NONE,	/* the CPU stays: of placements at birth only */
	SCHEDSPLIT_DISTANCE_SMT,	/* a core */
	SCHEDSPLIT_DISTANCE_CACHE,	/* the last-level cache */
	SCHEDSPLIT_DISTANCE_NODE,	/* the memory node */
	SCHEDSPLIT_DISTANCE_REMOTE,	/* none of these */
	SCHEDSPLIT_DISTANCES,
};

/*
 * Why, as far as it can be told. What is moved while runnable is moved by load
 * balancing, NUMA balancing, or the pushing and pulling of real-time tasks.
 */
enum schedsplit_cause {
	SCHEDSPLIT_CAUSE_WAKEUP,	/* a wake-up placed it */
	SCHEDSPLIT_CAUSE_BALANCE,	/* moved while runnable */
	SCHEDSPLIT_CAUSE_AFFINITY,	/* the old CPU is not allowed any more */
	SCHEDSPLIT_CAUSE_EXEC,		/* exec looks for a better CPU */
	SCHEDSPLIT_CAUSE_OTHER,
	SCHEDSPLIT_CAUSES,
};

/* Times of a task's life. */
enum schedsplit_life {
	SCHEDSPLIT_LIFE_WAKEUP,		/* from its birth to its first wake-up */
	SCHEDSPLIT_LIFE_RUN,		/* from that until it is chosen to run */
	SCHEDSPLIT_LIFE_EXEC,		/* from its birth to an exec */
	SCHEDSPLIT_LIFE_EXIT,		/* from its birth to its exit */
	SCHEDSPLIT_LIVES,
};

/* To whom a signal was sent. */
enum schedsplit_signal_to {
	SCHEDSPLIT_SIGNAL_PROCESS,	/* to any thread of a process: kill() */
	SCHEDSPLIT_SIGNAL_THREAD,	/* to one thread: tgkill(), faults */
	SCHEDSPLIT_SIGNAL_TOS,
};

/* What a watch begins with. */
enum schedsplit_watch_kind {
	SCHEDSPLIT_KIND_ALL,		/* every task */
	SCHEDSPLIT_KIND_GROUP,		/* all tasks of these thread groups */
	SCHEDSPLIT_KIND_TASK,		/* these tasks */
	SCHEDSPLIT_KIND_CGROUP,		/* a cgroup v2 and those below it */
	SCHEDSPLIT_KINDS,
};

/* Why a record has ended. */
enum schedsplit_end {
	SCHEDSPLIT_END_NONE,		/* it has not */
	SCHEDSPLIT_END_DEAD,		/* the task has left its CPU for good */
	SCHEDSPLIT_END_LEFT,		/* the task has left the cgroup */
	SCHEDSPLIT_END_STOPPED,		/* the watch has been stopped */
	SCHEDSPLIT_ENDS,
};

enum {
	SCHEDSPLIT_A_UNSPEC,
	SCHEDSPLIT_A_PAD,
	SCHEDSPLIT_A_VERSION,		/* string */
	SCHEDSPLIT_A_TIME,		/* u64 */
	SCHEDSPLIT_A_CPUS,		/* u32 */
	SCHEDSPLIT_A_RECORDS_MAX,	/* u32 */
	SCHEDSPLIT_A_RECORDS,		/* u32 */
	SCHEDSPLIT_A_WATCHES,		/* u32 */
	SCHEDSPLIT_A_HOOK,		/* string, repeats */
	SCHEDSPLIT_A_LIVE,		/* nest, repeats */
	SCHEDSPLIT_A_BOUND,		/* nest, repeats */
	SCHEDSPLIT_A_WATCH,		/* u32 */
	SCHEDSPLIT_A_CPU,		/* u32 */
	SCHEDSPLIT_A_CLASS,		/* u32 */
	SCHEDSPLIT_A_UNTRACED,		/* u64 */
	SCHEDSPLIT_A_COUNTERS,		/* nest */
	SCHEDSPLIT_A_HANDOFF,		/* nest, repeats */
	SCHEDSPLIT_A_SLICE,		/* nest, repeats */
	SCHEDSPLIT_A_WAIT,		/* nest, repeats */
	SCHEDSPLIT_A_KIND,		/* u32 */
	SCHEDSPLIT_A_PID,		/* u32, repeats */
	SCHEDSPLIT_A_CGROUP,		/* string */
	SCHEDSPLIT_A_DURATION,		/* u64 */
	SCHEDSPLIT_A_LOST,		/* u64 */
	SCHEDSPLIT_A_GENERATION,	/* u32 */
	SCHEDSPLIT_A_CONCURRENCY,	/* nest, repeats */
	SCHEDSPLIT_A_GROUP,		/* nest */
	SCHEDSPLIT_A_TASK,		/* nest */
	SCHEDSPLIT_A_COST_HOOK,		/* nest */
	SCHEDSPLIT_A_COST,		/* nest, repeats */
	SCHEDSPLIT_A_COST_SPACE,	/* nest, repeats */
	SCHEDSPLIT_A_COST_MISSED,	/* u64 */
	SCHEDSPLIT_A_MOVES,		/* nest, repeats */
	SCHEDSPLIT_A_LIFE,		/* nest, repeats */
	SCHEDSPLIT_A_SIGNAL,		/* nest, repeats */
	SCHEDSPLIT_A_ALIVE,		/* u32 */
	__SCHEDSPLIT_A_LAST,
};

#define SCHEDSPLIT_A_MAX (__SCHEDSPLIT_A_LAST - 1)

enum {
	SCHEDSPLIT_LIVE_UNSPEC,
	SCHEDSPLIT_LIVE_PAD,
	SCHEDSPLIT_LIVE_CLASS,		/* u32 */
	SCHEDSPLIT_LIVE_TASKS,		/* u64 */
	__SCHEDSPLIT_LIVE_LAST,
};

#define SCHEDSPLIT_LIVE_MAX (__SCHEDSPLIT_LIVE_LAST - 1)

enum {
	SCHEDSPLIT_BOUND_UNSPEC,
	SCHEDSPLIT_BOUND_PAD,
	SCHEDSPLIT_BOUND_INDEX,		/* u32 */
	SCHEDSPLIT_BOUND_LO,		/* u64 */
	SCHEDSPLIT_BOUND_HI,		/* u64 */
	__SCHEDSPLIT_BOUND_LAST,
};

#define SCHEDSPLIT_BOUND_MAX (__SCHEDSPLIT_BOUND_LAST - 1)

enum {
	SCHEDSPLIT_COUNTERS_UNSPEC,
	SCHEDSPLIT_COUNTERS_PAD,
	SCHEDSPLIT_COUNTERS_TASKS,	/* u64 */
	SCHEDSPLIT_COUNTERS_VOLUNTARY,	/* u64 */
	SCHEDSPLIT_COUNTERS_INVOLUNTARY,	/* u64 */
	SCHEDSPLIT_COUNTERS_MIGRATIONS,	/* u64 */
	SCHEDSPLIT_COUNTERS_WAKEUPS,	/* u64 */
	SCHEDSPLIT_COUNTERS_RUN_NS,	/* u64 */
	SCHEDSPLIT_COUNTERS_WAIT_NS,	/* u64 */
	SCHEDSPLIT_COUNTERS_FORKS,	/* u64 */
	SCHEDSPLIT_COUNTERS_EXITS,	/* u64 */
	__SCHEDSPLIT_COUNTERS_LAST,
};

#define SCHEDSPLIT_COUNTERS_MAX (__SCHEDSPLIT_COUNTERS_LAST - 1)

enum {
	SCHEDSPLIT_HANDOFF_UNSPEC,
	SCHEDSPLIT_HANDOFF_PAD,
	SCHEDSPLIT_HANDOFF_TO,		/* u32 */
	SCHEDSPLIT_HANDOFF_SPACE,	/* u32 */
	SCHEDSPLIT_HANDOFF_VOLUNTARY,	/* u64 */
	SCHEDSPLIT_HANDOFF_INVOLUNTARY,	/* u64 */
	__SCHEDSPLIT_HANDOFF_LAST,
};

#define SCHEDSPLIT_HANDOFF_MAX (__SCHEDSPLIT_HANDOFF_LAST - 1)

enum {
	SCHEDSPLIT_BUCKET_UNSPEC,
	SCHEDSPLIT_BUCKET_PAD,
	SCHEDSPLIT_BUCKET_INDEX,	/* u32 */
	SCHEDSPLIT_BUCKET_COUNT,	/* u64 */
	SCHEDSPLIT_BUCKET_STAGE,	/* u32 */
	__SCHEDSPLIT_BUCKET_LAST,
};

#define SCHEDSPLIT_BUCKET_MAX (__SCHEDSPLIT_BUCKET_LAST - 1)

enum {
	SCHEDSPLIT_CONCURRENCY_UNSPEC,
	SCHEDSPLIT_CONCURRENCY_PAD,
	SCHEDSPLIT_CONCURRENCY_RUNNING,	/* u32 */
	SCHEDSPLIT_CONCURRENCY_NS,	/* u64 */
	__SCHEDSPLIT_CONCURRENCY_LAST,
};

#define SCHEDSPLIT_CONCURRENCY_MAX (__SCHEDSPLIT_CONCURRENCY_LAST - 1)

enum {
	SCHEDSPLIT_GROUP_UNSPEC,
	SCHEDSPLIT_GROUP_PAD,
	SCHEDSPLIT_GROUP_ID,		/* u32 */
	SCHEDSPLIT_GROUP_TGID,		/* u32 */
	SCHEDSPLIT_GROUP_COMM,		/* string */
	SCHEDSPLIT_GROUP_TASKS,		/* u32 */
	SCHEDSPLIT_GROUP_ALIVE,		/* u32 */
	SCHEDSPLIT_GROUP_LEADER,	/* nest */
	SCHEDSPLIT_GROUP_THREAD,	/* nest */
	SCHEDSPLIT_GROUP_CONCURRENCY,	/* nest, repeats */
	SCHEDSPLIT_GROUP_LED,		/* nest, repeats */
	SCHEDSPLIT_GROUP_CORES,		/* nest, repeats */
	__SCHEDSPLIT_GROUP_LAST,
};

#define SCHEDSPLIT_GROUP_MAX (__SCHEDSPLIT_GROUP_LAST - 1)

enum {
	SCHEDSPLIT_TASK_UNSPEC,
	SCHEDSPLIT_TASK_PAD,
	SCHEDSPLIT_TASK_TID,		/* u32 */
	SCHEDSPLIT_TASK_TGID,		/* u32 */
	SCHEDSPLIT_TASK_GROUP_ID,	/* u32 */
	SCHEDSPLIT_TASK_COMM,		/* string */
	SCHEDSPLIT_TASK_CLASS,		/* u32 */
	SCHEDSPLIT_TASK_SEEN,		/* u32 */
	SCHEDSPLIT_TASK_END,		/* u32 */
	SCHEDSPLIT_TASK_COUNTERS,	/* nest */
	SCHEDSPLIT_TASK_AS_THREAD,	/* nest */
	SCHEDSPLIT_TASK_KERNEL,		/* nest */
	SCHEDSPLIT_TASK_UNTRACED,	/* u64 */
	__SCHEDSPLIT_TASK_LAST,
};

#define SCHEDSPLIT_TASK_MAX (__SCHEDSPLIT_TASK_LAST - 1)

enum {
	SCHEDSPLIT_KERNEL_UNSPEC,
	SCHEDSPLIT_KERNEL_PAD,
	SCHEDSPLIT_KERNEL_NVCSW,	/* u64 */
	SCHEDSPLIT_KERNEL_NIVCSW,	/* u64 */
	SCHEDSPLIT_KERNEL_MIGRATIONS,	/* u64 */
	__SCHEDSPLIT_KERNEL_LAST,
};

#define SCHEDSPLIT_KERNEL_MAX (__SCHEDSPLIT_KERNEL_LAST - 1)

enum {
	SCHEDSPLIT_HOOK_UNSPEC,
	SCHEDSPLIT_HOOK_PAD,
	SCHEDSPLIT_HOOK_SOCKETS,	/* u32 */
	SCHEDSPLIT_HOOK_KHZ,		/* u32 */
	SCHEDSPLIT_HOOK_WINDOW,		/* u32 */
	SCHEDSPLIT_HOOK_PROBE,		/* u32 */
	__SCHEDSPLIT_HOOK_LAST,
};

#define SCHEDSPLIT_HOOK_MAX (__SCHEDSPLIT_HOOK_LAST - 1)

enum {
	SCHEDSPLIT_COST_UNSPEC,
	SCHEDSPLIT_COST_PAD,
	SCHEDSPLIT_COST_FROM,		/* u32 */
	SCHEDSPLIT_COST_TO,		/* u32 */
	SCHEDSPLIT_COST_SPACE,		/* u32 */
	SCHEDSPLIT_COST_COUNT,		/* u64 */
	SCHEDSPLIT_COST_CYCLES,		/* u64 */
	__SCHEDSPLIT_COST_LAST,
};

#define SCHEDSPLIT_COST_MAX (__SCHEDSPLIT_COST_LAST - 1)

enum {
	SCHEDSPLIT_SPACE_ATTR_UNSPEC,
	SCHEDSPLIT_SPACE_ATTR_PAD,
	SCHEDSPLIT_SPACE_ATTR_SPACE,	/* u32 */
	SCHEDSPLIT_SPACE_ATTR_FLUSHED,	/* u64 */
	SCHEDSPLIT_SPACE_ATTR_BUCKET,	/* nest, repeats */
	__SCHEDSPLIT_SPACE_ATTR_LAST,
};

#define SCHEDSPLIT_SPACE_ATTR_MAX (__SCHEDSPLIT_SPACE_ATTR_LAST - 1)

enum {
	SCHEDSPLIT_MOVES_UNSPEC,
	SCHEDSPLIT_MOVES_PAD,
	SCHEDSPLIT_MOVES_DISTANCE,	/* u32 */
	SCHEDSPLIT_MOVES_CAUSE,		/* u32 */
	SCHEDSPLIT_MOVES_COUNT,		/* u64 */
	__SCHEDSPLIT_MOVES_LAST,
};

#define SCHEDSPLIT_MOVES_MAX (__SCHEDSPLIT_MOVES_LAST - 1)

enum {
	SCHEDSPLIT_SIGNAL_UNSPEC,
	SCHEDSPLIT_SIGNAL_PAD,
	SCHEDSPLIT_SIGNAL_TO,		/* u32 */
	SCHEDSPLIT_SIGNAL_GENERATED,	/* u64 */
	SCHEDSPLIT_SIGNAL_TAKEN,	/* nest, repeats */
	SCHEDSPLIT_SIGNAL_BUCKET,	/* nest, repeats */
	__SCHEDSPLIT_SIGNAL_LAST,
};

#define SCHEDSPLIT_SIGNAL_MAX (__SCHEDSPLIT_SIGNAL_LAST - 1)

#endif /* _UAPI_SCHEDSPLIT_H */
