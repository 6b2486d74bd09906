// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process of one task competes for a CPU with a group of busy workers, who
 * are threads of one process, or processes. All of them begin when one gate
 * opens and end at one time. Each one's CPU time is read by itself when it sees
 * that the time has come: a task that is off the CPU then sees it at its next
 * turn, and has used nothing in between.
 *
 * The single process is a child of this program like the others, and so in the
 * same cgroup and the same session: a scheduler that shares by cgroup, or by
 * session (sched_autogroup), finds all of them in one group and has only the
 * tasks or the processes left to share by.
 */
#include <string.h>

#include "common/clock.h"
#include "common/crew.h"
#include "common/futex.h"
#include "common/protocol.h"

struct contest {
	struct crew	 *crew;
	struct arm_worker handle;	/* of the single process */
	int64_t		  duration_ns;
	uint32_t	  single_is_here;	/* futex */
	struct counts	  begin, end;	/* the single process's */
};

static void wait_for(uint32_t *word)
{
	while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
		futex_wait(word, 0);
}

static void be_busy(const struct crew *crew)
{
	const struct contest *contest = crew->shared;

	while (now_ns() < crew->begin_ns + contest->duration_ns)
		;
}

/* Stays until all may go: an early end would look like a worker's death. */
static void compete_alone(void *arg)
{
	struct contest *contest = arg;
	struct crew *crew = contest->crew;

	__atomic_store_n(&contest->single_is_here, 1, __ATOMIC_SEQ_CST);
	futex_wake(&contest->single_is_here, 1);
	wait_for(&crew->open);
	counts_read_switches(&contest->begin);
	be_busy(crew);
	counts_read_switches(&contest->end);
	wait_for(&crew->release);
}

static void setup(struct crew *crew)
{
	struct contest *contest = crew_shared_memory(sizeof(*contest));
	int err;

	contest->crew = crew;
	contest->duration_ns = argument_number("duration_ns", 1, INT64_MAX / 2);
	crew->shared = contest;
	err = arm_create(ARM_PROCESS, &contest->handle, compete_alone, contest);
	if (err)
		die("cannot create the single process: %s", strerror(err));
	wait_for(&contest->single_is_here);
}

static void work(struct worker *worker)
{
	be_busy(worker->crew);
}

static void report(const struct crew *crew)
{
	struct contest *contest = crew->shared;
	int64_t group = 0, single;
	int status = arm_join(ARM_PROCESS, &contest->handle);

	if (status)
		die("the single process ended with status %d", status);
	for (unsigned int i = 0; i < crew->workers; i++)
		group += crew->worker[i].end.run_ns - crew->worker[i].begin.run_ns;
	single = contest->end.run_ns - contest->begin.run_ns;
	report_metric("share_ratio", group, single);
	report_metric("single_share", single, crew->end_ns - crew->begin_ns);
}

int main(int argc, char **argv)
{
	static const struct workload share = {
		.setup = setup,
		.work = work,
		.report = report,
	};

	return crew_main(argc, argv, &share);
}
