/*
 * dead_letters.c
 *		Brings dead letters back, or discards them. The caller's rights say which it may; it is done with the rights of the
 *		tables' owners, who alone may write a request's id, owner and time.
 *
 * A letter is known by id, owner and moments, since ids come again after RESTART IDENTITY. Tables are locked in the order in
 * which the worker locks them, the queue first.
 */
#include "session/dead_letters.h"
#include "session/queue_owner.h"
#include "session/queued_id.h"
#include "shared/as_owner.h"
#include "shared/own_table.h"
#include "shared/statement.h"
#include "shared/table_owner.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A dead letter, as all statements take it. */
enum
{
	LETTER_ID,
	LETTER_OWNER,
	LETTER_REASON,
	LETTER_DIED,
	LETTER_RESPONDED,
	LETTER_COLUMNS
};

#define LETTER_TYPES                                             \
	{                                                            \
		INT8OID, OIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID \
	}

static const Oid letter_types[LETTER_COLUMNS] = LETTER_TYPES;

#define IS_LETTER                                                                  \
	"l.id OPERATOR(pg_catalog.=) $1 AND l.owner OPERATOR(pg_catalog.=) $2 "        \
	"AND l.reason OPERATOR(pg_catalog.=) $3 AND l.died OPERATOR(pg_catalog.=) $4 " \
	"AND l.responded IS NOT DISTINCT FROM $5"

/* A statement about a letter. */
#define OF_LETTER .argument_count = LETTER_COLUMNS, .argument_types = LETTER_TYPES

/* Those that the caller sees: the newest outcome first, and the request itself before the function that was to be told. */
static Statement visible_statement = {
	.text = "SELECT id, owner, reason, died, responded FROM net.dead_letters "
			"WHERE id OPERATOR(pg_catalog.=) $1 ORDER BY responded DESC NULLS LAST, "
			"reason OPERATOR(pg_catalog.=) 'callback', died DESC",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement lock_statement = {
	.text = "SELECT FROM net.dead_letters l WHERE " IS_LETTER " FOR UPDATE",
	OF_LETTER,
};

static Statement discard_statement = {
	.text = "DELETE FROM net.dead_letters l WHERE " IS_LETTER,
	OF_LETTER,
};

/* The letter of the function that was to be told the same outcome, which is none any more. */
static Statement discard_told_statement = {
	.text = "DELETE FROM net.dead_letters l WHERE l.id OPERATOR(pg_catalog.=) $1 "
			"AND l.owner OPERATOR(pg_catalog.=) $2 AND l.reason OPERATOR(pg_catalog.=) 'callback' "
			"AND l.responded OPERATOR(pg_catalog.=) $5",
	OF_LETTER,
};

/*
 * An id that has not been given out since RESTART IDENTITY: it will be, and a request that had it would be in the way.
 * Where the queue's identity was dropped, nothing is known of ids to come.
 */
static Statement unreached_statement = {
	.text = "SELECT FROM pg_catalog.pg_get_serial_sequence('net.http_request_queue', 'id') s "
			"WHERE s IS NOT NULL AND $1 OPERATOR(pg_catalog.>) "
			"COALESCE(pg_catalog.pg_sequence_last_value(s::pg_catalog.regclass), 0)",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* A response that is not the letter's own. */
static Statement responded_statement = {
	.text = "SELECT FROM net._http_response r WHERE r.id OPERATOR(pg_catalog.=) $1 "
			"AND r.created IS DISTINCT FROM $5",
	OF_LETTER,
};

static Statement forget_response_statement = {
	.text = "DELETE FROM net._http_response r WHERE r.id OPERATOR(pg_catalog.=) $1 "
			"AND r.created OPERATOR(pg_catalog.=) $5",
	OF_LETTER,
};

/* It begins anew, at the moment $6: its age counts from there. A time limit that is over was that of its first life. */
static Statement revive_statement = {
	.text = "WITH l AS (DELETE FROM net.dead_letters l WHERE " IS_LETTER " RETURNING *) "
			"INSERT INTO net.http_request_queue (id, method, url, headers, body, "
			"timeout_milliseconds, owner, created, policy, not_before, expires, priority, "
			"order_key, on_response, context, secrets, sign_with, store, webhook) "
			"OVERRIDING SYSTEM VALUE SELECT id, method, url, headers, body, timeout_milliseconds, "
			"owner, created, policy, $6, CASE WHEN expires "
			"OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp() THEN expires END, priority, "
			"order_key, on_response, context, secrets, sign_with, store, webhook FROM l "
			"ON CONFLICT (id) DO NOTHING",
	.argument_count = LETTER_COLUMNS + 1,
	.argument_types = {INT8OID, OIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID},
};

/* Not one whose function runs just now: it has been told already. */
#define UNLOCKED_CALLBACK                                                           \
	"request_id OPERATOR(pg_catalog.=) (SELECT c.request_id FROM net._callbacks c " \
	"WHERE c.request_id OPERATOR(pg_catalog.=) $1 AND c.owner OPERATOR(pg_catalog.=) $2 "

static Statement forget_callback_statement = {
	.text = "DELETE FROM net._callbacks WHERE " UNLOCKED_CALLBACK
			"AND c.responded OPERATOR(pg_catalog.=) $5 FOR UPDATE SKIP LOCKED)",
	OF_LETTER,
};

static Statement visible_callback_statement = {
	.text = "SELECT request_id, owner FROM net._callbacks WHERE request_id OPERATOR(pg_catalog.=) "
			"$1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static const Oid callback_types[] = {INT8OID, OIDOID};

static Statement discard_callback_statement = {
	.text = "DELETE FROM net._callbacks WHERE " UNLOCKED_CALLBACK "FOR UPDATE SKIP LOCKED) "
			"RETURNING request_id, owner, function, created, responded, store",
	.argument_count = 2,
	.argument_types = {INT8OID, OIDOID},
};

static Statement function_statement = {
	.text = "SELECT l.id, l.owner, l.on_response, l.created, l.responded, l.store "
			"FROM net.dead_letters l WHERE " IS_LETTER " FOR UPDATE",
	OF_LETTER,
};

static const Oid function_types[] = {INT8OID,        OIDOID,         TEXTOID,
									 TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID};

static Statement call_statement = {
	.text = "INSERT INTO net._callbacks (request_id, owner, function, created, responded, store) "
			"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id) DO NOTHING",
	.argument_count = lengthof(function_types),
	.argument_types = {INT8OID, OIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID},
};

/* Of a callback's own response what its request does not want to have stored. */
#define FORGET(what, which)                                                                    \
	{                                                                                          \
		.text = what " WHERE id OPERATOR(pg_catalog.=) $1 AND " which,                         \
		.argument_count = lengthof(function_types),                                            \
		.argument_types = {INT8OID, OIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID}, \
	}

static Statement forget_success_statement =
	FORGET("DELETE FROM net._http_response",
		   "created OPERATOR(pg_catalog.=) $5 AND $6 OPERATOR(pg_catalog.=) 'failures' "
		   "AND status_code OPERATOR(pg_catalog./) 100 OPERATOR(pg_catalog.=) 2");

static Statement forget_content_statement =
	FORGET("UPDATE net._http_response SET headers = NULL, content = NULL",
		   "created OPERATOR(pg_catalog.=) $5 AND $6 OPERATOR(pg_catalog.=) 'status'");

static Statement forget_body_statement =
	FORGET("UPDATE net._response_detail SET body = NULL",
		   "owner OPERATOR(pg_catalog.=) $2 AND body IS NOT NULL");

/* The values of a row, as SPI takes them. */
typedef struct Values
{
	Datum values[lengthof(function_types)];
	char nulls[lengthof(function_types)];
} Values;

/* The columns of a row that the last statement returned, which are of these types; in SPI's memory. */
static Values
values_of(uint64 row, const Oid *types, int count)
{
	Values values;
	bool isnull;

	pgnet_check_result(types, count);
	for (int i = 0; i < count; i++)
	{
		values.values[i] =
			SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, i + 1, &isnull);
		values.nulls[i] = isnull ? 'n' : ' ';
	}
	return values;
}

/* Executes a statement with the rights of a table's owner, which what the owner has put on the table runs with. */
static uint64
execute_as_owner_of(const char *table, Statement *statement, Values *values, int expected)
{
	AsOwner caller = pgnet_as_owner_begin(pgnet_get_table(table));
	uint64 processed;

	pgnet_execute(statement, values->values, values->nulls, expected);
	processed = SPI_processed;
	pgnet_as_owner_end(caller);
	return processed;
}

/* The same for tables that belong together with the queue. */
static uint64
execute_as_owner_of_queue(Statement *statement, Values *values, int expected)
{
	pgnet_check_owners_beside_queue();
	return execute_as_owner_of("http_request_queue", statement, values, expected);
}

/* Raises an error when the owner of the letters, who could have written this one, has not the rights of the letter's. */
static void
check_owner_of_letters(const Values *letter)
{
	Oid owner = DatumGetObjectId(letter->values[LETTER_OWNER]);

	if (!has_privs_of_role(pgnet_table_owner(pgnet_get_table("dead_letters")), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the owner of net.dead_letters does not have the rights of role \"%s\"",
						GetUserNameFromId(owner, true)),
				 errhint("Make a superuser the owner of the tables of pg_net.")));
}

/* Has a function that was given up called again, with the response that is there. */
static Revival
revive_callback(Values *letter)
{
	Values call;

	check_owner_of_letters(letter);
	if (execute_as_owner_of_queue(&function_statement, letter, SPI_OK_SELECT) == 0)
		return NOTHING_TO_REVIVE;
	call = values_of(0, function_types, lengthof(function_types));
	if (execute_as_owner_of("_callbacks", &call_statement, &call, SPI_OK_INSERT) == 0)
		return ID_IS_TAKEN;
	(void) execute_as_owner_of_queue(&discard_statement, letter, SPI_OK_DELETE);
	return REVIVED;
}

/* Whether another request than the letter's has its id, will be given it, or has a response under it. */
static bool
is_taken(Values *letter)
{
	return pgnet_id_is_queued(pgnet_get_table("http_request_queue"),
							  DatumGetInt64(letter->values[LETTER_ID])) ||
		   execute_as_owner_of_queue(&unreached_statement, letter, SPI_OK_SELECT) > 0 ||
		   execute_as_owner_of("_http_response", &responded_statement, letter, SPI_OK_SELECT) > 0;
}

/* Puts a request back into the queue, due at a moment, and forgets its outcome. */
static Revival
revive_request(Values *letter, TimestampTz due)
{
	check_owner_of_letters(letter);
	LockRelationOid(pgnet_get_table("http_request_queue"), RowExclusiveLock);
	if (execute_as_owner_of_queue(&lock_statement, letter, SPI_OK_SELECT) == 0)
		return NOTHING_TO_REVIVE;
	if (is_taken(letter))
		return ID_IS_TAKEN;
	(void) execute_as_owner_of("_http_response", &forget_response_statement, letter, SPI_OK_DELETE);
	(void) execute_as_owner_of("_callbacks", &forget_callback_statement, letter, SPI_OK_DELETE);
	(void) execute_as_owner_of_queue(&discard_told_statement, letter, SPI_OK_DELETE);
	letter->values[LETTER_COLUMNS] = TimestampTzGetDatum(due);
	letter->nulls[LETTER_COLUMNS] = ' ';
	if (execute_as_owner_of_queue(&revive_statement, letter, SPI_OK_INSERT) == 0)
		ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
						errmsg("another request has just taken the id of this dead letter")));
	return REVIVED;
}

/* The letters of an id that the caller sees. Returns how many. */
static uint64
find_visible(Datum id)
{
	pgnet_execute(&visible_statement, &id, NULL, SPI_OK_SELECT);
	return SPI_processed;
}

/* Brings the newest dead letter of an id back, a request for a moment that may be to come. */
Revival
pgnet_revive(Datum id, TimestampTz due)
{
	Values letter;

	if (find_visible(id) == 0)
		return NOTHING_TO_REVIVE;
	letter = values_of(0, letter_types, LETTER_COLUMNS);
	return strcmp(TextDatumGetCString(letter.values[LETTER_REASON]), "callback") == 0
			   ? revive_callback(&letter)
			   : revive_request(&letter, due);
}

/* A function is not called any more: its response was kept whole for it, and has no reason to be now. */
static void
forget_unwanted(Values *call)
{
	(void) execute_as_owner_of("_http_response", &forget_success_statement, call, SPI_OK_DELETE);
	if (execute_as_owner_of("_http_response", &forget_content_statement, call, SPI_OK_UPDATE) > 0)
		(void) execute_as_owner_of("_response_detail", &forget_body_statement, call, SPI_OK_UPDATE);
}

/* Discards a dead letter. Whether it was there. */
static bool
discard(Values *letter)
{
	bool is_function =
		strcmp(TextDatumGetCString(letter->values[LETTER_REASON]), "callback") == 0 &&
		execute_as_owner_of_queue(&function_statement, letter, SPI_OK_SELECT) > 0;
	Values call;

	if (is_function)
		call = values_of(0, function_types, lengthof(function_types));
	if (execute_as_owner_of_queue(&discard_statement, letter, SPI_OK_DELETE) == 0)
		return false;
	if (is_function)
		forget_unwanted(&call);
	return true;
}

/* Discards the dead letters of an id. Whether there were any. */
bool
pgnet_discard_dead(Datum id)
{
	uint64 count = find_visible(id);
	SPITupleTable *found = SPI_tuptable;
	bool discarded = false;

	for (uint64 i = 0; i < count; i++)
	{
		Values letter;

		SPI_tuptable = found;
		letter = values_of(i, letter_types, LETTER_COLUMNS);
		if (discard(&letter))
			discarded = true;
	}
	return discarded;
}

/* Discards the callback of an id, if it waits. Whether it did. */
bool
pgnet_discard_callback(Datum id)
{
	Values callback;

	pgnet_execute(&visible_callback_statement, &id, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return false;
	callback = values_of(0, callback_types, lengthof(callback_types));
	if (execute_as_owner_of("_callbacks", &discard_callback_statement, &callback,
							SPI_OK_DELETE_RETURNING) == 0)
		return false;
	callback = values_of(0, function_types, lengthof(function_types));
	forget_unwanted(&callback);
	return true;
}
