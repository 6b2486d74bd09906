#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare multicore`: its witness against the module and against
# what the scheduler allows, and a verdict that turns.
#
# cpus: 2
# short: 6.12
# kmemleak: off

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

json=$work/json

# compare [OPTION]...
compare() {
	schedsplit compare multicore --quick --seed 1 --json="$json" "$@" 2>&1
}

proved() {
	holds "$json" '.source == "module" and ([.experiments[0].measurements[].kernel.proof
		| .tasks_mismatched + .lost] | max == 0)'
}

# on POINT METRIC FILTER: of the measurements of both arms
on() {
	holds "$json" '[.experiments[0].measurements[] | select(.metric == $metric
		and .params.workload + "/" + .params.on == $point)] |
		length == 2 and all('"$3"')' --arg point "$1" --arg metric "$2"
}

# That of half of the trials at least.
hundredfold() {
	on handoff/all handoff_speedup '.median >= 100'
}

# On one CPU every hand-off but a trial's first needs a switch before it.
switches_bound_it() {
	on handoff/one handoffs '
		([.samples[] | select(.warmup | not) | .numerator / 1e9] | add) as $handoffs |
		([.kernel.classes[] | .switches_voluntary + .switches_involuntary] | add) as $s |
		$handoffs > 0 and $handoffs <= $s + .kernel.trials'
}

one_at_a_time() {
	on handoff/one running_per_cpu '.min == 1 and .max == 1
		and (.kernel.concurrency.ns | .[1] > 0 and (.[2:] | add // 0) == 0)'
	on arithmetic/one running_per_cpu '.min == 1 and .max == 1
		and (.kernel.concurrency.ns | .[1] > 0 and (.[2:] | add // 0) == 0)'
}

# The mean over all trials from the histogram, between those of each.
two_at_a_time() {
	on arithmetic/all running '(.kernel.concurrency.ns | (.[1] + 2 * .[2]) / (.[1] + .[2]))
		as $mean | $mean >= .min and $mean <= .max and .max > 1.5 and .max <= 2'
}

# Of this machine, whose CPUs are cores; processes share none as a group.
no_core_is_shared() {
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "shared_core" and
		.params.on == "all") | .arm, .max] | . == ["thread", 0, "thread", 0]'
}

# What the rule says, worked out from the intervals.
by_rule() {
	holds "$json" '
		def within(metric; point; lo; hi): [.experiments[0].measurements[] |
			select(.metric == metric and (.params.workload + "/" + .params.on |
				test(point))) | .ci95[0] >= lo and .ci95[1] <= hi];
		(within("handoff_speedup"; "handoff/all"; 100; infinite)
		 + within("work_speedup"; "arithmetic/all"; 0.75; infinite)
		 + within("running_per_cpu"; "/one"; 1; 1.01)
		 + within("running_per_cpu"; "arithmetic/all"; 0.75; 1.01)) as $points |
		($points | length == 10)
		and (.claims[0].verdict == "holds") == ($points | all)'
}

compare --trials 7
check "every task is proved" proved
check "the verdict follows from the intervals" by_rule
check "on one CPU no more hand-offs than switches" switches_bound_it
check "on one CPU one at a time" one_at_a_time
check "on two CPUs two at a time" two_at_a_time
check "on two CPUs no core is shared" no_core_is_shared
check "on two CPUs a hundred times as many hand-offs" hundredfold

# "One core runs one at a time" stays true.
turned() {
	with_stub one_cpu multicore compare --trials 10
	holds "$json" '.claims[0].verdict == "depends"'
	on handoff/all handoff_speedup '.median < 10'
	on arithmetic/all running_per_cpu '.median < 0.6'
}

check_tool "workers that share one CPU turn the verdict" turned
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
