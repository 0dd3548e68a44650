/*
 * hindrance.c
 *		net._hindrance: why a request that waits does not start, in words. What the worker says of hosts is asked once for many
 *		rows, and kept for a moment.
 */
#include "session/served.h"
#include "shared/flow_board.h"
#include "shared/memory.h"
#include "shared/origin.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_hindrance);

/* A list of requests is not kept waiting for long by a worker in the middle of a statement. */
#define PATIENCE_MILLIS 250

/* so long an answer holds, and so long in the statement that has asked: one may ask for a million rows */
#define KEPT_MILLIS 100
#define KEPT_MILLIS_IN_STATEMENT 2000

/* What was asked last, in a memory context of its own: the flows that are hindered. */
static MemoryContext known_context = NULL;
static TimestampTz known_at = 0;
static TimestampTz known_to_statement = 0; /* when that began */
static Flow *known_flows = NULL;
static int known_count = 0;
static const char *known_trouble =
	NULL; /* why the worker sends nothing at all; NULL when it does */

/* Why no worker of this database sends anything, palloc'd; NULL when one does. */
static const char *
trouble(void)
{
	char reason[PGNET_MAX_FAILURE_LENGTH];
	Unserved unserved;

	if (pgnet_is_unserved(&unserved))
		return unserved.reason;
	switch (pgnet_worker_state_here(reason))
	{
		case WORKER_STARTING:
			return "the worker is starting";
		case WORKER_FAILED:
			return psprintf("the worker cannot start: %s", reason);
		case WORKER_HALTED:
			return psprintf("the worker sends nothing: %s", reason);
		default:
			return NULL;
	}
}

/* Whether what was asked last still holds. */
static bool
is_known(void)
{
	TimestampTz now = GetCurrentTimestamp();

	return known_context != NULL && now >= known_at &&
		   !TimestampDifferenceExceeds(known_at, now,
									   known_to_statement == GetCurrentStatementStartTimestamp()
										   ? KEPT_MILLIS_IN_STATEMENT
										   : KEPT_MILLIS);
}

/* Asks the worker, unless it was asked a moment ago. */
static void
learn(void)
{
	MemoryContext before;
	Flow *flows;
	int count;

	if (is_known())
		return;
	if (known_context == NULL)
		known_context =
			AllocSetContextCreate(TopMemoryContext, "pg_net hindrances", ALLOCSET_DEFAULT_SIZES);
	known_count = 0;
	known_trouble = NULL;
	MemoryContextReset(known_context);
	flows = pgnet_ask_for_flows(PATIENCE_MILLIS, &count);
	before = MemoryContextSwitchTo(known_context);
	known_trouble = trouble();
	known_flows = palloc(sizeof(Flow) * (count + 1));
	for (int i = 0; i < count; i++)
		if (flows[i].hindrance != HINDERED_BY_NOTHING)
			known_flows[known_count++] = flows[i];
	MemoryContextSwitchTo(before);
	known_at = GetCurrentTimestamp();
	known_to_statement = GetCurrentStatementStartTimestamp();
}

/* Where the requests of a flow go: no URL of messages is told. */
static const char *
place(const Flow *flow)
{
	return flow->sender[0] == '\0' ? flow->origin : psprintf("%s (%s)", flow->origin, flow->sender);
}

/* The words for a flow, in UTF-8. */
static const char *
words(const Flow *flow)
{
	switch (flow->hindrance)
	{
		case HINDERED_BY_PAUSED:
			return psprintf("%s is paused by net.hosts", flow->origin);
		case HINDERED_BY_BREAKER:
			return psprintf("the breaker of %s is %s", place(flow), flow->breaker);
		case HINDERED_BY_ASKED_TO_WAIT:
			return TIMESTAMP_IS_NOBEGIN(flow->paused_until)
					   ? psprintf("%s asked to wait", place(flow))
					   : psprintf("%s asked to wait until %s", place(flow),
								  timestamptz_to_str(flow->paused_until));
		case HINDERED_BY_RATE:
			return psprintf("%s, for %s", flow->reason, flow->origin);
		case HINDERED_BY_MAX_IN_FLIGHT:
			return psprintf("max_in_flight of net.hosts, for %s", flow->origin);
		case HINDERED_BY_CONNECTIONS:
			return psprintf("its turn: pg_net.max_connections_per_host are in flight to %s",
							flow->origin);
		case HINDERED_BY_SLOTS:
			return "its turn: pg_net.batch_size requests are in flight";
		case HINDERED_BY_NOTHING:
		case HINDRANCE_COUNT:
			break;
	}
	return NULL;
}

/* Whether it holds requests back, rather than that others have their turn. */
static bool
holds_back(Hindrance hindrance)
{
	return hindrance >= HINDERED_BY_PAUSED && hindrance <= HINDERED_BY_MAX_IN_FLIGHT;
}

/* What hinders a role's requests to where a number says; NULL for nothing. */
static const Flow *
find(Oid owner, int64 number)
{
	for (int i = 0; i < known_count; i++)
		if (known_flows[i].number == number && known_flows[i].owner == owner)
			return &known_flows[i];
	return NULL;
}

/* What hinders a role's message: its own endpoint, or what holds for all requests to the origin; NULL for nothing. */
static const Flow *
find_of_message(Oid owner, Datum url)
{
	const Flow *flow = find(owner, pgnet_endpoint_number(url));

	if (flow != NULL)
		return flow;
	flow = find(owner, pgnet_origin_number(url));
	return flow != NULL && flow->hindrance != HINDERED_BY_BREAKER &&
				   flow->hindrance != HINDERED_BY_ASKED_TO_WAIT
			   ? flow
			   : NULL;
}

/*
 * net._hindrance(owner oid, url text, is_message boolean, holds boolean): null unless it is of the kind that is asked for, and
 * unless the caller may know.
 */
Datum
pgnet_hindrance(PG_FUNCTION_ARGS)
{
	Oid owner = PG_GETARG_OID(0);
	Datum url = PG_GETARG_DATUM(1);
	bool holds = PG_GETARG_BOOL(3);
	const Flow *flow = NULL;
	const char *text = NULL;

	if (pgnet_shared == NULL)
		PG_RETURN_NULL();
	learn();
	if (!holds && known_trouble != NULL)
		PG_RETURN_TEXT_P(cstring_to_text(known_trouble));
	if (known_count > 0)
		flow =
			PG_GETARG_BOOL(2) ? find_of_message(owner, url) : find(owner, pgnet_origin_number(url));
	if (flow != NULL && holds_back(flow->hindrance) == holds &&
		(has_privs_of_role(GetUserId(), owner) || has_privs_of_role(GetUserId(), ROLE_PG_MONITOR)))
		text = words(flow);
	if (text == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pg_any_to_server(text, strlen(text), PG_UTF8)));
}
