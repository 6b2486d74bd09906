#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `compare boundness` and `compare cpu-bound`: their figures against others, and
# verdicts that stubs turn.
#
# cpus: 2
# short: none

# shellcheck disable=SC2016 # what looks like variables of the shell is of jq

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

here=$(cd "${0%/*}" && pwd)
workers=$(cd "$here/../../build/libexec/schedsplit" && pwd)
json=$work/json

# measure EXPERIMENT [OPTION]...
measure() {
	status_is 0 schedsplit compare --trials 6 --warmup 1 --seed 1 --json="$json" "$@" \
		>"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	equal 0 "$(wc -c <"$work/err")"
	holds "$json" '[.experiments[].measurements[] | select(has("left_out") | not)] |
		length > 0 and all(.kernel.proof | .tasks_mismatched + .lost + .untraced == 0)
		and all(.error == null)'
}

# figures FILTER: on what was measured; the words that it may use are below
figures() {
	holds "$json" 'def measured: .experiments[0].measurements[] |
				select(has("left_out") | not);
		def trials: [.samples[] | select(.warmup | not)];
		def total(key): [trials[] | .[key]] | add;
		def near(a; b; tolerance): (a - b) <= tolerance and (b - a) <= tolerance;
		'"$1"
}

# One program for each example that is here, whatever this kernel lacks.
shares() {
	measure boundness
	# A trial's three shares are fractions of one whole, and add up to it.
	figures '[measured | select(.samples | length > 0) |
			{ arm, workload: .params.workload, metric, trials: trials }] |
		group_by([.arm, .workload]) | (length >= 8) and all(
			length == 3 and (map(.metric) | sort == ["blocked", "on_cpu", "runnable"])
			and ([.[] | .trials | length] | unique == [6])
			and (. as $m | all(range(6); . as $i | [$m[].trials[$i]] |
				([.[].numerator] | add) == .[0].denominator
				and ([.[].denominator] | unique | length == 1))))'
}

# What a worker says of itself is what the module counted for its class: that goes
# on while the worker reads what it says, which takes 4 ms a trial where the machine
# is emulated, and up to 10 here. Of wait_ns the module counts the last leg only.
module_agrees() {
	figures '[measured | select(.arm == "thread") | (.kernel.classes.thread) as $k |
		total("denominator") as $all | total("numerator") as $n |
		(0.05 * $all + .kernel.trials * 10000000) as $tolerance |
		if .metric == "on_cpu" then $n <= $k.run_ns and near($n; $k.run_ns; $tolerance)
		elif .metric == "runnable" then near($n; $k.wait_ns; $tolerance)
		else near($n; $all - $k.run_ns - $k.wait_ns; $tolerance) end] |
		length >= 12 and all'
}

# Neither encoder nor receiver adds a task to the arms.
alone() {
	figures '[measured | .kernel.trials as $n | .kernel.classes |
		if .thread.tasks > 0 then .thread.tasks == $n and .leader.tasks == $n
		else .process.tasks == 2 * $n end] | length >= 24 and all'
}

# Streaming is paced: a frame in 20 ms, or in more if it comes late.
paced() {
	figures '[measured | select(.params.workload == "stream" and .metric == "blocked") |
		.iterations as $frames | trials[] | .interval_ns >= $frames * 20000000] |
		length == 12 and all'
}

check "boundness: shares add up to 1" shares
check "boundness: the module counted the same" module_agrees
check "boundness: no other task works for the worker" alone
check "boundness: frames are sent when they are due" paced

work_done() {
	measure cpu-bound --quick --param start=steady
	figures '[measured | . as $m | trials[] | { metric: $m.metric, arm: $m.arm, block, value,
			numerator, denominator, interval_ns, iterations: $m.iterations,
			workload: $m.params.workload, workers: $m.params.workers }] as $t |
		([$t[] | select(.metric == "throughput") |
			.numerator == .iterations * .workers * 1000000000
			and .denominator == .interval_ns] | length == 96 and all)
		and ([$t[] | select(.metric == "efficiency") | . as $e |
			[$t[] | select(.metric == "throughput" and .arm == $e.arm and
				.block == $e.block and .workload == $e.workload)] as $p |
			($p[] | select(.workers == $e.workers) | .value) as $all |
			($p[] | select(.workers == 1) | .value) as $one |
			near($e.value; $all / $one / $e.workers; 1e-9)] | length == 96 and all)'
}

# A mean over all trials lies between that of each.
concurrency() {
	figures '[measured | select(.metric == "running") |
		(.kernel.concurrency.ns | (to_entries | map(select(.key > 0))) |
			(map(.key * .value) | add) / (map(.value) | add)) as $mean |
		.n == 6 and .min >= 1 and .max <= 2 and $mean >= .min and $mean <= .max] |
		length == 16 and all'
}

check "cpu-bound: throughput and efficiency recomputed" work_done
check "cpu-bound: concurrency is the module's" concurrency

# --- verdicts turn ---

# stubs NAME...: a directory in which worker program NAME is a stub that says by
# the lines of standard input where it idles; the others are matrix
stubs() {
	local name

	rm -rf "$work/stubs"
	mkdir "$work/stubs"
	cp "$TESTS_BIN/idler" "$work/stubs/"
	cat >"$work/stubs/idle"
	for name in load receiver; do
		ln -s "$here/stubs/companion" "$work/stubs/$name"
	done
	for name in matrix primes zstd memory-churn x264 stream net sqlite file; do
		ln -s "$workers/matrix" "$work/stubs/$name"
	done
	for name; do
		ln -sf "$here/stubs/idle" "$work/stubs/$name"
	done
}

# verdict WANTED EXPERIMENT [OPTION]...
verdict() {
	local wanted=$1

	shift
	SCHEDSPLIT_LIBEXEC=$work/stubs measure "$@"
	equal "$wanted" "$(value "$json" '.claims[0].verdict')"
}

# What idles does so for 40 times as long as it works: not to be spoiled by a host
# that is busy elsewhere.

# idle NAME...: examples that wait in both arms, while the others compute
idle() {
	for name; do
		printf '%s\n' "$name process" "$name thread"
	done | stubs "$@"
}

all_as_claimed() {
	idle net sqlite file
	verdict holds boundness --quick
	figures '[measured | select(.metric == "blocked") | { w: .params.workload, m: .median }] |
		(map(select(.w == "file" and .m > 0.8)) | length == 2)
		and (map(select(.w == "matrix" and .m < 0.1)) | length == 2)'
}

none_as_claimed() {
	idle matrix primes x264 stream
	verdict fails boundness --quick
}

# idle_arm ARM VERDICT
idle_arm() {
	for name in matrix primes zstd memory-churn; do
		echo "$name $1"
	done | stubs matrix primes zstd memory-churn
	verdict "$2" cpu-bound --quick --param start=steady,workers=2
	holds "$json" '[.experiments[0].ratios[] | select(.metric == "throughput") | .value |
		if $arm == "thread" then . > 3 else . < 1 / 3 end] | length == 4 and all' \
		--arg arm "$1"
}

check "boundness: holds if those that should wait do" all_as_claimed
check "boundness: fails if it is the other way round" none_as_claimed
check "cpu-bound: holds if threads idle" idle_arm thread holds
check "cpu-bound: fails if processes idle" idle_arm process fails
check "nothing is left" wait_until eval 'netlink info | grep -q "watches=0 records=0"'
