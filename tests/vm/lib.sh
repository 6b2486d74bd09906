# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests that run in a VM, sourced first thing. tests/run says how a test
# begins, and what its header means.
#
# From the environment: SCALE, by which a test divides its full size, and SOAK,
# 1 in the long run.
set -euo pipefail

: "${SCALE:=10}" "${SOAK:=0}"

test_name=$(basename "$0" .sh)
results=${TEST_RESULTS:-/dev/stdout}
# A directory for the test's files. It is gone when the test ends.
work=$(mktemp -d)
chmod 755 "$work"

# A test that leaves something behind defines its own.
cleanup() { :; }
# shellcheck disable=SC2154 # status is set in the trap itself
trap 'status=$?; trap - EXIT; cleanup || :; rm -rf "$work"; exit $status' EXIT

# result WORD TEXT: one line, with the time since the last one.
result_time=$EPOCHREALTIME
result() {
	local now=$EPOCHREALTIME
	local us=$((${now/./} - ${result_time/./}))

	printf '%s\t%s\t%d.%d\t%s\n' "$1" "$test_name" $((us / 1000000)) \
		$((us / 100000 % 10)) "${2//[$'\t\n']/ }" >>"$results"
	result_time=$now
}

# check DESCRIPTION COMMAND [ARG]...: one test, passed if COMMAND succeeds.
# COMMAND may be a function: it ends at the first thing that fails in it, and
# cannot set variables. What it prints is shown if it fails.
check() {
	local description=$1 status=0

	shift
	set +e
	(set -e; "$@") >"$work/.check" 2>&1
	status=$?
	set -e
	echo "--- $description: $status"
	cat "$work/.check"
	if [ $status = 0 ]; then
		result ok "$description"
	else
		result FAIL "$description"
		{
			printf '%q ' "$@"
			echo ": status $status"
			tail -n 30 "$work/.check" | cut -c 1-2000
		} | sed 's/^/|\t/' >>"$results"
	fi
}

# fail DESCRIPTION: one test, failed. The next words say what was seen.
fail() {
	result FAIL "$1"
	shift
	[ $# = 0 ] || printf '|\t%s\n' "$*" >>"$results"
}

# skip WHY: one test, skipped. The script goes on.
skip() {
	result skip "$*"
}

# netlink_tests WHAT [ARG]...: each line that tests/vm/netlink.c prints of it is a test.
netlink_tests() {
	local word text status=0

	netlink "$@" >"$work/lines" 2>"$work/err" || status=$?
	while read -r word text; do
		result "$word" "$1: $text"
	done <"$work/lines"
	[ $status = 0 ] || fail "netlink $1 comes to its end" "status $status: $(<"$work/err")"
}

# looks_for_errors: this kernel does. It matters there that something is done, not
# how often, and all is slow.
looks_for_errors() {
	[ "$SCHEDSPLIT_VM_KERNEL" = debug ] || [ "$SCHEDSPLIT_VM_KERNEL" = kcsan ]
}

# often N: so many times, or a fifth of it
often() {
	if looks_for_errors; then echo $((($1 + 4) / 5)); else echo "$1"; fi
}

# check_tool DESCRIPTION COMMAND [ARG]...: a check of the tool, in which the module does
# what it does in others too: kernels that look for errors would find the same again.
check_tool() {
	if looks_for_errors; then skip "the tool: $1"; else check "$@"; fi
}

# --- what check often calls ---

# equal WANTED FOUND
equal() {
	[ "$1" = "$2" ] || { echo "wanted '$1', found '$2'"; return 1; }
}

# status_is N COMMAND [ARG]...
status_is() {
	local wanted=$1 status=0

	shift
	"$@" || status=$?
	[ "$status" = "$wanted" ] || { echo "wanted status $wanted, found $status"; return 1; }
}

# holds FILE FILTER [JQ-OPTION]...: the jq filter is true for the JSON in FILE.
holds() {
	local file=$1 filter=$2

	shift 2
	jq -e "$@" "$filter" "$file" >"$work/.holds" 2>&1 || {
		head -c 3000 "$file"
		printf '\nnot so: %s\n' "$filter"
		cat "$work/.holds"
		return 1
	}
}

# value FILE FILTER: what the jq filter finds in the JSON in FILE.
value() {
	jq -r "$2" "$1"
}

# wait_until COMMAND [ARG]...: until it succeeds; false after a minute or two.
wait_until() {
	local tries=600

	until "$@"; do
		[ $((tries--)) -gt 0 ] || { echo "never so: $*"; return 1; }
		sleep 0.1
	done
}
