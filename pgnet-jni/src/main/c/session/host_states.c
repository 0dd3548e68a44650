/*
 * host_states.c
 *		net._host_states(): what requests to hosts do now, of the owners whose rights the reader has.
 */
#include "session/percentile_columns.h"
#include "shared/flow_board.h"
#include "shared/hash64.h"
#include "shared/memory.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(pgnet_host_states);

/* so long the worker may take to answer */
#define PATIENCE_MILLIS 2000

/* Text of the database's encoding; an empty one is a null. */
static Datum
text_or_null(const char *utf8, bool *isnull)
{
	*isnull = utf8[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(pg_any_to_server(utf8, strlen(utf8), PG_UTF8));
}

/* A moment; the begin of time is a null. */
static Datum
moment_or_null(TimestampTz moment, bool *isnull)
{
	*isnull = TIMESTAMP_IS_NOBEGIN(moment);
	return TimestampTzGetDatum(moment);
}

/* Adds the row of a flow, its columns in the order of pg_net.sql. */
static void
add(const ReturnSetInfo *result, const Flow *flow)
{
	Percentiles percentiles;
	bool nulls[19] = {false};
	Datum values[lengthof(nulls)];

	values[0] = text_or_null(flow->origin, &nulls[0]);
	values[1] = ObjectIdGetDatum(flow->owner);
	values[2] = text_or_null(flow->sender, &nulls[2]);
	values[3] = Int64GetDatum(flow->waiting);
	values[4] = Int64GetDatum(flow->in_flight);
	values[5] = Float8GetDatum(flow->tokens);
	nulls[5] = flow->tokens < 0;
	values[6] = text_or_null(flow->breaker, &nulls[6]);
	values[7] = moment_or_null(flow->paused_until, &nulls[7]);
	values[8] = text_or_null(flow->reason, &nulls[8]);
	values[9] = Int64GetDatum(flow->started);
	values[10] = Int64GetDatum(flow->failed);
	values[11] = Int64GetDatum(flow->retried);
	values[12] = text_or_null(flow->last_error, &nulls[12]);
	values[13] = moment_or_null(flow->last_failed, &nulls[13]);
	values[14] = moment_or_null(flow->broken_since, &nulls[14]);
	pgnet_percentile_columns(
		flow->sender[0] == '\0' &&
				pgnet_percentiles_of_flow(
					flow->owner, pgnet_hash64(flow->origin, strlen(flow->origin)), &percentiles)
			? &percentiles
			: NULL,
		&values[15], &nulls[15]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* net._host_states(): none when no worker of this database runs. */
Datum
pgnet_host_states(PG_FUNCTION_ARGS)
{
	Flow *flows;
	int count;

	pgnet_require_preloaded();
	InitMaterializedSRF(fcinfo, 0);
	flows = pgnet_ask_for_flows(PATIENCE_MILLIS, &count);
	for (int i = 0; i < count; i++)
		if (pgnet_may_see_flow(&flows[i]))
			add((ReturnSetInfo *) fcinfo->resultinfo, &flows[i]);
	PG_RETURN_NULL();
}
