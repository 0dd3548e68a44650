/*
 * webhook_requests.c
 *		What is queued for a webhook that is dropped: it will not be sent, and nothing is lost.
 */
#include "postgres.h"

#include "session/queue_owner.h"
#include "session/webhook_role.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(pgnet_end_webhook_requests);

/* The queue first, as the worker: who has a request's row there has what is kept beside it. */
static Statement end_statement = {
	.text =
		"WITH ended AS (DELETE FROM net.http_request_queue q "
		"WHERE q.webhook OPERATOR(pg_catalog.=) $1 AND q.owner OPERATOR(pg_catalog.=) $2 "
		"RETURNING q.*), "
		"delivery AS (DELETE FROM net._delivery d USING ended e "
		"WHERE d.request_id OPERATOR(pg_catalog.=) e.id "
		"RETURNING d.request_id, d.owner, d.attempts, d.last_status) "
		"INSERT INTO net.dead_letters (id, method, url, headers, body, timeout_milliseconds, "
		"owner, "
		"created, policy, not_before, expires, priority, order_key, on_response, context, secrets, "
		"sign_with, store, webhook, attempts, status_code, error_msg, reason, died) "
		"SELECT e.id, e.method, e.url, e.headers, e.body, e.timeout_milliseconds, e.owner, "
		"e.created, e.policy, e.not_before, e.expires, e.priority, e.order_key, e.on_response, "
		"e.context, e.secrets, e.sign_with, e.store, e.webhook, coalesce(d.attempts, 0), "
		"d.last_status, pg_catalog.format('webhook \"%s\" was dropped', e.webhook), 'gone', "
		"pg_catalog.clock_timestamp() "
		"FROM ended e LEFT JOIN delivery d ON d.request_id OPERATOR(pg_catalog.=) e.id "
		"AND d.owner OPERATOR(pg_catalog.=) e.owner",
	.argument_count = 2,
	.argument_types = {TEXTOID, OIDOID},
};

/* net._end_webhook_requests(webhook text, owner oid). */
Datum
pgnet_end_webhook_requests(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0),
					  ObjectIdGetDatum(pgnet_require_webhook_role(fcinfo->args[1]))};

	SPI_connect();
	(void) pgnet_execute_as_owner(&end_statement, values, SPI_OK_INSERT);
	SPI_finish();
	PG_RETURN_VOID();
}
