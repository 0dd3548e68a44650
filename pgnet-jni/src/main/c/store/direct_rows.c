/*
 * direct_rows.c
 *		Rows that are stored without a statement, as COPY does it, in a table on which there is nothing but plain indexes:
 *		several at a time, so that they share the look for a page and its record in the write-ahead log, and then come to one
 *		index after the other.
 */
#include "store/direct_rows.h"
#include "store/direct_table.h"
#include "store/user_code.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "utils/rel.h"
#include "utils/relcache.h"

/* Whether a column takes any value that is stored there, as it is. */
static bool
takes(Form_pg_attribute attribute, RowColumn column)
{
	return !attribute->attisdropped && attribute->atttypid == column.type &&
		   attribute->atttypmod == -1 && (!attribute->attnotnull || column.is_filled) &&
		   strcmp(NameStr(attribute->attname), column.name) == 0;
}

/* Whether the table has these columns, in this order and none else. */
static bool
has_columns(Relation table, const RowColumn *columns)
{
	TupleDesc present = RelationGetDescr(table);

	if (present->natts != ROW_COLUMNS)
		return false;
	for (int i = 0; i < ROW_COLUMNS; i++)
		if (!takes(TupleDescAttr(present, i), columns[i]))
			return false;
	return true;
}

/* Whether an INSERT has triggers, whosever they are. */
static bool
has_insert_trigger(const TriggerDesc *triggers)
{
	return triggers != NULL &&
		   (triggers->trig_insert_before_row || triggers->trig_insert_after_row ||
			triggers->trig_insert_before_statement || triggers->trig_insert_after_statement);
}

/* Whether rows may be stored there without a statement, but for the indexes. */
static bool
is_direct(Relation table, const RowColumn *columns)
{
	return pgnet_needs_no_statement(table, ACL_INSERT) && has_columns(table, columns) &&
		   !pgnet_is_observed(table) && !has_insert_trigger(table->trigdesc);
}

/* Whether an index has an entry for each row, and says at once whether that may be. */
static bool
is_plain(Relation index)
{
	Form_pg_index form = index->rd_index;

	return index->rd_rel->relam == BTREE_AM_OID && form->indimmediate && !form->indisexclusion &&
		   form->indisready;
}

static void
close_indexes(DirectRows *rows)
{
	for (int i = 0; i < rows->index_count; i++)
		index_close(rows->indexes[i], NoLock);
}

/* Opens the table's indexes, unless one is not plain; an index stays locked, as what a statement writes to. */
static bool
open_indexes(DirectRows *rows)
{
	List *oids = RelationGetIndexList(rows->table);
	bool are_plain = list_length(oids) <= PGNET_MOST_DIRECT_INDEXES;
	ListCell *cell;

	rows->index_count = 0;
	foreach (cell, oids)
	{
		if (!are_plain)
			break;
		rows->indexes[rows->index_count] = index_open(lfirst_oid(cell), RowExclusiveLock);
		are_plain = is_plain(rows->indexes[rows->index_count++]);
	}
	list_free(oids);
	if (!are_plain)
		close_indexes(rows);
	return are_plain;
}

/*
 * Begins with a table that has these columns; what is kept meanwhile is in the current memory context. False if the table is
 * not so, or has anything on it that a statement would see to.
 */
bool
pgnet_direct_rows_begin(DirectRows *rows, Oid table, const RowColumn *columns)
{
	rows->table = table_open(table, RowExclusiveLock);
	if (!is_direct(rows->table, columns) || !open_indexes(rows))
	{
		table_close(rows->table, NoLock);
		return false;
	}
	for (int i = 0; i < rows->index_count; i++)
		rows->index_infos[i] = BuildIndexInfo(rows->indexes[i]);
	/* not counted, as the table's is */
	rows->descriptor = CreateTupleDescCopy(RelationGetDescr(rows->table));
	rows->slot_count = 0;
	rows->row_count = 0;
	return true;
}

/* Makes the entries of the rows in an index. */
static void
store_entries(DirectRows *rows, Relation index, IndexInfo *info)
{
	IndexUniqueCheck check = index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];

	for (int i = 0; i < rows->row_count; i++)
	{
		FormIndexDatum(info, rows->slots[i], NULL, values, nulls);
		(void) index_insert(index, values, nulls, &rows->slots[i]->tts_tid, rows->table, check,
							false, info);
	}
}

/* Stores the rows that were added. */
static void
store_rows(DirectRows *rows)
{
	if (rows->row_count == 0)
		return;
	table_multi_insert(rows->table, rows->slots, rows->row_count, GetCurrentCommandId(true), 0,
					   NULL);
	for (int i = 0; i < rows->index_count; i++)
		store_entries(rows, rows->indexes[i], rows->index_infos[i]);
	rows->row_count = 0;
}

/* Adds a copy of a row. */
void
pgnet_direct_rows_add(DirectRows *rows, Row *row)
{
	TupleTableSlot *slot;

	if (rows->row_count == rows->slot_count)
		rows->slots[rows->slot_count++] =
			MakeSingleTupleTableSlot(rows->descriptor, table_slot_callbacks(rows->table));
	slot = rows->slots[rows->row_count++];
	ExecClearTuple(slot);
	memcpy(slot->tts_values, row->values, sizeof(row->values));
	memcpy(slot->tts_isnull, row->nulls, sizeof(row->nulls));
	ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
	if (rows->row_count == PGNET_DIRECT_ROWS_AT_A_TIME)
		store_rows(rows);
}

/* Stores what is left. The table stays locked. */
void
pgnet_direct_rows_end(DirectRows *rows)
{
	store_rows(rows);
	for (int i = 0; i < rows->slot_count; i++)
		ExecDropSingleTupleTableSlot(rows->slots[i]);
	close_indexes(rows);
	table_close(rows->table, NoLock);
}
