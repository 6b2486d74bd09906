#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# More tasks than there are records: how many is said, and nothing else breaks.
#
# cpus: 2
# short: 6.1 6.12
# boot: bare

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko
json=$work/stat.json
stat_check=${0%/*}/stat_check.py

insmod "$module" records_max=256
check "the limit is the one that was set" eval 'netlink info | grep -q records_max=256$'

# A command of 1021 tasks, all born of one that has a record.
too_many() {
	status_is 0 schedsplit stat --per-task --json="$json" -o "$work/table" -- \
		crowd -t 1020 -s 2
	"$stat_check" "$json" 'proof["lost"] >= 1021 - 256' 'len(tasks) <= 256' 'len(tasks) > 100' \
		'len(tasks) + proof["lost"] == 1021' 'proof["tasks_checked"] == len(tasks)' \
		'scope["exit_status"] == 0' 'not proof["holds"]'
	grep -q lost "$work/table"
}
check "tasks without a record are counted" too_many
check "and again: the records came back" too_many

enough() {
	schedsplit stat --per-task --json="$json" -o "$work/table" -- crowd -p 4 -t 9 -s 5
	"$stat_check" "$json" 'len(tasks) == 41' 'total["forks"] == 40' 'total["exits"] == 41'
}
check "what fits is complete" enough

# The system's counts need no records.
system() {
	schedsplit stat -a --json="$json" -o "$work/table" -- crowd -p 20 -t 50 -s 2
	"$stat_check" "$json" 'total["forks"] >= 1020' 'total["exits"] >= 1021'
}
check "the system is counted in full" system

# A second tool finds all records taken, and says so.
taken() {
	local pid

	netlink hold watch >"$work/ready" &
	pid=$!
	wait_until grep -q ready "$work/ready"
	crowd -p 20 -t 50 -s 2
	schedsplit stat --json="$json" -o "$work/table" -- crowd -p 30 2>"$work/err" &&
		"$stat_check" "$json" 'proof["lost"] <= 31' || grep -q '^schedsplit: ' "$work/err"
	kill $pid
	wait $pid || :
}
check "a second tool when all records are taken" taken
check "no record is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
check "the module can be unloaded" rmmod schedsplit
