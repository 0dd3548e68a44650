/*
 * waiting.c
 *		The callbacks that wait, in net._callbacks. Who serves an owner is alone with it; what sessions do in between is met
 *		by comparing the attempts, and by passing over rows that are locked.
 *
 * One that is given up becomes a dead letter, in one transaction. net.retry brings it back. Whoever changes a row here takes no
 * lock that it waits for, since a function that runs keeps its row locked.
 */
#include "callback/waiting.h"
#include "callback/callback_transaction.h"
#include "shared/statement.h"
#include "store/stored_part.h"
#include "store/tables.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* the pauses after the attempts that failed; after the last there is none */
static const int64 pauses[PGNET_MAX_CALLBACK_ATTEMPTS] = {
	1 * USECS_PER_SEC,     10 * USECS_PER_SEC, 1 * USECS_PER_MINUTE,
	10 * USECS_PER_MINUTE, 1 * USECS_PER_HOUR, 0};

/* What an attempt leaves behind until it is known how it ended, and for good when its process ends before. */
#define NOT_ENDED "the function did not end: it runs, or its process was ended"

#define STILL_AS_SEEN                                                                 \
	"request_id OPERATOR(pg_catalog.=) (SELECT request_id FROM net._callbacks "       \
	"WHERE request_id OPERATOR(pg_catalog.=) $1 AND owner OPERATOR(pg_catalog.=) $2 " \
	"AND attempts OPERATOR(pg_catalog.=) $3 FOR UPDATE SKIP LOCKED) "

static Statement due_statement = {
	.text = "SELECT request_id, attempts FROM net._callbacks WHERE owner OPERATOR(pg_catalog.=) $1 "
			"AND due OPERATOR(pg_catalog.<=) $2 ORDER BY due LIMIT $3",
	.argument_count = 3,
	.argument_types = {OIDOID, TIMESTAMPTZOID, INT8OID},
};

static Statement count_statement = {
	.text = "UPDATE net._callbacks SET attempts = attempts OPERATOR(pg_catalog.+) 1, due = $4, "
			"error_msg = '" NOT_ENDED "' WHERE " STILL_AS_SEEN,
	.argument_count = 4,
	.argument_types = {INT8OID, OIDOID, INT4OID, TIMESTAMPTZOID},
};

static Statement failure_statement = {
	.text = "UPDATE net._callbacks SET due = $4, error_msg = $5 WHERE " STILL_AS_SEEN,
	.argument_count = 5,
	.argument_types = {INT8OID, OIDOID, INT4OID, TIMESTAMPTZOID, TEXTOID},
};

/* What is known of a request whose response is there. Its own headers and body have gone with its outcome. */
#define INTO_DEAD_LETTERS(reason)                                                                \
	"INSERT INTO net.dead_letters (id, method, url, owner, created, on_response, context, "      \
	"store, attempts, status_code, error_msg, reason, died, responded) "                         \
	"SELECT c.request_id, d.method, d.url, c.owner, c.created, c.function, d.context, c.store, " \
	"c.attempts, r.status_code, " reason ", 'callback', pg_catalog.clock_timestamp(), "          \
	"c.responded FROM dead c LEFT JOIN net._http_response r "                                    \
	"ON r.id OPERATOR(pg_catalog.=) c.request_id "                                               \
	"AND r.created OPERATOR(pg_catalog.=) c.responded "                                          \
	"LEFT JOIN net._response_detail d ON d.id OPERATOR(pg_catalog.=) r.id "                      \
	"AND d.owner OPERATOR(pg_catalog.=) c.owner"

static Statement death_statement = {
	.text = "WITH dead AS (DELETE FROM net._callbacks WHERE " STILL_AS_SEEN
			"RETURNING *) " INTO_DEAD_LETTERS("coalesce($4, c.error_msg)"),
	.argument_count = 4,
	.argument_types = {INT8OID, OIDOID, INT4OID, TEXTOID},
};

static Statement give_up_statement = {
	.text = "WITH dead AS (DELETE FROM net._callbacks WHERE owner OPERATOR(pg_catalog.=) $1 "
			"RETURNING *) " INTO_DEAD_LETTERS("$2"),
	.argument_count = 2,
	.argument_types = {OIDOID, TEXTOID},
};

static Statement put_off_statement = {
	.text = "UPDATE net._callbacks SET due = $2, error_msg = $3 "
			"WHERE owner OPERATOR(pg_catalog.=) $1",
	.argument_count = 3,
	.argument_types = {OIDOID, TIMESTAMPTZOID, TEXTOID},
};

static Statement take_statement = {
	.text =
		"DELETE FROM net._callbacks WHERE " STILL_AS_SEEN "RETURNING function, responded, store",
	.argument_count = 3,
	.argument_types = {INT8OID, OIDOID, INT4OID},
};

/* Its own: one of another request of this id, which may be another role's, has another moment or owner. */
static Statement response_statement = {
	.text = "SELECT r, d.context, r.status_code FROM net._http_response r "
			"JOIN net._response_detail d ON d.id OPERATOR(pg_catalog.=) r.id "
			"WHERE r.id OPERATOR(pg_catalog.=) $1 AND d.owner OPERATOR(pg_catalog.=) $2 "
			"AND ($3 IS NULL OR r.created OPERATOR(pg_catalog.=) $3)",
	.argument_count = 3,
	.argument_types = {INT8OID, OIDOID, TIMESTAMPTZOID},
};

/* When what stands beside it may not be read. */
static Statement bare_response_statement = {
	.text = "SELECT r, NULL::pg_catalog.jsonb, r.status_code FROM net._http_response r "
			"WHERE r.id OPERATOR(pg_catalog.=) $1 "
			"AND ($3 IS NULL OR r.created OPERATOR(pg_catalog.=) $3)",
	.argument_count = 3,
	.argument_types = {INT8OID, OIDOID, TIMESTAMPTZOID},
};

/* What a request does not want to have stored goes when its function has done its work, in the same transaction. */
static Statement forget_response_statement = {
	.text = "DELETE FROM net._http_response WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement forget_content_statement = {
	.text = "UPDATE net._http_response SET headers = NULL, content = NULL "
			"WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement forget_body_statement = {
	.text = "UPDATE net._response_detail SET body = NULL "
			"WHERE id OPERATOR(pg_catalog.=) $1 AND body IS NOT NULL",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static const Oid due_types[] = {INT8OID, INT4OID};
static const Oid take_types[] = {TEXTOID, TIMESTAMPTZOID, TEXTOID};

/* When the tables belong to several roles, so that nothing can be given up, it is tried again after so long. */
#define PUT_OFF_MICROS USECS_PER_HOUR

/* Those of an owner that are due, the longest first, at most so many; in the memory of the caller. */
WaitingCallback *
pgnet_due_callbacks(Oid owner, int limit, int *count)
{
	WaitingCallback *found = palloc(sizeof(*found) * limit);
	Datum values[] = {ObjectIdGetDatum(owner), TimestampTzGetDatum(GetCurrentTimestamp()),
					  Int64GetDatum(limit)};

	*count = 0;
	if (!pgnet_callback_transaction_begin())
		return found;
	pgnet_execute(&due_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(due_types, lengthof(due_types));
	for (; *count < SPI_processed; (*count)++)
	{
		HeapTuple row = SPI_tuptable->vals[*count];
		bool isnull;

		found[*count] =
			(WaitingCallback){DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull)),
							  DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull))};
	}
	pgnet_callback_transaction_end();
	return found;
}

/* Changes a row that is still as it was seen. False when it is not, or somebody has it locked. */
static bool
change(Statement *statement, Oid owner, const WaitingCallback *callback, TimestampTz moment,
	   const char *reason)
{
	Datum values[] = {Int64GetDatum(callback->request_id), ObjectIdGetDatum(owner),
					  Int32GetDatum(callback->attempts), TimestampTzGetDatum(moment),
					  reason == NULL ? (Datum) 0 : CStringGetTextDatum(reason)};
	bool changed;

	if (!pgnet_callback_transaction_begin())
		return false;
	pgnet_execute(statement, values, reason == NULL ? "    n" : NULL, SPI_OK_UPDATE);
	changed = SPI_processed > 0;
	pgnet_callback_transaction_end();
	return changed;
}

/* When the next attempt is due after so many, counted from now. */
static TimestampTz
due_after(int attempts)
{
	int last = Min(Max(attempts, 1), PGNET_MAX_CALLBACK_ATTEMPTS);

	return GetCurrentTimestamp() + pauses[last - 1];
}

/* The callback has had its last attempt: it becomes a dead letter. Null for the reason that is there already. */
static void
bury(Oid owner, const WaitingCallback *callback, const char *reason)
{
	Datum values[] = {Int64GetDatum(callback->request_id), ObjectIdGetDatum(owner),
					  Int32GetDatum(callback->attempts),
					  reason == NULL ? (Datum) 0 : CStringGetTextDatum(reason)};

	if (!pgnet_callback_transaction_begin())
		return;
	if (pgnet_dead_letters_can_be_written())
	{
		pgnet_execute(&death_statement, values, reason == NULL ? "   n" : NULL, SPI_OK_INSERT);
		pgnet_callback_transaction_end();
		return;
	}
	pgnet_callback_transaction_end();
	(void) change(&failure_statement, owner, callback, GetCurrentTimestamp() + PUT_OFF_MICROS,
				  reason == NULL ? NOT_ENDED : reason);
}

/*
 * Counts an attempt before it is made, durably, so that a function which takes the server down is not called for ever. False
 * when none is to be made: all were, or somebody else has to do with the callback.
 */
bool
pgnet_count_attempt(Oid owner, const WaitingCallback *callback)
{
	if (callback->attempts < PGNET_MAX_CALLBACK_ATTEMPTS)
		return change(&count_statement, owner, callback, due_after(callback->attempts + 1), NULL);
	bury(owner, callback, NULL);
	return false;
}

/* Notes why an attempt failed, which was counted: the callback waits for the next, or is dead. */
void
pgnet_note_callback_failure(Oid owner, const WaitingCallback *callback, const char *reason)
{
	if (callback->attempts < PGNET_MAX_CALLBACK_ATTEMPTS)
		(void) change(&failure_statement, owner, callback, due_after(callback->attempts), reason);
	else
		bury(owner, callback, reason);
}

/* An owner's callbacks cannot be called any more. */
void
pgnet_give_up_callbacks(Oid owner, const char *reason)
{
	Datum dead[] = {ObjectIdGetDatum(owner), CStringGetTextDatum(reason)};
	Datum later[] = {ObjectIdGetDatum(owner),
					 TimestampTzGetDatum(GetCurrentTimestamp() + PUT_OFF_MICROS),
					 CStringGetTextDatum(reason)};

	if (!pgnet_callback_transaction_begin())
		return;
	if (pgnet_dead_letters_can_be_written())
		pgnet_execute(&give_up_statement, dead, NULL, SPI_OK_INSERT);
	else
		pgnet_execute(&put_off_statement, later, NULL, SPI_OK_UPDATE);
	pgnet_callback_transaction_end();
}

/* A column of the only row of a result, in the memory of the transaction. */
static NullableDatum
only_value(int column)
{
	Oid type = SPI_gettypeid(SPI_tuptable->tupdesc, column);
	NullableDatum result = {.isnull = true};
	int16 length;
	bool by_value;

	if (SPI_processed == 0)
		return result;
	result.value =
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &result.isnull);
	get_typlenbyval(type, &length, &by_value);
	if (!result.isnull)
		result.value = SPI_datumTransfer(result.value, by_value, length);
	return result;
}

/* Raises an error unless the context and the status are what they are read as; the row itself is of its table's type. */
static void
check_response_types(void)
{
	if (SPI_gettypeid(SPI_tuptable->tupdesc, 2) != JSONBOID ||
		SPI_gettypeid(SPI_tuptable->tupdesc, 3) != INT4OID)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("a table of the extension was altered just now")));
}

/* Forgets as much of a response as its request does not want to have stored. */
static void
forget_unwanted(Datum id, NullableDatum store, NullableDatum status)
{
	StoredPart part = pgnet_stored_part(store, status.isnull ? 0 : DatumGetInt32(status.value));

	if (part == STORED_WHOLE || !pgnet_responses_can_be_written())
		return;
	if (part == STORED_NOTHING)
		pgnet_execute(&forget_response_statement, &id, NULL, SPI_OK_DELETE);
	else
	{
		pgnet_execute(&forget_content_statement, &id, NULL, SPI_OK_UPDATE);
		pgnet_execute(&forget_body_statement, &id, NULL, SPI_OK_UPDATE);
	}
}

/*
 * Takes a callback out of those that wait: it is done when the transaction commits, and waits again if it does not. False when
 * it is not there any more as it was counted. Its response is null when somebody has deleted that, and its context with it.
 */
bool
pgnet_take_callback(Oid owner, const WaitingCallback *callback, TakenCallback *taken)
{
	Datum id = Int64GetDatum(callback->request_id);
	Datum values[] = {id, ObjectIdGetDatum(owner), Int32GetDatum(callback->attempts)};
	NullableDatum responded;
	NullableDatum store;
	NullableDatum status;

	pgnet_execute(&take_statement, values, NULL, SPI_OK_DELETE_RETURNING);
	if (SPI_processed == 0)
		return false;
	pgnet_check_result(take_types, lengthof(take_types));
	taken->function = only_value(1).value;
	responded = only_value(2);
	store = only_value(3);
	if (!pgnet_responses_can_be_read())
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("net._http_response is not the table of the extension")));
	values[2] = responded.value;
	pgnet_execute(pgnet_details_can_be_read() ? &response_statement : &bare_response_statement,
				  values, responded.isnull ? "  n" : NULL, SPI_OK_SELECT);
	check_response_types();
	taken->arguments[0] = (NullableDatum){.value = id};
	taken->arguments[1] = only_value(1);
	taken->arguments[2] = only_value(2);
	status = only_value(3);
	if (SPI_processed > 0)
		forget_unwanted(id, store, status);
	return true;
}
