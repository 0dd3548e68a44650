/*
 * cancel.c
 *		net.cancel: takes a request back, or what is left of one.
 */
#include "session/dead_letters.h"
#include "session/enqueue.h"
#include "session/queue_owner.h"
#include "session/schedule.h"
#include "shared/memory.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(pgnet_cancel);

static Statement delete_statement = {
	.text = "DELETE FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/*
 * net.cancel(request_id bigint): true if the request will not be sent, or its response not be kept, once this transaction
 * commits; of one that has ended, if it is not kept any more, or its function not called. The caller must be able to see it.
 */
Datum
pgnet_cancel(PG_FUNCTION_ARGS)
{
	Datum id = PG_GETARG_DATUM(0);
	int removals = pgnet_removals();
	bool cancelled = false;

	pgnet_require_preloaded();
	SPI_connect();
	if (pgnet_sees_request(id))
	{
		/* the queue first, as the worker: who has a request's row there has what is kept beside it */
		cancelled = pgnet_execute_as_owner(&delete_statement, &id, SPI_OK_DELETE) > 0;
		pgnet_forget_delivery(id);
		pgnet_remember_cancelled(DatumGetInt64(id), removals);
	}
	else
		cancelled = pgnet_discard_dead(id) | pgnet_discard_callback(id);
	SPI_finish();
	PG_RETURN_BOOL(cancelled);
}
