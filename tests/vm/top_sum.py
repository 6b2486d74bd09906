#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""What all intervals of `schedsplit top --batch --json` are together.

top_sum.py sum TOP.json COMM        a result of the tasks of that name, for exact.py
top_sum.py same TOP.json STAT.json COMM...
                                    each task of these names has the counts that
                                    STAT.json says
top_sum.py adds-up TOP.json         groups, tasks and totals agree, and intervals
                                    follow one another
"""
import json
import sys

import result as reader
from result import equal, require

COUNTS = reader.EVENTS + ("run_ns", "wait_ns")


def load(path):
    """One object a line."""
    with open(path, encoding="utf-8") as file:
        intervals = [json.loads(line) for line in file]
    require(intervals, f"{path}: no interval")
    for number, interval in enumerate(intervals, 1):
        equal("schema", ("is", interval["schema"]), ("wanted", "schedsplit-top/1"))
        equal("interval", ("is", interval["interval"]), ("wanted", number))
        equal("lost", ("is", interval["lost"]), ("wanted", 0))
    return intervals


def sums(intervals):
    """tid: the counts of all its intervals; a name is the last one it had."""
    tasks = {}
    for interval in intervals:
        for task in interval["tasks"]:
            whole = tasks.setdefault(task["tid"], dict.fromkeys(COUNTS, 0))
            for count in COUNTS:
                whole[count] += task[count]
            for key in ("tid", "tgid", "comm", "class", "dead"):
                whole[key] = task[key]
    return tasks


def write_sum(top, comm):
    tasks = [task for task in sums(load(top)).values() if task["comm"] == comm]
    for task in tasks:
        task["end"] = "dead" if task["dead"] else "alive"
    json.dump({"tasks": tasks}, sys.stdout)


def same(top, stat, *comms):
    intervals = load(top)
    tasks = sums(intervals)
    with open(stat, encoding="utf-8") as file:
        others = [task for task in json.load(file)["tasks"] if task["comm"] in comms]
    for comm in comms:
        require(any(task["comm"] == comm for task in others), f"no {comm} in {stat}")
    for task in others:
        tid = task["tid"]
        require(tid in tasks, f"no task {tid} ({task['comm']}) in {top}")
        for count in COUNTS:
            equal(f"{count} of task {tid} ({task['comm']})",
                  ("top", tasks[tid][count]), ("stat", task[count]))
        equal(f"the end of task {tid}", ("top", tasks[tid]["dead"]), ("stat", task["dead"]))
    print(f"{len(others)} tasks, {sum(reader.switches(task) for task in others)} switches, "
          f"in {len(intervals)} intervals")
    require(len(intervals) > 2, "too few intervals for that to mean something")


def adds_up(top):
    intervals = load(top)
    end = 0
    for interval in intervals:
        equal("an interval's start", ("is", interval["start_ns"]), ("end before", end))
        end = interval["end_ns"]
        require(interval["duration_ns"] > 0, "an interval without time")
        for count in COUNTS:
            equal(count, ("total", interval["total"][count]),
                  ("groups", sum(group[count] for group in interval["groups"])),
                  ("tasks", sum(task[count] for task in interval["tasks"])))
        for group in interval["groups"]:
            own = [task for task in interval["tasks"] if task["group"] == group["group"]]
            for count in COUNTS:
                equal(f"{count} of group {group['tgid']}", ("group", group[count]),
                      ("tasks", sum(task[count] for task in own)))
    print(f"{len(intervals)} intervals")


try:
    {"sum": write_sum, "same": same, "adds-up": adds_up}[sys.argv[1]](*sys.argv[2:])
except reader.Broken as error:
    print(error, file=sys.stderr)
    sys.exit(1)
