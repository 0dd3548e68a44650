/*
 * direct_table.c
 *		Whether rows may come to a table, or go, without a statement: whatever a statement would see to beside its triggers and
 *		indexes, there is none of it.
 */
#include "store/direct_table.h"

#include "access/xact.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/rls.h"

/* Whether the role in force has all of these privileges for the table, and row-level security does not concern it. */
static bool
is_allowed(Oid table, AclMode privileges)
{
	return pg_class_aclmask(table, GetUserId(), privileges, ACLMASK_ALL) == privileges &&
		   check_enable_rls(table, InvalidOid, true) != RLS_ENABLED;
}

/* Whether a statement that needs these privileges would neither be refused nor seen by another extension, nor look at rows. */
bool
pgnet_needs_no_statement(Relation table, AclMode privileges)
{
	return !XactReadOnly && ExecutorCheckPerms_hook == NULL &&
		   table->rd_rel->relam == HEAP_TABLE_AM_OID && !table->rd_rel->relispartition &&
		   is_allowed(RelationGetRelid(table), privileges);
}
