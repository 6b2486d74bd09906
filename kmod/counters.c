// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include "counters.h"
#include "watch.h"

/*
 * A pointer to node-local memory: all modules together have 8 KiB of static
 * per-CPU memory, and alloc_percpu() ends at 32 KiB.
 */
DEFINE_PER_CPU(struct cpu_state *, cpu_state);

static void *alloc_on_node(size_t size, unsigned int cpu)
{
	return kvzalloc_node(size, GFP_KERNEL, cpu_to_node(cpu));
}

/**
 * counters_alloc() - an empty set of counters
 * @cpu: on the node of this CPU
 *
 * Context: process; may sleep. Returns NULL without memory; kvfree() it.
 */
struct counters *counters_alloc(unsigned int cpu)
{
	return alloc_on_node(sizeof(struct counters), cpu);
}

void counters_free(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		kvfree(per_cpu(cpu_state, cpu));
		per_cpu(cpu_state, cpu) = NULL;
	}
}

/**
 * counters_init() - memory for every possible CPU, before any probe is attached
 *
 * Returns 0 or -ENOMEM.
 */
int counters_init(void)
{
	struct cpu_state *s;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		s = alloc_on_node(sizeof(*s), cpu);
		if (!s) {
			counters_free();
			return -ENOMEM;
		}
		s->cpu = cpu;
		per_cpu(cpu_state, cpu) = s;
	}
	return 0;
}

static void start_this_cpu(void *unused)
{
	struct cpu_state *s = this_cpu_state();

	/* The probe may have been here first. */
	if (cpu_curr(s))
		return;
	s->first = current;
	s->nvcsw = current->nvcsw;
	s->since = data_race(current->se.exec_start);
	s->idle_clock = local_clock();
}

/**
 * counters_start() - begin to count on every CPU, once the probes are attached
 *
 * A CPU that comes online later begins with its first switch.
 */
void counters_start(void)
{
	on_each_cpu(start_this_cpu, NULL, 1);
}

/**
 * cpu_in_progress() - run and wait time of the stay on the CPU that goes on
 * @s: this CPU's
 * @run_ns: since the task came on the CPU, as far as the scheduler has
 *	accounted it: update_curr() at the last tick, or by another CPU that
 *	wakes a task here at this moment, as in /proc schedstat.
 *	For the idle task, which has no account, to now.
 * @wait_ns: last leg of its wait before that
 *
 * Context: interrupts off, on the CPU that @s is of.
 */
void cpu_in_progress(const struct cpu_state *s, u64 *run_ns, u64 *wait_ns)
{
	*run_ns = 0;
	*wait_ns = 0;
	if (!cpu_curr(s) && !s->first)
		return;
	if (task_class(current) == SCHEDSPLIT_CLASS_IDLE)
		*run_ns = local_clock() - s->idle_clock;
	else
		*run_ns = data_race(current->se.exec_start) - s->since;
	if (s->queued)
		*wait_ns = current->sched_info.last_arrival - s->queued;
}

static void answer(void *unused)
{
}

/**
 * cpus_attend() - set or clear a bit of every CPU's attention
 * @bit: which
 * @on: set it
 *
 * Returns when every CPU has taken notice.
 */
void cpus_attend(enum attention bit, bool on)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (on)
			set_bit(bit, &per_cpu(cpu_state, cpu)->attention);
		else
			clear_bit(bit, &per_cpu(cpu_state, cpu)->attention);
	}
	on_each_cpu(answer, NULL, 1);
}

struct read_request {
	struct reading *readings;
	struct watch *watch;
};

static const struct counters *asked_for(const struct read_request *request,
					unsigned int cpu)
{
	return request->watch ? request->watch->counters[cpu] :
				&per_cpu(cpu_state, cpu)->counters;
}

static void read_cpu(struct read_request *request, unsigned int cpu)
{
	struct reading *to = &request->readings[cpu];

	to->valid = true;
	to->untraced = per_cpu(cpu_state, cpu)->untraced;
	memcpy(&to->counters, asked_for(request, cpu), COUNTERS_TOGETHER);
}

/*
 * What was seen there last has left it unseen: the same is counted once the CPU
 * is back, see began_unseen().
 */
static void read_offline_cpu(struct read_request *request, unsigned int cpu)
{
	read_cpu(request, cpu);
	if (cpu_curr(per_cpu(cpu_state, cpu)))
		request->readings[cpu].untraced++;
}

/* From any CPU, with interrupts on: these are many. */
static void read_rest(struct read_request *request, unsigned int cpu)
{
	struct reading *to = &request->readings[cpu];

	data_race(memcpy((void *)&to->counters + COUNTERS_TOGETHER,
			 (const void *)asked_for(request, cpu) + COUNTERS_TOGETHER,
			 sizeof(to->counters) - COUNTERS_TOGETHER));
}

static void read_this_cpu(void *info)
{
	struct read_request *request = info;
	struct cpu_state *s = this_cpu_state();
	struct slot_counters *c;
	u64 run_ns, wait_ns;

	read_cpu(request, s->cpu);
	c = &request->readings[s->cpu].counters.slot[task_slot(current)];
	if (request->watch)
		watch_in_progress(request->watch, s, &run_ns, &wait_ns);
	else
		cpu_in_progress(s, &run_ns, &wait_ns);
	c->run_ns += run_ns;
	c->wait_ns += wait_ns;
}

/**
 * counters_read() - read all CPUs' counters
 * @watch: of this watch; NULL: of the system
 *
 * Every online CPU copies its own, with interrupts off, so that what one CPU
 * counted belongs together, but for lives and signals; the stay that goes on is
 * added to run and wait times (not to histograms, which hold whole stays).
 *
 * Context: process; may sleep. Returns an array of nr_cpu_ids for kvfree(), or
 * NULL without memory.
 */
struct reading *counters_read(struct watch *watch)
{
	struct read_request request = { .watch = watch };
	unsigned int cpu;

	request.readings = kvcalloc(nr_cpu_ids, sizeof(*request.readings),
				    GFP_KERNEL);
	if (!request.readings)
		return NULL;
	cpus_read_lock();
	on_each_cpu(read_this_cpu, &request, 1);
	for_each_possible_cpu(cpu) {
		if (!cpu_online(cpu))
			read_offline_cpu(&request, cpu);
		read_rest(&request, cpu);
	}
	cpus_read_unlock();
	return request.readings;
}
