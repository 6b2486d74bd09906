# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests of `compare` experiments, sourced after ../lib.sh.

# verdict_is VERDICT[,VERDICT] EXPERIMENT: what the fewest trials that allow an
# interval say; JSON in $work/EXPERIMENT
verdict_is() {
	local verdict=$1 experiment=$2

	# shellcheck disable=SC2154 # work is lib.sh's
	schedsplit compare --quick --trials 6 --warmup 0 --seed 1 "$experiment" \
		--json="$work/$experiment" 2>&1
	# shellcheck disable=SC2016 # jq's, not the shell's
	holds "$work/$experiment" '.source == "module" and (.claims[0].verdict as $found
		| $verdict | split(",") | index($found))' \
		--arg verdict "$verdict"
}

# with_stub STUB PROGRAM COMMAND [ARG]...: with stubs/STUB in place of the worker program
with_stub() {
	local stub=$1 program=$2 real directory=$work/libexec

	shift 2
	real=$(dirname "$(readlink -f "$(command -v schedsplit)")")/libexec/schedsplit
	rm -rf "$directory"
	mkdir "$directory"
	ln -s "$real" "$directory/real"
	ln -s "$real"/* "$directory/"
	ln -sf "$(readlink -f "${0%/*}/stubs/$stub")" "$directory/$program"
	SCHEDSPLIT_LIBEXEC=$directory "$@"
}

# proven EXPERIMENT: of every task, the module counted what the kernel did
proven() {
	# shellcheck disable=SC2016 # jq's, not the shell's
	holds "$work/$1" '[.experiments[0].measurements[]
		| select(.kernel.proof.tasks_mismatched + .kernel.proof.lost > 0)
		| {arm, params, proof: .kernel.proof}] | unique
		| if . == [] then true else error(tostring) end'
}

# gone NAME: no process runs the worker program NAME
gone() {
	! pgrep -x "$1"
}
