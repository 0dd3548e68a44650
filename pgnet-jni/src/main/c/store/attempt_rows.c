/*
 * attempt_rows.c
 *		The attempts that one transaction records of requests that need more than one: each in the history, and with those that
 *		are sent again the row beside the queue, all in one statement. Without such a request nothing is executed, nor made.
 */
#include "store/attempt_rows.h"
#include "store/due.h"
#include "store/moment.h"
#include "store/row_set.h"
#include "store/store.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/queryenvironment.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

/* The rows are a relation that only this statement sees. */
#define ROWS "pgnet_attempts"

/*
 * A batch whose commit failed may be recorded nevertheless, and is recorded again: an attempt that is known already is left
 * as it is.
 */
static Statement insert_statement = {
	.text =
		"WITH postponed AS (INSERT INTO net._delivery AS d (request_id, version, owner, due, "
		"attempts, "
		"counted, first_due, last_status, last_error, left_alone_until) "
		"SELECT id, version, owner, due, attempt, counted, first_due, status_code, error_msg, "
		"left_alone_until FROM " ROWS " WHERE due IS NOT NULL "
		"ON CONFLICT (request_id) DO UPDATE SET version = excluded.version, owner = "
		"excluded.owner, "
		"due = excluded.due, attempts = excluded.attempts, counted = excluded.counted, "
		"first_due = excluded.first_due, last_status = excluded.last_status, "
		"last_error = excluded.last_error, left_alone_until = excluded.left_alone_until "
		"WHERE d.version OPERATOR(pg_catalog.<>) excluded.version "
		"OR d.attempts OPERATOR(pg_catalog.<) excluded.attempts RETURNING d.request_id) "
		"INSERT INTO net.attempts (request_id, attempt, started, duration, status_code, timed_out, "
		"error_msg, owner, dns, connect, tls, first_byte) "
		"SELECT id, attempt, started, duration, status_code, timed_out, error_msg, owner, dns, "
		"connect, tls, first_byte FROM " ROWS
		" a WHERE due IS NULL OR EXISTS (SELECT FROM postponed p WHERE p.request_id "
		"OPERATOR(pg_catalog.=) a.id)",
};

enum
{
	COLUMN_ID,
	COLUMN_VERSION,
	COLUMN_OWNER,
	COLUMN_DUE, /* null for the last attempt */
	COLUMN_ATTEMPT,
	COLUMN_COUNTED,
	COLUMN_FIRST_DUE,
	COLUMN_LEFT_ALONE,
	COLUMN_STARTED,
	COLUMN_DURATION,
	COLUMN_STATUS,
	COLUMN_TIMED_OUT,
	COLUMN_ERROR,
	COLUMN_DNS,
	COLUMN_CONNECT,
	COLUMN_TLS,
	COLUMN_FIRST_BYTE,
	COLUMN_COUNT
};

/* The rows' columns. */
static const RowColumn columns[COLUMN_COUNT] = {
	[COLUMN_ID] = {"id", INT8OID},
	[COLUMN_VERSION] = {"version", INT8OID},
	[COLUMN_OWNER] = {"owner", OIDOID},
	[COLUMN_DUE] = {"due", TIMESTAMPTZOID},
	[COLUMN_ATTEMPT] = {"attempt", INT4OID},
	[COLUMN_COUNTED] = {"counted", INT4OID},
	[COLUMN_FIRST_DUE] = {"first_due", TIMESTAMPTZOID},
	[COLUMN_LEFT_ALONE] = {"left_alone_until", TIMESTAMPTZOID},
	[COLUMN_STARTED] = {"started", TIMESTAMPTZOID},
	[COLUMN_DURATION] = {"duration", INTERVALOID},
	[COLUMN_STATUS] = {"status_code", INT4OID},
	[COLUMN_TIMED_OUT] = {"timed_out", BOOLOID},
	[COLUMN_ERROR] = {"error_msg", TEXTOID},
	[COLUMN_DNS] = {"dns", INTERVALOID},
	[COLUMN_CONNECT] = {"connect", INTERVALOID},
	[COLUMN_TLS] = {"tls", INTERVALOID},
	[COLUMN_FIRST_BYTE] = {"first_byte", INTERVALOID},
};

/* the rows of this transaction, NULL for none */
static EphemeralNamedRelation rows;

/* Begins a set of rows. */
void
pgnet_attempts_begin(void)
{
	rows = NULL;
}

/* Adds the attempt that an outcome ends, if it has a history. */
void
pgnet_attempts_add(const Outcome *outcome, NullableDatum owner)
{
	Interval duration = {.time = outcome->duration_micros};
	Interval dns = {.time = outcome->name_lookup_micros};
	Interval connect = {.time = outcome->connect_micros};
	Interval tls = {.time = outcome->tls_micros};
	Interval first_byte = {.time = outcome->first_byte_micros};
	TimestampTz ended = pgnet_timestamp_of(outcome->completed_micros);
	Datum values[COLUMN_COUNT] = {
		[COLUMN_ID] = Int64GetDatum(outcome->id),
		[COLUMN_VERSION] = Int64GetDatum(outcome->version),
		[COLUMN_OWNER] = owner.value,
		[COLUMN_DUE] = TimestampTzGetDatum(outcome->due),
		[COLUMN_ATTEMPT] = Int32GetDatum(outcome->attempt),
		[COLUMN_COUNTED] = Int32GetDatum(outcome->counted),
		[COLUMN_FIRST_DUE] = TimestampTzGetDatum(outcome->first_due),
		[COLUMN_LEFT_ALONE] = TimestampTzGetDatum(outcome->left_alone_until),
		[COLUMN_STARTED] = TimestampTzGetDatum(ended - outcome->duration_micros),
		[COLUMN_DURATION] = IntervalPGetDatum(&duration),
		[COLUMN_STATUS] = Int32GetDatum(outcome->status),
		[COLUMN_TIMED_OUT] = BoolGetDatum(outcome->timed_out),
		[COLUMN_DNS] = IntervalPGetDatum(&dns),
		[COLUMN_CONNECT] = IntervalPGetDatum(&connect),
		[COLUMN_TLS] = IntervalPGetDatum(&tls),
		[COLUMN_FIRST_BYTE] = IntervalPGetDatum(&first_byte),
	};
	bool nulls[COLUMN_COUNT] = {
		[COLUMN_OWNER] = owner.isnull,
		[COLUMN_DUE] = !pgnet_is_postponed(outcome),
		[COLUMN_LEFT_ALONE] = TIMESTAMP_IS_NOBEGIN(outcome->left_alone_until),
		[COLUMN_STATUS] = outcome->status == 0,
		[COLUMN_ERROR] = outcome->error == NULL,
		[COLUMN_DNS] = outcome->name_lookup_micros < 0,
		[COLUMN_CONNECT] = outcome->connect_micros < 0,
		[COLUMN_TLS] = outcome->tls_micros < 0,
		[COLUMN_FIRST_BYTE] = outcome->first_byte_micros < 0,
	};

	if (outcome->attempt == 0)
		return;
	if (rows == NULL)
		rows = pgnet_rows_relation(ROWS, columns, COLUMN_COUNT);
	if (outcome->error != NULL)
		values[COLUMN_ERROR] =
			CStringGetTextDatum(pgnet_server_text(outcome->error, strlen(outcome->error)));
	tuplestore_putvalues(rows->reldata, rows->md.tupdesc, values, nulls);
}

/* Writes what was added. */
void
pgnet_attempts_insert(void)
{
	if (rows == NULL)
		return;
	rows->md.enrtuples = tuplestore_tuple_count(rows->reldata);
	pgnet_execute(&insert_statement, NULL, NULL, SPI_OK_INSERT);
	pgnet_expect_delivery();
}
