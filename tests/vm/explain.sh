#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit explain`: programs whose fault is known are told so, by figures that
# its JSON has; a healthy one is called parallel.
#
# kernels: 6.1 6.12
# short: 6.12
# cpus: 2
# kmemleak: off

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=asleep
. "${0%/*}/asleep"

json=$work/json
explain=(schedsplit explain)
started=

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$started" ] || kill -KILL "$started" || :
}

# recomputes FILE: each figure of each diagnosis, by its formula
recomputes() {
	local formulas

	formulas=$(jq -r '[.diagnoses[].evidence[] |
		"{figure: \(.figure | tojson), told: \(.value), made: (\(.formula))}"] |
		"[\(join(", "))]"' "$1")
	holds "$1" "$formulas | map(select((.told - .made | fabs) > 1e-9 * (.told | fabs))) == []"
	holds "$1" '[.diagnoses[] | .evidence | length] | min > 0'
}

# told ID[,ID...] COMMAND [ARG]...: these are told of it, whatever else is
told() {
	local wanted=$1

	shift
	"${explain[@]}" --json="$json" -o "$work/text" -- "$@" >"$work/out"
	cat "$work/text"
	holds "$json" '.diagnoses | map(.id) | contains($wanted / ",")' --arg wanted "$wanted"
	holds "$json" '.schema == "schedsplit-explain/1" and .stat.schema == "schedsplit-stat/1" and
		.stat.proof.holds and .cpus == $cpus' --argjson cpus "$(nproc)"
	recomputes "$json"
	# the text has the same sentences
	jq -r '.diagnoses[].text' "$json" | while read -r line; do
		grep -qF -- "$line" "$work/text"
	done
}

# One thing only is said of the way in which tasks run together.
one_way() {
	holds "$json" '[.diagnoses[].id | select(IN("one-task", "one-cpu", "parallel",
		"partly-parallel", "kept-from-cpus", "take-turns"))] | length == 1'
}

healthy() {
	told parallel spin threads 2 2 3000
	one_way
	holds "$json" '[.diagnoses[].id] - ["parallel", "cost-of-switching"] == []'
	told parallel spin processes 2 2 3000
	holds "$json" '[.diagnoses[].id] - ["parallel", "cost-of-switching"] == []'
}

alone() {
	told one-task spin processes 1 1 2000
	one_way
}

lock() {
	told take-turns faults lock 150
	one_way
	holds "$json" '.diagnoses[] | select(.id == "take-turns") | .text | test("lock")'
}

python() {
	cat >"$work/threads.py" <<-'END'
		import threading

		def count():
		    for _ in range(4000000):
		        pass

		workers = [threading.Thread(target=count) for _ in range(2)]
		for worker in workers:
		    worker.start()
		for worker in workers:
		    worker.join()
	END
	told take-turns python3 "$work/threads.py"
	holds "$json" '.diagnoses[] | select(.id == "take-turns") | .text | test("interpreter lock")'
}

crowded() {
	told parallel,more-tasks-than-cpus spin threads 8 2 3000
	holds "$json" '[.diagnoses[].id] | index("kept-from-cpus") | not'
}

pinned() {
	told kept-from-cpus spin threads 4 1 3000
	holds "$json" '[.diagnoses[].id] | index("more-tasks-than-cpus") | not'
}

one_cpu() {
	explain=(taskset -c 1 schedsplit explain)
	"${explain[@]}" --json="$json" -o "$work/text" -- crowd -p 2 -t 2 -s 100
	recomputes "$json"
	holds "$json" '.cpus == 1 and ([.diagnoses[].id] | index("parallel") | not)'
}

forks() {
	told short-lived faults forks 300
	holds "$json" '.diagnoses[] | select(.id == "short-lived") |
		.evidence[0].value >= 300 and .evidence[1].value == 0'
	told short-lived storm 300
	holds "$json" '.diagnoses[] | select(.id == "short-lived") | .evidence[1].value >= 300'
}

hands() {
	told ping-pong faults hands 3000
	holds "$json" '.diagnoses[] | select(.id == "ping-pong") | .text | test("idle")'
	told ping-pong,threads-alternate pair thread 3000
	holds "$json" '.diagnoses[] | select(.id == "ping-pong") | .text | test("idle") | not'
}

# Who sleeps most of the time takes no turns. It is long: all waits for CPUs, of
# which a busy host makes more, are taken off the time in which nobody ran.
sleepers() {
	told blocked sleep 4
	told blocked sh -c 'for i in 1 2 3; do sleep 10 & done; wait'
	holds "$json" '[.diagnoses[].id] | index("take-turns", "ping-pong") | not'
}

costs() {
	told cost-of-switching pair process 500
	holds "$json" '[.stat.cost.spaces[].switches] | add > 900'
}

of_pid() {
	spin threads 2 2 100000 >/dev/null &
	started=$!
	wait_until eval "[ \$(ls /proc/$started/task | wc -l) = 3 ]"
	"${explain[@]}" -p $started -d 2 --json >"$json"
	recomputes "$json"
	# the leader may use one CPU only, its threads one each
	holds "$json" '.stat.scope.kind == "pid" and .stat.scope.pids == [$pid] and
		.cpus == 2 and .stat.duration_ns >= 2e9 and .diagnoses[0].id == "parallel"' \
		--argjson pid $started
	"${explain[@]}" -p $started -d 2 >"$work/text"
	cat "$work/text"
	grep -q 'proof: 3 tasks' "$work/text"
	kill -KILL $started
	started=
}

of_idle_pid() {
	sleep 1000 &
	started=$!
	wait_until asleep "$CLOCK_NANOSLEEP" 1 $started
	"${explain[@]}" -p $started -d 0.5 --json >"$json"
	holds "$json" '.diagnoses == [] and .stat.proof.holds'
	"${explain[@]}" -p $started -d 0.5 | grep 'nothing to explain'
	kill -KILL $started
	started=
}

statuses() {
	status_is 7 "${explain[@]}" -o "$work/text" -- sh -c 'exit 7'
	status_is 143 "${explain[@]}" -o "$work/text" -d 0.5 -- sleep 1000
	status_is 127 "${explain[@]}" -o "$work/text" -- /nowhere 2>"$work/err"
	equal 1 "$(wc -l <"$work/err")"
	status_is 126 "${explain[@]}" -o "$work/text" -- /etc/passwd 2>"$work/err"
	# the command's output is its own
	equal hello "$("${explain[@]}" -- echo hello 2>"$work/text")"
	grep -q 'proof: 1 tasks' "$work/text"
}

wrong() {
	local status pattern

	while read -r status pattern; do
		# shellcheck disable=SC2086 # a list of arguments
		status_is 2 "${explain[@]}" $pattern >"$work/out" 2>"$work/err" </dev/null
		cat "$work/err"
		equal 0 "$(wc -c <"$work/out")"
		equal 1 "$(wc -l <"$work/err")"
		grep -q "^schedsplit: .*explain" "$work/err"
	done <<-'END'
		2
		2 -a
		2 -a -- true
		2 --nothing -- true
		2 -r 3 -- true
		2 -I 100 -- true
		2 --csv -- true
		2 --signals -- true
		2 -p x
		2 --
	END
}

# Last: it is loaded again for the tests that follow.
unloaded() {
	rmmod schedsplit
	status_is 1 "${explain[@]}" -- touch "$work/ran" >"$work/out" 2>"$work/err"
	cat "$work/err"
	equal 1 "$(wc -l <"$work/err")"
	grep -qE '^schedsplit: .*not loaded.*(make load|modprobe)' "$work/err"
	test ! -e "$work/ran"
	"${explain[@]}" --help | grep -q '^Usage: schedsplit explain'
}

check "a healthy program is called parallel, and nothing else" healthy
check_tool "one task that does all the work" alone
check_tool "a lock that all need" lock
check_tool "threads of Python" python
check_tool "more spinning threads than CPUs" crowded
check_tool "threads kept on one CPU" pinned
check_tool "a tool that may use one CPU" one_cpu
check "a storm of forks, and one of threads" forks
check_tool "hands across two CPUs, and on one" hands
check_tool "sleepers take no turns" sleepers
check "costs of switches are told" costs
check "-p PID" of_pid
check "-p of a process that sleeps" of_idle_pid
check_tool "the exit status is the command's" statuses
check_tool "wrong usage" wrong
check "without the module" unloaded
