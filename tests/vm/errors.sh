#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What goes wrong while the module is loaded: one line, and the right status.
#
# cpus: 2
# short: 6.12
# limit: 900
# kmemleak: off

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# says STATUS PATTERN COMMAND...: it ends with STATUS, and writes one line, to
# stderr, which matches PATTERN and says who speaks.
says() {
	local wanted=$1 pattern=$2 status=0

	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	cat "$work/err"
	equal "$wanted" "$status"
	equal 0 "$(wc -c <"$work/out")"
	equal 1 "$(wc -l <"$work/err")"
	grep -q '^schedsplit: ' "$work/err" || { echo "who speaks?"; return 1; }
	grep -qE -- "$pattern" "$work/err" || { echo "wanted: $pattern"; return 1; }
}

stat=(schedsplit stat)
one_line() {
	local description=$1 check=check

	shift
	# wrong usage: nobody asks the module
	[ "$1" != 2 ] || check=check_tool
	$check "$description" says "$@"
}

# --- wrong usage ---
one_line "no subcommand" 2 'no command given' schedsplit
one_line "an unknown subcommand" 2 "'start'" schedsplit start
one_line "an unknown short option" 2 'no option -z' "${stat[@]}" -z
one_line "an unknown long option" 2 'no option --nothing' "${stat[@]}" --nothing
one_line "an option without its value" 2 'needs a value' "${stat[@]}" -d
one_line "a value where none is wanted" 2 'takes no value' "${stat[@]}" --hist=1
one_line "a duration that is no number" 2 "'abc'" "${stat[@]}" -d abc
one_line "a duration of 0" 2 "'0'" "${stat[@]}" -d 0
one_line "a duration that is NaN" 2 "'nan'" "${stat[@]}" -d nan
one_line "an interval too short" 2 "'5'" "${stat[@]}" -I 5
one_line "0 repetitions" 2 "'0'" "${stat[@]}" -r 0 -- true
one_line "repetitions of nothing" 2 '-r' "${stat[@]}" -r 3
one_line "a pid that is no number" 2 "'x'" "${stat[@]}" -p x
one_line "pid 0" 2 "'0'" "${stat[@]}" -p 0
one_line "a negative pid" 2 "'-5'" "${stat[@]}" -p -5
one_line "an empty list of pids" 2 "''" "${stat[@]}" -p ''
one_line "a list of pids that ends in a comma" 2 "'1,'" "${stat[@]}" -p 1,
one_line "more pids than can be named" 2 '1024' "${stat[@]}" -p "$(seq -s , 1 1025)"
one_line "two scopes" 2 'only one of' "${stat[@]}" -p 1 -t 1
one_line "the system and a cgroup" 2 'only one of' "${stat[@]}" -a --cgroup /
one_line "an empty cgroup path" 2 'empty' "${stat[@]}" --cgroup ''
one_line "no command after --" 2 'no command' "${stat[@]}" --
one_line "an empty command" 2 'empty' "${stat[@]}" -- ''
one_line "--wait-all for the system" 2 '--wait-all' "${stat[@]}" -a --wait-all -- true
one_line "JSON and CSV in one place" 2 'json' "${stat[@]}" --json --csv -- true
one_line "two outputs in one file" 2 "$work/same" "${stat[@]}" -o "$work/same" --json="$work/same" true
one_line "the same by two names" 2 "$work/same" "${stat[@]}" -o "$work/same" --json="$work/./same" true
one_line "status with an argument" 2 "'now'" schedsplit status now

# --- commands ---
one_line "a command that is nowhere" 127 'no-such-command' "${stat[@]}" -- no-such-command
one_line "a path where there is nothing" 127 '/nowhere/at/all' "${stat[@]}" -- /nowhere/at/all
one_line "a path through a file" 127 '/etc/passwd/x' "${stat[@]}" -- /etc/passwd/x
one_line "a file that is not executable" 126 '/etc/passwd' "${stat[@]}" -- /etc/passwd
one_line "a directory as a command" 126 '/tmp' "${stat[@]}" -- /tmp
printf '#!/nowhere/interpreter\n' >"$work/script"
chmod +x "$work/script"
one_line "a script whose interpreter is nowhere" 127 "$work/script" "${stat[@]}" -- "$work/script"
one_line "the same with -a" 127 'no-such-command' "${stat[@]}" -a -- no-such-command
one_line "the same with -r" 127 'no-such-command' "${stat[@]}" -r 3 -- no-such-command

# passes STATUS COMMAND...: the tool ends as the command does.
passes() {
	local wanted=$1

	shift
	status_is "$wanted" "${stat[@]}" -o /dev/null -- "$@"
}
for status in 0 1 2 7 126 127 255; do
	check "a command's status $status" passes "$status" sh -c "exit $status"
done
check "a command killed by SIGTERM" passes 143 sh -c 'kill -TERM $$'
check "a command killed by SIGKILL" passes 137 sh -c 'kill -KILL $$'
check "a command killed by SIGSEGV" passes 139 sh -c 'ulimit -c 0; kill -SEGV $$'
check "a command killed by SIGINT" passes 130 sh -c 'kill -INT $$'
check "a command's status with -a" status_is 9 "${stat[@]}" -a -o /dev/null -- sh -c 'exit 9'
check "a command's status with -r" status_is 9 "${stat[@]}" -r 2 -o /dev/null -- sh -c 'exit 9'

# --- tasks and cgroups ---
# of a child that is dead and waited for
true &
gone=$!
wait $gone
one_line "a pid that nobody has" 1 "$gone" "${stat[@]}" -p $gone
one_line "a tid that nobody has" 1 "$gone" "${stat[@]}" -t $gone
one_line "a pid beyond all" 1 '4194304' "${stat[@]}" -p 4194304
one_line "a pid that is, and one that is not" 1 'cannot watch' "${stat[@]}" -p $$,$gone
one_line "a pid that nobody has, and a command" 1 "$gone" "${stat[@]}" -p $gone -- touch "$work/ran"
check "that command did not run" test ! -e "$work/ran"
crowd -t 1 -s 100000000 &
crowd=$!
threads=()
until [ ${#threads[@]} = 2 ]; do
	threads=(/proc/"$crowd"/task/*)
done
thread=${threads[1]##*/}
one_line "a thread's tid as a process" 1 "$thread.*thread" "${stat[@]}" -p "$thread"
kill $crowd
one_line "a cgroup that is not" 1 'no-such-cgroup' "${stat[@]}" --cgroup /no-such-cgroup
one_line "a cgroup's file" 1 'cgroup.procs' "${stat[@]}" --cgroup /sys/fs/cgroup/cgroup.procs
one_line "a cgroup path too long" 1 'too long|longer' "${stat[@]}" --cgroup "/$(printf 'a%.0s' {1..4200})"
one_line "a cgroup's name that holds a newline" 1 'no.such' "${stat[@]}" --cgroup $'/no\nsuch'

# A pid may end at any time: before the watch (one line, status 1) or in it.
dying_pids() {
	local i pid status pids=() times

	times=$(often 20)
	for ((i = 0; i < times; i++)); do
		sleep 0.0$((i % 4)) &
		pid=$!
		pids+=("$pid")
		status=0
		"${stat[@]}" -p $pid -o "$work/table" >"$work/out" 2>"$work/err" </dev/null || status=$?
		echo "$i: $status: $(<"$work/err")"
		case $status in
		0) equal 0 "$(wc -l <"$work/err")"; grep -q process "$work/table" ;;
		1) equal 1 "$(wc -l <"$work/err")"; grep -q "^schedsplit: .*$pid" "$work/err" ;;
		*) return 1 ;;
		esac
		rm -f "$work/table"
	done
	wait "${pids[@]}"
}
check "pids that die meanwhile" dying_pids

# A zombie has a pid, but will never run again.
zombie() {
	local pid status=0

	# the child of sh ends, and sleep does not wait for it
	sh -c 'sh -c "exit 0" & echo $! >"$1"; exec sleep 1000' - "$work/zombie" &
	pid=$!
	wait_until test -s "$work/zombie"
	wait_until grep -q 'State:.Z' "/proc/$(<"$work/zombie")/status"
	"${stat[@]}" -p "$(<"$work/zombie")" -d 5 -o "$work/table" >"$work/out" 2>"$work/err" || status=$?
	kill $pid
	cat "$work/err"
	case $status in
	0) equal 0 "$(wc -l <"$work/err")" ;;
	1) equal 1 "$(wc -l <"$work/err")" ;;
	*) return 1 ;;
	esac
}
check "a zombie" zombie

# --- files ---
one_line "an output in no directory" 1 '/nowhere/x' "${stat[@]}" -o /nowhere/x -- touch "$work/ran"
check "that command did not run either" test ! -e "$work/ran"
one_line "an output that is a directory" 1 '/tmp' "${stat[@]}" --json=/tmp -- true
one_line "a full disk" 1 '/dev/full' "${stat[@]}" -o /dev/full -a -d 0.1
full_stdout() {
	local status=0

	"${stat[@]}" -a -d 0.1 >/dev/full 2>"$work/err" || status=$?
	cat "$work/err"
	equal 1 $status
	equal 1 "$(wc -l <"$work/err")"
}
check "standard output to a full disk" full_stdout

# head has seen enough: counting ends, and the JSON is there.
closed_pipe() {
	local status=()

	"${stat[@]}" -a -I 50 -d 300 --json="$work/json" 2>"$work/err" | head -n 1 ||
		status=("${PIPESTATUS[@]}")
	cat "$work/err"
	equal 141 "${status[0]}"
	equal 0 "$(wc -l <"$work/err")"
	jq -e '.duration_ns < 100e9' "$work/json"
	equal "$work/json" "$(echo "$work"/json*)"
}
check "intervals to a pipe that is closed" closed_pipe

# --- privileges ---
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
one_line "nobody" 1 'CAP_NET_ADMIN' "${nobody[@]}" "${stat[@]}" -a -d 0.1
one_line "nobody, with a command" 1 'CAP_NET_ADMIN' "${nobody[@]}" "${stat[@]}" -- touch "$work/ran"
check "that command did not run as well" test ! -e "$work/ran"
one_line "root without CAP_NET_ADMIN" 1 'CAP_NET_ADMIN' \
	capsh --drop=cap_net_admin -- -c 'exec schedsplit stat -a -d 0.1'
check "nobody with CAP_NET_ADMIN may" status_is 0 "${nobody[@]}" \
	--inh-caps +net_admin --ambient-caps +net_admin "${stat[@]}" -a -d 0.1
one_line "root of another user namespace" 1 'CAP_NET_ADMIN' \
	unshare --user --map-root-user "${stat[@]}" -a -d 0.1
one_line "another pid namespace" 1 'pid namespace' \
	unshare --pid --fork "${stat[@]}" -a -d 0.1
one_line "another net namespace" 1 'network namespace' \
	unshare --net "${stat[@]}" -a -d 0.1
one_line "another user and net namespace" 1 'network namespace|CAP_NET_ADMIN' \
	unshare --user --map-root-user --net "${stat[@]}" -a -d 0.1

# status works for anybody, and says what it cannot see.
status_of_nobody() {
	"${nobody[@]}" schedsplit status >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	grep -q '^module .*loaded' "$work/out"
	if grep -q 'not loaded' "$work/out"; then return 1; fi
	equal 1 "$(wc -l <"$work/err")"
	grep -q CAP_NET_ADMIN "$work/err"
}
check "status as nobody" status_of_nobody
check "an unprivileged listener is refused" status_is 1 "${nobody[@]}" netlink join
check "a privileged one is not" status_is 0 netlink join

check "nothing of all this is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
