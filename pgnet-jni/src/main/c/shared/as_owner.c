/*
 * as_owner.c
 *		What a function does in a session with the rights of a table's owner.
 */
#include "shared/as_owner.h"
#include "shared/table_owner.h"

#include "miscadmin.h"
#include "utils/guc.h"

/*
 * Takes on the rights of a role, and no more: its code must not find what the caller put into the search_path. An error ends
 * it too.
 */
AsOwner
pgnet_as_role_begin(Oid role)
{
	AsOwner caller = {.guc_level = NewGUCNestLevel()};

	GetUserIdAndSecContext(&caller.user, &caller.security);
	SetUserIdAndSecContext(role, caller.security | SECURITY_LOCAL_USERID_CHANGE |
									 SECURITY_RESTRICTED_OPERATION);
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return caller;
}

/* The same with the rights of the table's owner, for the owner's triggers. */
AsOwner
pgnet_as_owner_begin(Oid table)
{
	return pgnet_as_role_begin(pgnet_table_owner(table));
}

/* Gives back the caller's. */
void
pgnet_as_owner_end(AsOwner caller)
{
	AtEOXact_GUC(false, caller.guc_level);
	SetUserIdAndSecContext(caller.user, caller.security);
}
