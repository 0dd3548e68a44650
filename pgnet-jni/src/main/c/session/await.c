/*
 * await.c
 *		Sessions that wait for a response: net._await_response.
 */
#include "session/served.h"
#include "shared/memory.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

PG_FUNCTION_INFO_V1(pgnet_await_response);
PG_FUNCTION_INFO_V1(pgnet_await_response_until);

typedef enum RequestState
{
	REQUEST_UNKNOWN, /* never made, cancelled, deleted, or not this role's */
	REQUEST_PENDING,
	REQUEST_OF_THIS_TRANSACTION,
	REQUEST_DONE,
	REQUEST_SUCCEEDED /* and its response is not stored, which it did not want */
} RequestState;

/* whether the request that is waited for was seen, and stores no response of success */
static bool is_unstored;

static SPIPlanPtr state_plan = NULL;

/* Prepares the query of a request's state at its first use. */
static void
prepare_state_plan(void)
{
	static Oid types[] = {INT8OID};

	if (state_plan != NULL)
		return;
	state_plan = SPI_prepare(
		"SELECT true, NULL, false FROM net._http_response WHERE id OPERATOR(pg_catalog.=) $1 "
		"UNION ALL SELECT false, xmin, store OPERATOR(pg_catalog.=) 'failures' "
		"AND on_response IS NULL FROM net.http_request_queue WHERE id "
		"OPERATOR(pg_catalog.=) $1",
		1, types);
	if (state_plan == NULL)
		elog(ERROR, "could not prepare the query of a request's state: %s",
			 SPI_result_code_string(SPI_result));
	SPI_keepplan(state_plan);
}

/* A request that is queued is not done, though an older one of its id may have a response. */
static RequestState
query_state(int64 id)
{
	Datum value = Int64GetDatum(id);
	RequestState state = REQUEST_UNKNOWN;
	bool isnull;

	SPI_connect();
	prepare_state_plan();
	if (SPI_execute_plan(state_plan, &value, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the state of a request");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc descriptor = SPI_tuptable->tupdesc;

		if (!DatumGetBool(SPI_getbinval(row, descriptor, 1, &isnull)))
		{
			is_unstored = DatumGetBool(SPI_getbinval(row, descriptor, 3, &isnull)) && !isnull;
			state = TransactionIdIsCurrentTransactionId(
						DatumGetTransactionId(SPI_getbinval(row, descriptor, 2, &isnull)))
						? REQUEST_OF_THIS_TRANSACTION
						: REQUEST_PENDING;
		}
		else if (state == REQUEST_UNKNOWN)
			state = REQUEST_DONE;
	}
	SPI_finish();
	return state;
}

/*
 * Looks at the tables in a subtransaction that is rolled back, so that no lock on them is held while the session sleeps:
 * whoever truncates the queue or drops the extension does not wait for those who wait for responses.
 */
static RequestState
look(int64 id)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile RequestState state = REQUEST_UNKNOWN;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		state = query_state(id);
	}
	PG_CATCH();
	{
		/* whoever catches this error expects his own subtransaction to be the innermost */
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		ReThrowError(error);
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return state;
}

/* Raises an error when the response of a pending request can never be seen from here. */
static void
check_can_come(RequestState state)
{
	const char *problem = NULL;
	const char *hint = NULL;
	Unserved unserved;

	if (state == REQUEST_OF_THIS_TRANSACTION)
	{
		problem = "This transaction made the request, which is sent only after the commit.";
		hint = "Commit first, then wait for the response.";
	}
	else if (IsolationUsesXactSnapshot())
	{
		problem = "The snapshot of this transaction is older than the response.";
		hint = "Wait in a transaction with isolation level READ COMMITTED.";
	}
	else if (pgnet_is_unserved(&unserved))
	{
		problem = pgnet_sentence(unserved.reason);
		hint = unserved.hint;
	}
	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("cannot wait for the response"), errdetail("%s", problem),
						errhint("%s", hint)));
}

/* The milliseconds to a deadline, at least 0; -1 for none. */
static long
millis_until(TimestampTz deadline)
{
	return TIMESTAMP_IS_NOEND(deadline)
			   ? -1
			   : TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
}

/* Sleeps until the response is there, or will not come, or the deadline has passed. */
static RequestState
sleep_until_done(int64 id, TimestampTz deadline)
{
	int events =
		WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (TIMESTAMP_IS_NOEND(deadline) ? 0 : WL_TIMEOUT);

	for (;;)
	{
		RequestState state;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		state = look(id);
		if (state == REQUEST_UNKNOWN && is_unstored && pgnet_waiter_is_recorded())
			return REQUEST_SUCCEEDED;
		if (state == REQUEST_DONE || state == REQUEST_UNKNOWN)
			return state;
		if (millis_until(deadline) == 0)
			return state;
		check_can_come(state);
		(void) WaitLatch(MyLatch, events, millis_until(deadline), PG_WAIT_EXTENSION);
	}
}

/* Sleeps until the response is there or the time has come; what is so then. */
static RequestState
await_response(int64 id, TimestampTz deadline)
{
	volatile RequestState state = REQUEST_UNKNOWN;

	pgnet_require_preloaded();
	is_unstored = false;
	pgnet_waiter_set(id);
	PG_TRY();
	{
		state = sleep_until_done(id, deadline);
	}
	PG_FINALLY();
	{
		pgnet_waiter_clear();
	}
	PG_END_TRY();
	return state;
}

/*
 * net._await_response(request_id bigint): sleeps until the response is there; false when there is no such request, null when it
 * has succeeded and leaves no response.
 */
Datum
pgnet_await_response(PG_FUNCTION_ARGS)
{
	RequestState state = await_response(PG_GETARG_INT64(0), DT_NOEND);

	if (state == REQUEST_SUCCEEDED)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(state == REQUEST_DONE);
}

/* net._await_response_until(request_id bigint, deadline timestamptz): the same, false when the deadline comes first. */
Datum
pgnet_await_response_until(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(await_response(PG_GETARG_INT64(0), PG_GETARG_TIMESTAMPTZ(1)) == REQUEST_DONE);
}
