// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SQLite: an operation is a transaction that inserts one short row, on disk
 * before it ends (synchronous=FULL), by way of a connection that the worker
 * opened. With db=own each worker has a database, with db=shared there is one:
 * then writers take turns, and who finds it taken sleeps and tries again, as
 * SQLite's own busy handler does.
 *
 * Both are in write-ahead mode, where a connection keeps its files open: they
 * lose their names before the measured part, and so cannot be left behind.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/protocol.h"
#include "common/timed.h"

#define BUSY_TIMEOUT_MS	30000

struct databases {
	const char	*directory;
	bool		 shared;
};

struct session {
	sqlite3		*db;
	sqlite3_stmt	*begin, *insert, *commit;
};

static const char schema[] =
	"PRAGMA synchronous=OFF;"
	"PRAGMA journal_mode=WAL;"
	"CREATE TABLE entry (id INTEGER PRIMARY KEY, worker INTEGER, text TEXT)";

static void name_of(const struct databases *databases, unsigned int index, char *path, size_t size)
{
	snprintf(path, size, "%s/%u", databases->directory, databases->shared ? 0 : index);
}

static void remove_names(const char *path)
{
	static const char *const ending[] = { "", "-wal", "-shm" };
	char name[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ending[i]);
		unlink(name);
	}
}

/* Not yet in synchronous mode: how long that takes is not measured. */
static sqlite3 *open_database(const char *path, const char *sql, const char **error)
{
	sqlite3 *db = NULL;

	*error = NULL;
	/* A connection is used by one worker only: it needs no lock of its own. */
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) ||
	    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS) || sqlite3_exec(db, sql, NULL, NULL, NULL))
		*error = db ? sqlite3_errmsg(db) : "no memory";
	return db;
}

static void setup(struct crew *crew)
{
	struct databases *databases = crew_shared_memory(sizeof(*databases));
	const char *db = argument_text_or("db", "own"), *error;
	char path[PATH_MAX];

	raise_descriptor_limit();
	databases->directory = argument_text_or("scratch", NULL);
	if (!databases->directory)
		unavailable("/var/tmp is on no block device: name a directory with --dir");
	databases->shared = !strcmp(db, "shared");
	if (!databases->shared && strcmp(db, "own"))
		die("argument db: '%s' is none of own, shared", db);
	if (mkdir(databases->directory, 0700))
		die("cannot make directory %s: %s", databases->directory, strerror(errno));
	if (databases->shared) {
		name_of(databases, 0, path, sizeof(path));
		/* Closed before there are workers: none may cross a fork. */
		sqlite3_close(open_database(path, schema, &error));
		if (error)
			die("cannot make a database: %s", error);
	}
	crew->shared = databases;
}

static void failed(struct worker *worker, const struct session *session)
{
	worker_fail(worker, "SQLite: %s", sqlite3_errmsg(session->db));
}

static sqlite3_stmt *compile(struct worker *worker, struct session *session, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(session->db, sql, -1, &statement, NULL))
		failed(worker, session);
	return statement;
}

static void run(struct worker *worker, struct session *session, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement))
		failed(worker, session);
}

/* The lock first: a reader that would become a writer may have to start over. */
static void transaction(struct worker *worker, struct session *session)
{
	run(worker, session, session->begin);
	run(worker, session, session->insert);
	run(worker, session, session->commit);
}

static void prepare(struct worker *worker)
{
	const struct databases *databases = worker->crew->shared;
	struct session *session = calloc(1, sizeof(*session));
	char path[PATH_MAX];
	const char *error;

	if (!session)
		worker_fail(worker, "no memory for SQLite");
	name_of(databases, worker->index, path, sizeof(path));
	session->db = open_database(path, databases->shared ? "" : schema, &error);
	if (error)
		worker_fail(worker, "cannot open the database: %s", error);
	session->begin = compile(worker, session, "BEGIN IMMEDIATE");
	session->insert = compile(worker, session, "INSERT INTO entry (worker, text) VALUES (?, "
				  "'a short text, as an entry of a log might be')");
	session->commit = compile(worker, session, "COMMIT");
	sqlite3_bind_int64(session->insert, 1, worker->index);
	if (sqlite3_exec(session->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL))
		failed(worker, session);
	/* The first one opens the log. */
	transaction(worker, session);
	worker->state = session;
}

/* All files are open by now. */
static void assembled(struct crew *crew)
{
	const struct databases *databases = crew->shared;
	char path[PATH_MAX];

	for (unsigned int i = 0; i < crew->workers; i++) {
		name_of(databases, i, path, sizeof(path));
		remove_names(path);
	}
	rmdir(databases->directory);
}

static void work(struct worker *worker)
{
	do {
		transaction(worker, worker->state);
		worker->result++;
	} while (timed_goes_on(worker));
}

/* One row for each transaction, and the first. */
static void check(struct worker *worker)
{
	struct session *session = worker->state;
	sqlite3_stmt *count = compile(worker, session,
				      "SELECT count(*) FROM entry WHERE worker = ?");
	sqlite3_int64 rows;

	sqlite3_bind_int64(count, 1, worker->index);
	if (sqlite3_step(count) != SQLITE_ROW)
		failed(worker, session);
	rows = sqlite3_column_int64(count, 0);
	if (rows != (sqlite3_int64)worker->result + 1)
		worker_fail(worker, "%lld rows after %llu transactions", rows,
			    (unsigned long long)worker->result + 1);
	sqlite3_finalize(count);
	sqlite3_finalize(session->begin);
	sqlite3_finalize(session->insert);
	sqlite3_finalize(session->commit);
	sqlite3_close(session->db);
	free(session);
}

int main(int argc, char **argv)
{
	static const struct workload sqlite = {
		.setup = setup,
		.prepare = prepare,
		.assembled = assembled,
		.work = work,
		.check = check,
		.report = timed_report,
	};

	return crew_main(argc, argv, &sqlite);
}
