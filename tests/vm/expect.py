#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""expect.py NAME EXPRESSION...: each is true of NAME.json and NAME.facts.

NAME.json comes from `schedsplit stat --json`, and must be consistent in itself.
NAME.facts has a line "KEY VALUE" for each thing that the program which was
watched knows about itself. An expression is Python; its names are the keys of
both, the classes, and the functions below.
"""
import os
import sys

import result as reader
from result import Broken, Values, require

NAME = sys.argv[1]
RESULT = reader.load(NAME + ".json")


def facts():
    known = {}
    if os.path.exists(NAME + ".facts"):
        with open(NAME + ".facts", encoding="utf-8") as file:
            for line in file:
                key, value = line.split()
                known[key] = int(value)
    return known


def only(found, what):
    require(len(found) == 1, f"{len(found)} instead of one {what}: {found}")
    return found[0]


def tasks_with(**keys):
    return [task for task in RESULT["tasks"]
            if all(task[key] == value for key, value in keys.items())]


def task_with(**keys):
    return only(tasks_with(**keys), f"task with {keys}")


def group_with(tgid):
    return only([group for group in RESULT["groups"] if group["tgid"] == tgid],
                f"group {tgid}")


def handed(source, target):
    return reader.handoff(RESULT, source, target)


def main():
    names = Values(RESULT)
    names.update(RESULT["classes"])
    known = facts()
    require(not known.keys() & names.keys(), f"facts have names of others: {known}")
    names.update(known)
    names.update(tasks_with=tasks_with, task_with=task_with, group_with=group_with,
                 handed=handed, switches=reader.switches)
    if "pid" in known:
        # In a cgroup, a task has a record for each of its visits.
        names["visits"] = sorted(task.switches_voluntary
                                 for task in tasks_with(tid=known["pid"]))
    status = 0
    try:
        reader.check_proof(RESULT)
        reader.check_sums(RESULT)
    except Broken as error:
        print(error)
        status = 1
    for expression in sys.argv[2:]:
        try:
            # In brackets, so that it may go over several lines.
            true = eval(f"({expression})", dict(names))
        except Exception as error:
            true = False
            print(f"{type(error).__name__}: {error}")
        if not true:
            print(f"not so: {expression}")
            status = 1
    if status:
        print("classes:")
        for name, counts in RESULT["classes"].items():
            print(f"  {name}: {dict(counts)}")
        print(f"facts: {facts()}")
        print(f"handoff: {[tuple(pair.values()) for pair in RESULT['handoff']]}")
        print(f"space: {dict(RESULT['space'])}")
        for task in RESULT.get("tasks", [])[:12]:
            print(f"  {dict(task)}")
    return status


sys.exit(main())
