#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""trace.py RESULT.json TRACE [TGID]: concurrency computed from a trace.

TRACE is what `trace-cmd report -t -R` prints of sched_switch and
sched_process_exec on the clock "mono". Each time in the result must be that of
the trace, to 1 % of it or of a hundredth of the whole, whichever is more. With
TGID, that group's time; otherwise the tree's.
"""
import re
import sys

import result as reader
from result import require

EVENT = re.compile(r"\[(\d+)\]\s+(\d+)\.(\d{9}):\s+(\w+):\s+(.*)$")


def read_events(path):
    """(time in ns, CPU, event, its fields) in order of time"""
    events = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            require("EVENTS DROPPED" not in line, "the trace has a gap")
            found = EVENT.search(line)
            if found:
                cpu, sec, ns, name, fields = found.groups()
                events.append((int(sec) * 10**9 + int(ns), int(cpu), name,
                               dict(re.findall(r"(\w+)=(\S+)", fields))))
    events.sort(key=lambda event: event[0])
    return events


def begin_of(events, first):
    """When the command went on a CPU to exec: it was let go just before."""
    came_on = None
    for time, _, name, fields in events:
        if name == "sched_switch" and fields["next_pid"] == first:
            came_on = time
        if name == "sched_process_exec" and fields["pid"] == first:
            return came_on
    return None


def concurrency(events, tids, start):
    """ns[k]: with k of tids on CPUs, for k > 0"""
    on_cpu = {}
    times = {}
    last = start
    for time, cpu, name, fields in events:
        if name != "sched_switch":
            continue
        is_in = fields["next_pid"] in tids
        if time >= start:
            count = sum(on_cpu.values())
            times[count] = times.get(count, 0) + time - last
            last = time
        on_cpu[cpu] = is_in
    require(not any(on_cpu.values()), "the trace ends too early")
    times.pop(0, None)
    return times


def main(path, trace, tgid=None):
    result = reader.load(path)
    events = read_events(trace)
    first = str(min(task["tid"] for task in result["tasks"]))
    start = begin_of(events, first)
    require(start is not None, f"{first} does not exec in the trace")
    if tgid:
        group = [group for group in result["groups"] if group["tgid"] == int(tgid)]
        require(len(group) == 1, f"{len(group)} groups {tgid}")
        counted = group[0]["concurrency"]["ns"]
        tids = {str(task["tid"]) for task in result["tasks"]
                if task["tgid"] == int(tgid)}
    else:
        counted = result["concurrency"]["ns"]
        tids = {str(task["tid"]) for task in result["tasks"]}
    traced = concurrency(events, tids, start)
    whole = sum(counted)
    traced[0] = whole - sum(traced.values())
    status = 0
    for k in sorted(set(range(len(counted))) | set(traced)):
        ours = counted[k] if k < len(counted) else 0
        theirs = traced.get(k, 0)
        if not ours and not theirs:
            continue
        allowed = max(theirs, whole / 100) / 100
        good = abs(ours - theirs) <= allowed
        print(f"{k} on CPUs: {ours} ns, trace {theirs} ns: "
              f"{(ours - theirs) / max(theirs, 1):+.3%}{'' if good else ' <- too far'}")
        status |= not good
    require(counted[2] > whole / 100, "two never ran at once: nothing to compare")
    return status


try:
    sys.exit(main(*sys.argv[1:]))
except reader.Broken as error:
    print(error)
    sys.exit(1)
