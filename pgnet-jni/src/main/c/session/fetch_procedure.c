/*
 * fetch_procedure.c
 *		net.fetch: queues a request, commits, waits, and returns what came of it, for those who try by hand.
 */
#include "shared/memory.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"

PG_FUNCTION_INFO_V1(pgnet_fetch_procedure);

/* The response is stored whatever the host's row says: it is what the caller waits for. */
#define QUEUE_SQL                                                                               \
	"SELECT net.request($1, body => $2, method => $3, headers => $4, params => $5, timeout => " \
	"$6, "                                                                                      \
	"store => 'all')"

#define OUTCOME_SQL                                            \
	"SELECT r.id, r.status_code, r.content, r.error_msg FROM " \
	"net.await(ARRAY[$1]::pg_catalog.int8[]) r"

enum
{
	ARGUMENT_COUNT = 6,
	RESULT_COUNT = 4
};

/* Refuses to run where it cannot commit: what is not committed is not sent, and has no response. */
static void
require_own_transaction(const Node *context)
{
	if (context == NULL || !IsA(context, CallContext) || ((const CallContext *) context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("net.fetch cannot run inside a transaction block or a function"),
				 errdetail("It commits the request, since a request is sent after the commit."),
				 errhint("Call it by itself, outside BEGIN and COMMIT; or use net.request(), and "
						 "net.await() in a later transaction.")));
}

/* Queues the request of these arguments. Its id. */
static int64
queue(NullableDatum *arguments)
{
	static Oid types[ARGUMENT_COUNT] = {TEXTOID,  JSONBOID, TEXTOID,
										JSONBOID, JSONBOID, INTERVALOID};
	Datum values[ARGUMENT_COUNT];
	char nulls[ARGUMENT_COUNT];
	bool isnull;

	for (int i = 0; i < ARGUMENT_COUNT; i++)
	{
		values[i] = arguments[i].value;
		nulls[i] = arguments[i].isnull ? 'n' : ' ';
	}
	if (SPI_execute_with_args(QUEUE_SQL, ARGUMENT_COUNT, types, values, nulls, false, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not queue the request");
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* Waits for the response. Writes what net.fetch returns, of which nothing but the id is there when the request was cancelled. */
static void
await(int64 id, MemoryContext result_context, Datum *results, bool *nulls)
{
	static Oid types[] = {INT8OID};
	Datum value = Int64GetDatum(id);

	if (SPI_execute_with_args(OUTCOME_SQL, 1, types, &value, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the response");
	results[0] = value;
	nulls[0] = false;
	for (int i = 1; i < RESULT_COUNT; i++)
	{
		nulls[i] = true;
		if (SPI_processed > 0)
			results[i] =
				SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &nulls[i]);
		if (!nulls[i] && TupleDescAttr(SPI_tuptable->tupdesc, i)->attlen == -1)
		{
			MemoryContext before = MemoryContextSwitchTo(result_context);

			results[i] = PointerGetDatum(PG_DETOAST_DATUM_COPY(results[i]));
			MemoryContextSwitchTo(before);
		}
	}
}

/*
 * net.fetch(url text, body jsonb, method text, headers jsonb, params jsonb, timeout interval, INOUT request_id bigint,
 * INOUT status_code integer, INOUT content text, INOUT error_msg text): a procedure, since a function cannot commit.
 */
Datum
pgnet_fetch_procedure(PG_FUNCTION_ARGS)
{
	MemoryContext result_context = CurrentMemoryContext;
	TupleDesc descriptor;
	Datum results[RESULT_COUNT];
	bool nulls[RESULT_COUNT];
	int64 id;

	pgnet_require_preloaded();
	require_own_transaction(fcinfo->context);
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "net.fetch has other parameters than this library knows");
	descriptor = BlessTupleDesc(descriptor);

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	id = queue(fcinfo->args);
	SPI_commit();
	await(id, result_context, results, nulls);
	SPI_finish();
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, results, nulls)));
}
