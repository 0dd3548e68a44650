/*
 * cancel.c
 *		net.cancel: takes a request back.
 */
#include "session/as_owner.h"
#include "session/enqueue.h"
#include "shared/memory.h"
#include "shared/statement.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(pgnet_cancel);

static Statement visible_statement = {
	.text = "SELECT FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement delete_statement = {
	.text = "DELETE FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* Deletes as the owner of the queue: callers may see their own requests, but nobody else may delete. */
static bool
delete_as_owner(Datum id)
{
	AsOwner caller = pgnet_as_owner_begin(
		get_relname_relid("http_request_queue", get_namespace_oid("net", false)));
	bool deleted;

	pgnet_execute(&delete_statement, &id, NULL, SPI_OK_DELETE);
	deleted = SPI_processed > 0;
	pgnet_as_owner_end(caller);
	return deleted;
}

/*
 * net.cancel(request_id bigint): true if the request will not be sent, or its response not be kept, once this transaction
 * commits. The caller must be able to see the request.
 */
Datum
pgnet_cancel(PG_FUNCTION_ARGS)
{
	Datum id = PG_GETARG_DATUM(0);
	int removals = pgnet_removals();
	bool cancelled = false;

	pgnet_require_preloaded();
	SPI_connect();
	pgnet_execute(&visible_statement, &id, NULL, SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		cancelled = delete_as_owner(id);
		pgnet_remember_cancelled(DatumGetInt64(id), removals);
	}
	SPI_finish();
	PG_RETURN_BOOL(cancelled);
}
