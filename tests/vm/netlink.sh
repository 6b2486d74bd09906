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

netlink_tests refused
netlink_tests limits
netlink_tests exits
netlink_tests interrupted
check "nothing of all this is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
