/*
 * taken_rows.c
 *		Takes rows out of the queue: along its key without a statement, as long as nothing but the extension looks at what is
 *		deleted there; a DELETE that returns the rows took three times as long.
 */
#include "store/taken_rows.h"
#include "shared/compat.h"
#include "shared/row_version.h"
#include "shared/statement.h"
#include "store/direct_table.h"
#include "store/tables.h"
#include "store/user_code.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* To pass so many ids that are not meant takes as long as to look for the next one that is. */
#define MOST_PASSED 6

enum
{
	COLUMN_ID,
	COLUMN_XMIN,
	COLUMN_METHOD,
	COLUMN_URL,
	COLUMN_OWNER,
	COLUMN_FUNCTION,
	COLUMN_CONTEXT,
	COLUMN_CREATED,
	COLUMN_STORE,
	COLUMN_COUNT
};

static Statement take_statement = {
	.text =
		"DELETE FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) ANY ($1) "
		"RETURNING id, xmin, method::pg_catalog.text, url, owner, on_response, context, created, "
		"store",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* what it returns */
static const char *const names[COLUMN_COUNT] = {
	"id", "xmin", "method", "url", "owner", "on_response", "context", "created", "store"};
static const Oid types[COLUMN_COUNT] = {INT8OID, XIDOID,   TEXTOID,        TEXTOID, OIDOID,
										TEXTOID, JSONBOID, TIMESTAMPTZOID, TEXTOID};

/* The queue while rows are taken out of it along its key. */
typedef struct Queue
{
	Relation table;
	Relation key;
	AttrNumber attributes[COLUMN_COUNT];
	Snapshot snapshot;
	TupleTableSlot *slot;
} Queue;

/* A row whose columns are these. */
static TakenRow
row_of(const NullableDatum *columns)
{
	return (TakenRow){
		.id = DatumGetInt64(columns[COLUMN_ID].value),
		.version =
			pgnet_row_version(pgnet_queue_oid, DatumGetTransactionId(columns[COLUMN_XMIN].value)),
		.method = columns[COLUMN_METHOD],
		.url = columns[COLUMN_URL],
		.owner = columns[COLUMN_OWNER],
		.function = columns[COLUMN_FUNCTION],
		.context = columns[COLUMN_CONTEXT],
		.created = columns[COLUMN_CREATED],
		.store = columns[COLUMN_STORE],
	};
}

/* Takes the rows by a statement. */
static void
take_by_statement(Datum ids, TakeRow take, void *state)
{
	SPITupleTable *taken;
	uint64 count;

	pgnet_execute(&take_statement, &ids, NULL, SPI_OK_DELETE_RETURNING);
	pgnet_check_result(types, lengthof(types));
	taken = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		NullableDatum columns[COLUMN_COUNT];
		TakenRow row;

		for (int j = 0; j < COLUMN_COUNT; j++)
			columns[j].value =
				SPI_getbinval(taken->vals[i], taken->tupdesc, j + 1, &columns[j].isnull);
		row = row_of(columns);
		take(&row, state);
	}
}

/* Whether a DELETE has triggers but those that are called once, after it: the extension's needs no call by the worker. */
static bool
has_delete_trigger(const TriggerDesc *triggers)
{
	return triggers != NULL &&
		   (triggers->trig_delete_before_row || triggers->trig_delete_after_row ||
			triggers->trig_delete_before_statement || triggers->trig_delete_old_table);
}

/* Finds the columns; false unless each is there, of its type, and in the row: one may be computed when it is read. */
static bool
find_columns(Queue *queue)
{
	TupleDesc descriptor = RelationGetDescr(queue->table);

	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		AttrNumber attribute = get_attnum(RelationGetRelid(queue->table), names[i]);

		if (attribute == InvalidAttrNumber)
			return false;
		if (attribute > 0 &&
			(getBaseType(TupleDescAttr(descriptor, attribute - 1)->atttypid) != types[i] ||
			 TupleDescAttr(descriptor, attribute - 1)->attgenerated != '\0'))
			return false;
		queue->attributes[i] = attribute;
	}
	return true;
}

/* Whether an index is a key of this column, by which rows are found. */
static bool
is_key_of(Relation index, AttrNumber column)
{
	Form_pg_index form = index->rd_index;

	return index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && form->indnkeyatts == 1 &&
		   form->indkey.values[0] == column && index->rd_opcintype[0] == INT8OID;
}

/* Opens the queue's key. */
static bool
open_key(Queue *queue)
{
	list_free(RelationGetIndexList(queue->table)); /* it finds the key, too */
	if (!OidIsValid(queue->table->rd_pkindex))
		return false;
	queue->key = index_open(queue->table->rd_pkindex, AccessShareLock);
	if (is_key_of(queue->key, queue->attributes[COLUMN_ID]))
		return true;
	index_close(queue->key, NoLock);
	return false;
}

/* Opens the queue, if a DELETE would do nothing that taking its rows along the key does not. */
static bool
open_queue(Queue *queue)
{
	queue->table = table_open(pgnet_queue_oid, RowExclusiveLock);
	if (pgnet_needs_no_statement(queue->table, ACL_DELETE | ACL_SELECT) &&
		!pgnet_is_queue_observed(queue->table) && !has_delete_trigger(queue->table->trigdesc) &&
		find_columns(queue) && open_key(queue))
		return true;
	table_close(queue->table, NoLock); /* the statement needs the same lock */
	return false;
}

/* Deletes the row that was found; false if somebody else has. */
static bool
delete_row(const Queue *queue, int64 id)
{
	TM_FailureData failure;
	TM_Result result = pgnet_table_tuple_delete(
		queue->table, &queue->slot->tts_tid, GetCurrentCommandId(true), queue->snapshot, &failure);

	if (result != TM_Ok && result != TM_Deleted)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("request " INT64_FORMAT " was changed while it was recorded", id)));
	return result == TM_Ok;
}

/* Takes the row that was found. */
static void
take_row(const Queue *queue, TakeRow take, void *state)
{
	NullableDatum columns[COLUMN_COUNT];
	TakenRow row;

	for (int i = 0; i < COLUMN_COUNT; i++)
		columns[i].value =
			queue->attributes[i] > 0
				? slot_getattr(queue->slot, queue->attributes[i], &columns[i].isnull)
				: slot_getsysattr(queue->slot, queue->attributes[i], &columns[i].isnull);
	row = row_of(columns);
	if (delete_row(queue, row.id))
		take(&row, state);
}

/* Begins to read the rows from one id to another. */
static void
scan_between(IndexScanDesc scan, int64 first, int64 last)
{
	ScanKeyData bounds[2];

	ScanKeyInit(&bounds[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(first));
	ScanKeyInit(&bounds[1], 1, BTLessEqualStrategyNumber, F_INT8LE, Int64GetDatum(last));
	index_rescan(scan, bounds, lengthof(bounds), NULL, 0);
}

/* Takes the rows with these ids, which ascend and are close to each other. */
static void
take_run(const Queue *queue, IndexScanDesc scan, const int64 *ids, int count, TakeRow take,
		 void *state)
{
	int next = 0;

	scan_between(scan, ids[0], ids[count - 1]);
	while (index_getnext_slot(scan, ForwardScanDirection, queue->slot))
	{
		bool isnull;
		int64 id = DatumGetInt64(slot_getattr(queue->slot, queue->attributes[COLUMN_ID], &isnull));

		CHECK_FOR_INTERRUPTS();
		while (ids[next] < id)
			next++;
		if (ids[next] == id)
			take_row(queue, take, state);
	}
}

/* How many of these ids, from the first on, are close to each other. Two may be farther apart than an int64 tells. */
static int
run_length(const int64 *ids, int count)
{
	int length = 1;

	while (length < count && (uint64) ids[length] - (uint64) ids[length - 1] <= MOST_PASSED)
		length++;
	return length;
}

/* Takes the rows along the key; false, with nothing done, if that takes a statement. */
static bool
take_along_key(Datum array, TakeRow take, void *state)
{
	ArrayType *ids = DatumGetArrayTypeP(array);
	const int64 *begin = (const int64 *) ARR_DATA_PTR(ids);
	int count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));
	Queue queue;
	IndexScanDesc scan;

	if (!open_queue(&queue))
		return false;
	CheckCmdReplicaIdentity(queue.table, CMD_DELETE);
	queue.snapshot = RegisterSnapshot(GetTransactionSnapshot());
	queue.slot = table_slot_create(queue.table, NULL);
	scan = pgnet_index_beginscan(queue.table, queue.key, queue.snapshot, 2);
	while (count > 0)
	{
		int length = run_length(begin, count);

		take_run(&queue, scan, begin, length, take, state);
		begin += length;
		count -= length;
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(queue.slot);
	UnregisterSnapshot(queue.snapshot);
	index_close(queue.key, NoLock);
	table_close(queue.table, NoLock);
	CommandCounterIncrement();
	return true;
}

/*
 * Takes the rows with these ids, an ascending bigint[], out of the queue, and hands each over. When trustful, an error is
 * raised if somebody else changes one meanwhile.
 */
void
pgnet_take_rows(Datum ids, bool trustful, TakeRow take, void *state)
{
	if (!trustful || !take_along_key(ids, take, state))
		take_by_statement(ids, take, state);
}
