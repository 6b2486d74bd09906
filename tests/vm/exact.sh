#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every count equals the kernel's own, while all kinds of tasks run at once.
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

tracing=/sys/kernel/tracing
json=$work/turmoil.json

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	# the first one's end is that of the others
	[ ! -e "$work/parked" ] || kill -9 "$(cut -d ' ' -f 1 "$work/parked")"
	tracefs_reset
}

tracefs_reset() {
	{ echo '!hist:keys=pid' >$tracing/events/sched/sched_wakeup/trigger; } \
		2>/dev/null || :
}

# judge RESULT CHECK...: all at once, for it takes long to read RESULT
judge() {
	rm -rf "$work/verdicts"
	mkdir "$work/verdicts"
	tests/vm/exact.py "$work/verdicts" "$@"
}

verdict() {
	local status

	cat "$work/verdicts/$1"
	read -r status <"$work/verdicts/$1"
	return "$status"
}

ctxt() {
	sed -n 's/^ctxt //p' /proc/stat
}

# Of the tasks that mix makes, whose pids and name are known beforehand: not of
# mix itself, which has another name until it execs.
mix='comm == "mix" && pid >= 3000000'
mix_prev='prev_comm == "mix" && prev_pid >= 3000000'

turmoil() {
	mkdir "$work/turmoil"
	echo 4194304 >/proc/sys/kernel/pid_max
	# mix may have run in this boot: its own pid is to be below those it gives.
	echo 1000 >/proc/sys/kernel/ns_last_pid
	echo 'hist:keys=pid:size=65536' >$tracing/events/sched/sched_wakeup/trigger
	perf stat -x, -o "$work/perf" -a \
		-e sched:sched_wakeup --filter "$mix" \
		-e sched:sched_switch --filter "$mix_prev" -- \
		schedsplit stat --per-task --per-group --per-cpu --hist --json -o "$json" -- \
		tests/vm/turmoil "$work/turmoil" "$SCALE"
	cat $tracing/events/sched/sched_wakeup/hist >"$work/hist"
	tracefs_reset
	cp "$work/turmoil/parked" "$work/parked"
}

check "turmoil under stat --per-task" turmoil
if [ -e "$work/parked" ]; then
	judge "$json" sums "tasks,$work/turmoil/tasks" status sched schedstat \
		"wakeups,$work/hist" "perf,$work/perf" "storm,$work/turmoil/storm" \
		"spawn,$work/turmoil/spawn"
	check "every task's switches and migrations equal the kernel's; all sums add up" \
		verdict sums
	check "no task is missing, none is there twice" verdict tasks
	check "sleeping tasks: switches equal /proc/PID/task/TID/status" verdict status
	check "sleeping tasks: migrations equal /proc/PID/task/TID/sched" verdict sched
	check "sleeping tasks: run and wait time equal /proc/PID/task/TID/schedstat" \
		verdict schedstat
	check "every task's wakeups equal a histogram of sched_wakeup" verdict wakeups
	check "wakeups and switches equal perf stat" verdict perf
	check "short-lived threads: getrusage() misses the last switch of each" verdict storm
	check "children: no switch less than wait4() says" verdict spawn
fi

# The whole system has no beginning and no end: it is counted from within and
# from outside.
outer() {
	perf stat -x, -o "$work/outer" -a -e sched:sched_wakeup \
		-e sched:sched_switch --filter 'prev_pid == 0' -- "$@"
}

system() {
	ctxt >"$work/ctxt.0"
	outer schedsplit stat -a --per-cpu --json -o "$work/system.json" -- \
		bash -c "grep ctxt /proc/stat >$work/ctxt.1
			perf stat -x, -o $work/inner -a -e sched:sched_wakeup \
				-e sched:sched_switch --filter 'prev_pid == 0' -- \
				hackbench -g 2 -f 5 -l $((2000 / SCALE)) >/dev/null
			grep ctxt /proc/stat >$work/ctxt.2"
	ctxt >"$work/ctxt.3"
}

# counts EVENT: what both perf stats say, LOW,HIGH
counts() {
	awk -F, -v event="$1" '$3 == event { printf "%s%s", comma, $1; comma = "," }' \
		"$work/inner" "$work/outer"
}

# differ I J: by how much /proc/stat ctxt rose
differ() {
	echo $(($(sed 's/ctxt //' "$work/ctxt.$2") - $(sed 's/ctxt //' "$work/ctxt.$1")))
}

check "hackbench under stat -a" system
if [ -s "$work/system.json" ]; then
	judge "$work/system.json" sums \
		"between-switches,$(differ 1 2),$(differ 0 3)" \
		"between-wakeups,$(counts sched:sched_wakeup)" \
		"between-idle,$(counts sched:sched_switch)"
	check "the system: all sums add up, and the proof holds" verdict sums
	check "switches lie between readings of /proc/stat" verdict between-switches
	check "wakeups lie between two of perf stat" verdict between-wakeups
	check "switches from idle lie between two of perf stat" verdict between-idle
fi
