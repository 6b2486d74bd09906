#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How far tasks move, and why: forced by sched_setaffinity() between CPUs whose
# distance sysfs tells, and against the call stacks of the kernel's own
# sched_migrate_task events.
#
# kernels: 6.1 6.12
# short: 6.12
# cpus: 4
# options: -T 1x2x2
# options: -T 2x2x1
# options: -T 2x2x1 -N
# kmemleak: off

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

events=/sys/kernel/tracing/events/sched/sched_migrate_task
trigger=hist:keys=stacktrace,orig_cpu,dest_cpu:size=4096
# Those of the command: all tasks of it have high numbers, and no others have.
filter='if pid > 3000001 && !(comm ~ "kworker*")'
json=$work/json
moves=41

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	{ echo "!$trigger $filter" >$events/trigger; } 2>/dev/null || :
}

# in_list CPU LIST: LIST is like 0-2,5
in_list() {
	local range

	for range in ${2//,/ }; do
		[ "$1" -lt "${range%-*}" ] || [ "$1" -gt "${range#*-}" ] || return 0
	done
	return 1
}

# distance CPU CPU: as sysfs has it
distance() {
	local cpu=/sys/devices/system/cpu/cpu$1 index

	if in_list "$2" "$(<"$cpu/topology/thread_siblings_list")"; then
		echo smt
		return
	fi
	index=$(printf '%s\n' "$cpu"/cache/index* | tail -n 1)
	if in_list "$2" "$(<"$index/shared_cpu_list")"; then
		echo cache
	elif [ -e "$(printf '%s\n' "$cpu"/node*)/cpu$2" ]; then
		echo node
	else
		echo remote
	fi
}

# adds_up FILE: distances and causes to migrations, class by class; births to forks
adds_up() {
	"${0%/*}/stat_check.py" --schema "$1"
	holds "$1" '. as $all | .migrations | [to_entries[] |
		([.value | del(.birth) | .[][]] | add) == $all.classes[.key].migrations and
		([.value.birth[]] | add) == $all.classes[.key].forks] | all and length == 6'
	holds "$1" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

# moved KIND CLASS FROM TO: all by affinity, all as far
moved() {
	local far

	far=$(distance "$3" "$4")
	echo "$3 to $4: $far"
	schedsplit stat --migrations --json="$json" -o "$work/table" -- \
		taskset -c "$3" mover "$1" "$3" "$4" $moves >/dev/null
	# taskset, and the program to where it begins; others move it until then
	holds "$json" '.migrations[$class].affinity[$far] >= $moves and
		([.migrations[].affinity[]] | add - $moves | . >= 0 and . <= 2)' \
		--arg class "$2" --arg far "$far" --argjson moves $moves
}

# away: from CPU 0 to all others; home: the way back
away() {
	local to

	for to in 1 2 3; do
		moved "$1" "$1" 0 $to
	done
	adds_up "$json"
}

home() {
	local from

	for from in 1 2 3; do
		moved "$1" "$1" $from 0
	done
	adds_up "$json"
}

# All distances that this machine has; they are what it was made of.
distances() {
	local to

	for to in 1 2 3; do
		distance 0 $to
	done | sort -u | paste -sd ' '
}

wanted() {
	case $TESTS_OPTIONS in
	*1x2x2*) equal "cache smt" "$(distances)" ;;
	*2x2x1*-N*) equal "cache remote" "$(distances)" ;;
	*2x2x1*) equal "cache node" "$(distances)" ;;
	esac
}

# Begins on CPU 1 only. What is let go to all finds another task there when it
# is executed, and idle CPUs elsewhere; unless it has slept until its file was
# there, and woke up on one of them.
storm() {
	local spinner

	while :; do :; done &
	spinner=$!
	for _ in {1..30}; do
		taskset -c 0-3 "$work/true"
	done
	kill $spinner
	taskset -c 0-3 hackbench -g 1 -f 4 -l 100 >/dev/null
	taskset -c 0-3 hackbench -T -g 1 -f 4 -l 100 >/dev/null
	taskset -c 0-3 hackbench -g 4 -f 4 -l 30 >/dev/null
}

traced() {
	local lines

	export -f storm
	export work
	cp /bin/true "$work"
	echo 4194304 >/proc/sys/kernel/pid_max
	echo "$trigger $filter" >$events/trigger
	echo 3000000 >/proc/sys/kernel/ns_last_pid
	taskset -c 1 schedsplit stat --migrations --per-task --json="$json" -o "$work/table" \
		-- bash -c storm
	mapfile -t lines <$events/hist
	printf '%s\n' "${lines[@]}" >"$work/hist"
	adds_up "$json"
	holds "$json" '[.tasks[].tid] | min > 3000001'
	tests/vm/migrations.py "$work/hist" "$json"
}

check "the machine is what it was to be" wanted
check "a process that is moved: how far, and by affinity" away process
check "a thread, the other way" home thread
check "many tasks: causes as in the stacks of the kernel's events" traced
