#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manual.py SCHEDSPLIT: does the manual say what the program says?

Every rule of `compare --list`, word by word, and every option that a command's
--help has, both of its names.
"""
import os
import re
import subprocess
import sys

MAN = os.path.join(os.path.dirname(__file__), "../user/man")


def say(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def page(name):
    """The text of a manual page, without its macros, in one line."""
    with open(os.path.join(MAN, name), encoding="utf-8") as file:
        lines = (line.rstrip("\n") for line in file)
        text = " ".join(line[2:] if line.startswith("\\&") else line for line in lines)
    return re.sub(r"\s+", " ", text.replace("\\(dq", '"'))


def main(program):
    found = []
    compared = 0
    rules = re.findall(r"^  rule: (.*)$", say(program, "compare", "--list"), re.M)
    manual = page("schedsplit-compare.1")
    for rule in rules:
        compared += 1
        if "Rule: " + rule not in manual:
            found.append("schedsplit-compare.1 lacks the rule: " + rule)
    for command in re.findall(r"^  ([a-z]+)  ", say(program, "--help"), re.M):
        manual = page(f"schedsplit-{command}.1")
        words = say(program, command, "--help")
        found += [f"{command} --help: --{option} has no short twin"
                  for option in re.findall(r"^ +--([a-z-]+)", words, re.M)]
        for short, option in re.findall(r"^  -([A-Za-z]), --([a-z-]+)", words, re.M):
            if not re.search(rf"Fl {short} , Fl -{option}\b", manual):
                found.append(f"schedsplit-{command}.1 lacks -{short}, --{option}")
        for option in set(re.findall(r"--([a-z][a-z-]+)", words)):
            compared += 1
            if not re.search(rf"Fl -{option}\b", manual):
                found.append(f"schedsplit-{command}.1 lacks --{option}")
    print(*found, f"{compared} rules and options compared, {len(found)} missing", sep="\n")
    if found or len(rules) < 10:
        sys.exit(1)


main(sys.argv[1])
