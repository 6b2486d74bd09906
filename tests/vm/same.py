#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""same.py [-1] RESULT.json OTHER.json...: every task of RESULT has the same
counts in all OTHERs. -1: but the first, whose watch began later than it did."""
import sys

import result as reader
from result import require

COUNTS = reader.EVENTS + ("run_ns", "wait_ns")


def by_tid(result):
    tasks = {}
    for task in result["tasks"]:
        require(task["tid"] not in tasks, f"two tasks {task['tid']}")
        tasks[task["tid"]] = task
    return tasks


def main(args):
    but_first = args[0] == "-1"
    names = args[but_first:]
    results = []
    for name in names:
        result = reader.load(name)
        reader.check_proof(result)
        reader.check_sums(result)
        results.append(by_tid(result))
    tids = sorted(results[0])[but_first:]
    require(tids, "no task")
    for tid in tids:
        for name, other in zip(names, results):
            require(tid in other, f"no task {tid} in {name}")
            for count in COUNTS + ("class", "comm"):
                require(other[tid][count] == results[0][tid][count],
                        f"{count} of task {tid}: {results[0][tid]}, {name}: {other[tid]}")
    total = sum(reader.switches(results[0][tid]) for tid in tids)
    require(total, "no switch")
    print(f"{len(tids)} tasks with {total} switches are the same in {len(names)} results")


try:
    main(sys.argv[1:])
except reader.Broken as error:
    print(error)
    sys.exit(1)
