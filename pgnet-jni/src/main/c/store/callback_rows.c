/*
 * callback_rows.c
 *		The rows of net._callbacks that come with responses, in the same transaction: one for each request that has
 *		on_response. Others cost no statement.
 */
#include "store/callback_rows.h"
#include "shared/callback_dues.h"
#include "shared/callback_processes.h"
#include "shared/as_owner.h"
#include "shared/own_table.h"
#include "shared/settings.h"
#include "shared/statement.h"
#include "store/moment.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* One of the same id can be there when somebody restarted the queue's sequence: its response was replaced as well. */
static Statement insert_statement = {
	.text = "INSERT INTO net._callbacks (request_id, owner, function, created, responded, store) "
			"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id) DO UPDATE SET "
			"owner = excluded.owner, function = excluded.function, created = excluded.created, "
			"responded = excluded.responded, store = excluded.store, attempts = 0, "
			"due = excluded.due, error_msg = NULL",
	.argument_count = 6,
	.argument_types = {INT8OID, OIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID},
};

/* A function that runs for an older request of the same id delays the others for no longer. */
#define LOCK_TIMEOUT "100ms"

/* Here, since the worker is not told of functions that are given up, but meets the responses that these keep. */
static Statement expire_statement = {
	.text = "DELETE FROM net.dead_letters WHERE died OPERATOR(pg_catalog.<) $1 "
			"AND reason OPERATOR(pg_catalog.=) 'callback'",
	.argument_count = 1,
	.argument_types = {TIMESTAMPTZOID},
};

static Statement without_waiting_statement = {
	.text =
		"SELECT ARRAY(SELECT id FROM pg_catalog.unnest($1) id EXCEPT ALL SELECT request_id FROM "
		"net._callbacks WHERE request_id OPERATOR(pg_catalog.=) ANY ($1))",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* A function that was given up may be called again for as long as its dead letter is there. */
static Statement without_dead_statement = {
	.text = "SELECT ARRAY(SELECT id FROM pg_catalog.unnest($1) id EXCEPT ALL SELECT d.id FROM "
			"net.dead_letters d WHERE d.id OPERATOR(pg_catalog.=) ANY ($1) "
			"AND d.reason OPERATOR(pg_catalog.=) 'callback')",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static const Oid without_types[] = {INT8ARRAYOID};

enum
{
	COLUMN_ID,
	COLUMN_OWNER,
	COLUMN_FUNCTION,
	COLUMN_CREATED,
	COLUMN_RESPONDED,
	COLUMN_STORE,
	COLUMN_COUNT
};

typedef struct CallbackRow
{
	Datum values[COLUMN_COUNT];
	char nulls[COLUMN_COUNT]; /* as SPI wants them */
} CallbackRow;

static CallbackRow *rows;
static int row_count;
static int room;

/* whose callbacks this transaction inserts; lives on until they are told of */
static Oid *owners;
static int owner_count;

/* Begins a set of rows, in the current memory context. */
void
pgnet_callback_rows_begin(void)
{
	rows = NULL;
	row_count = 0;
	room = 0;
	owner_count = 0;
}

static void
set(CallbackRow *row, int column, NullableDatum value)
{
	row->values[column] = value.value;
	row->nulls[column] = value.isnull ? 'n' : ' ';
}

/* A text that lasts as long as the rows do. */
static NullableDatum
copy_of(NullableDatum text)
{
	if (!text.isnull)
		text.value = datumCopy(text.value, false, -1);
	return text;
}

/* Adds the row of a request, if that has a function to be called. */
void
pgnet_callback_rows_add(const Outcome *outcome, NullableDatum owner, NullableDatum function,
						NullableDatum created, NullableDatum store)
{
	CallbackRow *row;

	if (function.isnull)
		return;
	if (row_count == room)
	{
		room = Max(16, room * 2);
		rows = rows == NULL ? palloc(room * sizeof(*rows)) : repalloc(rows, room * sizeof(*rows));
	}
	row = &rows[row_count++];
	set(row, COLUMN_ID, (NullableDatum){.value = Int64GetDatum(outcome->id)});
	set(row, COLUMN_OWNER, owner);
	set(row, COLUMN_FUNCTION, copy_of(function));
	set(row, COLUMN_CREATED, created);
	set(row, COLUMN_RESPONDED,
		(NullableDatum){.value =
							TimestampTzGetDatum(pgnet_timestamp_of(outcome->completed_micros))});
	set(row, COLUMN_STORE, copy_of(store));
}

/* Notes whose they are, each once; the few owners of a batch are compared one by one. */
static void
note_owner(Oid owner)
{
	for (int i = 0; i < owner_count; i++)
		if (owners[i] == owner)
			return;
	owners[owner_count++] = owner;
}

/* The table, whose owner need not be that of the others; InvalidOid when somebody has taken it out of the extension. */
static Oid
callbacks_table(void)
{
	return pgnet_find_table("_callbacks");
}

/* Inserts the rows that were added. Needs the SPI connection that was open when they were. */
void
pgnet_callback_rows_insert(void)
{
	AsOwner worker;

	if (row_count == 0)
		return;
	if (owners != NULL)
		pfree(owners);
	owners = NULL;
	owners = MemoryContextAlloc(TopMemoryContext, row_count * sizeof(Oid));
	worker = pgnet_as_owner_begin(callbacks_table());
	pgnet_set_for_transaction("lock_timeout", LOCK_TIMEOUT);
	for (int i = 0; i < row_count; i++)
	{
		pgnet_execute(&insert_statement, rows[i].values, rows[i].nulls, SPI_OK_INSERT);
		note_owner(DatumGetObjectId(rows[i].values[COLUMN_OWNER]));
	}
	pgnet_as_owner_end(worker);
}

/* Has the rows looked at that the transaction, which has committed, inserted. */
void
pgnet_callback_rows_announce(void)
{
	for (int i = 0; i < owner_count; i++)
		pgnet_callback_came(MyDatabaseId, owners[i]);
	owner_count = 0;
}

/* Has those looked at that were there before this process: the shared memory, which knows of them, may be younger. */
static void
look(void)
{
	TimestampTz soonest = DT_NOEND;
	CallbackDue *dues;
	int count;

	dues = pgnet_callback_dues(&count);
	for (int i = 0; i < count; i++)
		soonest = Min(soonest, dues[i].due);
	pgnet_callbacks_due_at(MyDatabaseId, soonest);
}

/* The ids of a bigint[] that a statement leaves. */
static Datum
without(Statement *statement, Datum ids)
{
	bool isnull;

	pgnet_execute(statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(without_types, lengthof(without_types));
	return SPI_processed == 1
			   ? SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)
			   : ids;
}

/*
 * Removes old dead letters of functions, and takes the ids of responses that are still to be given to a function, or may be,
 * out of some others, a bigint[].
 */
Datum
pgnet_callback_rows_spare(Datum ids)
{
	static bool looked = false;
	Oid table = callbacks_table();
	Datum old = TimestampTzGetDatum(GetCurrentTimestamp() - pgnet_dead_letter_ttl_micros);
	AsOwner worker;

	pgnet_execute(&expire_statement, &old, NULL, SPI_OK_DELETE);
	ids = without(&without_dead_statement, ids);
	if (!OidIsValid(table))
		return ids;
	worker = pgnet_as_owner_begin(table);
	if (!looked)
		look();
	looked = true;
	ids = without(&without_waiting_statement, ids);
	pgnet_as_owner_end(worker);
	return ids;
}
