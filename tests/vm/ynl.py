#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ynl.py SOURCE SPEC DIR CHECK [PID]: the module through YNL, and through the tool.

SOURCE is where scripts/kernel-source has put YNL; DIR is for files.
"""
import json
import os
import signal
import subprocess
import sys
import time

SOURCE, SPEC, DIR, CHECK = sys.argv[1:5]
sys.path.insert(0, os.path.join(SOURCE, "tools/net/ynl"))
sys.dont_write_bytecode = True
from lib import NlError, YnlFamily  # noqa: E402 # from that path

U64_MAX = 2 ** 64 - 1
COUNTERS = {"voluntary": "switches_voluntary", "involuntary": "switches_involuntary",
            "migrations": "migrations", "wakeups": "wakeups", "run-ns": "run_ns",
            "wait-ns": "wait_ns"}


def equal(what, ynl, tool):
    if ynl != tool:
        sys.exit(f"{what}: YNL says {ynl}, the tool {tool}")
    print(f"{what}: {ynl}")


def family():
    # tests/spec.py holds the spec against the schema: here it would take long.
    return YnlFamily(SPEC, "")


def of_tool(*arguments):
    result = subprocess.run(("schedsplit",) + arguments, stdout=subprocess.PIPE, check=True)
    return json.loads(result.stdout)


def wait_until(condition, what):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    sys.exit(f"never so: {what}")


# --- the checks ---

def info():
    ynl = family().do("info-get", {})
    status = of_tool("status", "--json")["module"]
    stat = of_tool("stat", "-a", "-d", "0.2", "--per-cpu", "--hist", "--json")
    equal("version", ynl["version"], status["version"])
    equal("hooks", sorted(ynl["hook"]), sorted(status["hooks"]))
    equal("limit of records", ynl["records-max"], status["records_max"])
    equal("watches", ynl["watches"], status["watches"])
    if not all(cpu["cpu"] < ynl["cpus"] for cpu in stat["cpus"]):
        sys.exit(f"more CPUs than {ynl['cpus']}: {stat['cpus']}")
    bounds = sorted((bound["index"], bound["lo"], bound["hi"]) for bound in ynl["bound"])
    equal("bounds' numbers", [bound[0] for bound in bounds], list(range(len(bounds))))
    equal("bounds that meet", [bound[2] for bound in bounds],
          [bound[1] for bound in bounds[1:]] + [U64_MAX])
    known = {bound[1:] for bound in bounds}
    used = {(bucket["lo"], U64_MAX if bucket["hi"] is None else bucket["hi"])
            for histogram in stat["histograms"].values()
            for buckets in histogram.values() for bucket in buckets}
    equal("buckets that have no bounds", used - known, set())
    equal("classes", {live["class"] for live in ynl["live"]}, set(status["tasks_alive"]))


def of_task(task):
    return {name: task[name] for name in COUNTERS.values()}


def of_nest(nest):
    return {name: nest[key] for key, name in COUNTERS.items()}


def all_stopped(pid):
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status", encoding="ascii") as file:
            if "State:\tT" not in file.read():
                return False
    return True


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: all_stopped(pid), "all threads stopped")


def sum_of_classes(cpus):
    """What YNL's dump of CPUs says of each class."""
    classes = {}
    for message in cpus:
        sums = classes.setdefault(message["class"], dict.fromkeys(COUNTERS.values(), 0))
        for key, name in COUNTERS.items():
            sums[name] += message["counters"][key]
    return classes


def watch():
    """Two watches begin and end while the tasks stand still: they see the same."""
    pid = int(sys.argv[5])
    client = family()
    path = os.path.join(DIR, "ynl.json")
    stop(pid)
    number = client.do("watch-new", {"kind": "group", "pid": [pid]})["watch"]
    tool = subprocess.Popen(["schedsplit", "stat", "-p", str(pid), "--per-task",
                             "--per-group", "--json=" + path, "-o", "/dev/null"])
    wait_until(lambda: client.do("info-get", {})["watches"] == 2, "two watches")
    os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)
    stop(pid)
    client.do("watch-stop", {"watch": number})
    state = client.do("watch-get", {"watch": number})
    tasks = client.dump("task-get", {"watch": number})
    groups = client.dump("group-get", {"watch": number})
    cpus = client.dump("cpu-get", {"watch": number})
    tool.send_signal(signal.SIGINT)
    if tool.wait():
        sys.exit(f"schedsplit stat: status {tool.returncode}")
    with open(path, encoding="utf-8") as file:
        result = json.load(file)

    equal("tasks", {task["task"]["tid"]: of_nest(task["task"]["counters"]) for task in tasks},
          {task["tid"]: of_task(task) for task in result["tasks"]})
    if not any(task["task"]["counters"]["voluntary"] for task in tasks):
        sys.exit("no switches at all")
    for task in tasks:
        task = task["task"]
        equal(f"task {task['tid']} and the kernel",
              [task["kernel"]["nvcsw"], task["kernel"]["nivcsw"]],
              [task["counters"]["voluntary"], task["counters"]["involuntary"]])
        equal("why its record ended, and its class in those it was seen in",
              [task["end"], task["class"] in task["seen"]], ["stopped", True])
    equal("groups", [(group["group"]["tgid"], group["group"]["tasks"],
                      of_nest(group["group"]["leader"]), of_nest(group["group"]["thread"]))
                     for group in groups],
          [(group["tgid"], group["tasks"], of_task(group["leader"]), of_task(group["thread"]))
           for group in result["groups"]])
    equal("classes", {name: sums for name, sums in sum_of_classes(cpus).items()
                      if any(sums.values())},
          {name: of_task(counters) for name, counters in result["classes"].items()
           if any(of_task(counters).values())})
    equal("records and lost", [state["records"], state["lost"]],
          [len(result["tasks"]), result["proof"]["lost"]])
    # Each watch reads the clock for itself, which differs most where it is emulated.
    busy = sum(one["running"] * one["ns"] for one in state["concurrency"])
    tools = sum(k * ns for k, ns in enumerate(result["concurrency"]["ns"]))
    print(f"time of tasks on CPUs: {busy}, {tools}")
    if not 0.5 < busy / tools < 2:
        sys.exit("they differ by more than clocks can")
    equal("concurrency's sum, against the duration",
          sum(one["ns"] for one in state["concurrency"]), state["duration"])
    client.do("watch-del", {"watch": number})
    equal("watches left", client.do("info-get", {})["watches"], 0)
    os.kill(pid, signal.SIGCONT)


def exits():
    client = family()
    client.ntf_subscribe("exits")
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        number = client.do("watch-new", {"kind": "task", "pid": [child.pid]})["watch"]
    told = []

    def heard():
        client.check_ntf()
        told.extend(client.async_msg_queue)
        client.async_msg_queue.clear()
        return told

    wait_until(heard, "a notification")
    task = told[0]["msg"]["task"]
    equal("notification", [told[0]["name"], told[0]["msg"]["watch"], task["tid"], task["end"]],
          ["exit-ntf", number, child.pid, "dead"])


def refused(client, call, operation, attributes):
    try:
        getattr(client, call)(operation, attributes)
    except NlError as error:
        extack = error.nl_msg.extack or {}
        print(f"{operation} {attributes}: {os.strerror(error.error)}: {extack}")
        if "msg" not in extack and "miss-type" not in extack and "bad-attr" not in extack:
            sys.exit("no words with it")
        return
    sys.exit(f"{operation} {attributes} is not refused")


def errors():
    client = family()
    refused(client, "do", "watch-get", {"watch": 4000000000})
    refused(client, "do", "watch-get", {})
    refused(client, "do", "watch-new", {})
    refused(client, "do", "watch-new", {"kind": "group"})
    refused(client, "do", "watch-new", {"kind": "task", "pid": [4194304]})
    refused(client, "do", "watch-new", {"kind": "cgroup", "cgroup": "/no/such"})
    refused(client, "dump", "task-get", {"watch": 4000000000})
    equal("watches left", client.do("info-get", {})["watches"], 0)


{"info": info, "watch": watch, "exits": exits, "errors": errors}[CHECK]()
