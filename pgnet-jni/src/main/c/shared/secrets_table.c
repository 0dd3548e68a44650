/*
 * secrets_table.c
 *		The table net._secrets: where it is.
 */
#include "shared/secrets_table.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"

/* Finds the table; InvalidOid when it is not there, or no plain table. Within a transaction. */
Oid
pgnet_secrets_table(void)
{
	Oid schema = get_namespace_oid("net", true);
	Oid table = OidIsValid(schema) ? get_relname_relid("_secrets", schema) : InvalidOid;

	return OidIsValid(table) && get_rel_relkind(table) == RELKIND_RELATION ? table : InvalidOid;
}
