#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tool that is killed leaves no watch and no record behind.
#
# cpus: 2
# short: 6.12

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

times=$(often 100)

watches_are() {
	netlink info | grep -q "^watches=$1 "
}

# children PID: what the tool has started.
children() {
	cat "/proc/$1/task/"*/children 2>/dev/null || :
}

# Each time at another moment: some before the watch, most in the middle of it.
killed() {
	local i pid child with_watch=0

	for ((i = 0; i < times; i++)); do
		case $((i % 4)) in
		0) schedsplit stat -a --per-task -o "$work/table" & ;;
		1) schedsplit stat -p $$ -o "$work/table" & ;;
		2) schedsplit stat -o "$work/table" -- sleep 1000 & ;;
		3) schedsplit stat -o "$work/table" -- sh -c 'while :; do crowd -p 3 -t 3; done' & ;;
		esac
		pid=$!
		if [ $((i % 10)) != 9 ]; then
			wait_until watches_are 1
			with_watch=$((with_watch + 1))
		fi
		# its command lives on, as below perf stat: that is ours to end
		kill -STOP $pid
		child=$(children $pid)
		kill -KILL $pid
		wait $pid || :
		[ -z "$child" ] || kill -KILL "$child" || :
		wait_until watches_are 0
	done
	echo "$with_watch were killed while they had a watch"
	equal $((times - times / 10)) $with_watch
}

check "killed $times times: no watch is left" killed
check "and no record" wait_until eval 'netlink info | grep -q "watches=0 records=0 "'
check "the next tool finds all in order" schedsplit stat --per-task -o "$work/table" -- crowd -p 3
check "the module can be unloaded" rmmod schedsplit
