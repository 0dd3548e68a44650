/*
 * secrets_table.c
 *		The table net._secrets: where it is.
 */
#include "shared/secrets_table.h"
#include "shared/own_table.h"

#include "catalog/pg_class.h"
#include "utils/lsyscache.h"

/* Finds the table; InvalidOid when it is not there, or no plain table. Within a transaction. */
Oid
pgnet_secrets_table(void)
{
	Oid table = pgnet_find_table("_secrets");

	return OidIsValid(table) && get_rel_relkind(table) == RELKIND_RELATION ? table : InvalidOid;
}
