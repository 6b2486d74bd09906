#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare instances`: processes and threads, as the module counts
# them and as physical pages show.
#
# cpus: 2
# short: 6.12
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

# A trial of either arm is the worker program, and 8 instances or 8 threads.
counted() {
	# shellcheck disable=SC2016 # jq's, not the shell's
	holds "$work/instances" '
		def classes(arm; program): [.experiments[0].measurements[]
			| select(.arm == arm and .params.program == program)][0]
			| .n as $n | .kernel.classes
			| map_values(.tasks / $n) | [.process, .leader, .thread];
		classes("process"; "own") == [9, 0, 0]
		and classes("process"; "python") == [4, 0, 0]
		and classes("thread"; "own") == [1, 1, 8]'
}

check "it holds" verdict_is holds instances
check "the module counts what the kernel does" proven instances
check "the classes are as many as were started" counted
check_tool "threads that are processes: it depends" with_stub threads_are_processes instances \
	verdict_is depends instances
check "code is in one place" "${0%/*}/compare_instances.py"
check "no instance is left" wait_until gone instances
check "no Python program is left" wait_until eval '! pgrep -f app.py'
