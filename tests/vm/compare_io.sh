#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare io-bound`: where it works, what it counts, what it leaves.
#
# cpus: 2
# short: none

# shellcheck disable=SC2016 # the variables of jq, and of eval
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
scratch=/var/tmp/scratch

# Whatever the tests did: no process, file or connection is left.
nothing_is_left() {
	equal '' "$(find $scratch -mindepth 1 -not -name lost+found)"
	equal '' "$(pgrep -af libexec/schedsplit)"
	equal '' "$(ss -Hant 'src 127.0.0.1 or dst 127.0.0.1')"
	wait_until eval 'netlink info | grep -q "watches=0 records=0"'
}

# --- directories ---

# refused DIR PATTERN
refused() {
	status_is 2 schedsplit compare --dir "$1" io-bound >"$work/out" 2>"$work/err" </dev/null
	cat "$work/err"
	equal 0 "$(wc -c <"$work/out")"
	equal 1 "$(wc -l <"$work/err")"
	grep -qE "^schedsplit: --dir: .*$2" "$work/err"
}
mkdir "$work/ramfs"
mount -t ramfs ramfs "$work/ramfs"
cleanup() {
	umount "$work/ramfs"
}
check "a directory on tmpfs is refused" refused /tmp 'tmpfs'
check "so is one on ramfs" refused "$work/ramfs" 'ramfs'
check "so is one on overlay" refused /usr 'overlay'
check "so is a file" refused /etc/passwd 'no directory'
check "so is what is not there" refused "$work/nowhere" 'No such file'

# --- the run ---

# Without --dir: /var/tmp is on overlay here, and the disk is mounted below it.
run() {
	schedsplit compare io-bound --quick --trials 6 --seed 1 --param load=closed,80 \
		--json="$json" >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	jq '{claims, experiments: [.experiments[] | {measurements: [.measurements[] |
		{metric, params, arm, median, tasks: (.kernel.classes | map_values(.tasks))}]}]}' \
		"$json"
	holds "$json" '.source == "module" and .timing == "emulated"
		and .claims[0].verdict != "not-measured"
		and ([.experiments[0].measurements[] | select(.params.workload != "postgres")
			| select(.metric != "latency_p99") | .n] | min == 6)'
}
check "every point is measured" run
check "and nothing is left" nothing_is_left

# m: measurements; each of their samples with what it is of
m='def m: .experiments[0].measurements[] | select(.params.workload != "postgres");
   def samples: .samples[] as $s | $s + {metric, point: [.params, .arm, $s.block, $s.warmup]};'

check "no server, no figures" holds "$json" '[.experiments[0].measurements[]
	| select(.params.workload == "postgres")] | length > 0
	and all(.n == 0 and (.left_out | test("--db")))'
check "shares add up to 1" holds "$json" "$m"'
	[m | select(.metric | IN("on_cpu", "runnable", "blocked")) | samples]
	| group_by(.point) | length >= 17 * 6
	and all(length == 3 and ([.[].denominator] | unique | length == 1)
		and ([.[].numerator] | add) == .[0].denominator)'
check "a file in the page cache is not I/O-bound, and said to be" holds "$json" "$m"'
	([m | select(.params.file == "cached" and .metric == "blocked") | .median] | length == 2
	 and all(. < 0.5))
	and (.claims[0].why | test("file/cached [0-9.]+ \\[[^]]*\\][^,]*\\(not I/O-bound here\\)"))'
# Whatever the emulated CPUs make of the others: labelled is what is blocked less.
check "what is called not I/O-bound is blocked for less than half" holds "$json" "$m"'
	.claims[0].why as $why
	| [m | select(.metric == "blocked" and .arm != "other"
		      and (.params.load // "closed") == "closed")
	     | {median, point: (.params | [.workload, .service_us // empty, .load // empty,
					   .db // empty, .file // empty]
					  | map(tostring) | join("/"))}]
	| group_by(.point) | length == 6 and all(
		.[0].point as $point | ([.[].median] | min < 0.5) ==
		($why | test($point + " [0-9.]+ \\[[^]]*\\][^,]*\\(not I/O-bound here\\)")))'
check "workers answered what the load asked" holds "$json" "$m"'
	[m | select(.params.workload == "net" and .metric == "throughput") | .samples[].counts]
	| length >= 9 * 6 and all(.served == .answered and .served > 0)'
check "the load is among no counts" holds "$json" "$m"'
	[m | select(.params.workload == "net" and .metric == "throughput")
	   | {arm, n, workers: .params.workers, tasks: (.kernel.classes | map_values(.tasks))}]
	| length == 9 and all(
		if .arm == "process" then
			.tasks.process == .n * (.workers + 1) and .tasks.thread == 0
		elif .arm == "thread" then
			# the main task is of both classes, one after the other
			.tasks.thread == .n * .workers and .tasks.process == .n
			and .tasks.leader == .n
		else
			.tasks.process == .n * 2 and .tasks.thread == 0
		end)'
check "a loop is held against net only" holds "$json" "$m"'
	[m | select(.arm == "other") | .params] | all(.workload == "net" and .method == "epoll")'
check "all arms get the same requests at the same rate" holds "$json" "$m"'
	[m | select(.metric == "rate") | .samples[] | [.value, .counts.answered]]
	| length >= 18 and (unique | length == 1)'
check "latency counts from the arrival" holds "$json" "$m"'
	([m | select(.metric == "latency_p50") | .samples[].value] | min >= 1000000)
	and ([m | select(.metric | startswith("latency")) | .params.load] | unique == [80])'
check "the slowest worker does less than the mean, the fastest more" holds "$json" "$m"'
	[m | select(.params.workload == "sqlite")
	   | select(.metric | IN("throughput", "worker_min", "worker_max")) | samples]
	| group_by(.point) | length >= 4 * 6 and all(
		(map({(.metric): .value}) | add) as $of
		| $of.worker_min <= $of.throughput / .[0].point[0].workers * 1.000001
		and $of.worker_max >= $of.throughput / .[0].point[0].workers * 0.999999)'
check "O_DIRECT is taken" holds "$json" "$m"'
	[m | select(.params.file == "direct") | .samples[].counts.direct] | all(. == 1)'

# --- ended early ---

interrupted() {
	local pid

	# A background job would ignore SIGINT.
	env --default-signal=INT schedsplit compare io-bound --trials 1000 --dir $scratch \
		--param workload=sqlite --json="$json" >"$work/err" 2>&1 &
	pid=$!
	wait_until eval '[ -n "$(find $scratch -maxdepth 1 -name "schedsplit-*")" ]'
	kill -"$1" $pid
	status_is "$2" wait $pid
	nothing_is_left
}
check "SIGINT leaves nothing" interrupted INT 130
check "SIGTERM leaves nothing" interrupted TERM 143

# A worker program that fails: its files are the tool's to remove.
failing() {
	mkdir "$work/libexec"
	ln -s "$PWD"/build/libexec/schedsplit/* "$work/libexec/"
	rm "$work/libexec/sqlite"
	cat >"$work/libexec/sqlite" <<-'END'
		#!/bin/sh
		for argument; do
			case $argument in scratch=*) dir=${argument#*=} ;; esac
		done
		mkdir "$dir" && >"$dir/0" && >"$dir/0-wal"
		kill -KILL $$
	END
	chmod +x "$work/libexec/sqlite"
	status_is 1 env SCHEDSPLIT_LIBEXEC="$work/libexec" \
		schedsplit compare io-bound --quick --trials 1 --param workload=sqlite,db=own \
		>"$work/out" 2>&1
	cat "$work/out"
	grep -q 'killed by signal 9' "$work/out"
	nothing_is_left
}
check "a worker program that is killed leaves nothing" failing
