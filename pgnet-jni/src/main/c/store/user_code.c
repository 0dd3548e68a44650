/*
 * user_code.c
 *		Whether a user's code sees the rows that are inserted.
 */
#include "store/user_code.h"
#include "store/transaction.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

/* Whether an index of the table computes something, by functions that may be a user's. */
static bool
has_computed_index(Relation table)
{
	List *indexes = RelationGetIndexList(table);
	bool computed = false;
	ListCell *cell;

	foreach (cell, indexes)
	{
		HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));

		if (!HeapTupleIsValid(tuple))
			continue;
		computed |= !heap_attisnull(tuple, Anum_pg_index_indexprs, NULL) ||
					!heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
		ReleaseSysCache(tuple);
	}
	list_free(indexes);
	return computed;
}

/* Whether anything but the statement itself looks at the rows of net._http_response that it inserts. */
bool
pgnet_user_code_sees_responses(void)
{
	Relation table = table_open(pgnet_responses_oid, RowExclusiveLock);
	bool sees = table->rd_rel->relkind != RELKIND_RELATION || table->rd_rel->relhastriggers ||
				table->rd_rel->relhasrules || table->rd_rel->relforcerowsecurity ||
				table->rd_rel->relchecks > 0 || has_computed_index(table) ||
				(table->rd_att->constr != NULL && table->rd_att->constr->has_generated_stored);

	table_close(table, NoLock); /* the statement needs the same lock */
	return sees;
}
