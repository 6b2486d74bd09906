#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What two workers share, as kcmp(2) and /proc have it, against what
memory-sharing found by trying."""

import ctypes
import os

from held import Held, field, workers

SYS_KCMP = 312  # x86-64
KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND = range(5)
PAGES = 2048

libc = ctypes.CDLL(None, use_errno=True)


def same(a, b, kind, fd=0):
    """Whether two tasks have one and the same of what KIND is."""
    ret = libc.syscall(SYS_KCMP, a, b, kind, ctypes.c_ulong(fd), ctypes.c_ulong(fd))
    if ret < 0:
        raise OSError(ctypes.get_errno(), "kcmp")
    return ret == 0


def descriptor(tid, name):
    for fd in os.listdir(f"/proc/{tid}/fd"):
        if f"memfd:{name} " in os.readlink(f"/proc/{tid}/fd/{fd}"):
            return int(fd)
    raise RuntimeError(f"{tid} has no {name}")


def mapped(tid):
    """Inodes of what it maps shared."""
    with open(f"/proc/{tid}/maps") as maps:
        return {(line.split()[3], line.split()[4]) for line in maps if line.split()[1][3] == "s"}


def stat(tid, number):
    """Of the task alone: /proc/TID/stat adds up the faults of its group."""
    with open(f"/proc/{tid}/task/{tid}/stat") as text:
        return int(text.read().rpartition(")")[2].split()[number - 3])


def kernel_says(writer, looker):
    memory = same(writer, looker, KCMP_VM)
    says = dict.fromkeys(("heap", "stack", "globals", "private_mmap", "new_mmap",
                          "environment"), memory)
    says["descriptors"] = same(writer, looker, KCMP_FILES)
    says["file_offset"] = same(writer, looker, KCMP_FILE, descriptor(writer, "file"))
    says["cwd"] = says["umask"] = same(writer, looker, KCMP_FS)
    says["signal_handlers"] = same(writer, looker, KCMP_SIGHAND)
    # Of the mappings by name, the crew's own is the one that both always have.
    says["shared_mmap"] = says["shm"] = mapped(writer) == mapped(looker)
    says["signal_mask"] = field(writer, "SigBlk:") == field(looker, "SigBlk:")
    says["nice"] = stat(writer, 19) == stat(looker, 19)
    says["limits"] = (field(writer, "Max open files", "limits") ==
                      field(looker, "Max open files", "limits"))
    return says


def main():
    for arm in "process", "other", "thread":
        held = Held("sharing", arm=arm, workers=2, iterations=1, cpus=0, pin=0,
                    start="steady", pages=PAGES)
        held.ready()
        held.done()
        writer, looker = workers(held.pid, arm)
        says = kernel_says(writer, looker)
        faults = stat(writer, 10)
        figures = held.end()
        print(arm, faults, "faults", figures)
        for name, shared in says.items():
            assert figures[name] == shared, (arm, name, figures[name], shared)
        # One for each page, or none to speak of.
        assert (PAGES <= faults < 1.1 * PAGES) if arm == "process" else faults < 0.1 * PAGES


if __name__ == "__main__":
    main()
