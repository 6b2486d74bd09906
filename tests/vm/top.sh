#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit top`: the counts of its intervals equal stat's and the kernel's;
# its screen, in tmux, at two sizes and without colour.
#
# kernels: 6.12
# cpus: 2
# limit: 900
# kmemleak: off

# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/sleepers
. tests/vm/sleepers

export LC_ALL=C.UTF-8
rounds=$((2000 / SCALE))
started=()
echo 4194304 >/proc/sys/kernel/pid_max

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	tmux -S "$work/tmux" kill-server 2>/dev/null || :
	[ ${#started[@]} = 0 ] || kill -9 "${started[@]}" 2>/dev/null || :
}

watches_are() {
	netlink info | grep -q "^watches=$1 "
}

# --- counts ---

# Tasks that sleep before the first reading and after the last: no edge of an
# interval cuts their counts, so that all of it must be equal.
at_work() {
	local list watchers=() pid

	start_sleepers "$rounds"
	echo "${sleepers[0]}" >"$work/mix"
	list=$(comma_separated "${sleepers[@]}")
	env --default-signal=INT schedsplit stat -a --per-task --json -o "$work/stat.json" &
	watchers+=($!)
	env --default-signal=INT schedsplit top --batch --json -d 0.4 >"$work/all.json" &
	watchers+=($!)
	env --default-signal=INT schedsplit top --batch --json="$work/pids.json" -d 0.3 -f MIX \
		-p "$list" >"$work/table" &
	watchers+=($!)
	wait_until watches_are 3
	kill -USR1 "${sleepers[0]}"
	# These are born and die meanwhile.
	pair process $((500 / SCALE))
	pair thread $((500 / SCALE))
	crowd -p 3 -t 4 -s $((100 / SCALE)) -r "$work/usage"
	spin threads 2 2 500
	spin processes 2 2 500
	wait_until all_asleep "$PAUSE"
	kill -INT "${watchers[@]}"
	for pid in "${watchers[@]}"; do
		wait "$pid"
	done
	tests/vm/top_sum.py sum "$work/all.json" mix >"$work/sum.json"
	tests/vm/exact.py "$work" "$work/sum.json" "status,$work/before" \
		"sched,$work/before" "schedstat,$work/before"
}

verdict() {
	local status

	cat "$work/$1"
	read -r status <"$work/$1"
	return "$status"
}

# The time of spin's groups with two on CPUs, in all intervals
with_two() {
	jq -s '[.[].groups[] | select(.comm == "spin") | .concurrency.ns[2] // 0] | add' \
		"$work/all.json"
}

parallelism() {
	# both threads of the one on CPUs; and never two of a process with one thread
	[ "$(with_two)" -gt 0 ]
	jq -se '[.[].groups[] | select(.comm == "spin" and .parallelism != null)
			| .parallelism] | max > 1 and min >= 1' "$work/all.json"
	jq -se '[.[].groups[] | select(.tasks == 1 and .parallelism != null and
			(.concurrency.ns | length) == 2) | .parallelism] | all(. == 1)' \
		"$work/all.json"
}

derived() {
	jq -se '[.[] | .duration_ns as $ns | .groups[], .tasks[]
			| ((.voluntary_per_second - .switches_voluntary * 1e9 / $ns) | fabs) < 1e-6 and
			((.cpu_percent - .run_ns * 100 / $ns) | fabs) < 1e-6 and
			((.wait_percent - .wait_ns * 100 / $ns) | fabs) < 1e-6 and
			((.switches_voluntary + .switches_involuntary) as $n
			| if $n == 0 then .slice_ns == null
			  else ((.slice_ns - .run_ns / $n) | fabs) < 1e-3 end)]
			| length > 50 and all' "$work/all.json"
}

tables() {
	cat "$work/table"
	grep -qE '^ +PID +TASKS +VOL/s +INVOL/s +MIGR/s +CPU% +WAIT% +SLICE +PAR +COMMAND$' "$work/table"
	grep -qE '^ +[0-9]+ +4 .* mix$' "$work/table"
	# as many as there are intervals, and nobody else
	equal "$(wc -l <"$work/pids.json")" "$(grep -c ' voluntary/s, ' "$work/table")"
	if grep -q 'spin$' "$work/table"; then return 1; fi
}

check "stat and top, of all tasks and of some, while tasks work" at_work
[ ! -e "$work/mix" ] || started+=("$(<"$work/mix")")
if [ -s "$work/status" ]; then
	check "all intervals: switches equal the kernel's" verdict status
	check "all intervals: migrations equal the kernel's" verdict sched
	check "all intervals: run and wait time equal the kernel's" verdict schedstat
	check "all intervals: every count equals stat's, of the living and the dead" \
		tests/vm/top_sum.py same "$work/all.json" "$work/stat.json" mix pair crowd spin
	check "the same of the processes that -p names" \
		tests/vm/top_sum.py same "$work/pids.json" "$work/stat.json" mix
	check "in each interval groups, tasks and totals add up; they follow one another" \
		tests/vm/top_sum.py adds-up "$work/all.json"
	check "rates and percentages are of the counts" derived
	check "parallelism: two threads at once, and one of a process alone" parallelism
	check "tables, a filter" tables
fi

# --- a batch's ends ---

so_many() {
	schedsplit top -b -n 3 -d 0.05 --json >"$work/n.json"
	equal 3 "$(wc -l <"$work/n.json")"
	schedsplit top -b -n 2 -d 0.05 -H -a -s tid >"$work/n"
	equal 2 "$(grep -cE '^ +PID +TID +CLASS +VOL/s' "$work/n")"
	grep -qE ' 2 +2 +kthread .* kthreadd$' "$work/n"
}

ends_with_them() {
	local crowd top

	crowd -p 2 -t 1 -s 100000000 &
	crowd=$!
	schedsplit top -b -d 0.1 -p $crowd --json >"$work/ends.json" &
	top=$!
	wait_until watches_are 1
	# shellcheck disable=SC2046 # several pids, and the first waits for the others
	kill -KILL $crowd $(pgrep -P $crowd)
	wait $top
	equal 0 "$(tail -n 1 "$work/ends.json" | jq .alive)"
}

# As long as it takes for the dead to be too many: the next watch then begins
# before the one before it ends.
renewed() {
	jq -se '[range(1; length) as $i | .[$i].start_ns < .[$i - 1].end_ns] | any' \
		"$work/renewed.json" >/dev/null
}

amid_births() {
	local bomb top status=0

	bomb threads 6 &
	bomb=$!
	env --default-signal=INT schedsplit top -b -d 0.5 --json -f nobody \
		>"$work/renewed.json" &
	top=$!
	wait_until renewed || status=1
	kill -9 $bomb
	wait $bomb || :
	kill -INT $top
	wait $top
	jq -c '[.interval, .start_ns, .end_ns, .total.tasks, .lost]' "$work/renewed.json"
	[ $status = 0 ]
	holds "$work/renewed.json" 'all(.[]; .lost == 0 and .duration_ns > 0)' -s
}

check "-n ends it; tasks, all of them, sorted" so_many
check "-p: it ends when they have" ends_with_them
check "a watch of all tasks is renewed, amid births and deaths" amid_births
check "no watch is left" wait_until watches_are 0

# --- errors ---

# says STATUS PATTERN COMMAND...: as in errors.sh
says() {
	local wanted=$1 pattern=$2

	shift 2
	status_is "$wanted" "$@" >"$work/out" 2>"$work/err" </dev/null
	cat "$work/err"
	equal 0 "$(wc -c <"$work/out")"
	equal 1 "$(wc -l <"$work/err")"
	grep -qE -- "^schedsplit: .*$pattern" "$work/err"
}

true &
gone=$!
wait $gone
check "no terminal" says 1 'use --batch' schedsplit top
check "a wrong option" says 2 'no option -z' schedsplit top -z
check "no such column" says 2 "'size'" schedsplit top -s size
check "a delay of 0" says 2 "'0'" schedsplit top -d 0
check "JSON on a screen" says 2 '--batch' schedsplit top --json
check "a pid that nobody has" says 1 "$gone" schedsplit top -b -p $gone
check "nobody" says 1 'CAP_NET_ADMIN' setpriv --reuid 65534 --clear-groups schedsplit top -b
full() {
	status_is 1 schedsplit top -b -n 1 -d 0.05 >/dev/full 2>"$work/err"
	equal 1 "$(wc -l <"$work/err")"
}
check "a full disk" full

# --- the screen ---

terminal() {
	tmux -S "$work/tmux" "$@"
}

# begin [NAME=VALUE]... ARG...: top, typed at a shell's prompt
begin() {
	terminal send-keys -l "clear; env $* "
	terminal send-keys Enter
}

screen() {
	terminal capture-pane -p "$@" >"$work/screen"
}

# shows PATTERN: a line of it does, by and by
shows() {
	wait_until shows_now "$1" || { cat "$work/screen"; return 1; }
}

shows_now() {
	screen
	grep -qE -- "$1" "$work/screen"
}

shows_not() {
	wait_until eval "! shows_now '$1'" || { cat "$work/screen"; return 1; }
}

press() {
	terminal send-keys "$@"
}

# resize COLUMNS LINES
resize() {
	terminal resize-window -x "$1" -y "$2"
}

# The rows: below the headings, above the last line.
rows() {
	screen
	sed -n '/PID.*COMMAND/,$p' "$work/screen" | sed '1d; /q quit/,$d' | grep . || :
}

groups_heading='^    PID TASKS   VOL/s INVOL/s MIGR/s   CPU%  WAIT%   SLICE   PAR COMMAND$'
tasks_heading='^    PID     TID CLASS     VOL/s INVOL/s MIGR/s   CPU%  WAIT%   SLICE COMMAND$'
last_line='^q quit  h help .* a all$'

fits() {
	shows "$groups_heading"
	shows "$last_line"
	# PID TASKS five rates SLICE PAR COMMAND, all of it within 80 columns
	shows '^ *[0-9]+ +9( +[0-9.]+){5} +[0-9.]+ [nµm]?s +[0-9.]+ crowd$'
	shows '[0-9] voluntary/s, .* migrations/s$'
	shows ' tasks in [0-9]+ groups, CPU [0-9.]+ %'
	shows '^groups by switches$'
	equal 24 "$(wc -l <"$work/screen")"
}

# sorted_by FIELD [r]: that column of the rows is in order
sorted_by() {
	rows >"$work/rows"
	[ "$(wc -l <"$work/rows")" -gt 3 ]
	awk -v field="$1" '{ print $field }' "$work/rows" >"$work/field"
	LC_ALL=C sort -c -s -g ${2:+"-$2"} "$work/field" || { cat "$work/rows"; return 1; }
}

# What is shown stands still, so that it can be told whether it is sorted.
sorts() {
	press Space
	shows '^PAUSED: groups by switches$'
	press v; shows 'groups by voluntary$'; sorted_by 3 r
	press i; shows 'groups by involuntary$'; sorted_by 4 r
	press m; shows 'groups by migrations$'; sorted_by 5 r
	press c; shows 'groups by cpu$'; sorted_by 6 r
	press w; shows 'groups by wait$'; sorted_by 7 r
	press n; shows 'groups by tasks$'; sorted_by 2 r
	press p; shows 'groups by pid$'; sorted_by 1
	press r; shows 'groups by pid, reversed$'; sorted_by 1 r
	press r; shows 'groups by pid$'
	press v; shows 'groups by voluntary$'
	press v; shows 'groups by voluntary, reversed$'; sorted_by 3
	press s; shows 'groups by switches$'
	press '>'; shows 'groups by voluntary$'
	press '<'; shows 'groups by switches$'
}

# It cannot change: several intervals pass, and it has not.
pauses() {
	shows '^PAUSED: '
	screen
	cp "$work/screen" "$work/still"
	sleep 3
	screen
	cmp "$work/still" "$work/screen"
	press Space
	shows_not '^PAUSED'
	wait_until eval "! screen_is '$work/still'"
}

screen_is() {
	screen
	cmp -s "$1" "$work/screen"
}

threads() {
	press t
	shows "$tasks_heading"
	shows '^ *[0-9]+ +[0-9]+ thread ( +[0-9.]+){5} +[0-9.]+ [nµm]?s crowd$'
	shows '^tasks by switches$'
	press t
	shows "$groups_heading"
}

filters() {
	press /
	shows '^only commands with: _$'
	press -l CroXY
	press BSpace BSpace
	shows '^only commands with: Cro_$'
	press Enter
	shows '^groups by switches, only Cro$'
	rows >"$work/rows"
	[ -s "$work/rows" ]
	if grep -v 'crowd$' "$work/rows"; then return 1; fi
	# Escape leaves it as it was; an empty one ends it
	press f
	shows '^only commands with: Cro_$'
	press x Escape
	shows '^groups by switches, only Cro$'
	shows "$last_line"
	press f
	shows '^only commands with: Cro_$'
	press BSpace BSpace BSpace Enter
	shows '^groups by switches$'
}

quiet_too() {
	press a
	shows '^groups by switches, all$'
	press p
	shows '^ +2 +1 .* kthreadd$'
	# more than fit: to the end, and back
	press End
	shows_not ' kthreadd$'
	press Home
	shows ' kthreadd$'
	press NPage
	shows_not ' kthreadd$'
	press PPage
	shows ' kthreadd$'
	press s a
	shows '^groups by switches$'
}

helps() {
	press h
	shows 'schedsplit-top\(1\) has the rest'
	shows '  q  quit'
	press q
	shows_not 'schedsplit-top\(1\) has the rest'
	shows "$last_line"
}

# sizes COLUMNS LINES: the last line of the screen is the last that is drawn
size_is() {
	screen
	[ "$(wc -l <"$work/screen")" = "$2" ] &&
		tail -n 1 "$work/screen" | grep -q "^$(cut -c 1-"$1" <<<'q quit  h help')" &&
		head -n 1 "$work/screen" | grep -q '^[0-9]'
}

resizes() {
	resize 200 50
	wait_until size_is 200 50
	shows "$groups_heading"
	press a
	shows '^groups by switches, all$'
	# it takes the room that there is: 4 lines above, one below
	wait_until eval 'rows | wc -l | grep -qx 45'
	press a
	resize 40 10
	wait_until size_is 40 10
	resize 20 3
	wait_until size_is 20 3
	resize 80 24
	wait_until size_is 80 24
	shows "$groups_heading"
}

# settings: of the terminal, as programs see them
settings() {
	stty -F "$(<"$work/tty")" -g
}

settings_are_back() {
	[ "$(settings)" = "$(<"$work/settings")" ]
}

# The prompt is there, the screen from before too, and the terminal is as it was.
restored() {
	wait_until settings_are_back
	equal '0 1' "$(terminal display-message -p '#{alternate_on} #{cursor_flag}')"
	shows '^ready> *$'
}

# status_after STATUS: what the shell says of it, once the terminal is the shell's
status_after() {
	wait_until settings_are_back
	terminal send-keys -l 'echo "status $?"'
	terminal send-keys Enter
	shows "^status $1\$"
}

quits() {
	press q
	status_after 0
	restored
}

interrupted() {
	begin schedsplit top -d 1
	shows "$last_line"
	press C-c
	status_after 0
	restored
}

terminated() {
	begin schedsplit top -d 1
	shows "$last_line"
	pkill -TERM -x -f 'schedsplit top -d 1'
	status_after 0
	restored
}

# Ctrl-Z gives the terminal back, fg takes it again.
stopped() {
	begin schedsplit top -d 1
	shows "$last_line"
	press C-z
	shows 'Stopped'
	equal '0 1' "$(terminal display-message -p '#{alternate_on} #{cursor_flag}')"
	terminal send-keys -l fg
	press Enter
	shows "$last_line"
	shows "$groups_heading"
	quits
}

is_coloured() {
	screen -e
	grep -qP '\e\[([0-9;]*;)?(3[0-7]|4[0-7]|38|48)[;m]' "$work/screen"
}

coloured() {
	begin TERM=screen schedsplit top -d 1
	shows "$last_line"
	wait_until is_coloured
	quits
}

# plain [NAME=VALUE]...
plain() {
	begin "$@" schedsplit top -d 1
	shows "$groups_heading"
	shows ' crowd$'
	if is_coloured; then return 1; fi
	press t
	shows "$tasks_heading"
	if is_coloured; then return 1; fi
	press Space
	shows '^PAUSED: '
	quits
}

# refused TERM
refused() {
	# wide enough for what is said to be one line
	resize 200 24
	begin "TERM=$1" schedsplit top
	shows "^schedsplit: .*'$1'.*--batch"
	status_after 1
}

counts() {
	begin 'schedsplit top -n 2 -d 0.2; echo "status $?"'
	shows '^status 0$'
	restored
}

crowd -t 8 -s 100000000 &
started+=($!)
terminal -f /dev/null new-session -d -x 80 -y 24 \
	"tty >$work/tty; PS1='ready> ' exec bash --norc --noprofile"
wait_until shows_now '^ready>'
settings >"$work/settings"
begin schedsplit top -d 1
check "80 columns and 24 lines hold it" fits
check "keys: threads" threads
check_tool "keys: sorting" sorts
check_tool "keys: pause" pauses
check_tool "keys: a filter" filters
check_tool "keys: all, and scrolling" quiet_too
check_tool "keys: help" helps
check_tool "it follows the terminal's size" resizes
check "q: the terminal is as it was" quits
check "Ctrl-C: the terminal is as it was" interrupted
check "SIGTERM: the terminal is as it was" terminated
check "Ctrl-Z, fg" stopped
check "-n ends it" counts
check_tool "colour, where there is some" coloured
check_tool "a terminal without colour" plain TERM=vt100
check_tool "NO_COLOR" plain TERM=screen NO_COLOR=1
check_tool "a terminal that cannot move its cursor" refused dumb
check_tool "a terminal that nobody knows" refused no-such-terminal
terminal kill-server
check "nothing is left" wait_until watches_are 0
