#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare interruptability`: facts against the manual, against what
# kill and /proc show, and against the module's count of exits; its verdict
# where threads are made to behave otherwise.
#
# cpus: 2
# short: 6.12
# kmemleak: off

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

# facts FILTER: true for the JSON, in which it may use
#	is(METRIC; ACTION; PROCESS; THREAD)	the figure in each arm, the same in
#						every trial, however it is asked for
#	exits(ACTION; PROCESS; THREAD)		of a trial, until the facts are in,
#						by the module; the workers' creator
#						goes with its threads
# shellcheck disable=SC2016 # $names are jq's
facts() {
	holds "$json" '
		[.experiments[0].measurements[]] as $all |
		def figures($metric; $action; $arm): [$all[] | select(.metric == $metric and
			.arm == $arm and .params.action == $action) | .min, .max] | unique;
		def is($metric; $action; $process; $thread):
			figures($metric; $action; "process") == [$process] and
			figures($metric; $action; "thread") == [$thread];
		def exits($action; $process; $thread): [$all[] |
			select(.metric == "hit_one" and .params.action == $action) |
			([.kernel.classes[].exits] | add) ==
				.n * (if .arm == "thread" then $thread else $process end)
			] | length > 0 and all;
		'"$1"
}

# As signal(7), pthread_kill(3) and pthreads(7) have it.
manual() {
	local signal

	for signal in SIGKILL SIGINT; do
		facts "is(\"hit_one\"; \"$signal\"; 1; 0) and is(\"died\"; \"$signal\"; 1; 4) and
			is(\"stopped\"; \"$signal\"; 0; 0) and
			is(\"survived\"; \"$signal\"; 3; 0)"
	done
	facts 'is("hit_one"; "SIGSTOP"; 1; 0) and is("died"; "SIGSTOP"; 0; 0) and
		is("stopped"; "SIGSTOP"; 1; 4) and is("survived"; "SIGSTOP"; 3; 0) and
		is("continued"; "SIGSTOP"; 4; 4)'
	facts 'is("survived"; "handler"; 4; 4) and is("taken_once"; "handler"; 1; 1) and
		is("masked_spared"; "handler"; 1; 1)'
	facts 'is("hit_one"; "cancel-deferred-busy"; 1; 0) and
		is("died"; "cancel-deferred-busy"; 1; 0) and
		is("hit_one"; "cancel-deferred-blocked"; 1; 1) and
		is("hit_one"; "cancel-async-busy"; 1; 1)'
	# In every cell, of which --quick has 22.
	# shellcheck disable=SC2016
	facts '[$all[] | select(.metric == "as_documented") | .min] | length == 22 and min == 1'
}

# shellcheck disable=SC2016 # $all and $delays are jq's
# The kernel's part of the time between the call and the handler lasts no longer than
# that in the slowest state of the same trial, but for a histogram's width and for
# other signals of the system: in most trials.
delays() {
	holds "$json" '[.experiments[0].measurements[]] as $all |
		[$all[] | select(.metric == "kernel_delay")] as $delays |
		($delays | length == 4) and ($delays | all(. as $delay |
			.params.action == "handler" and .min > 0 and
			([.samples[] | . as $sample | [$all[] | select(.arm == $delay.arm and
				.params == $delay.params and (.metric | startswith("latency_")))
				| .samples[] | select(.block == $sample.block) | .value] |
				length > 0 and $sample.value <= 1.07 * max] |
				(map(select(.)) | length) > length / 2)))'
}

# What was cancelled while busy ends at its next sleep.
module() {
	facts 'exits("SIGKILL"; 1; 5) and exits("SIGINT"; 1; 5) and exits("SIGSTOP"; 0; 0) and
		exits("handler"; 0; 0) and exits("cancel-deferred-busy"; 1; 1) and
		exits("cancel-deferred-blocked"; 1; 1) and exits("cancel-async-busy"; 1; 1)'
}

verdict() {
	equal "$1" "$(value "$json" '.claims[0].verdict')"
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
	facts 'is("hit_one"; "SIGKILL"; 1; 1) and is("hit_one"; "SIGSTOP"; 1; 1) and
		is("hit_one"; "SIGINT"; 1; 1) and is("hit_one"; "cancel-deferred-busy"; 1; 1)'
}

deaf() {
	with_stub deaf
	verdict holds
}

names='signals|creator|worker [0-9]+'

nobody_left() {
	! pgrep -x "$names"
}

# Zombies are for whoever inherits them.
nobody_alive() {
	! pgrep -x -r R,S,D,T "$names"
}

killed() {
	compare --trials 2000 --param action=SIGSTOP,by=tgkill --json=/dev/null &
	wait_until pgrep -x "$names"
	sleep 0.5
	pkill -KILL -P $! -x schedsplit || kill -KILL $!
	wait $! || :
	wait_until nobody_alive
}

check "all points are measured" all_of_it
check "who dies, stops and survives is what the manual promises" manual
check "... and what kill and /proc show" python3 "${0%/*}/interruptability.py" "$real/signals" "$json"
check "... and as many as the module saw exit" module
check "the kernel has a part in how long a signal takes" delays
check "verdict: it depends" verdict depends
check "nobody is left" nobody_left
check_tool "threads in address spaces of their own: the claim fails" apart
if [ "$SOAK" = 1 ]; then
	check "threads that nothing hits alone: the claim holds" deaf
fi
check "nobody is left by a tool that was killed" killed
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
