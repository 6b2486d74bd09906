#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What workers take of memory, as /proc/meminfo has it for the whole machine,
against what memory-footprint adds up from their processes.

MemFree is no oracle: the kernel's caches come and go in it."""

import itertools
import sys

from held import Held

# Of fewer, a table that is there anyway shows in what each one takes.
WORKERS = (200,)
ORACLE = {"pss_anon": "AnonPages:", "page_tables": "PageTables:",
          "kernel_stacks": "KernelStack:"}


def meminfo():
    """In bytes. The counters are kept by CPU, and lag until they are asked for."""
    with open("/proc/sys/vm/stat_refresh", "w") as refresh:
        refresh.write("1")
    with open("/proc/meminfo") as lines:
        words = [line.split() for line in lines]
    return {line[0]: 1024 * int(line[1]) for line in words}


def run(arm, state, workers):
    """What a worker took, and the program's own figures.

    Within one run: where the stack begins in its page, for one, is different in
    the next."""
    held = Held("footprint", arm=arm, state=state, workers=workers)
    held.ready()
    before = meminfo()
    held.done()
    after = meminfo()
    figures = held.end()
    return {name: (after[name] - before[name]) / workers for name in ORACLE.values()}, figures


def main():
    wrong = 0
    for state, arm, workers in itertools.product(sys.argv[1:], ("process", "thread"), WORKERS):
        taken, figures = run(arm, state, workers)
        for metric, name in ORACLE.items():
            found, wanted = figures[metric], taken[name]
            good = abs(found - wanted) <= 0.1 * wanted
            wrong += not good
            print(f"{state}, {workers} of arm {arm}: {metric} {found:.0f} B a worker,",
                  f"{name} {wanted:.0f}", "" if good else "WRONG")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
