#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare interruptability`: facts against the manual, against what
# kill and /proc show, and against the module's count of exits; its verdict
# where threads are made to behave otherwise.
#
# cpus: 2
# short: 6.12

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
real=$(dirname "$(readlink -f "$(command -v schedsplit)")")
real=$(cd "$real/../libexec/schedsplit" 2>/dev/null || cd "$real/libexec/schedsplit" && pwd)

# No warm-up: a fact is one from the first trial on.
compare() {
	schedsplit compare interruptability --quick --trials 6 --warmup 0 --seed 1 "$@" \
		2>"$work/err"
	equal 0 "$(wc -c <"$work/err")"
}

all_of_it() {
	compare --json="$json"
}

# Figures of a metric, the same in every trial, at an action in an arm, however
# it is asked for.
# shellcheck disable=SC2016 # $names are jq's
figures='def figures($metric; $action; $arm): [.experiments[0].measurements[]
	| select(.metric == $metric and .arm == $arm and .params.action == $action)
	| .min, .max] | unique;
'

# is METRIC ACTION PROCESS THREAD: the figure in each arm.
is() {
	holds "$json" "$figures"'figures($m; $a; "process") == [$p] and
		figures($m; $a; "thread") == [$t]' --arg m "$1" --arg a "$2" \
		--argjson p "$3" --argjson t "$4"
}

# As signal(7), pthread_kill(3) and pthreads(7) have it.
manual() {
	local signal

	for signal in SIGKILL SIGINT; do
		is died $signal 1 4
		is stopped $signal 0 0
		is survived $signal 3 0
		is hit_one $signal 1 0
	done
	is died SIGSTOP 0 0
	is stopped SIGSTOP 1 4
	is survived SIGSTOP 3 0
	is continued SIGSTOP 4 4
	is hit_one SIGSTOP 1 0
	is survived handler 4 4
	is taken_once handler 1 1
	is masked_spared handler 1 1
	is hit_one cancel-deferred-busy 1 0
	is died cancel-deferred-busy 1 0
	is hit_one cancel-deferred-blocked 1 1
	is hit_one cancel-async-busy 1 1
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "as_documented")
		| .min] | length == 20 and min == 1'
}

# exits ACTION PROCESS THREAD: of each trial, by the module, until the facts are
# in. The workers' creator goes with its threads.
exits() {
	holds "$json" '[.experiments[0].measurements[]
		| select(.metric == "hit_one" and .params.action == $a)
		| ([.kernel.classes[].exits] | add) == .n * (if .arm == "thread" then $t else $p end)
		] | all' --arg a "$1" --argjson p "$2" --argjson t "$3"
}

module() {
	exits SIGKILL 1 5
	exits SIGINT 1 5
	exits SIGSTOP 0 0
	exits handler 0 0
	exits cancel-deferred-busy 1 1	# at its next sleep
	exits cancel-deferred-blocked 1 1
	exits cancel-async-busy 1 1
}

verdict() {
	holds "$json" '.claims[0].verdict == $v' --arg v "$1"
}

# with_stub EFFECT
with_stub() {
	local libexec=$work/libexec

	mkdir -p "$libexec"
	cp "${0%/*}/stubs/interruptability" "$libexec/signals"
	ln -sf "$real/signals" "$libexec/signals.real"
	echo "$1" >"$libexec/effect"
	SCHEDSPLIT_LIBEXEC=$libexec all_of_it
}

apart() {
	with_stub apart
	verdict fails
	for action in SIGKILL SIGSTOP SIGINT handler cancel-deferred-busy; do
		is hit_one $action 1 1
	done
}

deaf() {
	with_stub deaf
	verdict holds
}

left() {
	ps -eo stat=,comm= | grep -E '(signals|creator|worker [0-9]+)$'
}

killed() {
	compare --param action=SIGSTOP,by=tgkill --json=/dev/null &
	wait_until eval 'left >/dev/null'
	sleep 0.5
	pkill -KILL -P $! -x schedsplit || kill -KILL $!
	wait $! || :
	# Zombies are for whoever inherits them.
	wait_until eval '! left | grep -v ^Z'
}

check "all points are measured" all_of_it
check "who dies, stops and survives is what the manual promises" manual
check "... and what kill and /proc show" python3 "${0%/*}/interruptability.py" "$real/signals" "$json"
check "... and as many as the module saw exit" module
check "verdict: it depends" verdict depends
check "nobody is left" eval '! left'
check "threads in address spaces of their own: the claim fails" apart
if [ "$SOAK" = 1 ]; then
	check "threads that nothing hits alone: the claim holds" deaf
fi
check "nobody is left by a tool that was killed" killed
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
