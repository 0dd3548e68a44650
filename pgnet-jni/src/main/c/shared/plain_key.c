/*
 * plain_key.c
 *		Whether a table has one index, and that is a plain key.
 */
#include "shared/plain_key.h"

#include "access/genam.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

/* The one index of a table, if it is its primary key; InvalidOid for any other case. */
static Oid
only_index(Relation table)
{
	List *indexes = RelationGetIndexList(table);
	Oid index = list_length(indexes) == 1 && linitial_oid(indexes) == table->rd_pkindex
					? table->rd_pkindex
					: InvalidOid;

	list_free(indexes);
	return index;
}

/*
 * The one index of a table, if in it each row has one entry, by this column, that is checked at once; InvalidOid for any other
 * case. The index stays locked, as what a statement writes to.
 */
Oid
pgnet_plain_key(Relation table, AttrNumber column)
{
	Oid oid = only_index(table);
	Relation index;
	bool is_plain;

	if (!OidIsValid(oid))
		return InvalidOid;
	index = index_open(oid, RowExclusiveLock);
	is_plain = index->rd_index->indnatts == 1 && index->rd_index->indkey.values[0] == column &&
			   index->rd_index->indimmediate;
	index_close(index, NoLock);
	return is_plain ? oid : InvalidOid;
}
