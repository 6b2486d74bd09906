#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that is locked down, or takes signed modules only: the module, which
# nobody has signed, is not let in; one that is in already goes on.
#
# kernels: 6.1 6.12
# short: 6.12
# cpus: 2
# boot: bare
# options: -a lockdown=integrity
# options: -a lockdown=confidentiality
# options: -a tests=lockdown-later
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

module=build/kmod/$SCHEDSPLIT_VM_KERNEL/schedsplit.ko
lockdown=/sys/kernel/security/lockdown

mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
if [ ! -e $lockdown ]; then
	skip "this kernel cannot be locked down"
	exit 0
fi

level_is() {
	cat $lockdown
	grep -qF "[$1]" $lockdown
}

# refused WORDS LOG: insmod says WORDS, and the kernel's log LOG: which it does not say
# more often than so (pr_notice_ratelimited()), and a boot is full of it.
refused() {
	dmesg -C
	wait_until refused_once "$@"
	test ! -d /sys/module/schedsplit
}

refused_once() {
	status_is 1 insmod "$module" 2>"$work/err"
	cat "$work/err"
	dmesg | tail -n 3
	grep -q "$1" "$work/err" && dmesg | grep "$2"
}
no_entry=('Operation not permitted'
	'Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7')

case $TESTS_OPTIONS in
*lockdown=integrity*)
	check "the kernel is locked down for integrity" level_is integrity
	check "an unsigned module is refused" refused "${no_entry[@]}"
	;;
*lockdown=confidentiality*)
	check "the kernel is locked down for confidentiality" level_is confidentiality
	check "an unsigned module is refused" refused "${no_entry[@]}"
	;;
*)
	check "the kernel is not locked down" level_is none
	check "an unsigned module is loaded" insmod "$module"
	echo confidentiality >$lockdown
	check "now the kernel is locked down" level_is confidentiality
	check "tracefs is shut" status_is 1 cat /sys/kernel/tracing/trace

	counts() {
		schedsplit stat -a -d 1 --json="$work/json" -o "$work/table"
		holds "$work/json" '.proof.holds'
	}
	check "the module goes on counting" counts

	costs() {
		schedsplit stat --cost --json="$work/json" -o "$work/table" -- \
			crowd -t 2 -s 20
		holds "$work/json" '.proof.holds and ([.cost.kinds[].switches] | add) > 0'
	}
	check "costs can be measured: the hook attaches" costs
	check "the module is unloaded" rmmod schedsplit
	check "it cannot be loaded again" refused "${no_entry[@]}"
	echo 1 >/sys/module/module/parameters/sig_enforce
	check "where signatures are enforced, it is refused in other words" refused \
		'Key was rejected by service' 'Loading of unsigned module is rejected'
	;;
esac
