#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a VM with one CPU on an instruction-count clock: print, a line each,
# "switch ARM PROGRAM NANOSECONDS", the time of one switch between two tasks
# that hand a turn to and fro by pipes, as perf and as schedsplit have it.
set -euo pipefail

loops=${1:-20000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A loop of perf's is a round trip, so two switches.
perf_bench() {
	local arm=$1 flags=()

	[ "$arm" = process ] || flags=(-T)
	taskset -c 0 perf bench sched pipe "${flags[@]}" -l "$loops" >"$work/out" 2>"$work/err" ||
		{ cat "$work/err" >&2; return 1; }
	awk -v arm="$arm" '$2 == "usecs/op" { print "switch", arm, "perf", $1 * 1000 / 2 }' \
		"$work/out"
}

echo 0 >/proc/sys/kernel/numa_balancing 2>/dev/null || true
perf_bench process >/dev/null		# warm caches: file pages, and what is emulated
for arm in process thread; do
	for _ in 1 2; do
		perf_bench $arm
	done
done
# Not from build/, where each start would read the program anew from the host:
# meanwhile the guest is idle, and on this clock idle time passes at once, any
# time limit with it.
cp -r build/schedsplit build/libexec "$work/"
status=0
"$work/schedsplit" compare switch-cost --cpus 0 --quick --trials 7 --seed 1 \
	--param method=pipe,cpu=same --json="$work/json" >"$work/out" 2>"$work/err" || status=$?
[ $status = 0 ] || { cat "$work/out" "$work/err" >&2; exit $status; }
jq -r '.experiments[].measurements[] | select(.metric == "switch" and .arm != "other") |
	"switch \(.arm) schedsplit \(.median)"' "$work/json"
