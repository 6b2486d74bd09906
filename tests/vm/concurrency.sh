#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many tasks were on CPUs at once, against what programs know of themselves
# and against a trace of the switches.
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

cpus=$(nproc)
ms=$((SCALE == 1 ? 3000 : 1000))
# A token's round is about 1.2 ms.
rounds=$((SCALE == 1 ? 1500 : 500))

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	trace-cmd reset >/dev/null 2>&1
}

# watch NAME COMMAND...: under schedsplit stat
watch() {
	local name=$1

	shift
	schedsplit stat --per-task --per-group --json -o "$work/$name.json" -- "$@" \
		>"$work/$name.facts"
}

expect() {
	local name=$1

	shift
	tests/vm/expect.py "$work/$name" "$@"
}

# Time on CPUs, by task: k tasks for ns[k]. Not to the ns: a task's time begins
# and ends some instructions before the count changes.
same_as_run_time='abs(sum(k * ns for k, ns in enumerate(concurrency.ns)) /
	sum(task.run_ns for task in tasks) - 1) < 0.01'

# spinners ARM N CPUS: N of them on CPUS for over 99 % of the time
spinners() {
	local arm=$1 n=$2 on=$3 name=spin-$1-$2-$3

	watch "$name" spin "$arm" "$n" "$on" $ms
	expect "$name" "concurrency.ns[$on] > 0.99 * together" "$same_as_run_time"
	if [ "$on" = 1 ]; then
		expect "$name" 'not any(concurrency.ns[2:])'
	fi
	if [ "$arm" = threads ]; then
		expect "$name" "group_with(pid).concurrency.ns[$on] > 0.99 * together"
	else
		expect "$name" 'all(not any(group.concurrency.ns[2:]) for group in groups)'
	fi
}

for arm in processes threads; do
	check "$cpus spinning $arm on $cpus CPUs: $cpus at once for over 99 %" \
		spinners $arm "$cpus" "$cpus"
	check "3 spinning $arm on one CPU: 1 at once for over 99 %, never 2" \
		spinners $arm 3 1
done

# All with one trace, for trace-cmd takes its time.
tokens() {
	local arm how

	trace-cmd start -C mono -b 8192 -e sched_switch
	for arm in processes threads; do
		for how in futex pipe; do
			watch token-$arm-$how token $arm $how $rounds
		done
	done
	trace-cmd stop
	grep -h '^overrun: [^0]' /sys/kernel/tracing/per_cpu/cpu*/stats && return 1
	trace-cmd show >"$work/trace"
}

# as_traced ARM HOW
as_traced() {
	local name=token-$1-$2

	expect "$name"
	tests/vm/trace.py "$work/$name.json" "$work/trace"
	if [ "$1" = threads ]; then
		tests/vm/trace.py "$work/$name.json" "$work/trace" \
			"$(sed -n 's/^pid //p' "$work/$name.facts")"
	fi
}

check "tokens handed over, and a trace of it" tokens
check "a futex token between two processes: as in the trace, to 1 %" \
	as_traced processes futex
check "a futex token between two threads: as in the trace, to 1 %" \
	as_traced threads futex
check "a pipe token between two processes: as in the trace, to 1 %" \
	as_traced processes pipe
check "a pipe token between two threads: as in the trace, to 1 %" as_traced threads pipe
