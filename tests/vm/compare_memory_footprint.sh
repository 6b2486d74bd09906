#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare memory-footprint`, against /proc/meminfo.
#
# cpus: 2
# short: 6.12
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

# A page a stack, a table and a kernel stack at least, on x86-64; no process has less.
plausible() {
	# shellcheck disable=SC2016 # jq's, not the shell's
	holds "$work/memory-footprint" '
		[.experiments[0].measurements[] | select(.metric == "total")] as $total
		| ([$total[].min] | min >= 4096 + 4096 + 16384)
		and ([$total[] | select(.params.state != "idle" and .arm == "process").min]
			| min > 262144)'
}

check "it holds" verdict_is holds memory-footprint
check "the module counts what the kernel does" proven memory-footprint
check "no worker takes less than it must" plausible
check "idle: as /proc/meminfo says" "${0%/*}/compare_memory_footprint.py" idle
check "after malloc: as /proc/meminfo says" "${0%/*}/compare_memory_footprint.py" malloc
check "after dirtying: as /proc/meminfo says" "${0%/*}/compare_memory_footprint.py" dirty
# An idle process takes a page more or less from trial to trial: of 24, 4 %.
check_tool "threads that are processes: it does not hold" with_stub threads_are_processes footprint \
	verdict_is fails,inconclusive memory-footprint
check_tool "arms swapped: it fails" with_stub arms_are_swapped footprint \
	verdict_is fails memory-footprint
check "no worker is left" wait_until gone footprint
