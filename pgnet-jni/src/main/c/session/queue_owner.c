/*
 * queue_owner.c
 *		Statements that a session runs with the rights of the queue's owner: callers may see their own requests, but write
 *		nothing that is kept of them.
 */
#include "session/queue_owner.h"
#include "shared/table_owner.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

/*
 * Executes a statement as the owner, and returns how many rows it was about. The owner's triggers must not find what the
 * caller put into the search_path. Needs an SPI connection.
 */
uint64
pgnet_execute_as_owner(Statement *statement, Datum *values, int expected)
{
	Oid user;
	int security;
	int guc_level = NewGUCNestLevel();
	uint64 processed;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(
		pgnet_table_owner(get_relname_relid("http_request_queue", get_namespace_oid("net", false))),
		security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	pgnet_execute(statement, values, NULL, expected);
	processed = SPI_processed;
	AtEOXact_GUC(false, guc_level);
	SetUserIdAndSecContext(user, security);
	return processed;
}
