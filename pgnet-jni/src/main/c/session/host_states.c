/*
 * host_states.c
 *		net._host_states(): what requests to hosts do now, of the owners whose rights the reader has.
 */
#include "shared/flow_board.h"
#include "shared/memory.h"

#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(pgnet_host_states);

/* Text of the database's encoding; an empty one is a null. */
static Datum
text_or_null(const char *utf8, bool *isnull)
{
	*isnull = utf8[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(pg_any_to_server(utf8, strlen(utf8), PG_UTF8));
}

/* Adds the row of a flow, its columns in the order of pg_net.sql. */
static void
add(const ReturnSetInfo *result, const Flow *flow)
{
	bool nulls[11] = {false};
	Datum values[lengthof(nulls)];

	values[0] = text_or_null(flow->origin, &nulls[0]);
	values[1] = ObjectIdGetDatum(flow->owner);
	values[2] = Int64GetDatum(flow->waiting);
	values[3] = Int64GetDatum(flow->in_flight);
	values[4] = Float8GetDatum(flow->tokens);
	nulls[4] = flow->tokens < 0;
	values[5] = text_or_null(flow->breaker, &nulls[5]);
	values[6] = TimestampTzGetDatum(flow->paused_until);
	nulls[6] = TIMESTAMP_IS_NOBEGIN(flow->paused_until);
	values[7] = text_or_null(flow->reason, &nulls[7]);
	values[8] = Int64GetDatum(flow->started);
	values[9] = Int64GetDatum(flow->failed);
	values[10] = Int64GetDatum(flow->retried);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* net._host_states(): none when no worker of this database runs. */
Datum
pgnet_host_states(PG_FUNCTION_ARGS)
{
	bool sees_all = has_privs_of_role(GetUserId(), ROLE_PG_MONITOR);
	Flow *flows;
	int count;

	pgnet_require_preloaded();
	InitMaterializedSRF(fcinfo, 0);
	flows = pgnet_ask_for_flows(&count);
	for (int i = 0; i < count; i++)
		if (sees_all || has_privs_of_role(GetUserId(), flows[i].owner))
			add((ReturnSetInfo *) fcinfo->resultinfo, &flows[i]);
	PG_RETURN_NULL();
}
