#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many tasks were on CPUs at once, against what programs know of themselves
# and against a trace of the switches.
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

cpus=$(nproc)
ms=$((SCALE == 1 ? 3000 : 1000))
# A token's round is about 40 ms.
rounds=$((SCALE == 1 ? 60 : 25))

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	trace-cmd reset >/dev/null 2>&1
	echo "$rt_runtime" >/proc/sys/kernel/sched_rt_runtime_us
	fair_server 50000000
}

# fair_server NS: so long in a second others may run beside real-time tasks
# (6.12).
fair_server() {
	local file

	for file in /sys/kernel/debug/sched/fair_server/cpu*/runtime; do
		[ ! -e "$file" ] || echo "$1" >"$file"
	done
}

# Real-time tasks may have all of a CPU.
rt_runtime=$(</proc/sys/kernel/sched_rt_runtime_us)
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
fair_server 0

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

# Clocks are read some instructions apart, by the scheduler, by the trace and by the
# module's probe: where the host stops a virtual CPU in between, they differ by as
# long as that lasts. That is rare, but takes its time: then once more.
attempts=10

# spinners ARM N CPUS: N of them on CPUS for over 99 % of the time that the kernel
# says it gave them
spinners() {
	local arm=$1 n=$2 on=$3 name=spin-$1-$2-$3 attempt given=together never_two=True
	local expressions

	[ "$on" != 1 ] || given=ran
	expressions=("concurrency.ns[$on] > 0.99 * $given > 0")
	[ "$arm" != threads ] ||
		expressions+=("group_with(pid).concurrency.ns[$on] > 0.99 * $given")
	[ "$on" != 1 ] || never_two='not any(concurrency.ns[2:])'
	[ "$arm" = threads ] ||
		never_two+=' and not any(any(group.concurrency.ns[2:]) for group in groups)'
	for ((attempt = 1; attempt <= attempts; attempt++)); do
		# of a real-time class, or kernel threads take more than their 1 %
		watch "$name" chrt -r 1 spin "$arm" "$n" "$on" $ms
		expect "$name" "$never_two"
		echo "attempt $attempt:"
		expect "$name" "${expressions[@]}" || continue
		return 0
	done
	return 1
}

for arm in processes threads; do
	check "$cpus spinning $arm on $cpus CPUs: $cpus at once for over 99 %" \
		spinners $arm "$cpus" "$cpus"
	check "3 spinning $arm on one CPU: 1 at once for over 99 %, never 2" \
		spinners $arm 3 1
done

# as_traced ARM HOW
as_traced() {
	local arm=$1 how=$2 name=token-$1-$2 attempt

	for ((attempt = 1; attempt <= attempts; attempt++)); do
		trace-cmd clear
		watch "$name" token "$arm" "$how" $rounds
		grep -h '^overrun: [^0]' /sys/kernel/tracing/per_cpu/cpu*/stats && return 1
		trace-cmd show >"$work/trace"
		expect "$name"
		echo "attempt $attempt:"
		tests/vm/trace.py "$work/$name.json" "$work/trace" || continue
		[ "$arm" = processes ] || tests/vm/trace.py "$work/$name.json" \
			"$work/trace" "$(sed -n 's/^group //p' "$work/$name.facts")" || continue
		return 0
	done
	return 1
}

# Between its event and our reading of the time KCSAN waits for others, now and then
# (CONFIG_KCSAN_UDELAY_TASK).
if [ "$SCHEDSPLIT_VM_KERNEL" = kcsan ]; then
	skip "tokens, as in a trace, to 1 %: this kernel delays the probes, not the trace"
else
	trace-cmd start -C mono -b 8192 -e sched_switch
	for how in futex pipe; do
		check "a $how token between two processes: as in a trace, to 1 %" \
			as_traced processes $how
		check "a $how token between two threads: as in a trace, to 1 %" \
			as_traced threads $how
	done
fi
