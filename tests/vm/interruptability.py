# SPDX-License-Identifier: GPL-2.0-or-later
"""Who dies, stops and survives: the worker program's facts against our own.

    interruptability.py SIGNALS JSON

Starts SIGNALS (the worker program) by hand up to the moment at which its workers
stand ready, sends one of them a signal, reads their states in /proc, and holds
what it sees against the figures in JSON, a result of `compare`.
"""
import ctypes
import glob
import json
import os
import signal
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
SYS_TGKILL = 234


def kill(_tgid, tid, number):
    os.kill(tid, number)


def tgkill(tgid, tid, number):
    if libc.syscall(SYS_TGKILL, tgid, tid, number):
        raise OSError(ctypes.get_errno(), "tgkill")


def status(path):
    """The file's fields, {} if the task is gone."""
    try:
        with open(path, encoding="ascii") as file:
            return {name: text.strip() for name, _, text in
                    (line.partition(":") for line in file)}
    except (FileNotFoundError, ProcessLookupError):
        return {}


def find_workers():
    """(tgid, tid) of each, the target first."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/task/[0-9]*/status"):
        fields = status(path)
        if fields.get("Name", "").startswith("worker ") and fields["State"][0] != "Z":
            found[fields["Name"]] = (int(fields["Tgid"]), int(fields["Pid"]))
    return [found[name] for name in sorted(found)]


def states(workers):
    """How many died, stopped, survived."""
    letters = [status(f"/proc/{tgid}/task/{tid}/status").get("State", "X")[0]
               for tgid, tid in workers]
    dead = sum(letter in "XZ" for letter in letters)
    stopped = letters.count("T")
    return dead, stopped, len(letters) - dead - stopped


def settled(workers):
    """... once that has not changed for a while."""
    last, since = None, 0
    while last is None or time.monotonic() - since < 0.2:
        now = states(workers)
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.02)
    return last


def see(program, arm, call, number):
    """States after the signal, and after SIGCONT."""
    report, control = os.pipe(), os.pipe()
    child = subprocess.Popen(
        [program, f"arm={arm}", "action=SIGKILL", "by=kill", "workers=4", "iterations=1",
         "cpus=0", f"report={report[1]}", f"control={control[0]}"],
        pass_fds=(report[1], control[0]), start_new_session=True)
    try:
        assert os.read(report[0], 64) == b"ready\n"
        workers = find_workers()
        assert len(workers) == 4, workers
        assert len({tgid for tgid, _ in workers}) == (4 if arm == "process" else 1)
        call(*workers[0], number)
        after = settled(workers)
        later = None
        if number == signal.SIGSTOP:
            call(*workers[0], signal.SIGCONT)
            later = settled(workers)
        return after, later
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for fd in report + control:
            os.close(fd)
        while find_workers():
            time.sleep(0.02)


def figure(result, metric, action, by, arm):
    """Of the JSON: the same in every trial, or None."""
    for m in result["experiments"][0]["measurements"]:
        if (m["metric"], m["arm"], m["params"]) == (metric, arm, {"action": action, "by": by}):
            return m["median"] if m["min"] == m["max"] else None
    return None


def main():
    program, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    wrong = 0
    for number in signal.SIGKILL, signal.SIGSTOP, signal.SIGINT:
        for call in kill, tgkill:
            for arm in "process", "thread":
                where = (number.name, call.__name__, arm)
                after, later = see(program, arm, call, number)
                said = tuple(figure(result, m, *where) for m in ("died", "stopped", "survived"))
                print(*where, "seen", after, later, "said", said)
                wrong += after != said
                if later:
                    wrong += later[2] != figure(result, "continued", *where)
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
