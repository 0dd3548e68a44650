/*
 * cancel.c
 *		net.cancel: takes a request back, or what is left of one.
 */
#include "session/dead_letters.h"
#include "session/enqueue.h"
#include "session/queue_owner.h"
#include "session/schedule.h"
#include "shared/memory.h"
#include "shared/order_key.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(pgnet_cancel);

static Statement delete_statement = {
	.text = "DELETE FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1 "
			"RETURNING owner, order_key",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* The request is none of its order key any more, if it was of one. */
static void
free_key(void)
{
	bool owner_is_null;
	bool key_is_null;
	Datum owner = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &owner_is_null);
	Datum key = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &key_is_null);

	if (!owner_is_null && !key_is_null)
		pgnet_remember_key(DatumGetObjectId(owner), pgnet_order_key(key));
}

/* Deletes the request and what is kept beside it. Whether it was there. Needs an SPI connection. */
static bool
take_back(Datum id)
{
	volatile bool cancelled = false;

	pgnet_note_cancelling(true);
	PG_TRY();
	{
		/* the queue first, as the worker: who has a request's row there has what is kept beside it */
		cancelled = pgnet_execute_as_owner(&delete_statement, &id, SPI_OK_DELETE_RETURNING) > 0;
	}
	PG_FINALLY();
	{
		pgnet_note_cancelling(false);
	}
	PG_END_TRY();
	if (cancelled)
		free_key();
	pgnet_forget_delivery(id);
	return cancelled;
}

/*
 * net.cancel(request_id bigint): true if the request will not be sent, or its response not be kept, once this transaction
 * commits; of one that has ended, if it is not kept any more, or its function not called. The caller must be able to see it.
 */
Datum
pgnet_cancel(PG_FUNCTION_ARGS)
{
	Datum id = PG_GETARG_DATUM(0);
	int removals = pgnet_removals();
	bool cancelled;

	pgnet_require_preloaded();
	SPI_connect();
	if (pgnet_sees_request(id))
	{
		cancelled = take_back(id);
		pgnet_remember_cancelled(DatumGetInt64(id), removals);
	}
	else
		cancelled = pgnet_discard_dead(id) | pgnet_discard_callback(id);
	SPI_finish();
	PG_RETURN_BOOL(cancelled);
}
