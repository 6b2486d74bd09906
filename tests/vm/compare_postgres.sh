#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `schedsplit compare io-bound --db`: a PostgreSQL server of Debian's, on disk.
#
# cpus: 2
# short: none
# limit: 300

# shellcheck disable=SC2016 # the variables of jq, and of eval
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

json=$work/json
home=/var/tmp/scratch/postgres
PATH=$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' '\n' | tail -n 1)

as_postgres() {
	setpriv --reuid postgres --regid postgres --clear-groups env HOME=$home "$@"
}

# Named in a URL with a password, which a socket's "trust" does not ask for.
server() {
	mkdir -m 755 $home
	chown postgres: $home
	as_postgres initdb --no-sync --auth trust --no-locale -D $home/data
	as_postgres pg_ctl -D $home/data -l $home/log -t 120 -w \
		-o "-c listen_addresses='' -c unix_socket_directories=$home" start
}
cleanup() {
	as_postgres pg_ctl -D $home/data -m immediate -w stop || :
	rm -rf $home
}
if ! command -v initdb >/dev/null || ! [ -e build/libexec/schedsplit/postgres ]; then
	skip "no PostgreSQL here"
	exit 0
fi
check "a server starts" server
url="postgresql://postgres:secret-word@/postgres?host=$home"

run() {
	schedsplit compare io-bound --quick --trials 6 --seed 1 --param workload=postgres \
		--db "$url" --json="$json" >"$work/err" 2>&1
	cat "$work/err"
	jq -c '.experiments[0].measurements[] | [.arm, .metric, .median,
		(.kernel.classes | map_values(.tasks))]' "$json"
	holds "$json" '[.experiments[0].measurements[] | .n] | length > 10 and min == 6'
}
check "it is measured" run
check "workers are blocked" holds "$json" '[.experiments[0].measurements[]
	| select(.metric == "blocked") | .median] | length == 2 and min > 0.5'
check "the server is among no counts" holds "$json" '[.experiments[0].measurements[]
	| {arm, n, workers: .params.workers, tasks: (.kernel.classes | map_values(.tasks))}]
	| all(if .arm == "process" then .tasks.process == .n * (.workers + 1)
	      else .tasks.thread == .n * .workers end)'
check "the password is nowhere in it" eval '! grep -q secret-word "$json"'

# What the server counted: a commit for each operation and each warm-up, at least.
commits() {
	psql -XAtq "$url" -c "SELECT pg_stat_reset()" >"$work/out"
	run
	sleep 2
	psql -XAtq "$url" -c "SELECT xact_commit FROM pg_stat_database
		WHERE datname = 'postgres'" >"$work/commits"
	cat "$work/commits"
	# warm-up trials are among the samples
	holds "$json" '[.experiments[0].measurements[] | select(.metric == "throughput")
		| .samples[] | .counts.operations] | add as $all
		| ($commits | tonumber) >= $all and ($commits | tonumber) < $all + 14 * 30' \
		--arg commits "$(<"$work/commits")"
}
check "the server says so too" commits

gone() {
	equal 0 "$(psql -XAtq "$url" -c "SELECT count(*) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")"
	equal 0 "$(psql -XAtq "$url" -c "SELECT count(*) FROM pg_class
		WHERE relname LIKE '%schedsplit%'")"
}
check "no session or table is left" gone

refused() {
	status_is 1 schedsplit compare io-bound --quick --trials 1 --param workload=postgres \
		--db "postgresql://postgres:secret-word@/postgres?host=/nowhere" \
		>"$work/err" 2>&1
	cat "$work/err"
	grep -q 'cannot connect' "$work/err"
	! grep -q secret-word "$work/err"
}
check "a server that is not there is a failure, without its password" refused
