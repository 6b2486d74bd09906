#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every allocation made to fail in turn: a clean error, or counted as lost; what
# is left counts on, exactly.
#
# kernels: debug
# cpus: 2

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

debug=/sys/kernel/debug
json=$work/json
module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	echo 0 >$debug/failslab/probability
	echo N >$debug/failslab/task-filter
}

# all_fail: allocations that may sleep too, and each that is asked for
all_fail() {
	local attr

	for attr in failslab fail_page_alloc; do
		echo N >$debug/$attr/ignore-gfp-wait
		echo 0 >$debug/$attr/verbose
		echo 0 >$debug/$attr/probability
		echo -1 >$debug/$attr/times
	done
	echo N >$debug/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$debug/fail_page_alloc/min-order
}

# only_below FROM TO: those of functions, and of what these call, between addresses
only_below() {
	local attr

	for attr in failslab fail_page_alloc; do
		echo 32 >$debug/$attr/stacktrace-depth
		echo "$1" >$debug/$attr/require-start
		echo "$2" >$debug/$attr/require-end
	done
}

# not_below FROM TO
not_below() {
	local attr

	for attr in failslab fail_page_alloc; do
		echo "$1" >$debug/$attr/reject-start
		echo "$2" >$debug/$attr/reject-end
	done
}

# address_of NAME: its address, and that of the next one
address_of() {
	grep -m 1 -A 1 " $1\$" /proc/kallsyms | sed 's/ .*//; s/^/0x/' | xargs
}

# Below do_init_module(), for the kernel itself makes a thousand to load a module. Not
# the single pages of vmalloc(), of which any fails like its first allocation; nor what
# a new cache's directory in /sys takes, where the kernel itself forgets a name (6.12).
loads() {
	local from to

	rmmod schedsplit
	read -r from to < <(address_of do_init_module)
	only_below "$from" "$to"
	read -r from to < <(address_of sysfs_slab_add)
	not_below "$from" "$to"
	echo 1 >$debug/fail_page_alloc/min-order
	inject load "$module"
	echo 0 >$debug/fail_page_alloc/min-order
	only_below 0 0xffffffffffffffff
	not_below 0 0
	equal "" "$(lsmod | grep ^schedsplit || :)"
	insmod "$module"
}

asks() {
	inject ask
	wait_until eval 'netlink info | grep -q "^watches=0 records=0 "'
}

still_exact() {
	schedsplit stat --per-task --json="$json" -o "$work/table" -- hackbench -g 1 -l 50 >/dev/null
	"${0%/*}/stat_check.py" --schema "$json"
	holds "$json" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

# Some of what the module itself asks for, whoever it runs in, while tasks are born.
some_fail() {
	local text status=0

	text=0x$(sed 's/^0x//' /sys/module/schedsplit/sections/.text)
	only_below "$text" "$(printf '0x%x' $((text + 0x40000)))"
	echo 3 >$debug/failslab/probability
	for _ in 1 2 3 4 5 6 7 8; do
		schedsplit stat --per-task --json="$json" -o "$work/table" -- storm 500 \
			>/dev/null 2>"$work/err" || status=$?
		echo "status $status: $(head -n 1 "$work/err")"
		[ ! -s "$work/err" ] || grep -q '^schedsplit: ' "$work/err"
		if [ $status = 0 ]; then
			jq -c '{lost: .proof.lost, mismatched: .proof.tasks_mismatched}' "$json"
			holds "$json" '.proof.tasks_mismatched == 0'
		fi
		status=0
	done
	echo 0 >$debug/failslab/probability
	only_below 0 0xffffffffffffffff
	wait_until eval 'netlink info | grep -q "^watches=0 records=0 "'
}

# None of the thread that refills the reserve, while more tasks are born than are in
# it: who has no record is counted.
none_refilled() {
	echo 1 >"/proc/$(pgrep -x schedsplit)/make-it-fail"
	echo Y >$debug/failslab/task-filter
	echo 100 >$debug/failslab/probability
	schedsplit stat --per-task --json="$json" -o "$work/table" -- storm 9000 >/dev/null
	echo 0 >$debug/failslab/probability
	echo N >$debug/failslab/task-filter
	jq -c '[.proof, (.tasks | length)]' "$json"
	holds "$json" '.proof.lost > 0 and .proof.lost + (.tasks | length) == 9001 and
		.proof.tasks_mismatched == 0 and .proof.tasks_checked == (.tasks | length)'
}

all_fail
check "loading: each allocation in turn" loads
check "requests and dumps: each allocation in turn" asks
check "counts are exact afterwards" still_exact
check "some of the module's allocations, while tasks are born" some_fail
check "no allocation refills the reserve: who has no record is counted" none_refilled
check "counts are exact after that too" still_exact
