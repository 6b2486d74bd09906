#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold counts against the kernel's own.

exact.py VERDICTS RESULT.json CHECK[,ARGUMENT]...

Each CHECK leaves VERDICTS/CHECK, whose first line is 0 if it holds. Checks:

sums                        every sum in it adds up, and its proof holds
tasks,FILE                  FILE has the number of tasks that were created
status[,BEFORE]             switches of sleeping tasks, /proc/PID/task/TID/status
sched[,BEFORE]              migrations, /proc/PID/task/TID/sched
schedstat[,BEFORE]          run and wait times, /proc/PID/task/TID/schedstat
wakeups,HIST                of each task, from a hist trigger on sched_wakeup
perf,CSV                    of the tasks that mix makes, from perf stat
storm,FILE                  a process of many threads, getrusage()
spawn,FILE                  many children, wait4()
between-WHAT,LOW,HIGH       WHAT lies between two readings

exact.py read FILE PID...

Write to FILE what BEFORE needs: the counts are then of what came after it.
"""
import json
import os
import re
import sys
import traceback

import result as reader
from result import equal, require, switches

FIRST_PID = 3000000     # that mix gives
LEAST = 16              # tasks, for a check of living ones to mean something


# --- the kernel's own counts of a task that sleeps ---

def read_text(tgid, tid, name):
    with open(f"/proc/{tgid}/task/{tid}/{name}", encoding="ascii",
              errors="replace") as file:
        return file.read()


def find(text, name):
    return int(re.search(rf"^{re.escape(name)}\s*:\s*(\d+)$", text, re.M).group(1))


def read_task(tgid, tid):
    status = read_text(tgid, tid, "status")
    require(find_state(status) == "S", f"task {tid} does not sleep")
    run_ns, wait_ns, _ = read_text(tgid, tid, "schedstat").split()
    return {"voluntary": find(status, "voluntary_ctxt_switches"),
            "involuntary": find(status, "nonvoluntary_ctxt_switches"),
            "migrations": find(read_text(tgid, tid, "sched"), "se.nr_migrations"),
            "run_ns": int(run_ns), "wait_ns": int(wait_ns)}


def find_state(status):
    return re.search(r"^State:\s*(\S)", status, re.M).group(1)


def read_tasks(pids):
    return {int(tid): read_task(pid, tid)
            for pid in pids for tid in os.listdir(f"/proc/{pid}/task")}


def living(result, before):
    """(record, kernel's counts since before) of each living task."""
    tasks = [task for task in result["tasks"] if task["end"] == "alive"]
    require(len(tasks) >= LEAST, f"only {len(tasks)} tasks are alive")
    base = {}
    if before:
        with open(before, encoding="ascii") as file:
            base = json.load(file)
        require(len(base) == len(tasks), f"{len(tasks)} are alive of {len(base)}")
    for task in tasks:
        now = read_task(task["tgid"], task["tid"])
        then = base[str(task["tid"])] if before else {}
        yield task, {key: now[key] - then.get(key, 0) for key in now}


def check_living(result, before, *pairs):
    seen = dict.fromkeys((kernel for _, kernel in pairs), 0)
    tasks = 0
    for task, kernel in living(result, before):
        for key, kernel_key in pairs:
            equal(f"{key} of task {task['tid']} ({task['comm']})",
                  ("counted", task[key]), ("kernel", kernel[kernel_key]))
            seen[kernel_key] += task[key]
        tasks += 1
    require(all(seen.values()), f"nothing to compare: {seen}")
    return f"{tasks} tasks agree: {seen}"


def check_status(result, before=None):
    return check_living(result, before, ("switches_voluntary", "voluntary"),
                        ("switches_involuntary", "involuntary"))


def check_sched(result, before=None):
    return check_living(result, before, ("migrations", "migrations"))


def check_schedstat(result, before=None):
    return check_living(result, before, ("run_ns", "run_ns"), ("wait_ns", "wait_ns"))


# --- all tasks, dead or alive ---

def check_sums(result):
    reader.check_sums(result)
    reader.check_proof(result)
    return (f"{result['proof']['tasks_checked']} tasks checked, "
            f"{reader.class_switches(result['classes'])} switches")


def read_numbers(path):
    with open(path, encoding="ascii") as file:
        return [[int(word) for word in line.split()] for line in file]


def check_tasks(result, path):
    made = read_numbers(path)[0][0]
    classes = result["classes"]
    forks = reader.total(classes, "forks")
    exits = reader.total(classes, "exits")
    dead = sum(task["dead"] for task in result["tasks"])
    # The first one was born before the watch began.
    equal("tasks", ("checked", result["proof"]["tasks_checked"]),
          ("created", made), ("born and the first", forks + 1))
    equal("the dead", ("records", dead), ("exits", exits))
    equal("the living", ("alive", result["alive"]), ("not dead", made - dead))
    return f"{made} tasks, {dead} of them dead"


def first_task(result):
    """The command itself: it waited to be let go before the watch began."""
    return min(task["tid"] for task in result["tasks"])


def check_wakeups(result, path):
    hits = {}
    with open(path, encoding="ascii") as file:
        text = file.read()
    for pid, count in re.findall(r"\{ pid:\s*(\d+) \} hitcount:\s*(\d+)", text):
        hits[int(pid)] = int(count)
    dropped = int(re.search(r"Dropped: (\d+)", text).group(1))
    require(hits and not dropped, f"{len(hits)} pids in the histogram, {dropped} dropped")
    first = first_task(result)
    counted = {}
    for task in result["tasks"]:
        counted[task["tid"]] = counted.get(task["tid"], 0) + task["wakeups"]
    for tid, wakeups in counted.items():
        if tid == first:
            require(wakeups <= hits.get(tid, 0), f"{wakeups} wakeups of the first task")
        else:
            equal(f"wakeups of task {tid}", ("counted", wakeups),
                  ("kernel", hits.get(tid, 0)))
    return f"{len(counted)} tasks agree: {sum(counted.values())} wakeups"


def read_perf(path):
    """Event counts of perf stat -x,: of several events with one name, the first."""
    counts = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.strip().split(",")
            if len(words) > 2:
                counts.setdefault(words[2], int(words[0]))
    return counts


def check_perf(result, path):
    mix = [task for task in result["tasks"] if task["comm"] == "mix"]
    made = [task for task in mix if task["tid"] >= FIRST_PID]
    require(len(made) >= LEAST, f"only {len(made)} tasks that mix made")
    equal("tasks called mix", ("all", len(mix)), ("made, and the first", len(made) + 1))
    perf = read_perf(path)
    equal("wakeups", ("counted", sum(task["wakeups"] for task in made)),
          ("perf stat", perf["sched:sched_wakeup"]))
    equal("switches", ("counted", sum(switches(task) for task in made)),
          ("perf stat", perf["sched:sched_switch"]))
    return f"{len(made)} tasks agree: {perf}"


def of_group(result, tgid):
    """Switches of all tasks that a thread group had."""
    tasks = [task for task in result["tasks"] if task["tgid"] == tgid]
    return (sum(task["switches_voluntary"] for task in tasks),
            sum(task["switches_involuntary"] for task in tasks))


def check_storm(result, path):
    """A thread's times are added to its group's before its last switch."""
    with open(path, encoding="ascii") as file:
        facts = {key: int(value) for key, value in (line.split() for line in file)}
    voluntary, involuntary = of_group(result, facts["pid"])
    require(voluntary >= facts["voluntary"] and involuntary >= facts["involuntary"],
            f"counted {voluntary} and {involuntary}: {facts}")
    more = voluntary + involuntary - facts["voluntary"] - facts["involuntary"]
    require(more >= facts["threads"],
            f"{more} more than getrusage() says, of {facts['threads']} threads")
    return f"{facts['threads']} threads, {more} switches more than getrusage() says"


def check_spawn(result, path):
    """A child is a zombie, and can be waited for, before its last switch."""
    counted = {}
    for task in result["tasks"]:
        pair = counted.setdefault(task["tgid"], [0, 0])
        pair[0] += task["switches_voluntary"]
        pair[1] += task["switches_involuntary"]
    more = 0
    children = read_numbers(path)
    for pid, voluntary, involuntary in children:
        require(pid in counted, f"child {pid} is not there")
        require(counted[pid][0] >= voluntary and counted[pid][1] >= involuntary,
                f"child {pid}: {counted[pid]}, wait4() {voluntary}, {involuntary}")
        more += sum(counted[pid]) - voluntary - involuntary
    return f"{len(children)} children, {more} switches more than wait4() says"


def check_between(result, low, high, what):
    classes = result["classes"]
    if what == "switches":
        value = reader.class_switches(classes)
    elif what in classes:
        value = switches(classes[what])
    else:
        value = reader.total(classes, what)
    require(0 < int(low) <= value <= int(high),
            f"{what}: {value} is not between {low} and {high}")
    return f"{what}: {low} <= {value} <= {high}"


CHECKS = {"sums": check_sums, "tasks": check_tasks, "status": check_status,
          "sched": check_sched, "schedstat": check_schedstat,
          "wakeups": check_wakeups, "perf": check_perf, "storm": check_storm,
          "spawn": check_spawn}


def run(result, name, args):
    """Verdict and text of one check."""
    try:
        if name.startswith("between-"):
            return 0, check_between(result, *args, name.removeprefix("between-"))
        return 0, CHECKS[name](result, *args)
    except reader.Broken as error:
        return 1, error
    except Exception:
        return 2, traceback.format_exc()


def main(first, *args):
    if first == "read":
        with open(args[0], "w", encoding="ascii") as file:
            json.dump(read_tasks(args[1:]), file)
        return
    result = reader.load(args[0])
    for check in args[1:]:
        name, *words = check.split(",")
        status, text = run(result, name, words)
        with open(f"{first}/{name}", "w", encoding="utf-8") as file:
            print(status, text, sep="\n", file=file)


main(*sys.argv[1:])
