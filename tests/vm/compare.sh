#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare` with the module: a point of each experiment.
#
# cpus: 2
# short: 6.1 6.12
# kmemleak: off

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json

# compare EXPERIMENT PARAMS FILTER
compare() {
	schedsplit compare --quick --trials 6 --seed 1 --param "$2" "$1" \
		--json="$json" --csv="$work/csv" >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	grep -q emulated "$work/out"
	holds "$json" '.schema == "schedsplit-compare/1" and .source == "module" and .seed == 1
		and .timing == "emulated" and (.experiments | length == 1)
		and (.experiments[0].measurements | length > 0)
		and ([.experiments[0].measurements[] | .n] | min >= 6)
		and ([.experiments[0].measurements[] | .arm] | index("process") and index("thread"))
		and ([.claims[] | .verdict] | inside(["holds", "fails", "depends", "inconclusive",
						      "not-measured"]))
		and '"$3"
	[ "$(wc -l <"$work/csv")" -gt 12 ]
}

# What a kernel's counts must be, whatever the machine: processes have no
# threads, threads do, and two that take turns switch.
# In every point, migrations by distance are all there are.
moved='([.experiments[0].measurements[].kernel | ([.migrations[]] | add) ==
	([.classes[] | .migrations] | add)] | all)'
# In each cell a start is the sum of its parts, the last of them what is left: not
# less than a bucket of the histogram is wide.
started='([.experiments[0].measurements[] | {key: (.metric + " " + .params.method),
		value: [.samples[].value]}] | from_entries) as $of |
	[$of | keys[] | select(startswith("rest ")) | .[5:]] | length == 6 and all(
		. as $cell | ["to_wakeup ", "to_run ", "rest ", "first_instruction "] |
		[.[] | $of[. + $cell]] | transpose |
		all(.[0] > 0 and .[1] > 0 and .[2] > -0.25 * (.[0] + .[1]) and
			(.[0] + .[1] + .[2] - .[3] | fabs) < 1))'
check "switch-cost" compare switch-cost method=pipe,cpu=same \
	'([.experiments[0].measurements[] | select(.arm == "thread" and .metric == "switch")
		| .kernel.classes.thread | .switches_voluntary] | min > 0)'
check "start-time" compare start-time cpu=same,rss_mib=0 "$moved and ($started)"
check "cpu-bound" compare cpu-bound workload=primes,start=steady "$moved"
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
