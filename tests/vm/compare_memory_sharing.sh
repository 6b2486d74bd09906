#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare memory-sharing`, against what the kernel says is shared.
#
# cpus: 2
# short: 6.12
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=stubs/lib.sh
. "${0%/*}/stubs/lib.sh"

# Kinds of memory, and of what the kernel keeps, that go their own way.
exceptions() {
	holds "$work/memory-sharing" '
		def seen(metric): [.experiments[0].measurements[] | select(.metric == metric)
			| {key: .arm, value: [.samples[].value] | unique}] | from_entries;
		seen("tls") == {process: [0], other: [1], thread: [0]}
		and seen("shared_mmap") == {process: [1], other: [1], thread: [1]}
		and seen("shm") == seen("shared_mmap") and seen("file_offset") == seen("shm")
		and seen("timers") == {process: [0], other: [0], thread: [1]}'
}

# Copying a page takes longer than a store, on whatever machine.
first_write() {
	holds "$work/memory-sharing" '
		[.experiments[0].ratios[] | select(.of == "process" and .to == "thread")
			| {key: .metric, value: .ci95}] | from_entries
			| .first_write[0] > 3'
}

check "it holds" verdict_is holds memory-sharing
check "the module counts what the kernel does" proven memory-sharing
check "exceptions are what they are" exceptions
check "the first write costs a process more" first_write
check "the kernel says the same" "${0%/*}/compare_memory_sharing.py"
check_tool "threads that are processes: it depends" with_stub threads_are_processes sharing \
	verdict_is depends memory-sharing
check_tool "arms swapped: it fails" with_stub arms_are_swapped sharing \
	verdict_is fails memory-sharing
check "no worker is left" wait_until gone sharing
