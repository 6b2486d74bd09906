#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Beside perf, the function tracer and BPF on the same tracepoints and the same
# function, whoever comes first and whoever goes first: all count right, and
# nothing is left.
#
# kernels: 6.1 6.12
# short: 6.12
# cpus: 2
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
tracing=/sys/kernel/tracing
module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ ! -s "$work/pid" ] || kill -KILL "$(<"$work/pid")" 2>/dev/null
	function_off
	events_off
}

# --- the others: NAME_on, NAME_off ---

# Its command begins when its events are switched on, long after its file is there.
perf_on() {
	rm -f "$work/on"
	perf record -q -a -c 1 -m 2048 -o "$work/perf.data" \
		-e sched:sched_switch,sched:sched_wakeup,sched:sched_migrate_task \
		-- sh -c "touch $work/on; exec sleep 600" >/dev/null 2>&1 &
	echo $! >"$work/pid"
	wait_until [ -e "$work/on" ]
}

# What was counted last, it has recorded.
perf_off() {
	local recorded counted

	kill -INT "$(<"$work/pid")"
	wait "$(<"$work/pid")" 2>/dev/null || :
	rm "$work/pid"
	recorded=$(perf script -i "$work/perf.data" 2>/dev/null | grep -c 'sched_switch:')
	counted=$(jq '[.classes[] | .switches_voluntary + .switches_involuntary] | add' "$json")
	echo "perf has recorded $recorded switches, of which $counted are counted"
	[ "$recorded" -ge "$counted" ]
}

events_on() {
	echo 1 >$tracing/events/sched/enable
}

events_off() {
	echo 0 >$tracing/events/sched/enable
}

function_on() {
	echo 'finish_task_switch*' >$tracing/set_ftrace_filter
	echo function >$tracing/current_tracer
}

function_off() {
	echo nop >$tracing/current_tracer
	echo >$tracing/set_ftrace_filter
}

# Without BTF it wants the kernel's headers.
bpf_on() {
	local headers=build/kernels/$SCHEDSPLIT_VM_KERNEL/headers

	if [ ! -e /sys/kernel/btf/vmlinux ]; then
		BPFTRACE_KERNEL_BUILD=$(readlink -f "$headers")
		BPFTRACE_KERNEL_SOURCE=$(readlink -f "$headers/source")
		export BPFTRACE_KERNEL_BUILD BPFTRACE_KERNEL_SOURCE
	fi
	bpftrace -e 'tracepoint:sched:sched_switch { @ = count(); }' >"$work/bpf" 2>&1 &
	echo $! >"$work/pid"
	wait_until grep -q Attaching "$work/bpf" || { cat "$work/bpf"; return 1; }
}

bpf_off() {
	kill -INT "$(<"$work/pid")"
	wait "$(<"$work/pid")" || :
	rm "$work/pid"
	grep -Eq '@: [0-9]{2,}' "$work/bpf"
}

# --- we ---

exact() {
	schedsplit stat --cost --per-task --json="$json" -o "$work/table" -- \
		hackbench -g 1 -l "$(often 30)" >/dev/null
	holds "$json" '.proof.tasks_mismatched == 0 and .proof.lost == 0 and
		([.cost.spaces[].switches] | add) > 0'
}

load() {
	insmod "$module"
}

unload() {
	wait_until rmmod schedsplit
}

# Each comes first once, and goes first once.
beside() {
	"$1_on"; load; exact; "$1_off"; exact; unload
	"$1_on"; load; exact; unload; "$1_off"
	load; "$1_on"; exact; unload; "$1_off"
	load; "$1_on"; exact; "$1_off"; exact; unload
}

together() {
	perf_on
	events_on
	function_on
	load
	exact
	function_off
	events_off
	exact
	perf_off
	exact
	unload
}

rmmod schedsplit
check "perf record" beside perf
check "trace events" beside events
check "the function tracer, on the same function" beside function
check "BPF" beside bpf
check "several at once" together
check "nothing is hooked" eval "! grep -q . $tracing/enabled_functions"
check "the module can be loaded again" load
