#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# YNL, the kernel's own client for netlink families that have a spec, with
# kmod/schedsplit.yaml: it reads what the tool reads. What takes more than one
# command on a socket is done with the library that YNL's command line is made of.
#
# kernels: 6.12
# cpus: 2
# kmemleak: off
# make: ynl

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

client=("${0%/*}/ynl.py" build/source kmod/schedsplit.yaml "$work")
crowd=

cleanup() {
	[ -z "$crowd" ] || kill -KILL "$crowd" 2>/dev/null || :
	wait
}

if [ ! -e build/source/complete ]; then
	skip "no YNL: scripts/kernel-source fetches it"
	exit 0
fi

has_threads() {
	[ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l)" = "$2" ]
}

check "info: versions, hooks, limits, bounds" "${client[@]}" info
crowd -t 3 -s 100000000 &
crowd=$!
wait_until has_threads $crowd 4
check "the command line: every command" "${client[@]}" command-line $crowd
check "a watch: tasks, groups, all that CPUs count, concurrency" "${client[@]}" watch $crowd
check "all that a watch can begin with" "${client[@]}" kinds $crowd
check "the multicast group tells of exits" "${client[@]}" exits
check "errors come in the kernel's words" "${client[@]}" errors
