/*
 * queued_id.c
 *		Which ids requests of the queue have.
 */
#include "session/queued_id.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The index of the queue's primary key when that is its id alone. */
static Oid
index_of_ids(Relation queue, AttrNumber id_column)
{
	Relation index;
	Oid found = InvalidOid;

	list_free(RelationGetIndexList(queue)); /* finds the primary key */
	if (!OidIsValid(queue->rd_pkindex))
		return InvalidOid;
	index = index_open(queue->rd_pkindex, AccessShareLock);
	if (index->rd_index->indnatts == 1 && index->rd_index->indkey.values[0] == id_column)
		found = queue->rd_pkindex;
	index_close(index, NoLock);
	return found;
}

/*
 * Whether a request has this id, or will have it when a transaction commits that has not ended. Whoever inserts the id would
 * wait for that one's end, which may be long in coming: a prepared transaction waits for somebody. The caller has the
 * queue locked.
 */
bool
pgnet_id_is_queued(Oid queue, int64 id)
{
	Relation table = table_open(queue, NoLock);
	AttrNumber id_column = get_attnum(queue, "id");
	Oid index = index_of_ids(table, id_column);
	SnapshotData uncommitted_too;
	SysScanDesc scan;
	ScanKeyData key;
	bool is_queued;

	InitDirtySnapshot(uncommitted_too);
	ScanKeyInit(&key, id_column, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	scan = systable_beginscan(table, index, OidIsValid(index), &uncommitted_too, 1, &key);
	is_queued = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(table, NoLock);
	return is_queued;
}

/*
 * The next id that no request has. One may have an id that is still to be given: a dead letter that was brought back after
 * RESTART IDENTITY, or whatever was there before somebody set the sequence back.
 */
int64
pgnet_next_free_id(Oid queue, Oid sequence)
{
	int64 first = nextval_internal(sequence, false);
	int64 id = first;

	while (pgnet_id_is_queued(queue, id))
	{
		CHECK_FOR_INTERRUPTS();
		id = nextval_internal(sequence, false);
		if (id == first) /* the owner has had it begin anew at its end */
			ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
							errmsg("queued requests use every id of the sequence"),
							errhint("Raise MAXVALUE of the sequence of net.http_request_queue.")));
	}
	return id;
}
