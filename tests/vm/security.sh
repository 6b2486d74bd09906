#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What others may not do: whoever lacks CAP_NET_ADMIN in the initial user
# namespace, or is in another pid or net namespace, reads nothing, changes
# nothing, and hears of no death. Root does the same by the same program, and may.
#
# kernels: 6.1 6.12
# cpus: 2

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'

# WHO|ERROR|COMMAND that another command follows: how it becomes one.
others=(
	"nobody|EPERM|$nobody"
	"root without CAP_NET_ADMIN|EPERM|setpriv --bounding-set -net_admin"
	"root of a user namespace|EPERM|unshare --user --map-root-user"
	"nobody as root of a user namespace|EPERM|$nobody unshare --user --map-root-user"
	"nobody as root of a user and a pid namespace|EPERM|$nobody unshare -Urpf --mount-proc"
	"nobody as root of a user and a net namespace|ENOENT|$nobody unshare -Urn"
	"root in another net namespace|ENOENT|unshare --net"
	"root in another pid namespace|EPERM|unshare --pid --fork --mount-proc"
	"root in another pid and net namespace|ENOENT|unshare -pfn --mount-proc"
)

background=()
cleanup() {
	[ ${#background[@]} = 0 ] || kill -KILL "${background[@]}" 2>/dev/null || :
	wait
	umount /run/netns/first 2>/dev/null || :
}

# in_background FILE COMMAND...: what it says is in FILE; $! is its pid.
in_background() {
	local file=$1

	shift
	"$@" >"$file" 2>&1 &
	background+=("$!")
}

read -r family group < <(netlink numbers)

# --- commands ---

# One record, of a task that does nothing: what is held does not change by itself.
in_background /dev/null sleep 1000000
sleeper=$!
in_background "$work/held" netlink hold watch $sleeper
holder=$!
wait_until grep -q ready "$work/held"
read -r _ watch <"$work/held"

state() {
	netlink info
	cat /sys/kernel/tracing/enabled_functions
}
state >"$work/before"

# commands WATCHED COMMAND...: every command of the family, behind COMMAND.
commands() {
	local watched=$1

	shift
	"$@" netlink commands "$family" "$watch" "$watched" >"$work/commands" </dev/null
	cat "$work/commands"
	equal 10 "$(wc -l <"$work/commands")"
	state | diff "$work/before" -
}

all_refused() {
	local error=$1

	shift
	commands $sleeper "$@"
	equal '' "$(grep -v " $error 0\$" "$work/commands")"
}

all_done() {
	commands $sleeper "$@"
	equal '' "$(grep -v ' 0 [0-9]*$' "$work/commands")"
	# those that answer
	equal 'CPU_GET GROUP_GET INFO_GET TASK_GET WATCH_GET WATCH_NEW' \
		"$(grep -v ' 0$' "$work/commands" | cut -d ' ' -f 1 | sort | xargs)"
}

# Where WATCH_NEW gets none, the watch that is tried is another socket's.
foreign_refused() {
	commands 4194304 env
	equal 'WATCH_NEW ESRCH 0' "$(grep NEW "$work/commands")"
	equal 'WATCH_GET GROUP_GET TASK_GET WATCH_STOP WATCH_DEL' \
		"$(grep ' ENOENT 0$' "$work/commands" | cut -d ' ' -f 1 | xargs)"
}

check "root: every command is done" all_done env
check "nobody with CAP_NET_ADMIN: every command is done" all_done \
	setpriv --reuid 65534 --regid 65534 --clear-groups \
	--inh-caps +net_admin --ambient-caps +net_admin
for other in "${others[@]}"; do
	IFS='|' read -r who error become <<<"$other"
	# shellcheck disable=SC2086 # a command and its arguments
	check "$who: every command is refused with $error, and changes nothing" \
		all_refused "$error" $become
done
check "root: another socket's watch cannot be read, stopped or deleted" foreign_refused

# --- deaths ---

# Root in another net namespace which has a name for the initial one, and so can
# ask to hear what is said there.
mkdir -p /run/netns
touch /run/netns/first
mount --bind /proc/self/ns/net /run/netns/first
cat >"$work/named" <<'END'
#!/bin/sh
ip netns set first 7 && exec "$@"
END
chmod 755 "$work/named"
others+=("root in a net namespace that knows the initial one|ENOENT|unshare --net $work/named")

# listen FILE FAMILY COMMAND...: a listener behind COMMAND, until a line is written
# to its descriptor in $ears.
ears=()
listen() {
	local file=$1 asked=$2 ear

	shift 2
	mkfifo "$file.in"
	# In the background from the start: a pipe opens once both ends do.
	"$@" netlink listen "$asked" "$group" <"$file.in" >"$file" 2>&1 &
	background+=("$!")
	exec {ear}>"$file.in"
	ears+=("$ear")
}

# one_dies: $dead is a task that did, and root has heard of it.
one_dies() {
	true &
	dead=$!
	wait $dead
	wait_until grep -qx "exit $dead" "$work/ear.root" || :
}

hears_nothing() {
	cat "$1"
	grep -q '^ready join=' "$1"
	equal '' "$(grep '^exit' "$1")"
}

refused_too() {
	grep -q "^ready join=$2 info=$3\$" "$1" || { cat "$1"; return 1; }
}

listen "$work/ear.root" "$family" env
listen "$work/ear.silent" 0 env
for i in "${!others[@]}"; do
	IFS='|' read -r who error become <<<"${others[i]}"
	# shellcheck disable=SC2086 # a command and its arguments
	listen "$work/ear.$i" "$family" $become
done
for i in root silent "${!others[@]}"; do
	wait_until grep -q ready "$work/ear.$i" || :
done
in_background "$work/all" netlink hold watch
all=$!
wait_until grep -q ready "$work/all"
one_dies
first=$dead
# Deaths are told one after the other: of the first everybody has heard.
one_dies
kill $all
for ear in "${ears[@]}"; do
	echo >&"$ear"
done
check "root hears of deaths" grep -x "exit $first" "$work/ear.root"
check "root that has not asked for anything joins, and hears nothing" hears_nothing "$work/ear.silent"
for i in "${!others[@]}"; do
	IFS='|' read -r who error become <<<"${others[i]}"
	check "$who: hears nothing" hears_nothing "$work/ear.$i"
	# Whoever has CAP_NET_ADMIN where its socket is may join, for all that it is worth.
	case $who in
	*' net namespace'* | 'root in another pid'*) ;;
	*) check "$who: cannot join" refused_too "$work/ear.$i" EPERM EPERM ;;
	esac
done

# --- sockets that change hands; addresses ---

kill $sleeper $holder
wait_until eval 'netlink info | grep -q "watches=0 records=0"' || :
netlink_tests handover
netlink_tests succession "$(often 40)"
netlink_tests addresses

# --- files, and what the kernel's log says ---

# Of every module the kernel shows these to everybody.
usual='coresize|initsize|initstate|refcnt|srcversion|taint|version|notes/.*'

files() {
	local module=/sys/module/schedsplit

	find $module -type f -printf '%m %P\n'
	test -e $module/parameters/records_max
	equal '' "$(find $module -type f -perm /o=w)"
	equal '' "$(find $module -type f -perm /o=r -printf '%P\n' | grep -vxE "$usual")"
	# shellcheck disable=SC2086 # a command and its arguments
	status_is 1 $nobody cat $module/parameters/records_max
}
check "in /sys/module nobody sees more than of any module" files

elsewhere() {
	equal '' "$(find /sys/kernel/debug /sys/kernel/tracing /dev -name '*schedsplit*')"
	equal '' "$(find /proc -regex '/proc/[0-9]+' -prune -o -name '*schedsplit*' -print)"
}
check "no files in debugfs, tracefs, procfs or /dev" elsewhere

log() {
	dmesg | grep -a 'schedsplit: ' >"$work/log" || :
	cat "$work/log"
	if grep -aE '[0-9a-f]{8}|\<pid\>' "$work/log"; then return 1; fi
}
check "in the kernel's log are no addresses and no pids" log
check "the kernel is marked: out of tree, unsigned" grep -xE 'OE?' /sys/module/schedsplit/taint

check "nothing of all this is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
