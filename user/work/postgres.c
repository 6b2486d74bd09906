// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PostgreSQL: an operation is a transaction that writes a short message to the
 * server's log of changes and waits until that is on disk, over a connection
 * that the worker made. The message is what logical replication offers for
 * that; it needs no table, so that nothing is left in the database.
 *
 * The server comes as a URL in the environment, SCHEDSPLIT_DB. It may hold a
 * password, as may what libpq says of a connection that fails: neither is
 * repeated. The server's processes are not counted.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "common/protocol.h"
#include "common/timed.h"

static const char statement[] = "write";

static PGconn *connect_to_server(void)
{
	PGconn *connection = PQconnectdb(getenv("SCHEDSPLIT_DB"));

	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	PQfinish(connection);
	return NULL;
}

/* What the server says, in one line. */
static const char *reason(const PGresult *result)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	return text ? text : "the connection is lost";
}

/* Too few connections for all workers is the server's setting, no failure. */
static void check_room(PGconn *connection, unsigned int workers)
{
	PGresult *result = PQexec(connection, "SELECT current_setting('max_connections')::int - "
				  "current_setting('superuser_reserved_connections')::int - "
				  "count(*) + 1 FROM pg_stat_activity "
				  "WHERE backend_type = 'client backend'");

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		die("the server that --db names: %s", reason(result));
	if (strtol(PQgetvalue(result, 0, 0), NULL, 10) < (long)workers)
		unavailable("the server has %s connections left, %u workers need one each",
			    PQgetvalue(result, 0, 0), workers);
	PQclear(result);
}

static void setup(struct crew *crew)
{
	PGconn *connection;

	if (!getenv("SCHEDSPLIT_DB"))
		unavailable("no server was named with --db");
	connection = connect_to_server();
	if (!connection)
		die("cannot connect to the server that --db names: try psql with that URL");
	check_room(connection, crew->workers);
	/* None may cross a fork. */
	PQfinish(connection);
}

static void transaction(struct worker *worker)
{
	PGresult *result = PQexecPrepared(worker->state, statement, 0, NULL, NULL, NULL, 0);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		worker_fail(worker, "PostgreSQL: %s", reason(result));
	PQclear(result);
}

static void prepare(struct worker *worker)
{
	PGconn *connection = connect_to_server();
	PGresult *result;

	if (!connection)
		worker_fail(worker, "cannot connect to the server that --db names");
	result = PQprepare(connection, statement, "SELECT pg_logical_emit_message(true, "
			   "'schedsplit', 'a short text, as an entry of a log might be')",
			   0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		worker_fail(worker, "PostgreSQL: %s", reason(result));
	PQclear(result);
	worker->state = connection;
	transaction(worker);
}

static void work(struct worker *worker)
{
	do {
		transaction(worker);
		worker->result++;
	} while (timed_goes_on(worker));
}

static void check(struct worker *worker)
{
	PQfinish(worker->state);
}

int main(int argc, char **argv)
{
	static const struct workload postgres = {
		.setup = setup,
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = timed_report,
	};

	return crew_main(argc, argv, &postgres);
}
