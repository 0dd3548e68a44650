/*
 * retry.c
 *		net.retry: has a request that waits for its time sent at once.
 */
#include "session/enqueue.h"
#include "session/queue_owner.h"
#include "shared/memory.h"
#include "shared/row_version.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(pgnet_retry);

/* The queue's row first: the worker passes over a locked one, and would wait for a row beside it. */
static Statement lock_statement = {
	.text = "SELECT FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1 FOR UPDATE",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* Not one that is due, which may be in flight. */
static Statement due_statement = {
	.text = "UPDATE net._delivery d SET due = pg_catalog.clock_timestamp() FROM "
			"net.http_request_queue q "
			"WHERE q.id OPERATOR(pg_catalog.=) $1 AND d.request_id OPERATOR(pg_catalog.=) q.id "
			"AND d.version OPERATOR(pg_catalog.=) " PGNET_ROW_VERSION_SQL
			" AND d.due OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp()",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/*
 * net.retry(request_id bigint): true if the request is sent when this transaction commits, and not at its time. The caller must
 * be able to see it. Its id is handed over, since the worker may have looked behind the new moment already.
 */
Datum
pgnet_retry(PG_FUNCTION_ARGS)
{
	Datum id = PG_GETARG_DATUM(0);
	bool retried = false;

	pgnet_require_preloaded();
	SPI_connect();
	if (pgnet_sees_request(id))
	{
		(void) pgnet_execute_as_owner(&lock_statement, &id, SPI_OK_SELECT);
		retried = pgnet_execute_as_owner(&due_statement, &id, SPI_OK_UPDATE) > 0;
	}
	SPI_finish();
	if (retried)
		pgnet_remember((IdRange){DatumGetInt64(id), DatumGetInt64(id)});
	PG_RETURN_BOOL(retried);
}
