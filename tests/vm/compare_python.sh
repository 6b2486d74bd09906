#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare python`: the interpreter lock, and who is interrupted; each
# seen from the outside as well.
#
# cpus: 2
# short: none

# shellcheck disable=SC2016 # the variables of jq, and of eval
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
libexec=$PWD/build/libexec/schedsplit
version=$(python3 -c 'import sys; print("%d%02d%02d" % sys.version_info[:3])')

# background COMMAND [ARG]...: until the check ends; says what it says to $work/said
background() {
	setsid "$@" >"$work/said" &
	pid=$!
	trap 'kill -KILL -- "-$pid"' EXIT
	wait_until grep -q ready "$work/said"
}

# compare [OPTION]...
compare() {
	local status=0

	schedsplit compare python --quick --trials 6 --warmup 0 --seed 1 --json="$json" "$@" \
		>"$work/out" 2>&1 || status=$?
	cat "$work/out"
	return $status
}

# --- what it measures ---

run() {
	compare
	holds "$json" '.source == "module" and .timing == "emulated"
		and .claims[0].id == "python"
		and (.claims[0].verdict | IN("depends", "inconclusive", "fails"))
		and ([.experiments[0].measurements[] | .n] | min == 6)'
}
check "every point is measured, and not all is as the text says" run

# all(METRIC; WORK; ARM): the values in the trials
values='def values($metric; $work; $arm): [.experiments[0].measurements[]
	| select(.metric == $metric and .params.work == $work and .arm == $arm)
	| .samples[].value];
	def median: sort | (.[length / 2 | floor] + .[(length - 1) / 2 | floor]) / 2;'

check "CPU-bound threads take turns" holds "$json" "$values"'
	values("overlap"; "cpu"; "thread") | length == 6 and median < 0.1'
check "CPU-bound processes run at once" holds "$json" "$values"'
	values("overlap"; "cpu"; "process") | length == 6 and median > 0.6'
check "threads wait for the lock, and processes for nothing" holds "$json" "$values"'
	(values("blocked"; "cpu"; "thread") | median > 0.3)
	and (values("blocked"; "cpu"; "process") | median < 0.1)'
check "what is I/O-bound is blocked" holds "$json" "$values"'
	all(("process", "thread") as $arm | values("blocked"; "io"; $arm) | median; . > 0.5)'
check "shares add up to 1" holds "$json" '
	[.experiments[0].measurements[] | select(.metric | IN("on_cpu", "runnable", "blocked"))
		| {params, arm, sample: .samples[]}]
	| group_by([.params, .arm, .sample.block])
	| length == 24 and all(([.[].sample.numerator] | add) == .[0].sample.denominator)'
check "KeyboardInterrupt is raised in the main thread only" holds "$json" "$values"'
	values("main_only"; "signals"; "thread") == [1, 1, 1, 1, 1, 1]'
check "one process can be interrupted, a thread not" holds "$json" "$values"'
	values("one_interrupted"; "signals"; "process") == [1, 1, 1, 1, 1, 1]
	and values("one_interrupted"; "signals"; "thread") == [0, 0, 0, 0, 0, 0]'
check "terminate() ends one process; a thread has none" holds "$json" "$values"'
	values("one_ended"; "signals"; "process") == [1, 1, 1, 1, 1, 1]
	and values("one_ended"; "signals"; "thread") == [0, 0, 0, 0, 0, 0]'
# The main thread, and 3 threads; or 3 processes, one of which is terminated.
check "the module counted the workers of the signals" holds "$json" '
	[.experiments[0].measurements[] | select(.metric == "one_ended")
		| {arm, of: (.kernel.classes | map_values(.tasks)),
		   exits: .kernel.classes.process.exits}]
	| map(if .arm == "process" then .of.process == 6 * 4 and .of.thread == 0 and .exits == 6
	      else .of.thread == 6 * 3 end) | all'
check "the interpreter is said" holds "$json" '
	[.experiments[0].measurements[].samples[].counts
		| [.python_version, .interpreter_lock]] | unique == [[$version, 1]]' \
	--argjson version "$version"

# --- the lock, from the outside ---

# read_run: the time, and how long the tasks of the group were on CPUs, in ns
read_run() {
	local run file

	now=${EPOCHREALTIME/./}000 sum=0
	for file in "${schedstat[@]}"; do
		read -r run _ <"$file"
		sum=$((sum + run))
	done
}

# cpus_in_use ARM LEAST MOST: in percent, by /proc, while the workers compute
cpus_in_use() {
	local now sum begin run used leader schedstat=()

	background python3 -S -E "$libexec/python.py" "arm=$1" start_method=fork work=cpu \
		iterations=1000000
	for leader in $(pgrep -g "$pid"); do
		schedstat+=("/proc/$leader/task/"*/schedstat)
	done
	equal 3 ${#schedstat[@]}
	sleep 0.2
	read_run
	begin=$now run=$sum
	sleep 2
	read_run
	used=$(((sum - run) * 100 / (now - begin)))
	echo "$used % of a CPU"
	[ $used -ge "$2" ] && [ $used -le "$3" ]
}
check "threads use one CPU" cpus_in_use thread 80 125
check "processes use two" cpus_in_use process 160 205

# --- interrupts, from the outside ---

# said PATTERN N: so many lines so far
said() {
	[ "$(grep -c "$1" "$work/said")" = "$2" ]
}

threads() {
	local tasks

	background python3 "${0%/*}/witness.py" thread
	kill -INT "$pid"
	wait_until said 'main interrupted' 1
	kill -INT "$pid"
	wait_until said 'main interrupted' 2
	said worker 0
	tasks=("/proc/$pid/task/"*)
	equal 3 ${#tasks[@]}
}
check "so it is for a program of threads" threads

processes() {
	local children

	background python3 "${0%/*}/witness.py" process
	mapfile -t children < <(pgrep -P "$pid")
	equal 2 ${#children[@]}
	kill -INT "${children[0]}"
	wait_until said 'worker interrupted' 1
	kill -INT "$pid"
	wait_until said 'main interrupted' 1
	said worker 1
	kill -TERM "${children[0]}"
	wait_until eval '! kill -0 '"${children[0]}"' || grep -q "State:.Z" /proc/'"${children[0]}"'/status'
	grep -q 'State:.[SR]' "/proc/${children[1]}/status"
}
check "so it is for a program of processes" processes

# --- the other start methods ---

# by_hand METHOD: and what it leaves
by_hand() {
	find /dev/shm >"$work/shm"
	python3 -S -E "$libexec/python.py" arm=process start_method="$1" work=signals \
		iterations=1 >"$work/said" 2>&1
	cat "$work/said"
	equal '' "$(pgrep -f python.py)"
	equal '' "$(ls -d /tmp/pymp-* 2>/dev/null)"
	find /dev/shm | diff "$work/shm" -
	equal 3 "$(grep -cE '^metric (main_only|one_interrupted|one_ended) 1 1$' "$work/said")"
	equal end "$(tail -n 1 "$work/said")"
}
check "spawn does the same, and leaves nothing" by_hand spawn
check "so does forkserver" by_hand forkserver

interrupted() {
	local tool

	schedsplit compare python --trials 1000 --param work=io,start_method=spawn \
		>"$work/out" 2>&1 &
	tool=$!
	wait_until eval '[ "$(pgrep -fc "spawn_main|resource_tracker")" -ge 4 ]'
	kill -TERM $tool
	status_is 143 wait $tool
	equal '' "$(pgrep -f 'python.py|multiprocessing')"
}
check "nor does a run that is ended" interrupted

no_interpreter() {
	status_is 1 compare --python /nonexistent
	holds "$json" '.claims[0].verdict == "not-measured"
		and (.claims[0].why | endswith(" failed: there is no interpreter /nonexistent"))'
}
check "without an interpreter, it is said" no_interpreter

# --- other workers, another verdict ---

# stub NAME [OPTION]...: stands in for the worker program
stub() {
	local name=$1

	shift
	rm -rf "$work/libexec"
	mkdir "$work/libexec"
	cp "$libexec/python.py" "$work/libexec/real.py"
	cp "${0%/*}/stubs/$name.py" "$work/libexec/python.py"
	chmod 755 "$work/libexec" "$work/libexec/"*
	SCHEDSPLIT_LIBEXEC=$work/libexec compare "$@"
}

as_claimed() {
	stub as_claimed --trials 10
	holds "$json" '.claims[0].verdict == "holds"'
}
check "work that is as the text says makes it hold" as_claimed

threads_only() {
	stub threads_only --param work=cpu
	holds "$json" "$values"' values("overlap"; "cpu"; "process") | median < 0.1'
}
check "processes that are threads do not run at once" threads_only
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
