#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0-or-later
"""offline.py RESULT.json [CPU...]: of a watch during which these CPUs, each as often
as it is named, went offline: everything is exact but for one switch each time."""
import collections
import sys

import result as reader


def main(path, *cpus):
    result = reader.load(path)
    try:
        reader.check_offlined(result, collections.Counter(map(int, cpus)))
    except reader.Broken as error:
        print(error)
        return 1
    print(f"{len(result['tasks'])} tasks, {result['proof']['untraced']} switches untraced")
    return 0


sys.exit(main(*sys.argv[1:]))
