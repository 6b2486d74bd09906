#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare scheduling-unit`: shares of a CPU, as the module counts
# them too, and a verdict that turns.
#
# cpus: 2
# short: none

# What looks like the shell's variables is jq's.
# shellcheck disable=SC2016
:
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

json=$work/json

compare() {
	schedsplit compare scheduling-unit --quick --seed 1 --json="$json" 2>&1
}

says() {
	holds "$json" '.claims[0].verdict == $verdict and .source == "module"
		and ([.experiments[0].measurements[].kernel.proof
			| .tasks_mismatched + .lost] | max == 0)' --arg verdict "$1"
}

# Of four processes it is sure.
reference() {
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "share_ratio"
		and .arm == "process") | .median > 3 and .median < 5] == [true]'
}

# Where the group is of threads, the single one is the only process that runs. The
# module counts on while the workers, having read their CPU time, come to an end.
module_agrees() {
	holds "$json" '.experiments[0].measurements[] |
		select(.metric == "share_ratio" and .arm == "thread") |
		[.samples[] | select(.warmup | not)] as $s |
		(([$s[].numerator] | add) / ([$s[].denominator] | add)) as $said |
		(.kernel.classes | .thread.run_ns / .process.run_ns) as $counted |
		$said / $counted > 0.8 and $said / $counted < 1.25
		and .kernel.classes.thread.tasks == 4 * .kernel.trials'
}

# One CPU, and nobody but those five on it.
alone() {
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "share_ratio") |
		.samples[] | (.numerator + .denominator) / .interval_ns] |
		length == 22 and max < 1.001 and (add / length) > 0.7'
}

compare
check "threads are what is scheduled" says fails
check "four processes get four shares" reference
check "the module counted the same shares" module_agrees
check "the five have the CPU to themselves" alone
with_stub one_worker share compare
check "a group that gets one share turns the verdict" says holds
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
