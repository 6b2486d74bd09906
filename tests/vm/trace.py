#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""trace.py RESULT.json TRACE [TGID]: concurrency computed from a trace.

TRACE is what `trace-cmd show` prints of sched_switch on the clock "mono". Each
time in the result must be that of the trace, to 1 % of it or of a tenth of the
whole, whichever is more. With TGID, that group's time; otherwise the tree's.

Until a group gets its second task, its time is the first one's run time, which
the scheduler takes at other instants than those of events. Under emulation they
can be milliseconds apart: much of the little time with none on a CPU, which is
not compared for groups. It is what the others leave of the whole.
"""
import re
import sys

import result as reader
from result import require

EVENT = re.compile(r"\[(\d+)\] \S+ +(\d+)\.(\d{6}): sched_switch: (.*)$")


def read_events(path):
    """(time in ns, CPU, fields) of each switch, in order of time"""
    events = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            require("LOST" not in line, "the trace has a gap")
            found = EVENT.search(line)
            if found:
                cpu, sec, us, fields = found.groups()
                events.append(((int(sec) * 10**6 + int(us)) * 1000, int(cpu),
                               dict(re.findall(r"(\w+)=(\S+)", fields))))
    events.sort(key=lambda event: event[0])
    return events


def begin_of(events, first):
    """When the command was let go: its first sleep is the one at the gate."""
    asleep = False
    for time, _, fields in events:
        if fields["prev_pid"] == first and fields["prev_state"] == "S":
            asleep = True
        if fields["next_pid"] == first and asleep:
            return time
    raise reader.Broken(f"{first} does not begin in the trace")


def concurrency(events, tids, start):
    """ns[k]: with k of tids on CPUs, for k > 0"""
    on_cpu = {}
    times = {}
    last = start
    for time, cpu, fields in events:
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
        allowed = max(theirs, whole / 10) / 100
        good = abs(ours - theirs) <= allowed or (tgid and not k)
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
