#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a VM with one CPU on an instruction-count clock: print, a line each,
# "op ARM WAY INSTRUCTIONS", the length of one operation of a pipe ping-pong,
# which is two switches. WAY: base, loaded, watched, cost, both, again (bare), perf.
set -euo pipefail

loops=${1:-20000}
module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ping ARM [PREFIX...]: instructions of one operation
ping() {
	local arm=$1 flags=()
	shift
	[ "$arm" = process ] || flags=(-T)
	"$@" taskset -c 0 perf bench sched pipe "${flags[@]}" -l "$loops" \
		>"$work/out" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
	awk '$2 == "usecs/op" { print $1 * 1000 }' "$work/out"
}

# measure WAY [PREFIX...]
measure() {
	local way=$1 arm trial
	shift
	for arm in process thread; do
		for trial in 1 2 3; do
			echo "op $arm $way $(ping $arm "$@") $trial"
		done
	done
}

echo 0 >/proc/sys/kernel/numa_balancing 2>/dev/null || true
ping process >/dev/null		# warm caches: file pages, and what is emulated
ping thread >/dev/null
measure base
if [ -e "$module" ]; then
	insmod "$module"
	measure loaded
	if [ -x build/schedsplit ]; then
		measure watched build/schedsplit stat -o "$work/stat" --
		measure cost build/schedsplit stat -a --cost -o "$work/stat" --
		measure both build/schedsplit stat --cost -o "$work/stat" --
	fi
	rmmod schedsplit
fi
measure again
measure perf perf stat -o "$work/perf" -a -e context-switches,cpu-migrations
