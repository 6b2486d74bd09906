#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module comes and goes while the machine is busy, and while others use it.
#
# boot: bare
# short-cpus: 2
# limit: 3600

# Among so many others that are runnable the test itself would starve.
[ "${1:-}" = first ] || exec chrt -f 10 "$0" first

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko
cycles=5
! looks_for_errors || cycles=2
[ "$SOAK" = 0 ] || cycles=200
load=()

cleanup() {
	local pid

	for pid in "${load[@]}"; do
		# its whole group: it was started as the leader of one
		kill -KILL -- "-$pid" 2>/dev/null || :
	done
	wait
}

# busy COMMAND...: in the background, at normal priority, until the test ends.
busy() {
	setsid chrt -o 0 "$@" >/dev/null 2>&1 &
	load+=("$!")
}

loaded() {
	[ -d /sys/module/schedsplit ]
}

cycle() {
	insmod "$module"
	loaded
	# it counts what goes on
	schedsplit stat -a -d 0.05 --per-task --json="$work/json" >/dev/null
	rmmod schedsplit
	if loaded; then return 1; fi
}

check "idle: load, count, unload" cycle
busy hackbench -g 1 -f 4 -l 1000000000
busy hackbench -T -g 1 -f 4 -l 1000000000
for ((i = 1; i <= cycles; i++)); do
	check "below hackbench: load, count, unload, $i of $cycles" cycle
done
check "its counts were true" tests/vm/stat_check.py "$work/json" 'of("thread") > 0' 'of("process") > 0' \
	'any(t["comm"] == "hackbench" for t in tasks)'

# As fast as it goes: probes of the last round may still run.
fast() {
	local i

	for ((i = 0; i < cycles; i++)); do
		insmod "$module"
		rmmod schedsplit
	done
}
check "below hackbench: load and unload, $cycles times at once" fast

# Each watch of everything switches on, and off again, what only watches need.
again() {
	insmod "$module"
	netlink again $((20 * cycles))
	netlink info
	rmmod schedsplit
}
check "below hackbench: watches come and go, $((20 * cycles)) times" again

# --- while something is open ---

# unload_below WHAT: rmmod is refused, or works; then WHAT ends, and it works.
unload_below() {
	local pid status=0

	insmod "$module"
	netlink hold "$1" >"$work/ready" &
	pid=$!
	wait_until grep -q ready "$work/ready"
	rmmod schedsplit 2>"$work/err" || status=$?
	cat "$work/err"
	echo "rmmod: $status"
	if [ $status != 0 ]; then
		grep -qi 'in use\|busy\|temporarily unavailable' "$work/err"
		netlink info
	fi
	kill $pid
	wait $pid || :
	rm -f "$work/ready"
	[ $status = 0 ] || wait_until rmmod schedsplit
	if loaded; then return 1; fi
}
for what in watch dump listener; do
	check "unload while a $what is open" unload_below $what
done

# The tool says what has happened to it.
unload_below_tool() {
	local pid status=0

	insmod "$module"
	env --default-signal=INT schedsplit stat -a --per-task -o "$work/table" \
		2>"$work/err" &
	pid=$!
	wait_until eval 'netlink info | grep -q watches=1'
	rmmod schedsplit || status=$?
	kill -INT $pid
	if [ $status = 0 ]; then
		status_is 1 wait $pid
		cat "$work/err"
		equal 1 "$(wc -l <"$work/err")"
		grep -q '^schedsplit: ' "$work/err"
	else
		status_is 0 wait $pid
		rmmod schedsplit
	fi
	if loaded; then return 1; fi
}
check "unload while the tool counts" unload_below_tool

# Unload while tasks that are watched die by the hundred.
unload_below_deaths() {
	local pid status=0

	insmod "$module"
	setsid chrt -o 0 sh -c 'while :; do crowd -p 20 -t 5; done' >/dev/null 2>&1 &
	pid=$!
	netlink hold watch >"$work/ready" &
	wait_until grep -q ready "$work/ready"
	sleep 0.5
	kill $!
	wait $! || :
	wait_until rmmod schedsplit
	kill -KILL -- -$pid
	wait $pid || :
	if loaded; then return 1; fi
}
check "unload right after a watch of many deaths" unload_below_deaths

refuses() {
	insmod "$module"
	status_is 1 insmod "$module"
	rmmod schedsplit
	status_is 1 insmod "$module" records_max=x
	status_is 1 insmod "$module" no_such_parameter=1 && rmmod schedsplit || :
	if loaded; then rmmod schedsplit; fi
}
check "loaded twice, and with a wrong parameter" refuses
