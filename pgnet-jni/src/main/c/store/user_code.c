/*
 * user_code.c
 *		Whether a user's code sees the rows that are inserted, or runs at all.
 */
#include "store/user_code.h"
#include "store/tables.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/trigger.h"
#include "storage/lmgr.h"
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

/* Whether a trigger's function is the extension's: of the library's language, in which plain roles write none. */
static bool
is_own_function(Oid function, Oid schema)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	bool own;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	own = form->prolang == ClanguageId && form->pronamespace == schema;
	ReleaseSysCache(tuple);
	return own;
}

/* Whether the table has a trigger that is not the extension's. */
static bool
has_user_trigger(Relation table)
{
	TriggerDesc *triggers = table->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (!is_own_function(triggers->triggers[i].tgfoid, table->rd_rel->relnamespace))
			return true;
	return false;
}

/* Whether anything but the statements themselves, and the extension's triggers, looks at the rows of the queue. */
bool
pgnet_is_queue_observed(Relation table)
{
	return has_user_trigger(table) || table->rd_rel->relhasrules ||
		   table->rd_rel->relforcerowsecurity;
}

/* Whether anything but the statements themselves, and the extension's triggers, looks at the rows that come to a table. */
bool
pgnet_is_observed(Relation table)
{
	return table->rd_rel->relkind != RELKIND_RELATION || has_user_trigger(table) ||
		   table->rd_rel->relhasrules || table->rd_rel->relforcerowsecurity ||
		   table->rd_rel->relchecks > 0 || has_computed_index(table) ||
		   (table->rd_att->constr != NULL && table->rd_att->constr->has_generated_stored);
}

/*
 * Whether anything but the statement itself looks at the rows of a table that it inserts. What could change that waits for
 * the lock that is taken here, to the end of the transaction: CREATE INDEX CONCURRENTLY too, before its index takes part in
 * an insert.
 */
bool
pgnet_user_code_sees_rows_of(Oid oid)
{
	Relation table = table_open(oid, RowExclusiveLock);
	bool sees = pgnet_is_observed(table);

	table_close(table, NoLock); /* the statement needs the same lock */
	return sees;
}

/* Whether the transaction has used a table on which this is so. */
static bool
is_used_and(Oid oid, bool (*is_observed)(Relation))
{
	Relation table = RelationIdGetRelation(oid);
	bool result;

	if (!RelationIsValid(table))
		return true; /* it was just dropped */
	result = CheckRelationLockedByMe(table, AccessShareLock, true) && is_observed(table);
	RelationClose(table);
	return result;
}

/*
 * Whether code of the tables' owner, or of whoever may put some on the tables, may have run in this transaction: while it
 * holds the locks of its statements, nothing of that comes or goes.
 */
bool
pgnet_user_code_may_have_run(void)
{
	return is_used_and(pgnet_queue_oid, pgnet_is_queue_observed) ||
		   is_used_and(pgnet_responses_oid, pgnet_is_observed) ||
		   is_used_and(pgnet_details_oid, pgnet_is_observed);
}
