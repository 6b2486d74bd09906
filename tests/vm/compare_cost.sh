#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare start-time switch-cost`: what is set is so, by what the
# kernel says, and verdicts that turn.
#
# cpus: 2
# short: none

# shellcheck disable=SC2016 # the variables of jq
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

json=$work/json

# compare EXPERIMENT PARAMS [OPTION]...
compare() {
	local experiment=$1 params=$2

	shift 2
	schedsplit compare --quick --trials 6 --warmup 0 --seed 1 --param "$params" \
		--json="$json" "$@" "$experiment" 2>&1
	holds "$json" '.source == "module" and ([.experiments[0].measurements[].kernel.proof
		| .tasks_mismatched + .lost] | max == 0)'
}

# --- start-time ---

# memory_is HUGE WANTED-HUGE-KIB: the creator's, in every run of the worker program
memory_is() {
	with_stub smaps start compare start-time "cpu=same,rss_mib=32,huge_pages=$1" --trials 1
	cat "$work/libexec/smaps"
	awk -v huge="$2" '
		# a program has some 200 KiB of its own
		$1 < 32768 || $1 > 34816 || $2 != huge { bad = 1 }
		END { exit bad || NR < 6 }' "$work/libexec/smaps"
}

# Every page of 4 KiB, after fork: each is copied, and for nobody else. The
# creator's stack may have a page to be copied too.
rewriting() {
	jq -c '.experiments[0].measurements[] | select(.metric == "creator_rewrite") |
		[.params.method, .samples[].counts.creator_faults]' "$json"
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "creator_rewrite")] |
		length == 6 and all(.samples[0].counts.creator_faults -
			(if .params.method == "fork" then 32 * 256 else 0 end)
			| . >= 0 and . <= 8)'
	holds "$json" '[.experiments[0].ratios[] | select(.metric == "creator_rewrite"
		and .params.method == "fork" and .params.to_method == "pthread-cold").value]
		| length == 1 and .[0] > 3'
}

echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
check "start-time: huge pages are there" memory_is on 32768
check "start-time: memory is there, and no huge page" memory_is off 0
# By the last run, which had none.
check "start-time: after fork a creator pays for its writes" rewriting
echo always >/sys/kernel/mm/transparent_hugepage/enabled
check "start-time: no huge page unless asked for" memory_is off 0
echo never >/sys/kernel/mm/transparent_hugepage/enabled
left_out() {
	schedsplit compare --quick --trials 1 --param cpu=same,rss_mib=32,huge_pages=on \
		--json="$json" start-time
	holds "$json" '[.experiments[0].measurements[] | .n] | max == 0'
	holds "$json" '[.experiments[0].measurements[].left_out | test("huge pages")] | all'
}
check "start-time: huge pages that are not to be had are left out" left_out
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled

# verdict EXPERIMENT WANTED [OPTION]...
verdict() {
	jq -c '.claims[0] | .verdict, .why' "$json"
	holds "$json" '.claims[0].id == $id and .claims[0].verdict == $wanted' \
		--arg id "$1" --arg wanted "$2"
}
# start_time STUB WANTED
start_time() {
	with_stub "$1" start compare start-time rss_mib=0
	verdict start-time "$2"
}
check "start-time: forks that load a program, it holds" start_time forks_are_spawned holds
check "start-time: methods swapped, it fails" start_time methods_are_swapped fails

# --- switch-cost ---

# ring N: of N workers makes N switches a round, by the workers' own counts. The
# module also sees the rounds to warm up, and how the workers came there.
ring() {
	compare switch-cost "method=pipe,cpu=same,ring=$1" --trials 1
	jq -c '.experiments[0].measurements[] | select(.metric == "switch") |
		[.arm, .iterations, .samples[0].counts, .kernel.space, [.kernel.classes[] |
		.switches_voluntary + .switches_involuntary]]' "$json"
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "switch")] |
		length == 3 and all(.iterations as $rounds |
			(if .arm == "process" then .kernel.space.cross else .kernel.space.same end)
				as $of_its_kind | .samples[0].counts.switches as $own |
			([.kernel.classes[] | .switches_voluntary + .switches_involuntary] | add)
				as $all |
			$own >= $n * ($rounds - 1) and $own <= $n * ($rounds * 1.2 + 1) and
			$all >= $own and $all <= $own + $n * ($rounds / 3 + 30) and
			$of_its_kind > 0.9 * $own)' --argjson n "$1"
}
check "switch-cost: a ring of 2" ring 2
check "switch-cost: a ring of 9" ring 9

# slow ARM WANTED
slow() {
	with_stub "slow_$1" switch compare switch-cost \
		method=futex,pipe,eventfd,sched_yield,cpu=same
	verdict switch-cost "$2"
}
check "switch-cost: slow processes, it holds" slow processes holds
check "switch-cost: slow threads, it fails" slow threads fails
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
