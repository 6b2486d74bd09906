#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Times of tasks' lives: one in each histogram for each birth, exec and exit, and
# no shorter than what was slept. Signals: who took them, and what nobody did.
#
# cpus: 2
# short: 6.1 6.12

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json

# lives COMMAND [ARG]...: counted in every stage as in the classes
lives() {
	schedsplit stat --life --json="$json" -o "$work/table" -- "$@" >/dev/null
	holds "$json" 'def n($stage): [.life[$stage][][].count] | add // 0;
		([.classes[].forks] | add) as $forks |
		n("birth_to_wakeup") == $forks and n("wakeup_to_run") == $forks and
		n("birth_to_exit") == ([.classes[].exits] | add)'
	"${0%/*}/stat_check.py" --schema "$json"
	holds "$json" '. as $all | [.classes | to_entries[] |
		([$all.life.birth_to_exit[.key][].count] | add // 0) == .value.exits] | all'
	holds "$json" '.proof.tasks_mismatched == 0 and .proof.lost == 0'
}

crowds() {
	lives crowd -p 20 -t 3
	# the command itself was there before
	holds "$json" '([.life.birth_to_exit.thread[].count] | add) >= 60'
}

# The child's exec, and 30 more.
execs() {
	lives sh -c 'i=0; while [ $i -lt 30 ]; do /bin/true; i=$((i+1)); done'
	holds "$json" '[.life.birth_to_exec[][].count] | add == 31'
}

# Nobody who sleeps 300 ms lives less; nobody is woken before birth.
sleepers() {
	lives sh -c 'for i in 1 2 3 4 5; do sleep 0.3 & done; wait'
	holds "$json" '[.life.birth_to_exit.process[] | select(.hi == null or .hi > 300000000) |
		.count] | add == 6'
	# from birth to exec is part of it
	holds "$json" '[.life.birth_to_exec.process[] | .count] | add == 6'
}

# signals HOW N: those of SIGUSR1, among what else there is in between
signals() {
	schedsplit stat -a --signals --json="$json" -o "$work/table" -- signaller "$1" "$2"
	holds "$json" '[.signals[] | ([.delay[].count] | add // 0) == ([.taken[]] | add)] | all'
}

# of TO FIELD: of it, in N of 200 signals; the shell and SIGCHLD bring a few more
few=20

to_group() {
	signals group 200
	holds "$json" '.signals.process | .generated - 200 | . >= 0 and . <= $few' --argjson few $few
	holds "$json" '.signals.process.taken.thread == 200'
}

to_thread() {
	signals thread 200
	holds "$json" '.signals.thread | .generated - 200 | . >= 0 and . <= $few' --argjson few $few
	holds "$json" '.signals.thread.taken.thread == 200'
}

ignored() {
	signals ignored 200
	holds "$json" '[.signals[].generated] | add <= $few' --argjson few $few
}

waited() {
	signals waited 200
	holds "$json" '.signals.process | .generated >= 200 and .unmatched >= 200 and
		.unmatched <= 200 + $few and ([.taken[]] | add) <= $few' --argjson few $few
}

merged() {
	signals merged 200
	holds "$json" '.signals.process | .generated - 200 | . >= 0 and . <= $few' --argjson few $few
	holds "$json" '.signals.process.taken.process - 200 | . >= 0 and . <= $few' --argjson few $few
}

text() {
	schedsplit stat -a --life --signals -o "$work/table" -- signaller group 20
	cat "$work/table"
	grep -qi 'signal' "$work/table"
	grep -qi 'exec' "$work/table"
}

check "one of each for each birth and exit, in its class" crowds
check "one for each exec" execs
check "no life is shorter than it was slept" sleepers
check "signals to a process, taken by its second thread" to_group
check "signals to a thread" to_thread
check "ignored signals are none" ignored
check "what sigwait() fetches is unmatched" waited
check "two that are merged are one" merged
check "as a table" text
