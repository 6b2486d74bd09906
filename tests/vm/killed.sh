#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tool that is killed leaves no watch and no record behind.
#
# cpus: 2
# short: 6.1 6.12

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

watches_are() {
	netlink info | grep -q "^watches=$1 "
}

# Each time at another moment: some before the watch, most in the middle of it.
killed() {
	local i pid with_watch=0

	for ((i = 0; i < 100; i++)); do
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
		kill -KILL $pid
		wait $pid || :
		wait_until watches_are 0
	done
	echo "$with_watch were killed while they had a watch"
	equal 90 $with_watch
}

# What the killed ones ran lives on, as below perf stat; it is ours to end.
reap() {
	local exe

	for exe in /proc/[0-9]*/exe; do
		case $(readlink "$exe" 2>/dev/null || :) in
		*/sleep | */crowd | */dash)
			pid=${exe#/proc/}
			pid=${pid%/exe}
			[ "$(awk '{ print $4 }' "/proc/$pid/stat" 2>/dev/null || :)" != 1 ] || kill -KILL "$pid" || :
			;;
		esac
	done 2>/dev/null
}

check "killed 100 times: no watch is left" killed
check "and no record" wait_until eval 'netlink info | grep -q "watches=0 records=0 "'
reap
check "the next tool finds all in order" schedsplit stat --per-task -o "$work/table" -- crowd -p 3
check "the module can be unloaded" rmmod schedsplit
