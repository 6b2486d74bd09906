#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run a command in a VM that boots one of the kernels of build/kernels/ on the
# host's own root file system.
set -euo pipefail

usage() {
	cat <<-'END'
	Usage: scripts/vm.sh [OPTION]... [--] COMMAND [ARG]...

	Run COMMAND as root in a VM, with the module loaded and schedsplit on PATH.
	The root file system is the host's, read-only below a throw-away overlay.
	Writable: build/ of this checkout, lasting; /tmp, /run, /dev/shm and a disk
	at /var/tmp/scratch (ext4), for as long as the VM runs.

	  -k KERNEL  6.1 (default), 6.1-cloud, 6.1-rt, 6.12, 6.12-cloud, 6.12-rt,
	             debug or kcsan
	  -c CPUS    number of virtual CPUs (2)
	  -T SxCxT   as many as S sockets of C cores of T threads have
	  -N         each socket is a NUMA node
	  -m MIB     memory (2048)
	  -a ARGS    append ARGS to the kernel's command line
	  -s DIR     make DIR of the host writable at the same path; repeatable
	  -b         bare: do not load the module
	  -I         instruction-count clock: one CPU, 1 ns is 1 guest instruction
	  -t SEC     end the VM after COMMAND has run for SEC seconds
	  -h         print this

	Exit status: COMMAND's; 124 after -t; 99 if the kernel complained, which is
	then printed; 125 if the VM failed. Kernel messages: build/vm/console.log.

	Environment: SCHEDSPLIT_ACCEL=kvm|tcg decides how the VM runs; single leaves
	it to find out, but where it is tcg, CPUs take turns (QEMU before 8.1 may
	execute a breakpoint that another CPU has long patched away).
	SCHEDSPLIT_BUILD=0 takes module and tool as they are in build/,
	SCHEDSPLIT_CONSOLE=FILE keeps kernel messages in FILE instead.
	SCHEDSPLIT_QEMU="OPTION..." are further options for QEMU.
	END
}

die() {
	echo "vm.sh: $*" >&2
	exit 125
}

wrong_usage() {
	echo "vm.sh: $*: try scripts/vm.sh -h" >&2
	exit 2
}

top=$(cd "$(dirname "$0")/.." && pwd -P)
vm=$top/build/vm
PATH=$PATH:/usr/sbin:/sbin

# What marks a kernel's complaint. Not: the taint line of an out-of-tree
# module, or a user program's fault ("traps: ... general protection fault ip:").
splat='cut here|WARNING: |BUG: |BUG at |KASAN: |KCSAN: |UBSAN|KFENCE|Oops'
splat+='|Kernel panic|general protection fault[,:] [^i]|unable to handle'
splat+='|possible recursive locking|circular locking|suspicious RCU usage'
splat+='|inconsistent lock state|trying to register non-static key'
splat+='|sleeping function called|scheduling while atomic|unreferenced object'
splat+='|kmemleak: [0-9]+ new|rcu.*(detected|self-detected) .*stall'
splat+='|blocked for more than|unchecked MSR access|list_(add|del) corruption'
splat+='|refcount_t: |Bad page|still has locks held|held lock freed'
not_splat='taints kernel|taint|Disabling lock debugging due to kernel taint'

kernel=6.1 cpus=2 memory=2048 append='' bare=0 icount=0 limit=0 topology='' numa=0
shares=()
while getopts ':k:c:T:Nm:a:s:bIt:h' option; do
	case $option in
	k) kernel=$OPTARG ;;
	c) cpus=$OPTARG ;;
	T) topology=$OPTARG ;;
	N) numa=1 ;;
	m) memory=$OPTARG ;;
	a) append+=" $OPTARG" ;;
	s) shares+=("$(realpath -e -- "$OPTARG" 2>/dev/null)") ||
		wrong_usage "-s: no directory '$OPTARG'" ;;
	b) bare=1 ;;
	I) icount=1 cpus=1 ;;
	t) limit=$OPTARG ;;
	h) usage; exit 0 ;;
	:) wrong_usage "-$OPTARG needs a value" ;;
	*) wrong_usage "unknown option -$OPTARG" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || wrong_usage "no command"
for number in "$cpus" "$memory" "$limit"; do
	[[ $number =~ ^[0-9]+$ ]] || wrong_usage "'$number' is not a number"
done
smp=$cpus sockets=$cpus
if [ -n "$topology" ]; then
	[[ $topology =~ ^([1-9][0-9]?)x([1-9][0-9]?)x([12])$ ]] ||
		wrong_usage "-T: '$topology' is no topology like 2x1x2"
	sockets=${BASH_REMATCH[1]}
	cpus=$((sockets * BASH_REMATCH[2] * BASH_REMATCH[3]))
	smp="$cpus,sockets=$sockets,cores=${BASH_REMATCH[2]},threads=${BASH_REMATCH[3]}"
fi

command -v qemu-system-x86_64 >/dev/null && command -v busybox >/dev/null ||
	die "QEMU or busybox is missing: run scripts/setup vm"
kernel_dir=$("$top/scripts/kernels" "$kernel") || exit 125
"$top/scripts/vm-image" "$kernel" || die "no image of kernel $kernel"

# build TARGET...: silent unless it fails.
build() {
	local output

	output=$(make -s --no-print-directory -C "$top" "$@" 2>&1) || {
		echo "$output" >&2
		die "make $* failed: mend it, or set SCHEDSPLIT_BUILD=0 to go on without"
	}
}
module=$top/build/kmod/$kernel/schedsplit.ko
if [ "${SCHEDSPLIT_BUILD:-1}" = 1 ]; then
	[ "$bare" = 1 ] || build "module-$kernel"
	[ ! -e "$top/user/Makefile" ] || build tool
fi
[ "$bare" = 0 ] || module=''
[ -z "$module" ] || [ -e "$module" ] ||
	die "no module at $module: run make module-$kernel"

# --- one directory per VM: what goes in, and what comes out ---
mkdir -p "$vm"
for run in "$vm"/run.*; do
	# left by a vm.sh that was killed
	[ ! -d "$run" ] || [ -d "/proc/${run##*.}" ] || rm -rf "$run"
done
run=$vm/run.$$
console=${SCHEDSPLIT_CONSOLE:-$vm/console.log}
pids=()
# shellcheck disable=SC2317 # reached by the trap
cleanup() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait
	[ ! -e "$run/console.log" ] || mv -f "$run/console.log" "$console"
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf "$run"
mkdir "$run" "$run/root"
: >"$run/console.log"
: >"$run/stdout"
: >"$run/stderr"
mkfifo "$run/never"
ln -sfn "$run/console.log" "$console"

{
	echo "vm_name=$kernel"
	echo "vm_top=$top"
	echo "vm_kernel=$kernel_dir"
	echo "vm_module=$module"
	echo "vm_shares='${shares[*]}'"
} >"$run/config"
environment=(
	"PATH=$top/build:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	HOME=/root TERM=dumb LANG=C.UTF-8 "SCHEDSPLIT_VM_KERNEL=$kernel"
	${CI:+"CI=$CI"} ${NO_COLOR:+"NO_COLOR=$NO_COLOR"}
)
{
	printf 'cd %q\n' "$top"
	printf 'exec env -i'
	printf ' %q' "${environment[@]}" "$@"
	echo
} >"$run/command"

# --- the machine ---
qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot
      -name "schedsplit-$kernel" -smp "$smp" -m "$memory"
      -kernel "$vm/$kernel.elf" -initrd "$vm/$kernel.cpio"
      -object "memory-backend-memfd,id=memory,size=${memory}M,share=on")
machine=q35
if [ "$numa" = 0 ]; then
	machine+=,memory-backend=memory
else
	# the first node has all the memory
	for ((node = 0, each = cpus / sockets; node < sockets; node++)); do
		qemu+=(-numa "node,nodeid=$node,cpus=$((node * each))-$(((node + 1) * each - 1))$(
			[ $node != 0 ] || echo ,memdev=memory)")
	done
fi

# The console: what is worth a warning during boot, all of it from then on.
# Limits are far away, for a busy host makes the guest seem stuck.
cmdline='console=ttyS0 8250.nr_uarts=1 loglevel=5 panic=-1 oops=panic'
cmdline+=' cryptomgr.notests random.trust_cpu=on no_timer_check'
cmdline+=' rcupdate.rcu_cpu_stall_timeout=300'
cmdline+=' rcupdate.rcu_exp_cpu_stall_timeout=300000'
cmdline+=' watchdog_thresh=60 sysctl.kernel.hung_task_timeout_secs=600'

# accelerated [OPTION]...: does this machine run VMs by hardware? /dev/kvm can
# be there, and open, and yet no kernel gets anywhere on it: try.
accelerated() {
	local boot answer=tcg

	[ -w /dev/kvm ] || return 1
	exec {lock}>"$vm/.accel.lock"
	flock "$lock"
	boot=$(</proc/sys/kernel/random/boot_id)
	if [ -e "$vm/accel" ] && read -r _ answer <"$vm/accel" &&
		grep -q "^$boot " "$vm/accel"; then
		:
	else
		# in a shell of its own, which keeps quiet about how it ends
		bash -c 'ulimit -c 0; timeout -k 1 15 "$@" || exit 1' trial \
			"${qemu[@]}" -machine "$machine" -accel kvm -cpu host \
			-append "$cmdline" -serial "file:$run/trial.log" \
			</dev/null >"$run/trial.err" 2>&1 || true
		answer=tcg
		! grep -q 'trial boot works' "$run/trial.log" 2>/dev/null || answer=kvm
		echo "$boot $answer" >"$vm/accel"
	fi
	exec {lock}>&-
	[ "$answer" = kvm ]
}

accel=${SCHEDSPLIT_ACCEL:-}
[ "$icount" = 0 ] || accel=tcg
case $accel in
kvm | tcg) ;;
'' | single) ! accelerated || accel=kvm ;;
*) wrong_usage "SCHEDSPLIT_ACCEL=$accel is neither kvm, tcg nor single" ;;
esac
if [ "$accel" = kvm ]; then
	qemu+=(-accel kvm -cpu host)
else
	# Five-level page tables only make emulation slower. The emulated TSC is
	# the same on all CPUs, but does not say that it is.
	threads=''
	[ "$accel" != single ] || threads=,thread=single
	cpu=max,la57=off
	# A CPU that says to be AMD's, as "max" does, tells of hardware threads in a
	# way that QEMU does not emulate and that Linux did without only later on.
	# Intel's would be taken for one with all the early flaws.
	if [[ $topology == *x2 ]]; then
		cpu+=,vendor=GenuineIntel
		cmdline+=' mitigations=off'
	fi
	qemu+=(-accel "tcg,tb-size=256$threads" -cpu "$cpu")
	cmdline+=' tsc=reliable'
fi
[ "$icount" = 0 ] ||
	qemu+=(-icount "shift=0,sleep=off" -rtc "base=2024-01-01,clock=vm")

# The cloud flavours lack 9p.
filesystem=9p
if [ -e "$kernel_dir/modules/modules.dep" ] &&
	! grep -q '^CONFIG_9P_FS=' "$kernel_dir/config"; then
	filesystem=virtiofs
	command -v unshare >/dev/null && [ -x /usr/lib/qemu/virtiofsd ] ||
		die "virtiofsd is missing: run scripts/setup vm"
	[ "$(id -u)" = 0 ] || die "$kernel has no 9p, and virtiofsd needs root: use sudo"
fi

# share TAG DIR [ro]
share() {
	local tag=$1 dir=$2 mode=${3:-rw} cache=auto

	[ "$mode" = rw ] || cache=always

	if [ "$filesystem" = 9p ]; then
		[ "$mode" = rw ] && mode=off || mode=on
		qemu+=(-fsdev "local,id=$tag,path=$dir,security_model=none,multidevs=remap,readonly=$mode"
		       -device "virtio-9p-pci,fsdev=$tag,mount_tag=$tag")
		return
	fi
	qemu+=(-chardev "socket,id=$tag,path=$run/$tag.sock"
	       -device "vhost-user-fs-pci,chardev=$tag,tag=$tag")
	# virtiofsd cannot share "/" itself, nor anything read-only: it gets a
	# copy of the mount tree, which nobody else sees. What the guest cannot
	# change is not asked for again: to start a program takes a fifth then.
	# shellcheck disable=SC2016 # expanded in there
	unshare -m --propagation slave bash -c '
		if [ "$3" = ro ]; then
			mount --rbind / "$4"
			findmnt -rnRo TARGET "$4" | tac | while read -r dir; do
				mount -o remount,bind,ro "$(printf %b "$dir")" ||
					umount -l "$(printf %b "$dir")"
			done
			set -- "$1" "$4" "$3" "$4" "$5"
		fi 2>/dev/null
		exec setpriv --pdeathsig KILL /usr/lib/qemu/virtiofsd --socket-path="$1" \
			-o source="$2" -o "cache=$5" -o sandbox=namespace \
			--thread-pool-size=4 -o log_level=err' \
		virtiofsd "$run/$tag.sock" "$dir" "$mode" "$run/root" "$cache" \
		</dev/null >"$run/$tag.log" 2>&1 &
	pids+=($!)
	local tries=100
	until [ -S "$run/$tag.sock" ]; do
		[ $((tries--)) -gt 0 ] && [ -d "/proc/$!" ] ||
			die "virtiofsd does not start: $(head -n1 "$run/$tag.log")"
		sleep 0.05
	done
}
share root / ro
count=0
for dir in "$top/build" ${shares[@]+"${shares[@]}"}; do
	share "share$count" "$dir"
	count=$((count + 1))
done

# Formatted once. No lazy initialisation, or the guest's kernel would do it
# while something is measured.
scratch=$vm/scratch.img
if ! [ -e "$scratch" ]; then
	truncate -s 1G "$run/scratch.img"
	mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$run/scratch.img" ||
		die "mkfs.ext4 failed"
	mv "$run/scratch.img" "$scratch"
fi
cp --sparse=always --reflink=auto "$scratch" "$run/scratch.img"

# Who allocated an object KASAN notes too.
[ "$kernel" != debug ] || append=" slab_debug=FZP$append"

qemu+=(-machine "$machine"
       -drive "file=$run/scratch.img,format=raw,if=none,id=scratch"
       -device "virtio-blk-pci,drive=scratch"
       -serial "file:$run/console.log"
       -append "$cmdline vm_fs=$filesystem vm_run=$run$append")
read -ra further <<<"${SCHEDSPLIT_QEMU:-}"
setpriv --pdeathsig KILL "${qemu[@]}" "${further[@]}" </dev/null >"$run/qemu.log" 2>&1 &
machine_pid=$!
pids+=("$machine_pid")

# --- while it runs ---
# Read until QEMU is gone, however late the last words arrive.
tail -c +1 -f -s 0.05 --pid="$machine_pid" "$run/stdout" 2>/dev/null &
tails=("$!")
tail -c +1 -f -s 0.05 --pid="$machine_pid" "$run/stderr" >&2 2>/dev/null &
tails+=("$!")

# Nothing ever arrives through the pipe "never": read -t is a sleep without a
# process of its own, that could survive this one.
watch() {
	local boot=0

	exec {never}<>"$run/never" </dev/null >/dev/null 2>&1
	until [ -s "$run/started" ]; do
		if [ $((boot++)) -ge 360 ]; then
			echo "no boot within 180 s" >"$run/error"
			kill "$machine_pid"
			return
		fi
		read -rt 0.5 -u "$never" || true
	done
	[ "$limit" -gt 0 ] || return 0
	read -rt "$limit" -u "$never" || true
	echo 1 >"$run/timeout"
	kill "$machine_pid"
}
watch &
pids+=("$!")

wait "$machine_pid" || true
wait "${tails[@]}" || true

# --- the verdict ---
# Of races, which the kernel has of its own, those of the module: it makes one of the
# accesses itself, or has called what makes both.
said=$run/console.log
if [ "$kernel" = kcsan ]; then
	said=$run/said
	awk '
		/BUG: KCSAN/ { report = ""; called = ours = 0; in_report = 1 }
		!in_report { print; next }
		{ report = report $0 "\n" }
		top && /\[schedsplit\]/ { ours = 1 }
		{ top = 0 }
		/ to 0x[0-9a-f]+ of [0-9]+ bytes by / { top = 1; seen = 0 }
		/ asm_(sysvec|exc)/ { seen = 1 }	# who was interrupted follows
		/\[schedsplit\]/ && !seen++ { called++ }
		/===========/ {
			if (ours || called == 2)
				printf "%s", report
			in_report = 0
		}' "$run/console.log" >"$said"
fi
# To the end, for who writes into a closed pipe fails.
complaints=$(grep -anE "$splat" "$said" | grep -avE "$not_splat" || :)
if [ -n "$complaints" ]; then
	first=${complaints%%:*}
	echo "vm.sh: the kernel complained (all of it: $console):" >&2
	sed -n "$first,$((first + 59))p" "$said" >&2
	exit 99
fi
[ ! -e "$run/timeout" ] || {
	echo "vm.sh: ended after $limit s, as -t says" >&2
	exit 124
}
[ ! -e "$run/error" ] || die "$(<"$run/error"); see $console"
[ -s "$run/status" ] || {
	[ ! -s "$run/qemu.log" ] || head -n 3 "$run/qemu.log" >&2
	die "the VM ended without a result: see $console"
}
exit "$(<"$run/status")"
