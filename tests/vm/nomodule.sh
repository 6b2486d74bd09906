#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tool does without the module.
#
# cpus: 2
# short: 6.1 6.12
# boot: bare
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# says STATUS PATTERN COMMAND...: as in errors.sh
says() {
	local wanted=$1 pattern=$2

	shift 2
	status_is "$wanted" "$@" >"$work/out" 2>"$work/err" </dev/null
	cat "$work/err"
	equal 0 "$(wc -c <"$work/out")"
	equal 1 "$(wc -l <"$work/err")"
	grep -qE "^schedsplit: .*$pattern" "$work/err"
}

how='not loaded.*(make load|modprobe)'
check "stat says how to load it" says 1 "$how" schedsplit stat -a -d 1
check "and with a command" says 1 "$how" schedsplit stat -- touch "$work/ran"
check "that command did not run" test ! -e "$work/ran"
check "and as nobody" says 1 "$how" setpriv --reuid 65534 --clear-groups schedsplit stat -a
check "top says how to load it" says 1 "$how" schedsplit top
check "and for a batch" says 1 "$how" schedsplit top --batch -n 1
check "wrong usage is wrong usage all the same" says 2 'no option' schedsplit stat --nothing
check "help needs no module" eval 'schedsplit stat --help | grep -q ^Usage'
check "the version neither" eval 'schedsplit --version | grep -q "^schedsplit [0-9]"'

status() {
	status_is 1 schedsplit status >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	grep -q '^module *not loaded' "$work/out"
	grep -qE "$how" "$work/err"
	equal 1 "$(wc -l <"$work/err")"
	status_is 1 schedsplit status --json >"$work/json" 2>"$work/err"
	holds "$work/json" '(.module.loaded | not) and (.module.why | test("not loaded"))
		and .capabilities.switches and .environment'
}
check "status" status

# One point, few trials: from resource usage, and said so once.
compare() {
	schedsplit compare --quick --trials 6 --param method=pipe,cpu=same switch-cost \
		--json="$work/json" >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	equal 1 "$(wc -l <"$work/err")"
	grep -q '^schedsplit: .*not loaded' "$work/err"
	holds "$work/json" '.schema == "schedsplit-compare/1" and .source == "rusage"
		and (.experiments | length == 1) and (.experiments[0].measurements | length > 0)
		and ([.experiments[0].measurements[] | .n] | min >= 6)
		and ([.experiments[0].measurements[] | .median] | min > 0)'
}
check "compare" compare
