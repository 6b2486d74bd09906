#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Millions of switches, by everything that makes tasks switch, come and go, below
# several watches: what they counted is what the kernel counted, to the unit.
#
# short: 6.12
# cpus: 2
# options: -m 3072
# limit: 14000
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/asleep
. tests/vm/asleep

wanted=50000 size=1 each=28000
[ "$SOAK" = 0 ] || wanted=3400000 size=4 each=900000
processes=4 per_process=4
cgroup=/sys/fs/cgroup/soak
parked=()

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	# the first one's end is that of the others
	[ ${#parked[@]} = 0 ] || kill -9 "${parked[0]}" || :
	rmdir $cgroup/a $cgroup/b $cgroup
}

ctxt() {
	sed -n 's/^ctxt //p' /proc/stat
}

# look N: at what the kernel counts
look() {
	tests/vm/system.py list "$work/$1.list"
	cat /proc/stat >"$work/$1.stat"
}

watches_are() {
	[ "$(schedsplit status --json | jq .module.watches)" = "$1" ]
}

# begin NAME OPTION...: a watch in the background, to $work/NAME.json
begin() {
	local name=$1

	shift
	schedsplit stat --per-task --json -o "$work/$name.json" "$@" &
	watch+=($!)
	wait_until watches_are ${#watch[@]}
}

# all_asleep CALL: the tasks of mix
all_asleep() {
	local pid

	for pid in "${parked[@]}"; do
		asleep "$1" $per_process "$pid" || return 1
	done
}

has_children() {
	[ "$(pgrep -c -P "$1")" = $((processes - 1)) ]
}

# Asleep now, and again when they have done their work.
park() {
	mix -g $processes $per_process $((100 * size)) &
	parked=($!)
	wait_until has_children "${parked[0]}"
	mapfile -t -O 1 parked < <(pgrep -P "${parked[0]}")
	wait_until all_asleep "$FUTEX"
	tests/vm/exact.py read "$work/before" "${parked[@]}"
}

# round N: one more. Every other one has a watch of its own; in the others most
# tasks have a single record, whose switches take a shorter way.
round() {
	local dir=$work/round$1 load=(tests/vm/soak_load "$work/round$1" "$size" "$each")

	mkdir "$dir"
	if [ $(($1 % 2)) = 1 ]; then
		"${load[@]}"
		tests/vm/soak.py round "$dir"
	else
		schedsplit stat --per-task --per-group --json -o "$dir/own.json" -- "${load[@]}"
		tests/vm/soak.py round "$dir" "$dir/own.json"
	fi
	cat "$dir/offlined" >>"$work/offlined"
	rm -r "$dir"
}

sum_up() {
	tests/vm/soak.py whole "$work" "$work/whole.json" "$work"/[0-3].stat >"$work/line" || {
		cat "$work/line"
		rm "$work/line"
		return 1
	}
	cat "$work/line"
}

verdict() {
	local status

	cat "$work/$1"
	read -r status <"$work/$1"
	return "$status"
}

# Programs from memory, not from the host.
cp "$(command -v stress-ng)" "$(command -v hackbench)" "$TESTS_BIN"
hash -r
echo 4194304 >/proc/sys/kernel/pid_max
mkdir $cgroup
echo +cpu >$cgroup/cgroup.subtree_control
mkdir $cgroup/a $cgroup/b
park

watch=()
look 0
begin whole -a
begin sleepers -p "$(IFS=,; echo "${parked[*]}")"
look 1
kill -USR1 "${parked[0]}"
start=$(ctxt)
for ((number = 1; $(ctxt) - start < wanted; number++)); do
	check "round $number: all kinds of load" round $number
	[ ! -d "$work/round$number" ] || break
done
check "the sleepers sleep again" wait_until all_asleep "$PAUSE"
look 2
kill "${watch[@]}"
wait "${watch[@]}" || :
look 3

check "every task is exact, but for one switch of each CPU that was offlined" sum_up
check "tasks that sleep: switches equal /proc/PID/task/TID/status" \
	tests/vm/soak.py sleepers "$work/whole.json" "$work"/[0-3].list
tests/vm/exact.py "$work" "$work/sleepers.json" "status,$work/before" "sched,$work/before" \
	"schedstat,$work/before"
check "watched from sleep to sleep: switches equal the kernel's" verdict status
check "watched from sleep to sleep: migrations equal the kernel's" verdict sched
check "watched from sleep to sleep: run and wait time equal the kernel's" verdict schedstat
[ ! -s "$work/line" ] || check "$(<"$work/line")" true
