/*
 * owners.c
 *		Whose responses are: what net._response_detail says, read ahead for queries that go through many.
 *
 * To find one row takes 3 microseconds, most of them to begin and end the scan of an index; with the next ones it takes a
 * tenth. So a query that asks for ids in ascending order, as they are in the table, is given those that follow, too.
 */
#include "session/owners.h"
#include "shared/compat.h"
#include "shared/own_table.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/relcache.h"

/* the first two columns of net._response_detail */
#define ID_COLUMN 1
#define OWNER_COLUMN 2

/* ids of which the next one follows the last one: there are others between them, which are not seen */
#define FOLLOWS_WITHIN 1000
#define READ_AHEAD_GROWTH 16

/* Whether a column is of this type: the table's owner may alter it. */
static bool
is_column(Relation table, int column, Oid type)
{
	TupleDesc descriptor = RelationGetDescr(table);

	return descriptor->natts >= column && !TupleDescAttr(descriptor, column - 1)->attisdropped &&
		   TupleDescAttr(descriptor, column - 1)->atttypid == type;
}

/* net._response_detail, NULL when it is not there, or not as it should be. It stays locked, as what a query reads. */
static Relation
open_details(void)
{
	Oid oid = pgnet_find_table("_response_detail");
	Relation table = OidIsValid(oid) ? try_table_open(oid, AccessShareLock) : NULL;

	if (table == NULL ||
		(table->rd_rel->relkind == RELKIND_RELATION && is_column(table, ID_COLUMN, INT8OID) &&
		 is_column(table, OWNER_COLUMN, OIDOID)))
		return table;
	table_close(table, NoLock);
	return NULL;
}

/* The index of its primary key, NULL when that is not its id. */
static Relation
open_key(Relation details)
{
	Relation key = NULL;

	list_free(RelationGetIndexList(details)); /* finds the primary key */
	if (OidIsValid(details->rd_pkindex))
		key = index_open(details->rd_pkindex, AccessShareLock);
	if (key == NULL ||
		(key->rd_index->indnatts == 1 && key->rd_index->indkey.values[0] == ID_COLUMN))
		return key;
	index_close(key, NoLock);
	return NULL;
}

/* Adds what a row says. Of one without an owner, nothing is known. */
static void
add(Owners *known, TupleTableSlot *slot)
{
	bool isnull;
	Datum owner = slot_getattr(slot, OWNER_COLUMN, &isnull);

	known->owners[known->count] = isnull ? known->table_owner : DatumGetObjectId(owner);
	known->ids[known->count++] = DatumGetInt64(slot_getattr(slot, ID_COLUMN, &isnull));
}

/* Reads so many rows as are to be read, from an id on; a single one only if it has that id. */
static void
scan(Owners *known, Relation details, Relation key, int64 id, Snapshot snapshot)
{
	TupleTableSlot *slot = table_slot_create(details, NULL);
	IndexScanDesc scan = pgnet_index_beginscan(details, key, snapshot, 1);
	bool single = known->ahead == 1;
	ScanKeyData condition;

	ScanKeyInit(&condition, ID_COLUMN,
				single ? BTEqualStrategyNumber : BTGreaterEqualStrategyNumber,
				single ? F_INT8EQ : F_INT8GE, Int64GetDatum(id));
	index_rescan(scan, &condition, 1, NULL, 0);
	known->count = 0;
	while (known->count < known->ahead && index_getnext_slot(scan, ForwardScanDirection, slot))
		add(known, slot);
	known->first = id;
	known->last = single                         ? id
				  : known->count == known->ahead ? known->ids[known->count - 1]
												 : PG_INT64_MAX;
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * Reads what stands beside the response of this id, and beside those that follow if the query seems to ask for them. False,
 * and nothing is known, when the table is not as it should be.
 */
static bool
read_from(Owners *known, int64 id, Snapshot snapshot)
{
	bool follows = known->ahead > 0 && id > known->last &&
				   (uint64) id - (uint64) known->last <= FOLLOWS_WITHIN;
	int ahead = follows ? Min(known->ahead * READ_AHEAD_GROWTH, PGNET_MOST_OWNERS) : 1;
	Relation details = open_details();
	Relation key = details == NULL ? NULL : open_key(details);

	known->ahead = 0;
	if (key != NULL)
	{
		known->ahead = ahead;
		known->table_owner = details->rd_rel->relowner;
		scan(known, details, key, id, snapshot);
		index_close(key, NoLock);
	}
	if (details != NULL)
		table_close(details, NoLock);
	return known->ahead > 0;
}

/*
 * Whether it was read with this snapshot, or one that sees the same. While xmax is the same, transactions only leave those that
 * were running: as many are the same ones.
 */
static bool
is_of_snapshot(const Owners *known, Snapshot snapshot)
{
	return known->xmin == snapshot->xmin && known->xmax == snapshot->xmax &&
		   known->running == snapshot->xcnt &&
		   known->running_subtransactions == snapshot->subxcnt &&
		   known->command == snapshot->curcid &&
		   known->subtransaction == GetCurrentSubTransactionId();
}

/* Forgets what is known, as of another snapshot. */
static void
forget(Owners *known, Snapshot snapshot)
{
	known->ahead = 0;
	known->xmin = snapshot->xmin;
	known->xmax = snapshot->xmax;
	known->running = snapshot->xcnt;
	known->running_subtransactions = snapshot->subxcnt;
	known->command = snapshot->curcid;
	known->subtransaction = GetCurrentSubTransactionId();
}

/* What is known of an id in the range. */
static Oid
look_up(const Owners *known, int64 id)
{
	int low = 0;
	int high = known->count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (known->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < known->count && known->ids[low] == id ? known->owners[low] : known->table_owner;
}

/*
 * The role that made a request, as the snapshot has it: a response and what stands beside it are written in one transaction. The
 * tables' owner, when nothing stands beside it, or no role; InvalidOid when the table is not as it should be.
 */
Oid
pgnet_owner_of(Owners *known, int64 id, Snapshot snapshot)
{
	if (!is_of_snapshot(known, snapshot))
		forget(known, snapshot);
	if (known->ahead == 0 || id < known->first || id > known->last)
		if (!read_from(known, id, snapshot))
			return InvalidOid;
	return look_up(known, id);
}
