#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The preemption models that a kernel can be booted with.
#
# kernels: 6.1 6.1-cloud 6.12 6.12-cloud
# short: 6.12
# cpus: 2
# options: -a preempt=none
# options: -a preempt=voluntary
# options: -a preempt=full
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

wanted=$(sed 's/.*preempt=\([a-z]*\).*/\1/' /proc/cmdline)
check "it is $wanted" grep -q "($wanted)" /sys/kernel/debug/sched/preempt

counts() {
	schedsplit stat --per-task --per-group --per-cpu --hist --json="$work/json" -o "$work/table" -- \
		crowd -p 3 -t 3 -s 20
	tests/vm/stat_check.py "$work/json" 'len(tasks) == 13' 'total["forks"] == 12' \
		'total["exits"] == 13' 'of("thread") >= 9 * 20' 'proof["holds"]'
}
check "a command's counts" counts

system() {
	schedsplit stat -a --per-task --json="$work/json" -o "$work/table" -- \
		hackbench -g 1 -f 4 -l 200
	tests/vm/stat_check.py "$work/json" 'of("process") > 0' 'of("idle") > 0'
	schedsplit stat -a --per-task --json="$work/json" -o "$work/table" -- \
		hackbench -T -g 1 -f 4 -l 200
	tests/vm/stat_check.py "$work/json" 'of("thread") > 0'
}
check "the system's counts" system
