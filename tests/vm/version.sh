#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A module that speaks an older or a newer version of the protocol.
#
# kernels: 6.1 6.12
# cpus: 2
# boot: bare
# make: versions
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# says VERSION ADVICE
says() {
	status_is 1 schedsplit stat -a -d 1 >"$work/out" 2>"$work/err"
	cat "$work/err"
	equal 0 "$(wc -c <"$work/out")"
	equal 1 "$(wc -l <"$work/err")"
	grep -q "^schedsplit: the module speaks version $1 .*version 1: .*$2" "$work/err"
	status_is 0 schedsplit status >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	grep -q '^module *loaded' "$work/out"
	equal 1 "$(wc -l <"$work/err")"
	grep -q "version $1" "$work/err"
}

insmod "build/tests/kmod/$SCHEDSPLIT_VM_KERNEL-v0/schedsplit.ko"
check "an older module" says 0 "load the newer module"
rmmod schedsplit
insmod "build/tests/kmod/$SCHEDSPLIT_VM_KERNEL-v2/schedsplit.ko"
check "a newer module" says 2 "install the newer tool"
rmmod schedsplit
