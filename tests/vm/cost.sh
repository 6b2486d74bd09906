#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Direct costs of switches: each switch has one while they are measured; the
# hook comes and goes with those who ask, however they end.
#
# cpus: 2
# short: 6.1 6.12
# limit: 7200

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

tracing=/sys/kernel/tracing
json=$work/json
rounds=50	# at a time
times=1
[ "$SCHEDSPLIT_VM_KERNEL" = 6.12 ] || rounds=$(often 20)
[ "$SOAK" = 0 ] || rounds=50 times=20

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	sysctl -q kernel.ftrace_enabled=1 || :
	! [ -e "$work/load" ] || kill -KILL "$(<"$work/load")" || :
}

hooked() {
	grep -q '^finish_task_switch' $tracing/enabled_functions
}

not_hooked() {
	! hooked
}

# counted FILE: every switch of the scope has its cost, of its kind; all add up
counted() {
	holds "$1" '
		([.handoff[].switches] | add) as $switches |
		[.cost.kinds[].switches] as $kinds |
		$switches > 0 and
		# the one that was under way at either reading
		(($kinds | add) + .cost.missed - $switches | fabs) <= 2 * $cpus and
		([.cost.spaces[].switches] | add) == ($kinds | add) and
		([.cost.spaces[].cycles] | add) == ([.cost.kinds[].cycles] | add)' \
		--argjson cpus "$(nproc)"
	"${0%/*}/stat_check.py" --schema "$1"
	holds "$1" '. as $all | [.cost.spaces | to_entries[] |
		([$all.histograms.cost[.key][].count] | add // 0) == .value.switches] | all'
	holds "$1" '[.cost.spaces[] | .switches >= .tlb_flushed] | all'
	holds "$1" '.space as $space | .cost.spaces | [to_entries[] |
		(.value.switches - $space[.key] | fabs) <= 2 * $cpus] | all' \
		--argjson cpus "$(nproc)"
	holds "$1" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

# of_pair ARM: two tasks that have one CPU, and hand a byte to and fro
of_pair() {
	schedsplit stat --cost --hist --handoff --json="$json" -o "$work/table" -- \
		pair "$1" 2000 >"$work/facts"
	counted "$json"
	# all but the first and the last few
	holds "$json" '.cost.missed == 0'
}

# Nearly all switches between two processes are cross, between two threads same.
spaces() {
	of_pair process
	holds "$json" '.cost.spaces | .cross.switches >= 3900 and .same.switches < 100'
	of_pair thread
	holds "$json" '.cost.spaces | .same.switches >= 3900 and .cross.switches < 300'
	of_pair alone
	holds "$json" '.cost.spaces | .lazy.switches >= 1900'
}

of_system() {
	schedsplit stat -a --cost --hist --handoff --json="$json" -o "$work/table" -- \
		hackbench -g 2 -f 4 -l 100 >/dev/null
	counted "$json"
	holds "$json" '[.cost.kinds[] | select(.from == "idle" or .to == "idle")] | length > 0'
}

text() {
	schedsplit stat --cost --hist -o "$work/table" -- pair thread 500 >/dev/null
	cat "$work/table"
	grep -q 'lazy' "$work/table"
	grep -q 'cross' "$work/table"
}

# Nobody's attachment is another's.
together() {
	local pid

	schedsplit stat -a --cost -d 600 -o /dev/null &
	pid=$!
	wait_until hooked
	of_pair process
	hooked
	kill -TERM $pid
	wait $pid
	wait_until not_hooked
}

# killed N: asked for by three tools at once, which die whenever they do
killed() {
	local i pids

	for ((i = 0; i < $1; i++)); do
		pids=()
		for _ in 1 2 3; do
			schedsplit stat -a --cost -d 600 -o /dev/null &
			pids+=($!)
		done
		[ $((i % 5)) != 0 ] || wait_until hooked
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
		kill -KILL "${pids[@]}"
		wait "${pids[@]}" || :
	done
	wait_until not_hooked
	netlink info | grep "watches=0 records=0 "
}

under_load() {
	setsid sh -c 'while :; do hackbench -g 1 -f 4 -l 50; done' >/dev/null 2>&1 &
	echo -$! >"$work/load"
	killed "$rounds"
	kill -KILL -- "$(<"$work/load")"
	rm "$work/load"
}

# It can be switched off for all of the kernel: not while somebody measures, and
# who asks after that is told.
ftrace_off() {
	local pid

	schedsplit stat -a --cost -d 600 -o /dev/null &
	pid=$!
	wait_until hooked
	sysctl -q kernel.ftrace_enabled=0 2>/dev/null && return 1
	equal 1 "$(</proc/sys/kernel/ftrace_enabled)"
	of_pair process
	kill -TERM $pid
	wait $pid
	wait_until not_hooked
	sysctl -q kernel.ftrace_enabled=0
	status_is 1 schedsplit stat --cost -o /dev/null -- true 2>"$work/err"
	cat "$work/err"
	equal 1 "$(wc -l <"$work/err")"
	grep -q ftrace_enabled "$work/err"
	schedsplit stat --json="$json" -o /dev/null -- true
	holds "$json" '.proof.tasks_mismatched == 0'
	sysctl -q kernel.ftrace_enabled=1
	of_pair process
}

available() {
	schedsplit status --json="$json" >/dev/null
	holds "$json" '.. | objects | select(has("cost")) | .cost'
}

check "status says that costs can be measured" available
check "each switch has its cost, of its kind: lazy, same, cross" spaces
check "the system's too" of_system
check "as a table" text
check "nothing is hooked that nobody asks for" not_hooked
check "two tools at once" together
check "kernel.ftrace_enabled is held, or missed" ftrace_off
for ((i = 1; i <= times; i++)); do
	check "asked for and killed $((i * rounds)) times, under load" under_load
done
check "each switch has its cost still" spaces
check "the module can be unloaded" rmmod schedsplit
check "and nothing is hooked" not_hooked
