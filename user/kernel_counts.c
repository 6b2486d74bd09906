// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's counts of one trial: a watch, two readings, a proof. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "groups.h"
#include "kernel_counts.h"
#include "netlink.h"
#include "snapshot.h"
#include "tasks.h"
#include "watch.h"

struct reading {
	bool			taken;
	struct snapshot		counts;
	struct snapshot		system;		/* with KERNEL_SIGNALS */
	struct watch_state	state;
};

struct kernel_counts {
	struct session	*session;
	uint32_t	 watch;		/* 0: none */
	unsigned int	 also;		/* KERNEL_*, of this trial */
	struct info	*info;
	struct reading	 begin;
	struct reading	 end;
};

struct kernel_counts *kernel_counts_open(char *err, size_t size)
{
	struct kernel_counts *kernel = calloc(1, sizeof(*kernel));
	struct info *info = malloc(sizeof(*info));

	if (!kernel || !info) {
		error_set(-ENOMEM, err, size, "out of memory");
		goto failed;
	}
	if (session_open(&kernel->session, err, size))
		goto failed;
	/* Needs the privilege that every later request needs: find out now. */
	if (info_get(kernel->session, info, err, size)) {
		session_close(kernel->session);
		goto failed;
	}
	kernel->info = info;
	return kernel;
failed:
	free(info);
	free(kernel);
	return NULL;
}

static void forget(struct reading *reading)
{
	if (!reading->taken)
		return;
	snapshot_free(&reading->counts);
	snapshot_free(&reading->system);
	watch_state_free(&reading->state);
	reading->taken = false;
}

void kernel_counts_close(struct kernel_counts *kernel)
{
	if (!kernel)
		return;
	forget(&kernel->begin);
	forget(&kernel->end);
	session_close(kernel->session);
	free(kernel->info);
	free(kernel);
}

bool kernel_counts_has_costs(const struct kernel_counts *kernel)
{
	return kernel->info->cost_khz;
}

int kernel_counts_watch(struct kernel_counts *kernel, pid_t pid, unsigned int also,
			char *err, size_t size)
{
	struct watch_spec spec = {
		.kind = SCHEDSPLIT_KIND_GROUP,
		.pids = &pid,
		.n_pids = 1,
	};

	if (also & KERNEL_COSTS) {
		int ret = costs_attach(kernel->session, err, size);

		if (ret)
			return ret;
	}
	kernel->also = also;
	return watch_new(kernel->session, &spec, &kernel->watch, err, size);
}

static int take(struct kernel_counts *kernel, struct reading *reading, char *err, size_t size)
{
	int ret = snapshot_take(kernel->session, kernel->watch, &reading->counts, err, size);

	if (ret)
		return ret;
	snapshot_init(&reading->system);
	if (kernel->also & KERNEL_SIGNALS)
		ret = snapshot_take(kernel->session, 0, &reading->system, err, size);
	if (!ret)
		ret = watch_get(kernel->session, kernel->watch, &reading->state, err, size);
	if (ret) {
		snapshot_free(&reading->system);
		snapshot_free(&reading->counts);
		return ret;
	}
	reading->taken = true;
	return 0;
}

int kernel_counts_begin(struct kernel_counts *kernel, char *err, size_t size)
{
	return take(kernel, &kernel->begin, err, size);
}

int kernel_counts_end(struct kernel_counts *kernel, char *err, size_t size)
{
	return take(kernel, &kernel->end, err, size);
}

static void set_class(struct tally *tally, int class, const struct counters *counters)
{
	int64_t *to = tally->counter[class];

	to[TALLY_VOLUNTARY] = (int64_t)counters->voluntary;
	to[TALLY_INVOLUNTARY] = (int64_t)counters->involuntary;
	to[TALLY_MIGRATIONS] = (int64_t)counters->migrations;
	to[TALLY_WAKEUPS] = (int64_t)counters->wakeups;
	to[TALLY_RUN_NS] = (int64_t)counters->run_ns;
	to[TALLY_WAIT_NS] = (int64_t)counters->wait_ns;
	to[TALLY_FORKS] = (int64_t)counters->forks;
	to[TALLY_EXITS] = (int64_t)counters->exits;
}

static void set_moved(struct tally *tally, const moves_matrix moves)
{
	for (int cause = 0; cause < SCHEDSPLIT_CAUSES; cause++)
		for (int distance = 0; distance < SCHEDSPLIT_DISTANCES; distance++)
			tally_sum(&tally->moved[distance], (int64_t)moves[cause][distance]);
}

static void set_lives(struct tally *tally, const struct cpu_counts *sum, const struct info *info)
{
	for (int stage = 0; stage < SCHEDSPLIT_LIVES; stage++) {
		uint64_t hist[INFO_BUCKETS_MAX] = { 0 };

		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
			for (unsigned int i = 0; i < info->buckets; i++)
				hist[i] += sum->life[stage][class][i];
		tally->life_ns[stage] = info_median(info, hist);
	}
}

static void set_counts(struct tally *tally, const struct cpu_counts *sum)
{
	struct space_counts space = cpu_counts_space(sum);

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		set_class(tally, class, &sum->class[class]);
		set_moved(tally, sum->moves[class]);
	}
	tally->space[TALLY_LAZY] = (int64_t)space.lazy;
	tally->space[TALLY_SAME] = (int64_t)space.same;
	tally->space[TALLY_CROSS] = (int64_t)space.cross;
	tally->space[TALLY_SAME_GROUP] = (int64_t)space.same_group;
}

static void set_costs(struct tally *tally, const struct costs *costs, uint32_t khz)
{
	for (int space = 0; space < COST_SPACES; space++) {
		struct cost_sum sum = costs_of_space(costs, space);

		tally->costed[space] = (int64_t)sum.switches;
		tally->cost_ns[space] = (double)sum.cycles * 1e6 / khz;
	}
}

/* Of the whole trial: what groups ran beside each other has no reading at its begin. */
static int set_beside(struct kernel_counts *kernel, struct tally *tally, char *err, size_t size)
{
	struct group_list groups;
	int ret = groups_get(kernel->session, kernel->watch, &groups, err, size);

	if (ret)
		return ret;
	for (size_t g = 0; g < groups.n; g++) {
		const struct concurrency *running = &groups.group[g].concurrency;

		for (size_t k = 2; k < running->n; k++)
			tally_sum(&tally->beside_ns, (int64_t)running->ns[k]);
		tally_sum(&tally->shared_core_ns, (int64_t)group_on_one_core(&groups.group[g]));
	}
	groups_free(&groups);
	return 0;
}

static int set_signals(struct kernel_counts *kernel, struct tally *tally, char *err, size_t size)
{
	const struct signal_counts *signals = kernel->end.system.sum.signal;
	int ret = snapshot_subtract(&kernel->end.system, &kernel->begin.system, err, size);

	for (int to = 0; to < SCHEDSPLIT_SIGNAL_TOS && !ret; to++)
		tally->signal_ns[to] = info_median(kernel->info, signals[to].delay);
	return ret;
}

static void set_concurrency(struct tally *tally, const struct concurrency *begin,
			    const struct concurrency *end)
{
	for (size_t k = 0; k < end->n && k <= MACHINE_CPUS_MAX; k++) {
		uint64_t before = k < begin->n ? begin->ns[k] : 0;

		tally->concurrency[k] = (int64_t)(end->ns[k] - before);
		tally->concurrency_max = (unsigned int)k;
	}
}

static int set_proof(struct kernel_counts *kernel, struct tally *tally, char *err, size_t size)
{
	struct counters seen[SCHEDSPLIT_CLASSES] = { 0 };
	struct task_list tasks = { 0 };
	struct watch_state state;
	struct proof proof;
	int ret;

	/*
	 * A dead process can be waited for before its last switch: a record that is
	 * read in that moment would be one event apart from the kernel's count.
	 */
	ret = watch_stop(kernel->session, kernel->watch, err, size);
	if (!ret)
		ret = tasks_get(kernel->session, kernel->watch, &tasks, err, size);
	if (ret)
		return ret;
	memset(&proof, 0, sizeof(proof));
	tasks_prove(&tasks, &proof);
	/* Of the whole trial: no reading tells tasks apart by when they ran. */
	tasks_count_seen(&tasks, seen);
	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
		tally->counter[class][TALLY_TASKS] = (int64_t)seen[class].tasks;
	tasks_free(&tasks);
	ret = watch_get(kernel->session, kernel->watch, &state, err, size);
	if (ret)
		return ret;
	tally->tasks_checked = (int64_t)proof.tasks_checked;
	tally->tasks_mismatched = (int64_t)proof.tasks_mismatched;
	tally->untraced = (int64_t)proof.untraced;
	tally->lost = (int64_t)state.lost;
	watch_state_free(&state);
	return 0;
}

static int set_tally(struct kernel_counts *kernel, struct tally *tally, char *err, size_t size)
{
	int ret;

	if (!kernel->begin.taken || !kernel->end.taken)
		return error_set(-EINVAL, err, size,
				 "the worker program did not say when it was ready and done");
	ret = snapshot_subtract(&kernel->end.counts, &kernel->begin.counts, err, size);
	if (ret)
		return ret;
	memset(tally, 0, sizeof(*tally));
	tally->module = true;
	set_counts(tally, &kernel->end.counts.sum);
	set_lives(tally, &kernel->end.counts.sum, kernel->info);
	if (kernel->also & KERNEL_COSTS)
		set_costs(tally, &kernel->end.counts.sum.costs, kernel->info->cost_khz);
	set_concurrency(tally, &kernel->begin.state.concurrency, &kernel->end.state.concurrency);
	ret = set_proof(kernel, tally, err, size);
	if (!ret && kernel->also & KERNEL_GROUPS)
		ret = set_beside(kernel, tally, err, size);
	if (!ret)
		ret = set_signals(kernel, tally, err, size);
	return ret;
}

int kernel_counts_finish(struct kernel_counts *kernel, struct tally *tally, char *err, size_t size)
{
	char ignored[ERROR_SIZE];
	int ret = tally ? set_tally(kernel, tally, err, size) : 0;

	if (kernel->watch)
		watch_del(kernel->session, kernel->watch, ignored, sizeof(ignored));
	if (kernel->also & KERNEL_COSTS)
		costs_detach(kernel->session, ignored, sizeof(ignored));
	kernel->watch = 0;
	kernel->also = 0;
	forget(&kernel->begin);
	forget(&kernel->end);
	return ret;
}
