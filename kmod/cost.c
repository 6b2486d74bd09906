// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/tracepoint.h>
#include "compat.h"
#include "cost.h"
#include "probes.h"

#define CALIBRATIONS 512

/* One that asked. */
struct cost_user {
	struct list_head node;
	const void *owner;
};

/* Protects all below. */
static DEFINE_MUTEX(cost_mutex);
static LIST_HEAD(users);
static struct cost_info info;

/* --- at a switch --- */

static __always_inline void count_cost(struct cost_counters *c,
				       unsigned long kind, u64 cycles,
				       unsigned int bucket, bool flushed)
{
	unsigned long space = kind / switch_kind(1, 0, 0, 0);

	c->cycles[kind] += cycles;
	c->count[kind]++;
	c->flushed[space] += flushed;
	c->hist[space][bucket]++;
}

/*
 * The first instruction of finish_task_switch(). A new task comes here by
 * schedule_tail(), so a switch is paired with its end by CPU. Interrupts off.
 *
 * Calls nothing that could be traced: no protection from recursion is wanted.
 */
static notrace void finish_hook(unsigned long ip, unsigned long parent_ip,
				struct ftrace_ops *ops,
				struct ftrace_regs *regs)
{
	u64 now = get_cycles();
	struct cpu_state *s = this_cpu_state();
	u64 start = s->cost_start;
	unsigned int bucket, i;

	if (unlikely(!start))
		return;
	s->cost_start = 0;
	now -= start;
	bucket = hist_bucket(now);
	count_cost(&s->counters.cost, s->cost_kind, now, bucket,
		   s->cost_flushed);
	for (i = 0; i < s->cost_watches; i++)
		count_cost(s->cost_also[i], s->cost_kind, now, bucket,
			   s->cost_flushed);
	s->cost_watches = 0;
}

/* Writable: ftrace_set_filter() cuts the pattern up. */
static char finish_pattern[24] = "finish_task_switch*";

/*
 * Permanent, for kernel.ftrace_enabled=0 would stop it without a word: with it
 * that sysctl says EBUSY.
 */
static struct ftrace_ops finish_ops = {
	.func = finish_hook,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/* --- the address space's identifier: reused, or flushed --- */

#ifdef COMPAT_TLB_FLUSH
static void probe_tlb_flush(void *data, int reason, unsigned long pages)
{
	struct cpu_state *s = this_cpu_state();

	/*
	 * Elsewhere there are other reasons for one than a switch. Where its
	 * identifier is used again, switch_mm_irqs_off() says so with 0 pages.
	 */
	if (reason == TLB_FLUSH_ON_TASK_SWITCH && pages && s->cost_start)
		s->cost_flushed = true;
}

static struct tracepoint *tlb_flush;

static void match_tlb_flush(struct tracepoint *tracepoint, void *unused)
{
	if (!strcmp(tracepoint->name, "tlb_flush"))
		tlb_flush = tracepoint;
}

static int attach_tlb_flush(void)
{
	check_trace_callback_type_tlb_flush(probe_tlb_flush);
	if (!tlb_flush)
		for_each_kernel_tracepoint(match_tlb_flush, NULL);
	if (!tlb_flush)
		return 0;
	return tracepoint_probe_register(tlb_flush, probe_tlb_flush, NULL);
}

static void detach_tlb_flush(void)
{
	if (tlb_flush)
		tracepoint_probe_unregister(tlb_flush, probe_tlb_flush, NULL);
	tracepoint_synchronize_unregister();
}
#else
static int attach_tlb_flush(void)
{
	return 0;
}

static void detach_tlb_flush(void)
{
}
#endif

/* --- what measuring itself costs --- */

static u64 calibrated_at;

static notrace void calibrate_hook(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops,
				   struct ftrace_regs *regs)
{
	calibrated_at = get_cycles();
}

static struct ftrace_ops calibrate_ops = {
	.func = calibrate_hook,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/* Traced, as finish_task_switch() is. */
static noinline void schedsplit_calibrate(void)
{
	barrier();
}

static char calibrate_pattern[24] = "schedsplit_calibrate";

static int compare_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* From one reading of the clock to the next, with nothing but the hook between. */
static int calibrate_window(u32 *window)
{
	unsigned long flags;
	unsigned int i;
	u32 *cycles;
	u64 start;
	int err;

	cycles = kmalloc_array(CALIBRATIONS, sizeof(*cycles), GFP_KERNEL);
	if (!cycles)
		return -ENOMEM;
	err = register_ftrace_function(&calibrate_ops);
	if (err)
		goto free;
	for (i = 0; i < CALIBRATIONS; i++) {
		local_irq_save(flags);
		start = get_cycles();
		schedsplit_calibrate();
		cycles[i] = calibrated_at - start;
		local_irq_restore(flags);
	}
	unregister_ftrace_function(&calibrate_ops);
	sort(cycles, CALIBRATIONS, sizeof(*cycles), compare_u32, NULL);
	*window = cycles[CALIBRATIONS / 2];
free:
	kfree(cycles);
	return err;
}

/* --- attaching --- */

static void no_window(void *unused)
{
	struct cpu_state *s = this_cpu_state();

	s->cost_start = 0;
	s->cost_watches = 0;
}

static int attach(void)
{
	int err = 0;

	/* Once: for the hook to go takes grace periods of RCU tasks. */
	if (!info.window)
		err = calibrate_window(&info.window);
	if (!err)
		err = probes_calibrate(&info.probe);
	if (err)
		return err;
	err = attach_tlb_flush();
	if (err)
		return err;
	err = register_ftrace_function(&finish_ops);
	if (err) {
		detach_tlb_flush();
		return err;
	}
	cpus_attend(ATTEND_COST, true);
	return 0;
}

static void detach(void)
{
	cpus_attend(ATTEND_COST, false);
	/* Every CPU has ended the switch that it was in. */
	on_each_cpu(no_window, NULL, 1);
	unregister_ftrace_function(&finish_ops);
	detach_tlb_flush();
}

static struct cost_user *user_of(const void *owner)
{
	struct cost_user *user;

	list_for_each_entry(user, &users, node)
		if (user->owner == owner)
			return user;
	return NULL;
}

/**
 * cost_attach() - measure costs, for as long as somebody wants it
 * @owner: who, an address that is compared only
 *
 * Context: process; may sleep. Returns 0; -EOPNOTSUPP without the hook, -EEXIST
 * @owner has asked before, -EBUSY kernel.ftrace_enabled is 0, -ENODEV the
 * module is going, or what ftrace says.
 */
int cost_attach(const void *owner)
{
	struct cost_user *user;
	int err = 0;

	mutex_lock(&cost_mutex);
	if (!info.available)
		err = -EOPNOTSUPP;
	else if (user_of(owner))
		err = -EEXIST;
	if (err)
		goto unlock;
	err = -ENODEV;
	if (!try_module_get(THIS_MODULE))
		goto unlock;
	err = -ENOMEM;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		goto put;
	user->owner = owner;
	err = info.attached ? 0 : attach();
	if (err)
		goto free;
	list_add(&user->node, &users);
	info.attached++;
	goto unlock;
free:
	kfree(user);
put:
	module_put(THIS_MODULE);
unlock:
	mutex_unlock(&cost_mutex);
	return err;
}

/**
 * cost_detach() - somebody wants no more costs, or is gone
 * @owner: who
 *
 * Context: process; may sleep. Returns 0 or -ENOENT: it had not asked.
 */
int cost_detach(const void *owner)
{
	struct cost_user *user;
	int err = -ENOENT;

	/* Whoever has had a command done comes here at the end: not to wait for others. */
	if (list_empty_careful(&users))
		return err;
	mutex_lock(&cost_mutex);
	user = user_of(owner);
	if (user) {
		list_del(&user->node);
		kfree(user);
		if (!--info.attached)
			detach();
		module_put(THIS_MODULE);
		err = 0;
	}
	mutex_unlock(&cost_mutex);
	return err;
}

/** cost_info() - see struct cost_info. Context: process. */
void cost_info(struct cost_info *to)
{
	mutex_lock(&cost_mutex);
	*to = info;
	mutex_unlock(&cost_mutex);
}

/**
 * cost_init() - find out whether this kernel has the hook
 *
 * A kernel that has not is as good for all else.
 */
void cost_init(void)
{
	int err;

	info.khz = compat_cycles_khz();
	err = ftrace_set_filter(&finish_ops, finish_pattern,
				strlen(finish_pattern), 1);
	if (!err)
		err = ftrace_set_filter(&calibrate_ops, calibrate_pattern,
					strlen(calibrate_pattern), 1);
	info.available = !err && info.khz;
}

/** cost_exit() - once no socket is left, or the unloading is forced */
void cost_exit(void)
{
	if (info.attached)
		detach();
	ftrace_free_filter(&finish_ops);
	ftrace_free_filter(&calibrate_ops);
}
