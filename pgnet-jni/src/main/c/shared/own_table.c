/*
 * own_table.c
 *		The extension's tables by their names. Within a transaction.
 */
#include "shared/own_table.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

/* What has this name in the schema net, be it a table or not; InvalidOid for nothing. */
Oid
pgnet_find_table(const char *name)
{
	Oid schema = get_namespace_oid("net", true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

/* The same; an error for nothing. */
Oid
pgnet_get_table(const char *name)
{
	Oid table = pgnet_find_table(name);

	if (!OidIsValid(table))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation \"net.%s\" does not exist", name)));
	return table;
}
