# SPDX-License-Identifier: GPL-2.0-or-later
"""A worker program run by hand, and held where it is at rest.

What the tool does in a trial (user/work/common/protocol.h): the program says
`ready`, and later `done`, and each time waits for a byte."""

import ctypes
import os
import shutil
import subprocess

PR_SET_THP_DISABLE = 41


def no_huge_pages():
    """As in a trial: see run_child() in user/worker.c."""
    if ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0):
        raise OSError("cannot turn huge pages off")


def programs():
    """Where the worker programs are."""
    tool = os.path.realpath(shutil.which("schedsplit"))
    return os.path.join(os.path.dirname(tool), "libexec", "schedsplit")


class Held:
    """Starts the program; `ready` and `done` hold it, `end` lets it end."""

    def __init__(self, name, /, **arguments):
        report, report_end = os.pipe()
        control_end, self.control = os.pipe()
        self.report = os.fdopen(report)
        self.process = subprocess.Popen(
            [os.path.join(programs(), name),
             f"report={report_end}", f"control={control_end}"] +
            [f"{key}={value}" for key, value in arguments.items()],
            pass_fds=(report_end, control_end), preexec_fn=no_huge_pages,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        os.close(report_end)
        os.close(control_end)
        self.pid = self.process.pid
        self.figures = {}

    def until(self, word):
        """Listens until the program says @word."""
        for line in self.report:
            said = line.split()
            if said[0] == word:
                return
            if said[0] == "metric":
                self.figures[said[1]] = int(said[2]) / int(said[3])
            elif said[0] != "count":
                raise RuntimeError(f"the program said {line}")
        raise RuntimeError(f"the program did not say {word}")

    def ready(self):
        """Everything is set up, there are no workers."""
        self.until("ready")

    def done(self):
        """Goes on to where all workers are still there, and at rest."""
        os.write(self.control, b"\0")
        self.until("done")

    def end(self):
        """Lets it end. Returns its figures."""
        os.write(self.control, b"\0")
        self.until("end")
        if self.process.wait():
            raise RuntimeError(f"the program ended with {self.process.returncode}")
        os.close(self.control)
        self.report.close()
        return self.figures


def field(pid, name, file="status"):
    """What /proc/PID/FILE says after NAME: as text."""
    with open(f"/proc/{pid}/{file}") as lines:
        for line in lines:
            if line.startswith(name):
                return line[len(name):].strip()
    raise RuntimeError(f"/proc/{pid}/{file} has no {name}")


def children(pid):
    """Its children, in the order of their birth (unless pids have wrapped)."""
    with open(f"/proc/{pid}/task/{pid}/children") as text:
        return sorted(int(child) for child in text.read().split())


def threads(pid):
    """Its threads but the first, likewise."""
    return sorted(int(tid) for tid in os.listdir(f"/proc/{pid}/task"))[1:]


def workers(pid, arm):
    """The workers that it created."""
    return threads(pid) if arm == "thread" else children(pid)
