# SPDX-License-Identifier: GPL-2.0-or-later
"""What `schedsplit stat --json` wrote, read by the tests."""
import json
import re

CLASSES = ("idle", "kthread", "worker", "process", "leader", "thread")
EVENTS = ("switches_voluntary", "switches_involuntary", "migrations", "wakeups")


class Values(dict):
    """A JSON object whose keys are attributes."""

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(f"no {name} in it: {sorted(self)}")
        return self[name]


class Broken(Exception):
    """Something that must hold does not."""


def require(true, text):
    if not true:
        raise Broken(text)


def equal(what, *values):
    """All (name, value) pairs have one value."""
    first = values[0][1]
    require(all(value == first for _, value in values),
            f"{what}: " + ", ".join(f"{name} {value}" for name, value in values))


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_hook=Values)


def switches(counts):
    return counts["switches_voluntary"] + counts["switches_involuntary"]


def total(classes, counter):
    return sum(counts[counter] for counts in classes.values())


def class_switches(classes):
    return sum(switches(counts) for counts in classes.values())


def handoff(result, source, target):
    """Switches from one class to another."""
    return sum(pair["switches"] for pair in result["handoff"]
               if pair["from"] == source and pair["to"] == target)


def check_sums(result):
    """Whatever one result says twice, it says alike."""
    classes = result["classes"]
    space = result["space"]
    equal("classes", ("are", tuple(classes)), ("should be", CLASSES))
    sums = [("classes", class_switches(classes)),
            ("handoff", sum(pair["switches"] for pair in result["handoff"])),
            ("space", space["lazy"] + space["same"] + space["cross"])]
    if "cpus" in result:
        sums.append(("CPUs", sum(class_switches(cpu["classes"])
                                 for cpu in result["cpus"])))
    # Those of a system scope are read at another time.
    parts = result["scope"]["kind"] != "system"
    if parts and "tasks" in result:
        sums.append(("tasks", sum(switches(task) for task in result["tasks"])))
    if parts and "groups" in result:
        sums.append(("groups", sum(switches(group["leader"]) + switches(group["thread"])
                                   for group in result["groups"])))
    equal("switches", *sums)
    require(space["same_group"] <= space["same"], f"space: {space}")
    for source, counts in classes.items():
        equal(f"switches of {source}", ("class", switches(counts)),
              ("handoff", sum(handoff(result, source, to) for to in CLASSES)))
    if parts and "tasks" in result:
        for event in EVENTS:
            equal(event, ("classes", total(classes, event)),
                  ("tasks", sum(task[event] for task in result["tasks"])))
        if "groups" in result:
            for event in EVENTS:
                equal(event, ("tasks", sum(task[event] for task in result["tasks"])),
                      ("groups", sum(group["leader"][event] + group["thread"][event]
                                     for group in result["groups"])))
    if "concurrency" in result:
        equal("time", ("concurrency", sum(result["concurrency"]["ns"])),
              ("duration", result["duration_ns"]))


def check_proof(result):
    proof = result["proof"]
    if "tasks" in result:
        equal("tasks", ("checked", proof["tasks_checked"]), ("listed", len(result["tasks"])))
        for task in result["tasks"]:
            require(task["matches_kernel"], f"does not match the kernel: {task}")
    require(proof["tasks_mismatched"] == 0 and proof["lost"] == 0 and
            proof["untraced"] == 0 and proof["adds_up"] and proof["holds"],
            f"proof: {proof}")
    if "ctxt" in proof:
        ctxt = proof["ctxt"]
        require(ctxt["kernel_low"] <= ctxt["counted"] <= ctxt["kernel_high"],
                f"ctxt: {ctxt}")
        equal("switches", ("proof", ctxt["counted"]),
              ("classes", class_switches(result["classes"])))


def check_offlined(result, times):
    """Nothing differs but one switch for each of the times that a CPU went offline:
    {CPU: times}. That is of what stopped it. And threads of interrupts that it woke
    when it was offline already may have moved unseen, as irq_set_thread_affinity()
    does: the proof says so."""
    differ = [task for task in result["tasks"] if not task["matches_kernel"]]
    for task in differ:
        kernel = task["kernel"]
        require(task["comm"].startswith("irq/") and task["class"] == "kthread" and
                all(task[key] == kernel[key]
                    for key in ("switches_voluntary", "switches_involuntary")) and
                0 < kernel["migrations"] - task["migrations"] <= sum(times.values()),
                f"does not match the kernel: {dict(task)}")
    proof = result["proof"]
    equal("tasks", ("checked", proof["tasks_checked"]), ("listed", len(result["tasks"])))
    equal("tasks that differ", ("proof", proof["tasks_mismatched"]), ("listed", len(differ)))
    require(not proof["lost"] and proof["adds_up"] and proof["holds"] == (not differ),
            f"proof: {dict(proof)}")
    check_sums(result)
    untraced = {}
    for task in result["tasks"]:
        if task.get("untraced"):
            cpu = re.fullmatch(r"migration/(\d+)", task["comm"])
            require(cpu and task["class"] == "kthread", f"untraced: {dict(task)}")
            untraced[int(cpu.group(1))] = task["untraced"]
    equal("untraced switches of migration/CPU", ("counted", untraced), ("offlined", times))
    equal("untraced switches", ("counted", proof["untraced"]),
          ("offlined", sum(times.values())))
