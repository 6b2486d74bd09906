#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who runs beside whom in a group, and whether on one core: against what the
# program itself knows of when its tasks spun together.
#
# kernels: 6.1 6.12
# cpus: 4
# options: -T 1x2x2
# kmemleak: off

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json

# run CPU CPU [COMMAND...]: below COMMAND, the test program on these CPUs
run() {
	local a=$1 b=$2

	shift 2
	schedsplit stat --per-group --json="$json" -o "$work/table" -- \
		"$@" beside "$a" "$b" 400 >"$work/facts"
	sed 's/^\(.*\) \(.*\)$/{"\1": \2}/' "$work/facts" | jq -s add >"$work/facts.json"
	"${0%/*}/stat_check.py" --schema "$json"
	cat "$work/facts.json"
	jq '.groups[] | select(.comm == "beside") | {beside, concurrency}' "$json"
	holds "$json" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

# times FILE FILTER: of what the group was, given $facts of the program. A pair is on
# CPUs while it spins, but for what the kernel did not give either of them then, and
# for no longer than either of them is.
times() {
	local file=$1

	holds "$file" 'def within($counted; $least; $most): $counted >= 0.9 * $least and
			$counted <= 1.1 * $most;
		$list[0] as $facts | [.groups[] | select(.comm == "beside") | .beside] |
		length == 1 and (.[0] | '"$2)" --slurpfile list "$work/facts.json"
}

# pairs FILE
pairs() {
	times "$1" 'within(.leader_ns; $facts.leader; $facts.leader_most) and
		within(.threads_ns; $facts.threads; $facts.threads_most)'
}

siblings() {
	run 0 1
	pairs "$json"
	times "$json" 'within(.one_core_ns; $facts.leader + $facts.threads;
		$facts.leader_most + $facts.threads_most)'
}

cores() {
	run 0 2
	pairs "$json"
	times "$json" '.one_core_ns == 0'
}

# Each of several watches counts by itself.
twice() {
	schedsplit stat -a --per-group --json="$work/all" -o /dev/null -d 60 &
	wait_until eval 'netlink info | grep -q "^watches=1 "'
	run 0 1
	kill -TERM $!
	wait $!
	pairs "$json"
	pairs "$work/all"
}

# A worker of each sibling, and one of each of two cores.
compared() {
	taskset -c "$1" schedsplit compare multicore --quick --trials 6 --seed 1 \
		--param workload=handoff,on=all --json="$json" >/dev/null 2>&1
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "shared_core") |
		.arm, (.median - $wanted | fabs) < 0.1] | . == ["thread", true]' \
		--argjson wanted "$2"
}

table() {
	cat "$work/table"
	grep -q 'leader and thread' "$work/table"
}

check "two siblings of a core: pairs, and on one core" siblings
check "two cores: pairs, and not on one" cores
check "two watches at once" twice
check "as a table" table
check "workers of compare multicore: on siblings" compared 0,1 1
check "... and on two cores" compared 0,2 0
check "no CPU shows a group any more: the module can be unloaded" rmmod schedsplit
