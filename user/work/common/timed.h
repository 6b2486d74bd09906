/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers that repeat an operation for duration_ns: what blocks has no number
 * of iterations that lasts a given time on every machine, and workers that
 * share a disk need not get equally many.
 */
#ifndef SCHEDSPLIT_WORK_TIMED_H
#define SCHEDSPLIT_WORK_TIMED_H

#include <stdbool.h>

#include "crew.h"

/* Whether the worker's time is not over; between operations. */
bool timed_goes_on(const struct worker *worker);

/*
 * Metrics from each worker's number of operations, in worker->result:
 * `throughput`, `worker_min`, `worker_max`, and the shares of
 * crew_report_shares(). A worker's interval ends with its last operation, so
 * the rate is all operations over the mean interval: what one worker waits for
 * after the others' end is no loss of theirs.
 */
void timed_report(const struct crew *crew);

#endif
