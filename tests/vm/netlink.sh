#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The protocol, by a client that shares no code with the tool: what must be
# refused, limits, interrupted dumps, the multicast group.
#
# short: 6.1 6.12
# short-cpus: 2

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# run WHAT: each line that it prints is a test.
run() {
	local word text status=0

	netlink "$1" >"$work/lines" 2>"$work/err" || status=$?
	while read -r word text; do
		result "$word" "$1: $text"
	done <"$work/lines"
	[ $status = 0 ] || fail "netlink $1 comes to its end" "status $status: $(<"$work/err")"
}

run refused
run limits
run exits
run interrupted
check "nothing of all this is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
