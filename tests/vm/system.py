#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""system.py list FILE: write what /proc says of every task
system.py check RESULT.json FILE FILE FILE FILE

check: RESULT is of the whole system. Of four lists, the first was made before
the watch, two during it, and the last after it. Tasks that are in all of them
were of the class that /proc shows, and made so many switches as lie between.
"""
import json
import os
import sys

import result as reader
from result import require, switches

# include/linux/sched.h
PF_IO_WORKER = 0x10
PF_USER_WORKER = 0x4000
PF_KTHREAD = 0x200000


def read_task(pid, tid):
    path = f"/proc/{pid}/task/{tid}/"
    with open(path + "stat", encoding="utf-8", errors="replace") as file:
        # The name can hold anything.
        words = file.read().rpartition(")")[2].split()
    with open(path + "status", encoding="utf-8", errors="replace") as file:
        count = sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    # From the third field on: state, ...
    return {"tid": int(tid), "tgid": int(pid), "flags": int(words[6]),
            "threads": int(words[17]), "start": int(words[19]), "switches": count}


def write_list(path):
    tasks = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for tid in os.listdir(f"/proc/{pid}/task"):
                tasks[tid] = read_task(pid, tid)
        except (FileNotFoundError, ProcessLookupError):
            pass
    with open(path, "w", encoding="ascii") as file:
        json.dump(tasks, file)


def class_of(task):
    if task["flags"] & PF_KTHREAD:
        return "kthread"
    if task["flags"] & (PF_IO_WORKER | PF_USER_WORKER):
        return "worker"
    if task["tid"] != task["tgid"]:
        return "thread"
    return "leader" if task["threads"] > 1 else "process"


def check(path, *lists):
    result = reader.load(path)
    reader.check_proof(result)
    reader.check_sums(result)
    proc = [reader.load(name) for name in lists]
    found = {task["tid"]: task for task in result["tasks"] if not task["dead"]}
    seen = {}
    for tid, first in proc[0].items():
        if not all(tid in other and other[tid]["start"] == first["start"]
                   for other in proc[1:]):
            continue
        require(int(tid) in found, f"no record of {first}")
        task = found[int(tid)]
        require(task["class"] == class_of(first), f"{task}: /proc says {first}")
        counts = [other[tid]["switches"] for other in proc]
        require(counts[2] - counts[1] <= switches(task) <= counts[3] - counts[0],
                f"{task}: /proc says {counts}")
        entry = seen.setdefault(task["class"], [0, 0])
        entry[0] += 1
        entry[1] += switches(task)
    print(f"class: [tasks, switches] {seen}")
    for name in ("kthread", "worker", "process", "leader", "thread"):
        require(seen.get(name, [0])[0], f"no {name} was there all the time")
    require(seen["kthread"][1], "no kthread did anything")
    idle = result["classes"]["idle"]
    require(idle["tasks"] == os.cpu_count(), f"one idle task a CPU: {idle}")
    require(idle["switches_voluntary"] == 0 and idle["switches_involuntary"] > 0,
            f"idle leaves because something else can run: {idle}")


def main(command, *args):
    if command == "list":
        write_list(*args)
        return 0
    try:
        check(*args)
    except reader.Broken as error:
        print(error)
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
