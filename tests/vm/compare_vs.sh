#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare --vs`, `--repeat`, and Ctrl-C, with the module.
#
# cpus: 2
# short: none

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json

# vs TRIALS A B [OPTION]...: below 6 trials there are no intervals, but all counts.
vs() {
	local trials=$1

	shift
	schedsplit compare --quick --trials "$trials" --seed 1 --json="$json" -o "$work/table" \
		--vs "$@" 2>"$work/err"
	cat "$work/table" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	holds "$json" '.schema == "schedsplit-compare/1" and .source == "module"
		and .claims == [] and .experiments[0].name == "vs"
		and ([.experiments[0].measurements[] | .arm] | unique == ["a", "b"])
		and ([.experiments[0].measurements[] | .kernel.proof
			| .tasks_mismatched + .lost] | max == 0)'
}

# The shell's start is in both, so the ratio is a little nearer to 1 than 1/3, and
# the difference is one second; no sleep is shorter than it was asked to be.
# shellcheck disable=SC2016 # jq expands it
threefold() {
	local of_both='.experiments[0] | (.measurements | map(select(.metric == "elapsed"))) as [$a, $b]
		| (.ratios[] | select(.metric == "elapsed")) as $ratio'

	vs 6 'sleep 0.5' 'sleep 1.5'
	holds "$json" "$of_both"' | $a.min >= 500000000 and $b.min >= 1500000000
		and $b.median - $a.median > 700000000 and $b.median - $a.median < 1500000000
		and $ratio.value > 0.3333 and $ratio.value < 0.6
		and $ratio.ci95[0] < 0.5 and $ratio.ci95[1] < 0.9'
	vs 2 'sleep 1.5' 'sleep 0.5'
	holds "$json" "$of_both"' | $ratio.value > 1.6 and $ratio.value < 3.0001'
}

# Each true is a fork and an exec of the shell: N children are N forks, N + 1
# tasks and N + 1 ends. /bin/true is no builtin, and the last command is one.
forks() {
	# shellcheck disable=SC2016 # the shell of the trial expands it
	vs 3 'for i in 1 2 3 4 5; do /bin/true; done; :' '/bin/true; /bin/true; :'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .arm, (.samples[] | .value)] == ["a", 5,5,5,5, "b", 2,2,2,2]'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "elapsed")
		| .kernel | .trials, .classes.process.tasks, .classes.process.forks,
			.classes.process.exits, .classes.thread.tasks]
		== [3, 18, 15, 18, 0, 3, 9, 6, 9, 0]'
}

# The kernel's own rusage misses only what a dead task does last.
# shellcheck disable=SC2016 # the shell of the trial, and jq, expand it
switches() {
	vs 3 'for i in 1 2 3 4 5 6 7 8; do sleep 0.01; done; :' ':'
	holds "$json" '.experiments[0].measurements
		| (.[] | select(.metric == "switches_voluntary" and .arm == "a")
			| .samples | map(select(.warmup | not) | .value) | add) as $rusage
		| .[0].kernel.classes.process
		| .switches_voluntary as $counted
		| $counted >= $rusage and $counted <= $rusage + 2 * .tasks'
	# 3 trials, each the difference of two times in whole us, for user and system
	holds "$json" '.experiments[0].measurements
		| (.[] | select(.metric == "cpu" and .arm == "a")
			| .samples | map(select(.warmup | not) | .value) | add) as $rusage
		| .[0].kernel.classes.process.run_ns as $counted
		| $rusage <= $counted + 6000 and $rusage > $counted / 2'
}

# Before each trial, warm-ups too, and nothing of it is counted.
prepare() {
	# shellcheck disable=SC2016
	vs 3 ':' ': ' --prepare 'echo x >>'"$work"'/prepared; for i in 1 2 3; do /bin/true; done'
	equal 8 "$(wc -l <"$work/prepared")"
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .samples[] | .value] | max == 0'
	holds "$json" '[.experiments[0].measurements[] | .kernel.classes.process.tasks] | max == 3'
	holds "$json" '.vs.prepare | startswith("echo x")'
}

# Threads are told from processes in it.
threads() {
	vs 3 'crowd -p 1 -t 3' 'crowd -p 3'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .kernel.classes.thread.tasks] | .[0] == 9 and .[1] == 0'
}

fails() {
	status_is 1 schedsplit compare --quick --trials 1 --vs 'echo first >&2; echo last >&2; exit 3' \
		'kill -SEGV $$' >"$work/out" 2>&1
	cat "$work/out"
	grep -q 'vs (a): the command ended with status 3: last\.' "$work/out"
	grep -q 'vs (b): the command was ended by signal 11' "$work/out"
	status_is 1 schedsplit compare --quick --trials 1 --vs : : --prepare false >"$work/out" 2>&1
	grep -q 'the prepare command ended with status 1' "$work/out"
}

# Not even what left the process group of the trial.
strays() {
	schedsplit compare --quick --trials 1 --vs 'sleep 4321 & setsid sleep 4321 &' : >/dev/null
	equal '' "$(pgrep -f 'sleep 4321')"
}

repeats() {
	schedsplit compare --quick --trials 6 --seed 7 --cpus 1,0 --param method=pipe,cpu=same \
		--json="$work/first" switch-cost
	schedsplit compare --repeat "$work/first" --json="$work/second" -o "$work/table"
	cat "$work/table"
	grep -q "^Agreement with $work/first:" "$work/table"
	holds "$work/second" '.seed == 7 and .blocks == 6 and .cpus == [1, 0] and .options.quick
		and .options.params == {"method": "pipe", "cpu": "same"}
		and (.agreement.ratios | length == 3) and (.agreement.measurements | length == 3)
		and ([.agreement.ratios[] | .overlap, .within | type] | unique == ["boolean"])
		and .agreement.verdicts[0].before == "not-measured" and .agreement.verdicts[0].same'
	# shellcheck disable=SC2016
	jq -s '[.[] | [.experiments[0].measurements[0].samples[] | [.block, .order]]] as [$a, $b]
		| $a == $b' "$work/first" "$work/second" | grep -qx true
}

nothing_left() {
	wait_until eval 'netlink info | grep -q "watches=0 records=0 "'
	# their argv[0] is their name only
	if readlink /proc/[0-9]*/exe | grep libexec/schedsplit || compgen -G "$work/*.??????"; then
		return 1
	fi
}

# At random moments of whatever is going on: planning, calibrating, measuring,
# between experiments, writing.
# shellcheck disable=SC2016 # jq expands it
interrupted() {
	local i pid status early=0 times=$((SOAK ? 60 : 20))

	for ((i = 0; i < times; i++)); do
		rm -f "$work/part"
		# SIGINT is ignored in what a script starts in the background
		setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' schedsplit compare --quick --trials 2 --warmup 0 \
			--param rss_mib=0,workload=primes,method=pipe,cpu=same --json="$work/part" \
			-o "$work/table" start-time switch-cost cpu-bound 2>"$work/err" &
		pid=$!
		sleep "$((RANDOM % 3)).$((RANDOM % 10))"
		kill -INT $pid 2>/dev/null || :
		status=0
		wait $pid || status=$?
		nothing_left
		if [ -e "$work/part" ]; then
			holds "$work/part" '.schema == "schedsplit-compare/1"
				and .interrupted == ($status == 130)' --argjson status $status
		else
			# before it could catch the signal, and had begun anything
			[ $status = 130 ]
			early=$((early + 1))
		fi
	done
	echo "$early ended before they began"
	[ $early -lt "$times" ]
}

# The second signal does not wait for anything; still nothing is left.
twice() {
	local i pid status

	for ((i = 0; i < 3; i++)); do
		schedsplit compare --quick --trials 2 --json="$work/part" --vs 'sleep 50' 'sleep 50' \
			>/dev/null 2>"$work/err" &
		pid=$!
		wait_until eval "netlink info | grep -q watches=1"
		kill -TERM $pid
		kill -HUP $pid 2>/dev/null || :
		status=0
		wait $pid || status=$?
		echo "status $status"
		[ $status = 143 ] || [ $status = 129 ]
		equal '' "$(pgrep -f 'sleep 50')"
		nothing_left
	done
}

check "a threefold effect is seen, both ways" threefold
check "forks, tasks and exits are the command's" forks
check "switches and time on a CPU are those of rusage" switches
check "prepare runs before each trial, uncounted" prepare
check "threads and processes" threads
check "a command that fails is said" fails
check "what a command leaves behind is killed" strays
check "a run is repeated" repeats
check "SIGINT at random moments" interrupted
check "two signals" twice
check "nothing is left" nothing_left
