/*
 * webhook_refusal.c
 *		Rows for which a webhook could not be evaluated: they are dead letters, and the statement that wrote them goes on.
 */
#include "session/webhook_refusal.h"
#include "shared/as_owner.h"
#include "shared/own_table.h"
#include "shared/statement.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* With an id of the queue's, by which it can be brought back. */
static Statement insert_statement = {
	.text =
		"INSERT INTO net.dead_letters (id, method, url, headers, body, timeout_milliseconds, "
		"owner, created, policy, secrets, sign_with, webhook, attempts, error_msg, reason, died) "
		"VALUES "
		"(pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('net.http_request_queue', "
		"'id')), 'POST', $1, $2, $3, $4, $5, pg_catalog.clock_timestamp(), $6, $7, $8, $9, 0, $10, "
		"'refused', pg_catalog.clock_timestamp())",
	.argument_count = 10,
	.argument_types = {TEXTOID, JSONBOID, BYTEAOID, INT4OID, OIDOID, TEXTOID, TEXTARRAYOID, TEXTOID,
					   TEXTOID, TEXTOID},
};

/* Keeps what would have been sent, NULL when that is not known either, and why it is not. */
void
pgnet_keep_refused(const Webhook *webhook, Oid owner, bytea *body, const char *reason)
{
	Datum values[] = {
		CStringGetTextDatum(webhook->url),
		webhook->headers,
		PointerGetDatum(body),
		Int32GetDatum(webhook->timeout_milliseconds),
		ObjectIdGetDatum(owner),
		CStringGetTextDatum(webhook->policy),
		webhook->secrets.value,
		webhook->secret == NULL ? (Datum) 0 : CStringGetTextDatum(webhook->secret),
		CStringGetTextDatum(webhook->name),
		CStringGetTextDatum(reason),
	};
	const char nulls[] = {' ',
						  ' ',
						  body == NULL ? 'n' : ' ',
						  ' ',
						  ' ',
						  ' ',
						  webhook->secrets.isnull ? 'n' : ' ',
						  webhook->secret == NULL ? 'n' : ' ',
						  ' ',
						  ' '};
	Oid letters = pgnet_get_table("dead_letters");
	AsOwner caller = pgnet_as_owner_begin(letters);

	SPI_connect();
	pgnet_execute(&insert_statement, values, nulls, SPI_OK_INSERT);
	SPI_finish();
	pgnet_as_owner_end(caller);
}
