#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check the JSON of `schedsplit stat`.

stat_check.py [--schema] FILE [EXPRESSION]...

FILE's sums agree with each other, and with --schema it has all keys that are
promised. Then each EXPRESSION must be true, in Python, where FILE's keys are
variables, and
  total     the sum of all classes, {"switches": N, "run_ns": N, ...}
  of(CLASS) the switches of a class
  by_tid    the tasks by TID; of several with the same one, the last
Without the word "lost" in an expression, nothing may be lost.
"""
import json
import sys
from pathlib import Path

CLASSES = ("idle", "kthread", "worker", "process", "leader", "thread")
KINDS = ("switches_voluntary", "switches_involuntary")
COUNTERS = KINDS + ("migrations", "wakeups", "run_ns", "wait_ns", "forks", "exits")

problems = []


def agree(what, a, b):
    if a != b:
        problems.append(f"{what}: {a} and {b}")


def switches(counters):
    return sum(counters[kind] for kind in KINDS)


def check_sums(stat):
    classes = stat["classes"]
    total = sum(switches(counters) for counters in classes.values())
    space = stat["space"]
    agree("switches of classes and by space", total,
          space["lazy"] + space["same"] + space["cross"])
    if space["same_group"] > space["same"]:
        problems.append("more switches within a group than within a space")
    for name, counters in classes.items():
        agree(f"switches of {name} and from it", switches(counters),
              sum(h["switches"] for h in stat["handoff"] if h["from"] == name))
    for cpu in stat.get("cpus", [])[:1]:
        for name, counters in classes.items():
            for counter in COUNTERS:
                agree(f"{counter} of {name} and by CPU", counters[counter],
                      sum(cpu["classes"][name][counter] for cpu in stat["cpus"]))
    if stat["scope"]["kind"] == "system":
        return
    agree("duration and concurrency", stat["duration_ns"], sum(stat["concurrency"]["ns"]))
    if "tasks" in stat and not stat["proof"]["lost"]:
        for counter in KINDS + ("migrations", "wakeups"):
            agree(f"{counter} of classes and of tasks",
                  sum(counters[counter] for counters in classes.values()),
                  sum(task[counter] for task in stat["tasks"]))
    if "tasks" in stat and "groups" in stat:
        agree("tasks and tasks of groups", len(stat["tasks"]),
              sum(group["tasks"] for group in stat["groups"]))
        for counter in KINDS + ("migrations", "wakeups", "run_ns", "wait_ns"):
            agree(f"{counter} of groups and of tasks",
                  sum(g["leader"][counter] + g["thread"][counter] for g in stat["groups"]),
                  sum(task[counter] for task in stat["tasks"]))


def check_buckets(what, buckets):
    edge = 0
    for bucket in buckets:
        if bucket["lo"] < edge or (bucket["hi"] or 1 << 64) <= bucket["lo"]:
            problems.append(f"{what}: buckets overlap: {bucket}")
        edge = bucket["hi"] or 1 << 64


def check_histograms(stat):
    for kind, histogram in (stat.get("histograms", {}) | stat.get("life", {})).items():
        for name, buckets in histogram.items():
            check_buckets(f"{kind} of {name}", buckets)
            count = sum(bucket["count"] for bucket in buckets)
            if kind == "slice" and count > switches(stat["classes"][name]):
                problems.append(f"{name}: more slices ({count}) than switches")


def check_proof(stat, may_lose):
    proof = stat["proof"]
    agree("mismatched tasks", proof["tasks_mismatched"], 0)
    if not may_lose:
        agree("lost tasks", proof["lost"], 0)
    ctxt = proof.get("ctxt")
    if not ctxt:
        return
    if not (ctxt["counted"] <= ctxt["kernel_high"] and
            ctxt["counted"] + proof["untraced"] >= ctxt["kernel_low"]):
        problems.append(f"/proc/stat does not agree: {ctxt}")


def check_schema(stat):
    import jsonschema  # pylint: disable=import-outside-toplevel  # takes a second

    with open(Path(__file__).with_name("stat-schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    for error in jsonschema.Draft7Validator(schema).iter_errors(stat):
        problems.append("/".join(map(str, error.path)) + ": " + error.message)


def main():
    arguments = sys.argv[1:]
    with_schema = arguments[0] == "--schema"
    path, *expressions = arguments[with_schema:]
    with open(path, encoding="utf-8") as file:
        stat = json.load(file)
    if with_schema:
        check_schema(stat)
    if not problems:
        check_sums(stat)
        check_histograms(stat)
        check_proof(stat, any("lost" in expression for expression in expressions))
        names = dict(stat)
        names["total"] = {c: sum(stat["classes"][k][c] for k in CLASSES) for c in COUNTERS}
        names["total"]["switches"] = sum(switches(stat["classes"][k]) for k in CLASSES)
        names["of"] = lambda name: switches(stat["classes"][name])
        names["switches"] = switches
        names["by_tid"] = {task["tid"]: task for task in stat.get("tasks", [])}
        for expression in expressions:
            # the tests' own words
            if not eval(expression, names):  # pylint: disable=eval-used
                problems.append(f"not so: {expression}")
    for problem in problems:
        print(problem)
    if problems:
        shown = {k: v for k, v in stat.items() if k not in ("environment", "histograms")}
        print(json.dumps(shown)[:5000])
    return 1 if problems else 0


sys.exit(main())
