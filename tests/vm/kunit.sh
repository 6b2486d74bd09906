#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pure parts inside the kernel.
#
# kernels: debug
# cpus: 2

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

results=/sys/kernel/debug/kunit/schedsplit/results

run() {
	insmod "build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit_kunit.ko"
	cat $results
	equal 6 "$(grep -cE '^ +ok [0-9]' $results)"
	if grep -q 'not ok' $results; then return 1; fi
	rmmod schedsplit_kunit
}

check "all of KUnit's" run
