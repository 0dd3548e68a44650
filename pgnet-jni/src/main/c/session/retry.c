/*
 * retry.c
 *		net.retry: has a request that waits for its time, or is dead, sent at once; net.retry_all one after the other.
 */
#include "session/dead_letters.h"
#include "session/enqueue.h"
#include "session/queue_owner.h"
#include "shared/memory.h"
#include "shared/row_version.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_retry);
PG_FUNCTION_INFO_V1(pgnet_retry_if_free);

/* The queue's row first: the worker passes over a locked one, and would wait for a row beside it. */
static Statement lock_statement = {
	.text = "SELECT FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1 FOR UPDATE",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* Not one that is due, which may be in flight, and none later than it would be anyway. */
static Statement due_statement = {
	.text = "UPDATE net._delivery d SET due = LEAST(d.due, $2) FROM "
			"net.http_request_queue q "
			"WHERE q.id OPERATOR(pg_catalog.=) $1 AND d.request_id OPERATOR(pg_catalog.=) q.id "
			"AND " PGNET_SAME_REQUEST_SQL
			" AND d.due OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp()",
	.argument_count = 2,
	.argument_types = {INT8OID, TIMESTAMPTZOID},
};

/* Tells of a request that waits until another moment now: the worker may have looked behind that already. */
static void
remember(Datum id, TimestampTz due)
{
	if (due > GetCurrentTimestamp())
		pgnet_remember_scheduled(DatumGetInt64(id), due);
	else
		pgnet_remember((IdRange){DatumGetInt64(id), DatumGetInt64(id)});
}

/* Has a request that waits for its time sent at a moment, or when this transaction commits. Needs an SPI connection. */
static bool
retry_waiting(Datum id, TimestampTz due)
{
	Datum values[] = {id, TimestampTzGetDatum(due)};
	bool retried;

	if (!pgnet_sees_request(id))
		return false;
	(void) pgnet_execute_as_owner(&lock_statement, &id, SPI_OK_SELECT);
	retried = pgnet_execute_as_owner(&due_statement, values, SPI_OK_UPDATE) > 0;
	if (retried)
		remember(id, due);
	return retried;
}

/* Either of the two: the one that waits first. */
static Revival
retry(Datum id, TimestampTz due)
{
	Revival revival = REVIVED;

	pgnet_require_preloaded();
	SPI_connect();
	if (!retry_waiting(id, due))
		revival = pgnet_revive(id, due);
	SPI_finish();
	return revival;
}

/*
 * net.retry(request_id bigint): true if the request is sent, or the function called that was given up, when this transaction
 * commits. The caller must be able to see it.
 */
Datum
pgnet_retry(PG_FUNCTION_ARGS)
{
	Revival revival = retry(PG_GETARG_DATUM(0), GetCurrentTimestamp());

	if (revival == ID_IS_TAKEN)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("another request has, or will get, the id " INT64_FORMAT " of this dead letter",
					PG_GETARG_INT64(0)),
			 errdetail("Ids repeat after RESTART IDENTITY."),
			 errhint("Wait until the other request has ended and delete its response, or make "
					 "the request anew from its row in net.dead_letters.")));
	PG_RETURN_BOOL(revival == REVIVED);
}

/* net._retry_if_free(request_id bigint, after interval): the same after a time, but null when another request has the id. */
Datum
pgnet_retry_if_free(PG_FUNCTION_ARGS)
{
	Datum due = DirectFunctionCall2(timestamptz_pl_interval,
									TimestampTzGetDatum(GetCurrentTimestamp()), PG_GETARG_DATUM(1));
	Revival revival = retry(PG_GETARG_DATUM(0), DatumGetTimestampTz(due));

	if (revival == ID_IS_TAKEN)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(revival == REVIVED);
}
