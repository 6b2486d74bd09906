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

# vs A B [OPTION]...
vs() {
	schedsplit compare --quick --trials 7 --seed 1 --json="$json" -o "$work/table" \
		--vs "$@" 2>"$work/err"
	cat "$work/table" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	holds "$json" '.schema == "schedsplit-compare/1" and .source == "module"
		and .claims == [] and .experiments[0].name == "vs"
		and ([.experiments[0].measurements[] | .arm] | unique == ["a", "b"])
		and ([.experiments[0].measurements[] | .kernel.proof
			| .tasks_mismatched + .lost] | max == 0)'
}

# What a sleep adds to both is the same, so the ratio is between 1/3 and 1: a
# second and three make that addition small.
threefold() {
	vs 'sleep 0.5' 'sleep 1.5'
	holds "$json" '.experiments[0].ratios[] | select(.metric == "elapsed")
		| .ci95[0] < 0.5 and .ci95[1] > 0.3333 and .value > 0.3333 and .value < 0.5'
	vs 'sleep 1.5' 'sleep 0.5'
	holds "$json" '.experiments[0].ratios[] | select(.metric == "elapsed")
		| .value > 2 and .value < 3.0001'
}

# Each true is a fork and an exec of the shell: N children are N forks, N + 1
# tasks and N + 1 ends. /bin/true is no builtin, and the last command is one.
forks() {
	# shellcheck disable=SC2016 # the shell of the trial expands it
	vs 'for i in 1 2 3 4 5; do /bin/true; done; :' '/bin/true; /bin/true; :'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .arm, (.samples[] | .value)] == ["a", 5,5,5,5,5,5,5,5, "b", 2,2,2,2,2,2,2,2]'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "elapsed")
		| .kernel | .trials, .classes.process.tasks, .classes.process.forks,
			.classes.process.exits, .classes.thread.tasks]
		== [7, 42, 35, 42, 0, 7, 21, 14, 21, 0]'
}

# The kernel's own rusage misses only what a dead task does last.
switches() {
	# shellcheck disable=SC2016
	vs 'for i in 1 2 3 4 5 6 7 8; do sleep 0.01; done; :' ':'
	holds "$json" '.experiments[0].measurements
		| (.[] | select(.metric == "switches_voluntary" and .arm == "a")
			| .samples | map(select(.warmup | not) | .value) | add) as $rusage
		| .[0].kernel.classes.process
		| .switches_voluntary as $counted
		| $counted >= $rusage and $counted <= $rusage + 2 * .tasks'
}

# Before each trial, warm-ups too, and nothing of it is counted.
prepare() {
	# shellcheck disable=SC2016
	vs ':' ': ' --prepare 'echo x >>'"$work"'/prepared; for i in 1 2 3; do /bin/true; done'
	equal 16 "$(wc -l <"$work/prepared")"
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .samples[] | .value] | max == 0'
	holds "$json" '[.experiments[0].measurements[] | .kernel.classes.process.tasks] | max == 7'
	holds "$json" '.vs.prepare | startswith("echo x")'
}

# Threads are told from processes in it.
threads() {
	vs 'crowd -p 1 -t 3' 'crowd -p 3'
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "forks")
		| .kernel.classes.thread.tasks] | .[0] >= 21 and .[1] == 0'
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
	! pgrep -f 'sleep 4321'
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
	! pgrep -f libexec/schedsplit
	! compgen -G "$work/*.??????" || return 1
}

# At random moments of whatever is going on: planning, calibrating, measuring,
# between experiments, writing.
interrupted() {
	local i pid status early=0

	for ((i = 0; i < 20; i++)); do
		rm -f "$work/part"
		# SIGINT is ignored in what a script starts in the background
		setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' schedsplit compare --quick --trials 2 --warmup 0 \
			--param rss_mib=0,workload=primes,method=pipe,cpu=same --json="$work/part" \
			-o "$work/table" start-time switch-cost cpu-bound 2>"$work/err" &
		pid=$!
		sleep "$((RANDOM % 4)).$((RANDOM % 10))"
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
	[ $early -lt 20 ]
}

check "a threefold effect is seen, both ways" threefold
check "forks, tasks and exits are the command's" forks
check "switches are those of rusage" switches
check "prepare runs before each trial, uncounted" prepare
check "threads and processes" threads
check "a command that fails is said" fails
check "what a command leaves behind is killed" strays
check "a run is repeated" repeats
check "SIGINT at 20 random moments" interrupted
check "nothing is left" nothing_left
