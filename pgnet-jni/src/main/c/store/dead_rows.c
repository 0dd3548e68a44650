/*
 * dead_rows.c
 *		The rows of net.dead_letters that come with responses, in the same transaction: requests that did not succeed are kept
 *		whole. Without such a request nothing is executed, nor made.
 */
#include "store/dead_rows.h"
#include "shared/row_version.h"
#include "store/moment.h"
#include "store/row_set.h"
#include "store/store.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

/* The rows are a relation that only this statement sees. */
#define ROWS "pgnet_dead"

#define OF_REQUEST                                                                               \
	"id, method, url, headers, body, timeout_milliseconds, owner, created, policy, not_before, " \
	"expires, priority, order_key, on_response, context, secrets, sign_with, store, webhook"

/* Before the requests are taken out of the queue. Locked, a row is still the same when it is taken. */
static Statement insert_statement = {
	.text = "INSERT INTO net.dead_letters (" OF_REQUEST ", attempts, status_code, error_msg, "
			"reason, died, responded) SELECT q.id, q.method, q.url, q.headers, q.body, "
			"q.timeout_milliseconds, q.owner, q.created, q.policy, q.not_before, q.expires, "
			"q.priority, q.order_key, q.on_response, q.context, q.secrets, q.sign_with, q.store, "
			"q.webhook, "
			"d.attempts, d.status_code, d.error_msg, d.reason, d.died, d.died "
			"FROM " ROWS " d JOIN net.http_request_queue q ON q.id OPERATOR(pg_catalog.=) d.id "
			"WHERE d.version OPERATOR(pg_catalog.=) " PGNET_ROW_VERSION_SQL
			" AND q.id OPERATOR(pg_catalog.=) ANY ($1) FOR UPDATE OF q",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

enum
{
	COLUMN_ID,
	COLUMN_VERSION,
	COLUMN_ATTEMPTS,
	COLUMN_STATUS,
	COLUMN_ERROR,
	COLUMN_REASON,
	COLUMN_DIED,
	COLUMN_COUNT
};

/* The rows' columns. */
static const RowColumn columns[COLUMN_COUNT] = {
	[COLUMN_ID] = {"id", INT8OID},
	[COLUMN_VERSION] = {"version", INT8OID},
	[COLUMN_ATTEMPTS] = {"attempts", INT4OID},
	[COLUMN_STATUS] = {"status_code", INT4OID},
	[COLUMN_ERROR] = {"error_msg", TEXTOID},
	[COLUMN_REASON] = {"reason", TEXTOID},
	[COLUMN_DIED] = {"died", TIMESTAMPTZOID},
};

/* Adds what an outcome says of its request. */
static void
add(EphemeralNamedRelation rows, const Outcome *outcome)
{
	Datum values[COLUMN_COUNT] = {
		[COLUMN_ID] = Int64GetDatum(outcome->id),
		[COLUMN_VERSION] = Int64GetDatum(outcome->version),
		[COLUMN_ATTEMPTS] = Int32GetDatum(outcome->attempts),
		[COLUMN_STATUS] = Int32GetDatum(outcome->status),
		[COLUMN_REASON] = CStringGetTextDatum(outcome->dead),
		[COLUMN_DIED] = TimestampTzGetDatum(pgnet_timestamp_of(outcome->completed_micros)),
	};
	bool nulls[COLUMN_COUNT] = {
		[COLUMN_STATUS] = outcome->status == 0,
		[COLUMN_ERROR] = outcome->error == NULL,
	};

	if (outcome->error != NULL)
		values[COLUMN_ERROR] =
			CStringGetTextDatum(pgnet_server_text(outcome->error, strlen(outcome->error)));
	tuplestore_putvalues(rows->reldata, rows->md.tupdesc, values, nulls);
}

/* Keeps those of the requests that are dead and have these ids, which are about to be taken out of the queue. */
void
pgnet_dead_rows_insert(const Outcome *outcomes, int count, Datum ids)
{
	EphemeralNamedRelation rows = NULL;

	for (int i = 0; i < count; i++)
	{
		if (outcomes[i].dead == NULL)
			continue;
		if (rows == NULL)
			rows = pgnet_rows_relation(ROWS, columns, COLUMN_COUNT);
		add(rows, &outcomes[i]);
	}
	if (rows == NULL)
		return;
	rows->md.enrtuples = tuplestore_tuple_count(rows->reldata);
	pgnet_execute(&insert_statement, &ids, NULL, SPI_OK_INSERT);
}
