#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""soak.py round DIR [RESULT.json]: what soak_load left in DIR, and of a watch of it
soak.py whole DIR RESULT.json STAT STAT STAT STAT: of a watch of the system all the
    while; /proc/stat was copied before it, twice during it, and after it; prints
    what it was in one line
soak.py sleepers RESULT.json LIST LIST LIST LIST: as system.py makes them, the
    first before that watch, two during it, the last after it
"""
import os
import re
import sys

import result as reader
from result import equal, require, switches


def offlined(directory):
    """{CPU: times} that it went offline."""
    times = {}
    with open(f"{directory}/offlined", encoding="ascii") as file:
        for line in file:
            times[int(line)] = times.get(int(line), 0) + 1
    return times


# --- what was to happen did ---

def bogo_ops(path):
    """{stressor: operations} by stress-ng's own count."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return {name: int(count) for name, count in
            re.findall(r"- stressor: (\S+)\n\s*bogo-ops: (\d+)\n", text)}


def check_stressors(directory):
    done = {}
    with open(f"{directory}/asked", encoding="ascii") as file:
        for line in file:
            name, stressor, ops = line.split()
            if name not in done:
                done[name] = bogo_ops(f"{directory}/temp/{name}")
            require(done[name].get(stressor, 0) >= int(ops),
                    f"{name}: {stressor}: {done[name].get(stressor)} operations of {ops}")
    require(len(done) == 6, f"only {sorted(done)}")
    return {name: sum(each.get(name, 0) for each in done.values())
            for name in set().union(*done.values())}


def read_facts(path):
    with open(path, encoding="ascii") as file:
        return {key: int(value) for key, value in (line.split() for line in file)}


def check_visits(directory):
    """Each move out of the cgroup ended a record, and kept it."""
    facts = read_facts(f"{directory}/facts")
    result = reader.load(f"{directory}/cgroup.json")
    reader.check_offlined(result, {})
    left = [task for task in result["tasks"] if task["end"] == "left"]
    equal("visits to a cgroup", ("records", len(left)), ("moves", facts["moves"]))
    require(facts["freezes"], "it was never frozen")
    return facts


def check_round(directory, path=None):
    facts = check_visits(directory)
    ops = check_stressors(directory)
    times = offlined(directory)
    require(times, "no CPU went offline")
    inner = reader.load(f"{directory}/inner.json")
    reader.check_offlined(inner, {})
    print(f"CPUs offlined {times}, {facts}, stress-ng {ops}")
    if not path:
        return
    result = reader.load(path)
    reader.check_offlined(result, {})
    forks = reader.total(result["classes"], "forks")
    made = ops["fork"] + ops["vfork"] + ops["clone"] + ops["pthread"]
    require(forks > made, f"{forks} forks, and stress-ng made {made} tasks")
    print(f"{reader.class_switches(result['classes'])} switches, "
          f"{len(result['tasks'])} tasks, {forks} forks")


def read_stat(path):
    with open(path, encoding="ascii") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file
                if line.startswith(("ctxt", "processes"))}


def check_whole(directory, path, *stats):
    result = reader.load(path)
    times = offlined(directory)
    reader.check_offlined(result, times)
    classes = result["classes"]
    counted = reader.class_switches(classes)
    untraced = result["proof"]["untraced"]
    forks = reader.total(classes, "forks")
    before, begin, end, after = (read_stat(name) for name in stats)
    # The kernel counts those that it does not show.
    for name, count in (("ctxt", counted + untraced), ("processes", forks)):
        low, high = end[name] - begin[name], after[name] - before[name]
        require(low <= count <= high,
                f"{count} counted, {name} of /proc/stat says {low} to {high}")
    require(reader.total(classes, "migrations"), "no migration")
    print(f"{os.uname().release}: {counted:,} switches, {len(result['tasks']):,} tasks, "
          f"{forks:,} forks, {reader.total(classes, 'exits'):,} exits, "
          f"{result['proof']['tasks_mismatched']} mismatched, {result['proof']['lost']} lost, "
          f"{sum(times.values()):,} CPUs offlined, {untraced:,} switches untraced")


def check_sleepers(path, *lists):
    """Tasks that were there all the time, and did not run around its ends."""
    found = {str(task["tid"]): task for task in reader.load(path)["tasks"]
             if not task["dead"]}
    before, begin, end, after = (reader.load(name) for name in lists)
    exact = 0
    for tid, task in before.items():
        same = [other.get(tid) for other in (begin, end, after)]
        if any(not other or other["start"] != task["start"] for other in same):
            continue
        require(tid in found, f"no record of {dict(task)}")
        low = end[tid]["switches"] - begin[tid]["switches"]
        high = after[tid]["switches"] - task["switches"]
        count = switches(found[tid]) + found[tid].get("untraced", 0)
        require(low <= count <= high, f"{dict(found[tid])}: /proc says {low} to {high}")
        exact += low == high and count > 0
    require(exact, "no task slept around the watch's ends")
    print(f"{exact} tasks that switched equal /proc/PID/task/TID/status to the unit")


def main(command, *args):
    checks = {"round": check_round, "whole": check_whole, "sleepers": check_sleepers}
    try:
        checks[command](*args)
    except reader.Broken as error:
        print(error)
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
