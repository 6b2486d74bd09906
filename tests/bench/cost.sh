#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a VM with one CPU on an instruction-count clock: tests/bench/cost.sh DIR
# HOW...; for each HOW, tells the host in DIR that it is ready, waits until it is
# to go, and lets the pair HOW run below `schedsplit stat --cost`.
set -euo pipefail

dir=$1
shift
# Not from build/, where each start would read the program anew from the host.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp build/schedsplit build/tests/bin/pair "$work"

run() {
	"$work/schedsplit" stat --cost --json="$work/$1.json" -o "$work/table" -- \
		"$work/pair" "$1" 100 >/dev/null
}

grep -E ' (finish_task_switch.*|enter_lazy_tlb)$' /proc/kallsyms >"$dir/symbols"
cat /sys/module/schedsplit/sections/.text >"$dir/text"
for how; do
	run "$how"	# once before, for what is found in no cache yet
	: >"$dir/ready-$how"
	until [ -e "$dir/go-$how" ]; do :; done
	run "$how"
	cp "$work/$how.json" "$dir/"
	: >"$dir/done-$how"
	until [ -e "$dir/end-$how" ]; do :; done
done
