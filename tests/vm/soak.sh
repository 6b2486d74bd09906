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
# shellcheck source=tests/vm/sleepers
. tests/vm/sleepers

wanted=50000 size=1 each=28000
[ "$SOAK" = 0 ] || wanted=3400000 size=4 each=900000
cgroup=/sys/fs/cgroup/soak
sleepers=()

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ ${#sleepers[@]} = 0 ] || kill -9 "${sleepers[0]}" || :
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
start_sleepers $((100 * size))

watch=()
look 0
begin whole -a
begin sleepers -p "$(comma_separated "${sleepers[@]}")"
look 1
kill -USR1 "${sleepers[0]}"
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
