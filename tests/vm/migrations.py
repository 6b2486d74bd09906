#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""migrations.py HIST JSON: causes of migrations, by call stacks in a histogram
of sched_migrate_task, against those of `schedsplit stat --migrations --json`."""
import collections
import json
import re
import sys

# The first of these in a stack is the cause. An exec moves its caller by the
# stopper, as sched_setaffinity() does, which moves nobody here. So does load
# balancing with what runs ("active"): in the midst of an exec, it counts as that.
CAUSES = (
    ("wakeup", ("try_to_wake_up",)),
    ("active", ("active_load_balance",)),
    ("balance", ("load_balance", "newidle_balance", "sched_balance", "push_rt", "pull_rt",
                 "push_dl", "pull_dl", "push_cpu_stop", "migrate_swap", "detach_tasks",
                 "nohz")),
    ("exec", ("migration_cpu_stop",)),
)


def cause_of(stack):
    for cause, functions in CAUSES:
        if any(function in frame for frame in stack for function in functions):
            return cause
    return "other"


def read_hist(path):
    causes = collections.Counter()
    stacks = {}
    dropped = 0
    entry = []
    for line in open(path, encoding="utf-8"):
        match = re.search(r"Dropped: (\d+)", line)
        if match:
            dropped = int(match.group(1))
        if line.startswith("{"):
            entry = []
        entry.append(line.strip())
        match = re.search(r"}.* hitcount:\s*(\d+)", line)
        if not match:
            continue
        text = "\n".join(entry)
        cpus = [int(re.search(name + r":\s*(\d+)", text).group(1))
                for name in ("orig_cpu", "dest_cpu")]
        if cpus[0] != cpus[1]:
            cause = cause_of(entry)
            causes[cause] += int(match.group(1))
            stacks.setdefault(cause, text)
    return causes, stacks, dropped


def main():
    causes, stacks, dropped = read_hist(sys.argv[1])
    result = json.load(open(sys.argv[2], encoding="utf-8"))
    counted = collections.Counter()
    for by_cause in result["migrations"].values():
        for cause, by_distance in by_cause.items():
            if cause != "birth":
                counted[cause] += sum(by_distance.values())
    counted = +counted
    print("events:", dict(causes), "counted:", dict(counted), "dropped:", dropped)
    if dropped:
        sys.exit("the histogram is too small")
    active = causes.pop("active", 0)
    in_exec = counted["exec"] - causes["exec"]
    if 0 <= in_exec <= active:
        causes += collections.Counter(exec=in_exec, balance=active - in_exec)
    if sum(causes.values()) < 50 or len(causes) < 3:
        sys.exit("too little has moved")
    if causes != counted:
        for cause in set(causes) | set(counted):
            if causes[cause] != counted[cause]:
                print(cause, stacks.get(cause, "no stack"))
        sys.exit("causes differ")


main()
