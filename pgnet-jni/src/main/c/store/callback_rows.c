/*
 * callback_rows.c
 *		The rows of net._callbacks that come with responses, in the same transaction: one for each request that has
 *		on_response. Others cost no statement.
 */
#include "store/callback_rows.h"
#include "shared/callback_dues.h"
#include "shared/callback_processes.h"
#include "shared/as_owner.h"
#include "shared/statement.h"
#include "store/transaction.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* One of the same id can be there when somebody restarted the queue's sequence: its response was replaced as well. */
static Statement insert_statement = {
	.text = "INSERT INTO net._callbacks (request_id, owner, function, context) VALUES "
			"($1, $2, $3, $4) ON CONFLICT (request_id) DO UPDATE SET owner = excluded.owner, "
			"function = excluded.function, context = excluded.context, attempts = 0, "
			"due = excluded.due, died = NULL, error_msg = NULL",
	.argument_count = 4,
	.argument_types = {INT8OID, OIDOID, TEXTOID, JSONBOID},
};

/* A function that runs for an older request of the same id delays the others for no longer. */
#define LOCK_TIMEOUT "100ms"

/* Those whose functions died so long ago were given up by everybody. */
static Statement expire_statement = {
	.text = "DELETE FROM net._callbacks WHERE died OPERATOR(pg_catalog.<) "
			"(pg_catalog.now() OPERATOR(pg_catalog.-) '7 days'::pg_catalog.interval)",
};

static Statement without_statement = {
	.text =
		"SELECT ARRAY(SELECT id FROM pg_catalog.unnest($1) id EXCEPT ALL SELECT request_id FROM "
		"net._callbacks WHERE request_id OPERATOR(pg_catalog.=) ANY ($1))",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static const Oid without_types[] = {INT8ARRAYOID};

typedef struct CallbackRow
{
	Datum values[4];
	char nulls[4]; /* as SPI wants them */
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

/* Adds the row of a request, if that has a function to be called. The values must live until they are inserted. */
void
pgnet_callback_rows_add(int64 id, NullableDatum owner, NullableDatum function,
						NullableDatum context)
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
	set(row, 0, (NullableDatum){.value = Int64GetDatum(id)});
	set(row, 1, owner);
	set(row, 2, function);
	set(row, 3, context);
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
	return get_relname_relid("_callbacks", get_namespace_oid("net", false));
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
		note_owner(DatumGetObjectId(rows[i].values[1]));
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

/*
 * Removes callbacks that died long ago, and takes the ids of responses that are still to be given to a function out of some
 * others, a bigint[].
 */
Datum
pgnet_callback_rows_expire(Datum ids)
{
	static bool looked = false;
	Oid table = callbacks_table();
	AsOwner worker;

	if (!OidIsValid(table))
		return ids;
	worker = pgnet_as_owner_begin(table);
	pgnet_execute(&expire_statement, NULL, NULL, SPI_OK_DELETE);
	if (!looked)
		look();
	looked = true;
	pgnet_execute(&without_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(without_types, lengthof(without_types));
	if (SPI_processed == 1)
	{
		bool isnull;

		ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	}
	pgnet_as_owner_end(worker);
	return ids;
}
