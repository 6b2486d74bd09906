#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Messages that nobody should send, a great many, beside tasks that are born,
# watched and die.
#
# cpus: 2
# short: 6.12
# limit: 3000

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
messages=$(often 20000)
case $SOAK-$SCHEDSPLIT_VM_KERNEL in
1-debug | 1-kcsan) messages=200000 ;;
1-*) messages=1000000 ;;
esac

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ ! -s "$work/load" ] || kill -KILL -- "$(<"$work/load")" 2>/dev/null
}

fuzz_it() {
	setsid sh -c 'while :; do hackbench -g 1 -f 2 -l 20; sleep 0.5; done' >/dev/null 2>&1 &
	echo -$! >"$work/load"
	fuzz "$messages" 1
	kill -KILL -- "$(<"$work/load")"
	rm "$work/load"
}

still_exact() {
	schedsplit stat --per-task --json="$json" -o "$work/table" -- hackbench -g 1 -l 50 >/dev/null
	"${0%/*}/stat_check.py" --schema "$json"
	holds "$json" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

check "$messages messages" fuzz_it
check "no watch is left" wait_until eval 'netlink info | grep -q "^watches=0 records=0 "'
check "no hook is left" wait_until eval '! grep -q . /sys/kernel/tracing/enabled_functions'
check "counts are exact" still_exact
check "the module can be unloaded" rmmod schedsplit
