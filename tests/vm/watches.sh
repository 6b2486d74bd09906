#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Several watches at once see the same; a watch can begin amid births and deaths.
#
# short: 6.1 6.12
# short-cpus: 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/sleepers
. tests/vm/sleepers

rounds=$((1000 / SCALE))
echo 4194304 >/proc/sys/kernel/pid_max

pids=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null
}

watches() {
	schedsplit status --json | jq .module.watches
}

watches_are() {
	[ "$(watches)" = "$1" ]
}

# begin NAME OPTION...: count in the background, to $work/NAME.json
begin() {
	local name=$1

	shift
	schedsplit stat --per-task --json -o "$work/$name.json" "$@" &
	watch+=($!)
	wait_until watches_are ${#watch[@]}
}

# Waiting tasks are watched by several; then work, and wait again.
several() {
	local list watch=() pid

	start_sleepers "$rounds"
	echo "${sleepers[0]}" >"$work/mix"
	list=$(comma_separated "${sleepers[@]}")
	begin one -p "$list"
	begin other -p "$list"
	begin all -a
	begin task -t "${sleepers[1]}"
	kill -USR1 "${sleepers[0]}"
	schedsplit stat --per-task --json -o "$work/command.json" -- \
		hackbench -g 1 -f 4 -l $((200 / SCALE))
	wait_until all_asleep "$PAUSE"
	kill "${watch[@]}"
	for pid in "${watch[@]}"; do
		wait "$pid"
	done
	tests/vm/exact.py "$work" "$work/one.json" "status,$work/before" \
		"sched,$work/before" "schedstat,$work/before"
}

verdict() {
	local status

	cat "$work/$1"
	read -r status <"$work/$1"
	return "$status"
}

same() {
	tests/vm/same.py "$@"
}

check "several watches of the same tasks at once" several
[ ! -e "$work/mix" ] || pids+=("$(<"$work/mix")")
if [ -s "$work/status" ]; then
	check "a watch that began later: switches equal the kernel's since" verdict status
	check "a watch that began later: migrations equal the kernel's since" verdict sched
	check "a watch that began later: run and wait time equal the kernel's since" \
		verdict schedstat
	check "two watches of the same processes, and one of all tasks, say the same" \
		same "$work/one.json" "$work/other.json" "$work/all.json"
	check "a watch of one task, and one of its process, say the same" \
		same "$work/task.json" "$work/one.json"
	check "a watch of a command, and one of all tasks, say the same" \
		same -1 "$work/command.json" "$work/all.json"
fi

# amid WHAT TIMES OPTION...: watches that begin and end while tasks come and go
amid() {
	local what=$1 times=$2 bomb i status=0

	shift 2
	bomb "$what" 6 &
	bomb=$!
	for ((i = 0; i < times; i++)); do
		schedsplit stat --per-task --per-group --json -o "$work/amid.json" -d 0.2 \
			"${@/BOMB/$bomb}" || status=1
		# It has no need of the CPUs meanwhile.
		kill -STOP "$bomb"
		[ $status = 0 ] && tests/vm/expect.py "$work/amid" 'len(tasks) > 2' || break
		kill -CONT "$bomb"
	done
	kill -9 "$bomb"
	wait "$bomb" || :
	[ $i = "$times" ]
}

times=$((SCALE == 1 ? 4 : 2))
check "watches of a process that makes threads as fast as it can" \
	amid threads $times -p BOMB
check "watches of a process that makes processes as fast as it can" \
	amid processes $times -p BOMB
check "watches of all tasks, amid births and deaths of threads" \
	amid threads $times -a
check "watches of all tasks, amid births and deaths of processes" \
	amid processes $times -a

amid_hackbench() {
	local status=0 seconds=$((SCALE == 1 ? 5 : 1)) bench

	hackbench -g 2 -f 5 -l 1000000000 >/dev/null &
	bench=$!
	schedsplit stat -a --per-task --json -o "$work/hackbench.json" -d $seconds ||
		status=1
	# shellcheck disable=SC2046 # several pids
	kill -9 $bench $(pgrep -P $bench)
	wait $bench || :
	[ $status = 0 ]
	tests/vm/expect.py "$work/hackbench" \
		'len(tasks_with(comm="hackbench", dead=False)) > 20'
}

check "a watch of all tasks, amid hackbench" amid_hackbench
check "no watch is left" watches_are 0
