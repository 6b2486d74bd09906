#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""completion.py SCHEDSPLIT: do the shells complete all that the program has?

bash is asked; the text for zsh is searched.
"""
import os
import re
import subprocess
import sys

DIR = os.path.join(os.path.dirname(__file__), "../user/completion")
ASK = """
compopt() { :; }
source "$1/schedsplit.bash"
COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
_schedsplit
printf '%s\\n' "${COMPREPLY[@]}"
"""

found = []


def say(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check(what, offered, wanted):
    for word in set(wanted) - set(offered):
        found.append(f"{what}: {word} is missing")
    for word in set(offered) - set(wanted):
        found.append(f"{what}: there is no {word}")


def in_bash(*words):
    return say("bash", "-c", ASK, "bash", DIR, *words).split()


def options_of(text):
    return re.findall(r"--([a-z][a-z-]+)", text)


def zsh_functions():
    """Their bodies, by what follows _schedsplit in their names."""
    with open(os.path.join(DIR, "_schedsplit"), encoding="utf-8") as file:
        text = file.read()
    return text, dict(re.findall(r"^_schedsplit_?(\w*)\(\) \{\n(.*?)^\}", text, re.M | re.S))


def main(program):
    commands = re.findall(r"^  ([a-z]+)  ", say(program, "--help"), re.M)
    listed = say(program, "compare", "--list")
    experiments = re.findall(r"^([a-z-]+): ", listed, re.M)
    parameters = {name + "=" for name in re.findall(r"^  parameter (\w+)", listed, re.M)}
    columns = re.search(r"--sort COLUMN (.*?)\n +-", say(program, "top", "--help"), re.S)[1]
    columns = re.findall(r"\w+", columns.replace("(default)", ""))
    zsh, functions = zsh_functions()
    general = zsh[:zsh.index("()")]

    check("bash", in_bash(program, ""), [*commands, "help", "--help", "--version"])
    check("bash: help", in_bash(program, "help", ""), commands)
    check("bash: compare", in_bash(program, "compare", ""), experiments)
    check("bash: compare -p", in_bash(program, "compare", "-p", ""), parameters)
    check("bash: top -s", in_bash(program, "top", "-s", ""), columns)
    check("zsh", re.findall(r"'([a-z]+):", functions[""]), [*commands, "help"])
    check("zsh: top -s", re.search(r"columns=\((.*?)\)", functions["top"], re.S)[1].split(),
          columns)
    for command in commands:
        wanted = options_of(say(program, command, "--help"))
        check("bash: " + command, options_of("\n".join(in_bash(program, command, "--"))), wanted)
        text = general + functions[command]
        if "_schedsplit_watch" in text:
            text += functions["watch"]
        check("zsh: " + command, re.findall(r"--([a-z-]+)[=}[]", text), wanted)
    print(*found, f"{len(found)} differences", sep="\n")
    if found or len(experiments) < 10 or len(parameters) < 10 or len(commands) < 5:
        sys.exit(1)


main(sys.argv[1])
