#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit stat` and `status` from end to end: every scope and flag.
#
# cpus: 2
# short: 6.12
# limit: 900

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

stat_check=${0%/*}/stat_check.py
json=$work/stat.json
# A shell's background jobs ignore SIGINT, and so would the tool.
tool=(env --default-signal=INT schedsplit stat)
cgroup=/sys/fs/cgroup/tests
started=()

cleanup() {
	local pid

	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
	done
	wait
	rmdir $cgroup 2>/dev/null || :
}

# --- tasks that stand still, so that readings of /proc are exact ---

# all_stopped PID: every thread of it is.
all_stopped() {
	! grep -h '^State:' "/proc/$1/task/"*/status | grep -qv 'T (stopped)'
}

stop() {
	kill -STOP "$1"
	wait_until all_stopped "$1"
}

# has_threads PID N
has_threads() {
	[ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l)" = "$2" ]
}

# start_crowd THREADS: in the background, stopped; its pid is in $crowd.
start_crowd() {
	crowd -t "$1" -s 100000000 &
	crowd=$!
	started+=("$crowd")
	wait_until has_threads $crowd $(($1 + 1))
	stop $crowd
}

# switches_of DIR...: "VOLUNTARY INVOLUNTARY", of tasks in /proc, together.
switches_of() {
	cat "${@/%//status}" | awk '
		/^voluntary_ctxt_switches/ { voluntary += $2 }
		/^nonvoluntary_ctxt_switches/ { involuntary += $2 }
		END { print voluntary + 0, involuntary + 0 }'
}

watches_are() {
	netlink info | grep -q "^watches=$1 "
}

# has_switched PID BEFORE
has_switched() {
	[ "$(switches_of "/proc/$1/task/"*)" != "$2" ]
}

# let_run PID: a while, then it stands still again.
let_run() {
	local before

	before=$(switches_of "/proc/$1/task/"*)
	kill -CONT "$1"
	sleep 0.2
	wait_until has_switched "$1" "$before"
	stop "$1"
}

# counted BEFORE AFTER: an expression, that the switches are the difference.
counted() {
	local -a a b

	read -ra a <<<"$1"
	read -ra b <<<"$2"
	[ "$((b[0] - a[0]))" -gt 0 ] || { echo False; return; }
	printf 'total["switches_voluntary"] == %d and total["switches_involuntary"] == %d' \
		$((b[0] - a[0])) $((b[1] - a[1]))
}

# --- a command ---

# The last line of the usage is the command's own, which ran before it was counted.
all_flags() {
	status_is 7 schedsplit stat --per-cpu --per-task --per-group --hist --handoff \
		--json="$json" -o "$work/table" -- crowd -p 3 -t 2 -s 5 -e 7 -r "$work/usage"
	"$stat_check" --schema "$json" 'scope["kind"] == "command"' 'scope["exit_status"] == 7' \
		'scope["command"][:3] == ["crowd", "-p", "3"]' \
		'total["forks"] == 9' 'classes["process"]["forks"] == 3' \
		'classes["thread"]["forks"] == 6' 'total["exits"] == 10' \
		'classes["thread"]["exits"] == 6' 'len(tasks) == 10' 'len(groups) == 4' \
		'proof["tasks_checked"] == 10' 'all(t["dead"] for t in tasks)' 'alive == 0' \
		'of("thread") >= 30' 'of("leader") > 0' 'of("idle") == 0' 'of("kthread") == 0' \
		'sorted(g["tasks"] for g in groups) == [1, 3, 3, 3]' \
		'len(by_tid) == 10' 'sum(len(b) for b in histograms["slice"].values()) > 0' \
		"len(cpus) == $(nproc)" \
		"len(open('$work/usage').readlines()) == 10" \
		"all(by_tid[int(t)]['switches_voluntary'] >= int(v) and by_tid[int(t)]['switches_involuntary'] >= int(i) for t, v, i in (l.split() for l in list(open('$work/usage'))[:-1]))"
}
check "a command, with all flags" all_flags

all_tables() {
	cat "$work/table"
	for heading in 'class' 'By CPU' 'By thread group' 'By task' 'Switches from' 'thread' \
		'= leaders' 'total'; do
		grep -q -- "$heading" "$work/table" || { echo "no $heading"; return 1; }
	done
}
check "its tables" all_tables

passed_on() {
	equal 'a  b' "$(printf 'a  b' | schedsplit stat -o "$work/table" -- cat)"
	schedsplit stat -- echo hello >"$work/out" 2>"$work/err"
	equal hello "$(<"$work/out")"
	grep -q '^ *process' "$work/err"
	schedsplit stat --json -- echo hello >"$work/out" 2>"$json"
	equal hello "$(<"$work/out")"
	"$stat_check" "$json" 'scope["command"] == ["echo", "hello"]' 'total["exits"] == 1'
	schedsplit stat -o "$work/table" -- sh -c 'echo to stderr >&2' 2>"$work/err"
	equal 'to stderr' "$(<"$work/err")"
}
check "standard input, output and error are the command's" passed_on

inherited() {
	equal "$(ls /proc/self/fd)" "$(schedsplit stat -o /dev/null -- ls /proc/self/fd)"
	equal "$(grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status)" \
		"$(schedsplit stat -o /dev/null -- grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status)"
}
check "a command inherits no descriptor and no signal mask" inherited

outputs() {
	schedsplit stat --per-cpu --per-task --csv="$work/csv" --json="$json" -o "$work/table" -- \
		crowd -p 4
	"$stat_check" "$json" 'len(tasks) == 5'
	grep -q '^ *process' "$work/table"
	head -n 1 "$work/csv"
	equal "level,run,start_ns,end_ns,cpu,tgid,tid,comm,class,dead,tasks,switches_voluntary,switches_involuntary,migrations,wakeups,run_ns,wait_ns,forks,exits" \
		"$(head -n 1 "$work/csv")"
	equal "$((1 + 6 + 6 * $(nproc) + 5))" "$(wc -l <"$work/csv")"
	equal "" "$(awk -F , 'NF != 19' "$work/csv")"
	# the levels count the same switches
	awk -F , '{ sum[$1] += $12 + $13 }
		END { print sum["class"], sum["cpu"], sum["task"]
		      exit !(sum["class"] && sum["class"] == sum["cpu"] && sum["cpu"] == sum["task"]) }' \
		"$work/csv"
	schedsplit stat --csv -- true 2>"$work/csv"
	equal 7 "$(wc -l <"$work/csv")"
}
check "table, JSON and CSV at once" outputs

repeated() {
	schedsplit stat -r 3 --per-task --json="$json" -o "$work/table" -- crowd -p 2
	"$stat_check" "$json" 'len(runs) == 3' 'total["forks"] == 6' 'total["exits"] == 9' \
		'len(tasks) == 9' 'all(r["classes"]["process"]["forks"] == 2 for r in runs)' \
		'sum(switches(c) for r in runs for c in r["classes"].values()) == total["switches"]' \
		'sum(r["duration_ns"] for r in runs) == duration_ns'
	cat "$work/table"
	grep -q '+-\|±' "$work/table"
}
check "-r 3" repeated

wait_all() {
	status_is 4 schedsplit stat --wait-all --per-task --json="$json" -o "$work/table" -- \
		sh -c 'crowd -p 3 -s 20 & exit 4'
	"$stat_check" "$json" 'alive == 0' 'total["exits"] == 5' 'len(tasks) == 5' \
		'sum(t["comm"] == "crowd" for t in tasks) == 4'
	status_is 4 schedsplit stat --per-task --json="$json" -o "$work/table" -- \
		sh -c "crowd -s 100000000 & echo \$! >$work/pid; exit 4"
	kill "$(<"$work/pid")"
	"$stat_check" "$json" 'alive == 1' 'total["exits"] == 1' 'len(tasks) == 2' \
		"not by_tid[$(<"$work/pid")]['dead']"
	grep -qi 'alive' "$work/table"
}
check "--wait-all, and without" wait_all

timed() {
	status_is 143 schedsplit stat -d 0.3 --json="$json" -o "$work/table" -- sleep 1000
	"$stat_check" "$json" 'scope["exit_status"] == 143' 'duration_ns >= 300000000'
}
check "-d ends a command" timed

intervals=('len(intervals) >= 1'
	'all(a["end_ns"] == b["start_ns"] for a, b in zip(intervals, intervals[1:]))'
	'sum(switches(c) for i in intervals for c in i["classes"].values()) == total["switches"]'
	'sum(c["run_ns"] for i in intervals for c in i["classes"].values()) == total["run_ns"]'
	'sum(c["wakeups"] for i in intervals for c in i["classes"].values()) == total["wakeups"]')

command_intervals() {
	schedsplit stat -I 50 --json="$json" -o "$work/table" -- crowd -p 2 -t 2 -s 100
	"$stat_check" "$json" "${intervals[@]}" 'total["forks"] == 6'
	grep -q '^#.*time' "$work/table"
}
check "intervals of a command" command_intervals

# --- the system ---

system() {
	schedsplit stat -a -d 1 -I 200 --json="$json" >"$work/table"
	cat "$work/table"
	grep -q '^#.*time' "$work/table"
	"$stat_check" --schema "$json" 'scope["kind"] == "system"' 'scope["command"] is None' \
		'scope["exit_status"] is None' 'proof["ctxt"]["counted"] == total["switches"]' \
		'total["switches"] > 0' 'of("idle") > 0' '"concurrency" not in globals()' \
		'duration_ns >= 1000000000' 'intervals[-1]["end_ns"] == duration_ns' \
		"${intervals[@]}"
}
check "-a -d 1 -I 200" system

system_all_flags() {
	schedsplit stat -a -d 0.5 --per-cpu --per-task --per-group --hist --handoff \
		--json="$json" >"$work/table"
	# every task of the system is there
	"$stat_check" --schema "$json" "1 in by_tid" "$$ in by_tid" 'by_tid[1]["class"] == "process"' \
		'any(t["class"] == "kthread" for t in tasks)' "len(cpus) == $(nproc)" \
		'by_tid[2]["comm"] == "kthreadd"' 'histograms["slice"]["idle"]'
	all_tables
}
check "the system, with all flags" system_all_flags

system_command() {
	status_is 3 schedsplit stat -a --json="$json" -o "$work/table" -- crowd -p 5 -e 3
	"$stat_check" "$json" 'scope["kind"] == "system"' 'scope["exit_status"] == 3' \
		'total["forks"] >= 5' 'total["exits"] >= 6' 'of("idle") > 0' \
		'scope["command"][0] == "crowd"'
}
check "-a -- COMMAND" system_command

# /proc/stat, read outside, bounds what is counted inside.
ctxt() {
	awk '$1 == "ctxt" { print $2 }' /proc/stat
}
system_outside() {
	local before after

	before=$(ctxt)
	schedsplit stat -a -d 0.5 --json="$json" >"$work/table"
	after=$(ctxt)
	"$stat_check" "$json" "total['switches'] <= $((after - before))" \
		"proof['ctxt']['kernel_high'] <= $((after - before))"
}
check "/proc/stat has all that is counted" system_outside

# --- tasks that are there already ---

# watched NAME OPTION VALUE DIR...: count while the tasks in DIR run a while.
watched() {
	local name=$1 option=$2 value=$3 before after pid

	shift 3
	before=$(switches_of "$@")
	"${tool[@]}" "$option" "$value" --per-task --json="$json" -o "$work/table" &
	pid=$!
	wait_until watches_are 1
	let_run $crowd
	kill -INT $pid
	status_is 0 wait $pid
	after=$(switches_of "$@")
	echo "$name: $before, $after"
	"$stat_check" "$json" "$(counted "$before" "$after")" "len(tasks) == $#" "alive == $#"
}

start_crowd 3
check "-p counts what /proc counts" watched -p -p $crowd /proc/$crowd/task/*
tids=(/proc/"$crowd"/task/*)
check "-t counts what /proc counts" watched -t -t "${tids[1]##*/}" "${tids[1]}"
check "-t of two" watched -t -t "${tids[1]##*/},${tids[3]##*/}" "${tids[1]}" "${tids[3]}"
first=$crowd
start_crowd 0
check "-p of two" watched -p -p $first,$crowd /proc/$first/task/* /proc/$crowd/task/*

two_tools() {
	local one two start middle end

	start=$(switches_of /proc/$first/task/*)
	"${tool[@]}" -p $first --json="$work/one.json" -o "$work/table1" &
	one=$!
	wait_until watches_are 1
	let_run $first
	middle=$(switches_of /proc/$first/task/*)
	"${tool[@]}" -p $first --json="$work/two.json" -o "$work/table2" &
	two=$!
	wait_until watches_are 2
	let_run $first
	kill -INT $one
	status_is 0 wait $one
	end=$(switches_of /proc/$first/task/*)
	"$stat_check" "$work/one.json" "$(counted "$start" "$end")"
	let_run $first
	kill -INT $two
	status_is 0 wait $two
	end=$(switches_of /proc/$first/task/*)
	"$stat_check" "$work/two.json" "$(counted "$middle" "$end")"
}
check "two tools at once, each with its own beginning" two_tools

# Before the watch, during it, and after: a cgroup's tasks come and go.
in_cgroup() {
	local pid a0 a1 b0 b1 expected

	mkdir -p $cgroup/below
	echo $first >$cgroup/below/cgroup.procs
	a0=$(switches_of /proc/$first/task/*)
	"${tool[@]}" --cgroup /tests --per-task --json="$json" -o "$work/table" &
	pid=$!
	wait_until watches_are 1
	let_run $first
	b0=$(switches_of /proc/$crowd/task/*)
	echo $crowd >$cgroup/cgroup.procs
	let_run $crowd
	let_run $first
	a1=$(switches_of /proc/$first/task/*)
	echo $first >/sys/fs/cgroup/cgroup.procs
	let_run $first
	let_run $crowd
	b1=$(switches_of /proc/$crowd/task/*)
	kill -INT $pid
	status_is 0 wait $pid
	echo $crowd >/sys/fs/cgroup/cgroup.procs
	rmdir $cgroup/below $cgroup
	echo "a: $a0, $a1; b: $b0, $b1"
	expected=$(counted "$(paste -d + <(tr ' ' '\n' <<<"$a0") <(tr ' ' '\n' <<<"$b0") | bc | xargs)" \
		"$(paste -d + <(tr ' ' '\n' <<<"$a1") <(tr ' ' '\n' <<<"$b1") | bc | xargs)")
	"$stat_check" --schema "$json" 'scope["kind"] == "cgroup"' 'len(tasks) == 5' "$expected" \
		"by_tid[$first]['end'] == 'left'" "by_tid[$crowd]['end'] == 'alive'"
}
check "--cgroup counts members while they are in it" in_cgroup

new_in_cgroup() {
	mkdir -p $cgroup
	schedsplit stat --cgroup "$1" --per-task --json="$json" -o "$work/table" -- \
		sh -c "sh -c 'echo \$\$ >$cgroup/cgroup.procs; exec crowd -p 2 -t 2'; true"
	rmdir $cgroup
	"$stat_check" "$json" 'len(tasks) == 7' 'total["forks"] == 6' 'total["exits"] == 7' \
		'scope["kind"] == "cgroup"' 'scope["exit_status"] == 0'
}
check "tasks born in a cgroup, while a command runs" new_in_cgroup /tests
check "a cgroup by its directory" new_in_cgroup $cgroup

dies() {
	local pid

	crowd -t 2 -s 1000 &
	pid=$!
	stop $pid
	schedsplit stat -p $pid --per-task --json="$json" -o "$work/table" &
	wait_until watches_are 1
	kill -CONT $pid
	wait $!
	wait $pid
	"$stat_check" "$json" 'alive == 0' 'len(tasks) == 3' 'total["exits"] == 3' 'total["forks"] <= 2'
}
check "-p ends when the process ends" dies

born_later() {
	local pid

	sh -c 'read -r line; crowd -p 2; exit 0' < <(wait_until watches_are 1; echo go) &
	pid=$!
	schedsplit stat -p $pid --per-task --json="$json" -o "$work/table"
	wait $pid
	"$stat_check" "$json" 'total["forks"] == 3' 'total["exits"] == 4' 'len(tasks) == 4'
}
check "-p follows what is born later" born_later

# --- signals ---

interrupted() {
	local signal=$1 pid

	env --default-signal="$signal" schedsplit stat -a --per-task --json="$json" -o "$work/table" &
	pid=$!
	wait_until watches_are 1
	kill -"$signal" $pid
	status_is 0 wait $pid
	"$stat_check" "$json" 'total["switches"] > 0'
}
check "SIGINT ends it, with its results" interrupted INT
check "SIGTERM does too" interrupted TERM

command_interrupted() {
	local pid

	"${tool[@]}" --json="$json" -o "$work/table" -- sleep 1000 &
	pid=$!
	wait_until watches_are 1
	kill -INT $pid
	status_is 130 wait $pid
	"$stat_check" "$json" 'scope["exit_status"] == 130' 'total["exits"] == 1'
}
check "SIGINT is passed on to the command" command_interrupted

ctrl_c() {
	python3 - "$@" <<-'END'
		import os
		import pty
		import subprocess
		import sys
		import time

		pid, terminal = pty.fork()
		if not pid:
		    os.execvp("schedsplit", ["schedsplit", "stat"] + sys.argv[2:])
		while b"watches=1 " not in subprocess.run(["netlink", "info"], check=True,
		                                          capture_output=True).stdout:
		    time.sleep(0.1)
		os.write(terminal, b"\x03")
		text = b""
		try:
		    while chunk := os.read(terminal, 4096):
		        text += chunk
		except OSError:
		    pass
		print(text.decode())
		status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		print("status", status)
		sys.exit(status != int(sys.argv[1]) or b"process" not in text)
	END
}
check "Ctrl-C on a terminal" ctrl_c 0 -p $first
check "Ctrl-C on a terminal, with a command" ctrl_c 130 -- sleep 1000

# --- status ---

status() {
	schedsplit status >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	grep -q '^module *loaded' "$work/out"
	schedsplit status --json >"$json"
	holds "$json" '.schema == "schedsplit-status/1" and .module.loaded and .module.visible
		and .module.watches == 0 and .module.records == 0 and .module.records_max > 0
		and (.module.hooks | index("sched_switch")) and .capabilities.switches
		and .capabilities.migrations and .capabilities.wakeups and .capabilities.forks
		and .capabilities.exits and .module.version == .version
		and (.module.tasks_alive.kthread > 0) and (.module.tasks_alive.process > 0)'
	schedsplit status --json="$work/status.json" >"$work/out"
	holds "$work/status.json" .module.loaded
}
check "status" status

alive() {
	local live

	live=$(schedsplit status --json | jq '[.module.tasks_alive[]] | add')
	# threads of /proc, and an idle task a CPU; give or take the pipeline's own
	echo "$live"
	[ "$live" -ge $(($(find /proc/[0-9]*/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l) + $(nproc) - 10)) ]
}
check "status knows the tasks alive" alive

check "nothing of all this is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
