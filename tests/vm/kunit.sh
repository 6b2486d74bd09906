#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pure parts, and the pool, inside the kernel.
#
# kernels: debug kcsan
# cpus: 2

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

kunit=/sys/kernel/debug/kunit/schedsplit/results

run() {
	insmod "build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit_kunit.ko"
	cat $kunit
	equal 7 "$(grep -cE '^ +ok [0-9]' $kunit)"
	if grep -q 'not ok' $kunit; then return 1; fi
	rmmod schedsplit_kunit
}

check "all of KUnit's" run
