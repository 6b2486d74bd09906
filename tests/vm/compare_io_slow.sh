#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare io-bound` where one arm is slowed: the verdict follows.
#
# cpus: 2
# short: none

# shellcheck disable=SC2016 # the variables of jq, and of eval
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# verdict ARM WANTED: with all that blocks taking longer in ARM.
verdict() {
	local libexec=$work/$1

	mkdir "$libexec"
	ln -s "$PWD/build/libexec/schedsplit" "$libexec/real"
	ln -s "$libexec/real/load" "$libexec/real/postgres" "$libexec/"
	for program in net sqlite file; do
		ln -s "$PWD/tests/vm/stubs/slow_arm" "$libexec/$program"
	done
	cp "$TESTS_BIN/slow" "$libexec/slow.so"
	echo "$1" >"$libexec/slow_arm"
	# Few workers: their effect is the same, and so are the rule's points.
	SCHEDSPLIT_LIBEXEC=$libexec schedsplit compare io-bound --quick --trials 6 --warmup 0 \
		--seed 1 --param workers=2 --json="$work/json" >"$work/err" 2>&1
	cat "$work/err"
	jq .claims "$work/json"
	jq -c '.experiments[0].ratios[] | select(.metric == "throughput" and .of == "process" and
		.to == "thread") | [.params, .value, .ci95]' "$work/json"
	holds "$work/json" '.claims[0].verdict == $wanted' --arg wanted "$2"
}
check "processes are slow: threads suit it" verdict process holds
check "threads are slow: they do not" verdict thread fails
