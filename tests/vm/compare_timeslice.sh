#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare timeslice`: slices that workers saw against switches and
# run time that the kernel counted, and a verdict that turns.
#
# cpus: 2
# short: none

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
knobs=/sys/kernel/debug/sched

# compare [OPTION]...
compare() {
	schedsplit compare timeslice --quick --seed 1 --json="$json" "$@" 2>&1
}

# knob NAME VALUE: of the scheduler; kept as it was in $work/NAME
knob() {
	[ -e "$knobs/$1" ] || return 0
	cat "$knobs/$1" >"$work/$1"
	echo "$2" >"$knobs/$1"
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	local file

	for file in base_slice_ns latency_ns min_granularity_ns; do
		[ ! -e "$work/$file" ] || cat "$work/$file" >$knobs/$file
	done
	echo NO_HRTICK >$knobs/features
}

proved() {
	holds "$json" '.source == "module" and ([.experiments[0].measurements[].kernel.proof
		| .tasks_mismatched + .lost] | max == 0)'
}

# contended FILTER: true for each cell with more workers than CPUs, given sums
# over its trials: $seen gaps, $counted switches, $slices of $ns, $workers
contended() {
	holds "$json" '[.experiments[0].measurements[] |
		select(.metric == "slice_mean" and .params.per_cpu > 1) |
		[.samples[] | select(.warmup | not)] as $s |
		([$s[].counts.switches_seen] | add) as $seen |
		([$s[].counts.switches_counted] | add) as $counted |
		([$s[].counts.slices] | add) as $slices |
		([$s[].numerator] | add) as $ns |
		(.kernel.trials * .params.per_cpu * if .params.on == "all" then 2 else 1 end)
			as $workers |
		.kernel.classes[.arm] as $class | '"$1"'] | length == 8 and all'
}

# Two switches between two readings of the clock are one gap.
seen_all() {
	contended '$counted > 0 and $seen <= $counted and $seen >= 0.9 * $counted'
}

# The module counts on until all have gone to sleep, once each: until then each
# may be preempted some times more. In arm process, the task that starts them too.
module_agrees() {
	contended '($class.switches_voluntary + $class.switches_involuntary) as $switches |
		$switches >= $counted and
		(.arm == "process" or $class.switches_involuntary <= $counted + 3 * $workers)'
}

# A worker's stays are one more than its switches in the measured part. Those at
# its edges are no slices; where a worker may have a CPU to itself for long they
# are the longest, so on one CPU only.
slices_agree() {
	contended '($ns / $slices) as $mean | .params.on == "all" or .arm == "process" or
		($class.run_ns / ($counted + $workers)) as $stay |
		$mean > 0.5 * $stay and $mean < 1.5 * $stay'
}

# The length of a queue is known on one CPU, since nobody can be elsewhere.
queue() {
	holds "$json" '[.experiments[0].measurements[] |
		select(.metric == "run_queue" and .params.on == "one" and .params.per_cpu > 1) |
		.median / .params.per_cpu | . > 0.7 and . < 1.5] | length == 4 and all'
}

# What the rule says, worked out from the intervals and the samples.
by_rule() {
	holds "$json" '[.experiments[0].measurements[] | select(.params.per_cpu > 1) |
		if .metric == "slice" then .ci95 != null and .ci95[0] >= 5e5 and .ci95[1] <= 2e6
		elif .metric == "wait_p999" then .max <= 1e8
		else empty end] as $points |
		($points | length == 16)
		and (.claims[0].verdict == "holds") == ($points | all)'
}

# median_slice LO HI: in ms, in every contended cell of one CPU
median_slice() {
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "slice"
		and .params.per_cpu > 1 and .params.on == "one") | .median / 1e6 |
		. >= $lo and . <= $hi] | length == 4 and all' --argjson lo "$1" --argjson hi "$2"
}

compare --trials 6
check "every task is proved" proved
check "workers see their switches" seen_all
check "the module counted the same switches" module_agrees
check "slices are run time by switches" slices_agree
check "the run queue holds the workers" queue
check "the verdict follows from the figures" by_rule
# Ticks come every 4 ms on these kernels, and only they end a slice.
check "slices end with ticks" median_slice 2.1 12

# A timer of high resolution ends them instead: the verdict turns.
knob base_slice_ns 1000000
knob latency_ns 1000000
knob min_granularity_ns 1000000
echo HRTICK >$knobs/features
compare
check "slices of 1 ms are found" median_slice 0.5 2
check "the verdict still follows" by_rule
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
