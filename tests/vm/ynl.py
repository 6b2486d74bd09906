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


def cli(*arguments, status=0):
    """What YNL's command line says."""
    result = subprocess.run([sys.executable, os.path.join(SOURCE, "tools/net/ynl/cli.py"),
                             "--spec", SPEC, "--no-schema", "--output-json", *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"), check=False)
    if result.returncode != status:
        sys.exit(f"cli.py {arguments}: status {result.returncode}: {result.stdout}")
    return result.stdout


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
        if "counters" not in message:
            continue
        sums = classes.setdefault(message["class"], dict.fromkeys(COUNTERS.values(), 0))
        for key, name in COUNTERS.items():
            sums[name] += message["counters"][key]
    return classes


def add_up(pairs):
    """Sums by key; what is 0 is left out, as in the tool's JSON."""
    sums = {}
    for key, count in pairs:
        sums[key] = sums.get(key, 0) + count
    return {key: count for key, count in sums.items() if count}


def nests(cpus, name):
    """Each nest of that name, with the class of its message."""
    return [(message.get("class"), nest) for message in cpus for nest in message.get(name, [])]


def compare_cpus(cpus, result, bounds):
    """All that a dump of CPUs holds beside the counters."""
    handoffs = [(of, nest, nest["voluntary"] + nest["involuntary"])
                for of, nest in nests(cpus, "handoff")]
    equal("handoff", add_up(((of, nest["to"]), switches) for of, nest, switches in handoffs),
          {(one["from"], one["to"]): one["switches"] for one in result["handoff"]})
    space = add_up((nest["space"], switches) for _, nest, switches in handoffs)
    group = space.pop("same-group", 0)
    space["same"] = space.get("same", 0) + group
    equal("space", add_up(list(space.items()) + [("same_group", group)]),
          add_up(result["space"].items()))
    for name in "slice", "wait":
        equal(name, add_up(((of, *bounds[nest["index"]]), nest["count"])
                           for of, nest in nests(cpus, name)),
              add_up(((of, bucket["lo"], U64_MAX if bucket["hi"] is None else bucket["hi"]),
                      bucket["count"])
                     for of, buckets in result["histograms"][name].items()
                     for bucket in buckets))
    equal("moves", add_up(((of, nest.get("cause", "birth"), nest["distance"]), nest["count"])
                          for of, nest in nests(cpus, "moves")),
          add_up(((of, cause, distance), count)
                 for of, causes in result["migrations"].items()
                 for cause, distances in causes.items()
                 for distance, count in distances.items()))
    for ours, theirs in ("count", "switches"), ("cycles", "cycles"):
        equal(f"costs: {theirs}",
              add_up(((nest["from"], nest["to"], nest["space"].removesuffix("-group")),
                      nest[ours]) for _, nest in nests(cpus, "cost")),
              add_up(((kind["from"], kind["to"], kind["space"]), kind[theirs])
                     for kind in result["cost"]["kinds"]))
    if not result["cost"]["kinds"]:
        sys.exit("no costs at all")


def watch():
    """Two watches begin and end while the tasks stand still: they see the same."""
    pid = int(sys.argv[5])
    client = family()
    path = os.path.join(DIR, "ynl.json")
    stop(pid)
    client.do("cost-attach", {})
    number = client.do("watch-new", {"kind": "group", "pid": [pid]})["watch"]
    tool = subprocess.Popen(["schedsplit", "stat", "-p", str(pid), "--per-task",
                             "--per-group", "--hist", "--migrations", "--cost",
                             "--json=" + path, "-o", "/dev/null"])
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
    bounds = {bound["index"]: (bound["lo"], bound["hi"])
              for bound in client.do("info-get", {})["bound"]}
    compare_cpus(cpus, result, bounds)
    equal("records and lost", [state["records"], state["lost"]],
          [len(result["tasks"]), result["proof"]["lost"]])
    # Each watch reads the clock for itself, so that their times differ.
    if not any(one["running"] and one["ns"] for one in state["concurrency"]):
        sys.exit(f"no time with a task on a CPU: {state['concurrency']}")
    equal("concurrency's sum, against the duration",
          sum(one["ns"] for one in state["concurrency"]), state["duration"])
    client.do("watch-del", {"watch": number})
    client.do("cost-detach", {})
    left = client.do("info-get", {})
    equal("watches and users of the hook left", [left["watches"], left["cost-hook"]["sockets"]],
          [0, 0])
    os.kill(pid, signal.SIGCONT)


def kinds():
    """What a watch can begin with."""
    pid = int(sys.argv[5])
    client = family()
    threads = len(os.listdir(f"/proc/{pid}/task"))
    for attributes, least in (({"kind": "all"}, threads + 2),
                              ({"kind": "cgroup", "cgroup": "/"}, threads + 2),
                              ({"kind": "group", "pid": [pid, os.getpid()]}, threads + 1),
                              ({"kind": "task", "pid": [pid]}, 1)):
        number = client.do("watch-new", attributes)["watch"]
        records = client.do("watch-get", {"watch": number})["records"]
        tids = {task["task"]["tid"] for task in client.dump("task-get", {"watch": number})}
        print(f"{attributes}: {records} records")
        if records < least or pid not in tids or len(tids) > records:
            sys.exit(f"wanted {least} at least, {pid} among them: {tids}")
        client.do("watch-del", {"watch": number})


def ctxt():
    with open("/proc/stat", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("ctxt "))


def switches_of_system():
    return sum(message["counters"]["voluntary"] + message["counters"]["involuntary"]
               for message in json.loads(cli("--dump", "cpu-get")) if "counters" in message)


def command_line():
    """Every command, by cli.py, which has a new socket each time."""
    pid = int(sys.argv[5])
    tried = {"info-get", "cpu-get", "watch-new", "watch-get", "watch-stop", "watch-del",
             "task-get", "group-get", "cost-attach", "cost-detach"}
    equal("commands", {line.split()[0] for line in cli("--list-ops").splitlines()} -
          {"exit-ntf"}, tried)

    ynl = json.loads(cli("--do", "info-get"))
    status = of_tool("status", "--json")["module"]
    equal("info", [ynl["version"], sorted(ynl["hook"]), ynl["records-max"], ynl["watches"]],
          [status["version"], sorted(status["hooks"]), status["records_max"],
           status["watches"]])

    before = ctxt()
    first = switches_of_system()
    between = ctxt()
    for _ in range(20):
        time.sleep(0.001)
    low = ctxt() - between
    counted = switches_of_system() - first
    high = ctxt() - before
    print(f"switches: {counted}, and {low} to {high} as /proc/stat has it")
    if not low <= counted <= high:
        sys.exit("they do not fit")

    new = json.dumps({"kind": "group", "pid": [pid]})
    number = json.loads(cli("--multi", "watch-new", new))[0]["watch"] + 1
    watched = json.dumps({"watch": number})
    replies = json.loads(cli("--multi", "watch-new", new, "--multi", "watch-get", watched,
                             "--multi", "watch-stop", watched, "--multi", "watch-get", watched,
                             "--multi", "watch-del", watched))
    threads = len(os.listdir(f"/proc/{pid}/task"))
    equal("a watch from beginning to end",
          [replies[0]["watch"], replies[1]["records"], replies[2], replies[3]["records"],
           replies[4]], [number, threads, None, threads, None])
    for dump in "task-get", "group-get":
        said = cli("--dump", dump, "--json", watched, status=1)
        equal(f"{dump} of a watch that has ended", "no such watch" in said, True)

    replies = json.loads(cli("--multi", "cost-attach", "{}", "--multi", "info-get", "{}",
                             "--multi", "cost-detach", "{}", "--multi", "info-get", "{}"))
    equal("sockets that measure costs", [replies[1]["cost-hook"]["sockets"],
                                         replies[3]["cost-hook"]["sockets"]], [1, 0])


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


{"info": info, "watch": watch, "kinds": kinds, "exits": exits, "errors": errors,
 "command-line": command_line}[CHECK]()
