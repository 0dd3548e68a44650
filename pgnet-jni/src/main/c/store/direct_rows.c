/*
 * direct_rows.c
 *		Rows that are stored without a statement, as COPY does it, in a table on which there is nothing but its key: several
 *		at a time, so that they share the look for a page and its record in the write-ahead log.
 */
#include "store/direct_rows.h"
#include "shared/plain_key.h"
#include "store/user_code.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/relcache.h"

/* of a hundred bytes, those of a few pages */
#define ROWS_AT_A_TIME 256

/* where rows go, from begin to end */
static Relation table;
static Relation key;
static IndexInfo *key_info;

/* those that are not stored yet */
static TupleTableSlot *slots[ROWS_AT_A_TIME];
static int slot_count; /* that have been made */
static int row_count;
static TupleDesc descriptor;

/* Whether the table has these columns, in this order and none else, and takes any value in them but for the key. */
static bool
has_columns(Relation relation, const RowColumn *columns)
{
	TupleDesc present = RelationGetDescr(relation);

	if (present->natts != ROW_COLUMNS)
		return false;
	for (int i = 0; i < ROW_COLUMNS; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(present, i);

		if (attribute->attisdropped || attribute->atttypid != columns[i].type ||
			attribute->attnotnull != (i == 0) ||
			strcmp(NameStr(attribute->attname), columns[i].name) != 0)
			return false;
	}
	return true;
}

/*
 * Begins with a table that has these columns, the first of which is its key; what is kept meanwhile is in the current memory
 * context. False if the table is not so, or has anything on it that a statement would see to.
 */
bool
pgnet_direct_rows_begin(Oid oid, const RowColumn *columns)
{
	Relation relation = table_open(oid, RowExclusiveLock);
	Oid index = pgnet_plain_key(relation, 1);

	if (!OidIsValid(index) || relation->rd_rel->relrowsecurity || !has_columns(relation, columns) ||
		pgnet_is_observed(relation))
	{
		table_close(relation, NoLock);
		return false;
	}
	table = relation;
	key = index_open(index, RowExclusiveLock);
	key_info = BuildIndexInfo(key);
	descriptor = CreateTupleDescCopy(RelationGetDescr(table)); /* not counted, as the table's is */
	slot_count = 0;
	row_count = 0;
	return true;
}

/* Stores the rows that were added. */
static void
store_rows(void)
{
	if (row_count == 0)
		return;
	table_multi_insert(table, slots, row_count, GetCurrentCommandId(true), 0, NULL);
	for (int i = 0; i < row_count; i++)
	{
		bool isnull;
		Datum id = slot_getattr(slots[i], 1, &isnull);

		(void) index_insert(key, &id, &isnull, &slots[i]->tts_tid, table, UNIQUE_CHECK_YES, false,
							key_info);
	}
	row_count = 0;
}

/* Adds a copy of a row. */
void
pgnet_direct_rows_add(Row *row)
{
	TupleTableSlot *slot;

	if (row_count == slot_count)
		slots[slot_count++] = MakeSingleTupleTableSlot(descriptor, table_slot_callbacks(table));
	slot = slots[row_count++];
	ExecClearTuple(slot);
	memcpy(slot->tts_values, row->values, sizeof(row->values));
	memcpy(slot->tts_isnull, row->nulls, sizeof(row->nulls));
	ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
	if (row_count == ROWS_AT_A_TIME)
		store_rows();
}

/* Stores what is left. The table stays locked. */
void
pgnet_direct_rows_end(void)
{
	store_rows();
	for (int i = 0; i < slot_count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	index_close(key, NoLock);
	table_close(table, NoLock);
}
