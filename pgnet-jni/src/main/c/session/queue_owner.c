/*
 * queue_owner.c
 *		Statements that a session runs with the rights of the queue's owner: callers may see their own requests, but write
 *		nothing that is kept of them.
 */
#include "session/queue_owner.h"
#include "shared/as_owner.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

/* Executes a statement as the owner, and returns how many rows it was about. Needs an SPI connection. */
uint64
pgnet_execute_as_owner(Statement *statement, Datum *values, int expected)
{
	AsOwner caller = pgnet_as_owner_begin(
		get_relname_relid("http_request_queue", get_namespace_oid("net", false)));
	uint64 processed;

	pgnet_execute(statement, values, NULL, expected);
	processed = SPI_processed;
	pgnet_as_owner_end(caller);
	return processed;
}
