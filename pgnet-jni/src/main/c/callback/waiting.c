/*
 * waiting.c
 *		The callbacks that wait, in net._callbacks. Who serves an owner is alone with it; what sessions do in between is met
 *		by comparing the attempts, and by passing over rows that are locked.
 *
 * One that is dead stays where it is, and so does its response, for 7 days. It is revived by one UPDATE of its row, which sets
 * attempts to 0, due to now and died to null: the table's trigger has it looked at when that commits. Whoever does so takes no
 * lock that it waits for, since a function that runs keeps its row locked.
 */
#include "callback/waiting.h"
#include "callback/callback_transaction.h"
#include "shared/statement.h"
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
	"AND attempts OPERATOR(pg_catalog.=) $3 AND died IS NULL FOR UPDATE SKIP LOCKED) "

static Statement due_statement = {
	.text = "SELECT request_id, attempts FROM net._callbacks WHERE owner OPERATOR(pg_catalog.=) $1 "
			"AND died IS NULL AND due OPERATOR(pg_catalog.<=) $2 ORDER BY due LIMIT $3",
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

static Statement death_statement = {
	.text = "UPDATE net._callbacks SET died = $4, error_msg = coalesce($5, error_msg) "
			"WHERE " STILL_AS_SEEN,
	.argument_count = 5,
	.argument_types = {INT8OID, OIDOID, INT4OID, TIMESTAMPTZOID, TEXTOID},
};

static Statement give_up_statement = {
	.text = "UPDATE net._callbacks SET died = $2, error_msg = $3 "
			"WHERE owner OPERATOR(pg_catalog.=) $1 AND died IS NULL",
	.argument_count = 3,
	.argument_types = {OIDOID, TIMESTAMPTZOID, TEXTOID},
};

static Statement take_statement = {
	.text = "DELETE FROM net._callbacks WHERE " STILL_AS_SEEN "RETURNING function, context",
	.argument_count = 3,
	.argument_types = {INT8OID, OIDOID, INT4OID},
};

static Statement response_statement = {
	.text = "SELECT r FROM net._http_response r WHERE r.id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static const Oid due_types[] = {INT8OID, INT4OID};
static const Oid take_types[] = {TEXTOID, JSONBOID};

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

/*
 * Counts an attempt before it is made, durably, so that a function which takes the server down is not called for ever. False
 * when none is to be made: all were, or somebody else has to do with the callback.
 */
bool
pgnet_count_attempt(Oid owner, const WaitingCallback *callback)
{
	if (callback->attempts < PGNET_MAX_CALLBACK_ATTEMPTS)
		return change(&count_statement, owner, callback, due_after(callback->attempts + 1), NULL);
	(void) change(&death_statement, owner, callback, GetCurrentTimestamp(), NULL);
	return false;
}

/* Notes why an attempt failed, which was counted: the callback waits for the next, or is dead. */
void
pgnet_note_callback_failure(Oid owner, const WaitingCallback *callback, const char *reason)
{
	if (callback->attempts < PGNET_MAX_CALLBACK_ATTEMPTS)
		(void) change(&failure_statement, owner, callback, due_after(callback->attempts), reason);
	else
		(void) change(&death_statement, owner, callback, GetCurrentTimestamp(), reason);
}

/* An owner's callbacks cannot be called any more. */
void
pgnet_give_up_callbacks(Oid owner, const char *reason)
{
	Datum values[] = {ObjectIdGetDatum(owner), TimestampTzGetDatum(GetCurrentTimestamp()),
					  CStringGetTextDatum(reason)};

	if (!pgnet_callback_transaction_begin())
		return;
	pgnet_execute(&give_up_statement, values, NULL, SPI_OK_UPDATE);
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

/*
 * Takes a callback out of those that wait: it is done when the transaction commits, and waits again if it does not. False when
 * it is not there any more as it was counted. Its response is null when somebody has deleted that.
 */
bool
pgnet_take_callback(Oid owner, const WaitingCallback *callback, TakenCallback *taken)
{
	Datum id = Int64GetDatum(callback->request_id);
	Datum values[] = {id, ObjectIdGetDatum(owner), Int32GetDatum(callback->attempts)};

	pgnet_execute(&take_statement, values, NULL, SPI_OK_DELETE_RETURNING);
	if (SPI_processed == 0)
		return false;
	pgnet_check_result(take_types, lengthof(take_types));
	taken->function = only_value(1).value;
	taken->arguments[0] = (NullableDatum){.value = id};
	taken->arguments[2] = only_value(2);
	if (!pgnet_responses_can_be_read())
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("net._http_response is not the table of the extension")));
	pgnet_execute(&response_statement, &id, NULL, SPI_OK_SELECT);
	taken->arguments[1] = only_value(1);
	return true;
}
