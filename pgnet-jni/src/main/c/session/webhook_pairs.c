/*
 * webhook_pairs.c
 *		The rows that set a webhook off, a part of them at a time: those of a statement, or the one of a row trigger.
 *
 * An UPDATE puts each row into both transition tables, one after the other. When as many came out as went in, they are paired as
 * they are there. A BEFORE trigger may swallow the new row of one that moves to another partition; then the primary key tells.
 */
#include "session/webhook_pairs.h"
#include "session/webhook_keys.h"

#include "executor/executor.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

/* How many bytes of rows are taken at a time. */
#define MOST_BYTES (8 * 1024 * 1024)

/* One of the transition tables, read from the begin; NULL when the event has none. */
typedef struct Rows
{
	Tuplestorestate *store;
	int pointer;
	TupleTableSlot *slot;
} Rows;

struct RowPairs
{
	TriggerData *trigger;
	bool is_done; /* for what has one row, or none */
	Rows old_rows;
	Rows new_rows;
	RowKeys *keys; /* of the old rows, when these are not in step with the new ones */
	bool in_step;
};

/* A row of a tuplestore; NULL behind the last one. */
static MinimalTuple
next_row(Rows *rows, MemoryContext memory)
{
	MemoryContext before;
	MinimalTuple row;

	tuplestore_select_read_pointer(rows->store, rows->pointer);
	if (!tuplestore_gettupleslot(rows->store, true, false, rows->slot))
		return NULL;
	before = MemoryContextSwitchTo(memory);
	row = ExecCopySlotMinimalTuple(rows->slot);
	MemoryContextSwitchTo(before);
	return row;
}

/* Begins with the first row of a transition table. */
static void
begin_rows(Rows *rows, Tuplestorestate *store, Relation table)
{
	rows->store = store;
	if (store == NULL)
		return;
	rows->pointer = tuplestore_alloc_read_pointer(store, EXEC_FLAG_REWIND);
	tuplestore_select_read_pointer(store, rows->pointer);
	tuplestore_rescan(store);
	rows->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(table)),
										  &TTSOpsMinimalTuple); /* not counted */
}

/* Notes the old rows by their keys, if the table has one. */
static void
note_keys(RowPairs *pairs)
{
	MinimalTuple row;

	pairs->keys = pgnet_row_keys_begin(pairs->trigger->tg_relation);
	while (pairs->keys != NULL && (row = next_row(&pairs->old_rows, CurrentMemoryContext)) != NULL)
		pgnet_row_keys_add(pairs->keys, row);
}

/* The rows of a trigger that was called, in the current memory context. */
RowPairs *
pgnet_row_pairs_begin(TriggerData *trigger)
{
	RowPairs *pairs = palloc0(sizeof(RowPairs));

	pairs->trigger = trigger;
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		return pairs;
	begin_rows(&pairs->old_rows, trigger->tg_oldtable, trigger->tg_relation);
	begin_rows(&pairs->new_rows, trigger->tg_newtable, trigger->tg_relation);
	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return pairs;
	pairs->in_step = tuplestore_tuple_count(trigger->tg_oldtable) ==
					 tuplestore_tuple_count(trigger->tg_newtable);
	if (!pairs->in_step)
		note_keys(pairs);
	return pairs;
}

/* The row of a row trigger; of TRUNCATE there is none. */
static RowPair
only_row(const TriggerData *trigger, MemoryContext memory)
{
	MemoryContext before = MemoryContextSwitchTo(memory);
	bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	RowPair row = {NULL, NULL};

	if (is_update || TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		row.old_row = ExecCopySlotMinimalTuple(trigger->tg_trigslot);
	if (is_update)
		row.new_row = ExecCopySlotMinimalTuple(trigger->tg_newslot);
	else if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		row.new_row = ExecCopySlotMinimalTuple(trigger->tg_trigslot);
	MemoryContextSwitchTo(before);
	return row;
}

/* The next row of a statement. False when there is none. */
static bool
next_pair(RowPairs *pairs, RowPair *row, MemoryContext memory)
{
	*row = (RowPair){NULL, NULL};
	if (pairs->new_rows.store == NULL)
		return (row->old_row = next_row(&pairs->old_rows, memory)) != NULL;
	row->new_row = next_row(&pairs->new_rows, memory);
	if (row->new_row == NULL)
		return false;
	if (pairs->in_step)
		row->old_row = next_row(&pairs->old_rows, memory);
	else if (pairs->keys != NULL)
		row->old_row = pgnet_row_keys_find(pairs->keys, row->new_row);
	return true;
}

/* Puts the next rows, at most so many, into an array, with their contents in a memory context. Returns how many. */
int
pgnet_row_pairs_next(RowPairs *pairs, RowPair *rows, int most, MemoryContext memory)
{
	Size bytes = 0;
	int count = 0;

	if (pairs->new_rows.store == NULL && pairs->old_rows.store == NULL)
	{
		if (pairs->is_done)
			return 0;
		pairs->is_done = true;
		rows[0] = only_row(pairs->trigger, memory);
		return 1;
	}
	while (count < most && bytes < MOST_BYTES && next_pair(pairs, &rows[count], memory))
	{
		bytes +=
			rows[count].new_row == NULL ? rows[count].old_row->t_len : rows[count].new_row->t_len;
		count++;
	}
	return count;
}
