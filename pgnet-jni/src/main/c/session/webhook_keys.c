/*
 * webhook_keys.c
 *		Rows by their primary keys, in memory: for the few statements whose old and new rows are not in step.
 */
#include "session/webhook_keys.h"

#include "access/genam.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "utils/hsearch.h"
#include "utils/rel.h"
#include "utils/typcache.h"

/* One column of the key. */
typedef struct KeyColumn
{
	AttrNumber number;
	Oid collation;
	TypeCacheEntry *type;
} KeyColumn;

/* The rows of a hash. */
typedef struct Bucket
{
	uint32 hash;
	List *rows;
} Bucket;

struct RowKeys
{
	int count;
	KeyColumn columns[INDEX_MAX_KEYS];
	TupleTableSlot *wanted;
	TupleTableSlot *found;
	HTAB *buckets;
};

/* Finds the columns of an index. False when values of one of them cannot be hashed. */
static bool
find_columns(RowKeys *keys, Relation index, TupleDesc descriptor)
{
	keys->count = index->rd_index->indnkeyatts;
	for (int i = 0; i < keys->count; i++)
	{
		KeyColumn *column = &keys->columns[i];

		column->number = index->rd_index->indkey.values[i];
		column->collation = index->rd_indcollation[i];
		column->type = lookup_type_cache(TupleDescAttr(descriptor, column->number - 1)->atttypid,
										 TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(column->type->hash_proc) || !OidIsValid(column->type->eq_opr))
			return false;
	}
	return true;
}

/* No rows yet; NULL when the table has no key, or one that cannot be looked up here. */
RowKeys *
pgnet_row_keys_begin(Relation table)
{
	RowKeys *keys = palloc0(sizeof(RowKeys));
	HASHCTL control = {
		.keysize = sizeof(uint32), .entrysize = sizeof(Bucket), .hcxt = CurrentMemoryContext};
	TupleDesc descriptor;
	Relation index;
	bool usable;

	list_free(RelationGetIndexList(table)); /* which finds the key */
	if (!OidIsValid(table->rd_pkindex))
		return NULL;
	index = index_open(table->rd_pkindex, AccessShareLock);
	usable = find_columns(keys, index, RelationGetDescr(table));
	index_close(index, AccessShareLock);
	if (!usable)
		return NULL;
	descriptor = CreateTupleDescCopy(RelationGetDescr(table)); /* not counted */
	keys->wanted = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	keys->found = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	keys->buckets =
		hash_create("pg_net rows", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return keys;
}

/* The hash of the key of the row in a slot. */
static uint32
hash_of(RowKeys *keys, TupleTableSlot *slot)
{
	uint32 hash = 0;

	for (int i = 0; i < keys->count; i++)
	{
		KeyColumn *column = &keys->columns[i];
		bool isnull;
		Datum value = slot_getattr(slot, column->number, &isnull);

		if (!isnull)
			hash =
				hash_combine(hash, DatumGetUInt32(FunctionCall1Coll(&column->type->hash_proc_finfo,
																	column->collation, value)));
	}
	return hash;
}

/* Whether the rows in both slots have the same key. */
static bool
is_same(RowKeys *keys)
{
	for (int i = 0; i < keys->count; i++)
	{
		KeyColumn *column = &keys->columns[i];
		bool isnull;
		bool other_isnull;
		Datum value = slot_getattr(keys->wanted, column->number, &isnull);
		Datum other = slot_getattr(keys->found, column->number, &other_isnull);

		if (isnull || other_isnull ||
			!DatumGetBool(
				FunctionCall2Coll(&column->type->eq_opr_finfo, column->collation, value, other)))
			return false;
	}
	return true;
}

/* Adds a row, which stays where it is. */
void
pgnet_row_keys_add(RowKeys *keys, MinimalTuple row)
{
	uint32 hash;
	Bucket *bucket;
	bool found;

	ExecStoreMinimalTuple(row, keys->found, false);
	hash = hash_of(keys, keys->found);
	bucket = hash_search(keys->buckets, &hash, HASH_ENTER, &found);
	bucket->rows = lappend(found ? bucket->rows : NIL, row);
}

/* The row with the key of this one; NULL for none. */
MinimalTuple
pgnet_row_keys_find(RowKeys *keys, MinimalTuple row)
{
	uint32 hash;
	Bucket *bucket;
	ListCell *cell;

	ExecStoreMinimalTuple(row, keys->wanted, false);
	hash = hash_of(keys, keys->wanted);
	bucket = hash_search(keys->buckets, &hash, HASH_FIND, NULL);
	if (bucket == NULL)
		return NULL;
	foreach (cell, bucket->rows)
	{
		ExecStoreMinimalTuple(lfirst(cell), keys->found, false);
		if (is_same(keys))
			return lfirst(cell);
	}
	return NULL;
}
