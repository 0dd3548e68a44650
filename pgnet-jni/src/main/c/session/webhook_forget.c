/*
 * webhook_forget.c
 *		Deletes webhooks. Who may delete rows of a table may lock it, and all who write to tables with webhooks would wait: so nobody
 *		but the table's owner may, and this does it for the role whose webhook it is.
 */
#include "postgres.h"

#include "shared/as_owner.h"
#include "shared/own_table.h"
#include "shared/statement.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"

PG_FUNCTION_INFO_V1(pgnet_forget_webhook);

/*
 * One, which is a superuser's when its role does not exist, and those whose tables have gone, with the keys that were made for
 * them, once nothing is queued. One that was just restored may still get its triggers.
 */
static Statement forget_statement = {
	.text =
		"WITH forgotten AS (DELETE FROM net._webhooks w WHERE "
		"w.name OPERATOR(pg_catalog.=) $1 AND "
		"coalesce(pg_catalog.pg_has_role($2, net._webhook_owner(w), 'USAGE'), "
		"(SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) $2)) OR "
		"w.owner_oid IS NOT NULL AND w.created OPERATOR(pg_catalog.<) "
		"(pg_catalog.now() OPERATOR(pg_catalog.-) '1 day'::pg_catalog.interval) AND "
		"net._webhook_table(w) IS NULL AND NOT EXISTS "
		"(SELECT FROM net.http_request_queue q WHERE q.webhook OPERATOR(pg_catalog.=) w.name) "
		"RETURNING w.name, w.owner_oid) "
		"DELETE FROM net._secrets s USING forgotten f WHERE s.name OPERATOR(pg_catalog.=) "
		"('webhook.' OPERATOR(pg_catalog.||) f.name) AND s.owner OPERATOR(pg_catalog.=) "
		"f.owner_oid AND NOT coalesce(f.name OPERATOR(pg_catalog.=) $1, false)",
	.argument_count = 2,
	.argument_types = {TEXTOID, OIDOID},
};

/* net._forget_webhook(name text): null for none but those whose tables have gone. */
Datum
pgnet_forget_webhook(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0), ObjectIdGetDatum(GetUserId())};
	const char nulls[] = {PG_ARGISNULL(0) ? 'n' : ' ', ' '};
	Oid table = pgnet_get_table("_webhooks");
	AsOwner caller;

	caller = pgnet_as_owner_begin(table);
	SPI_connect();
	pgnet_execute(&forget_statement, values, nulls, SPI_OK_DELETE);
	SPI_finish();
	pgnet_as_owner_end(caller);
	PG_RETURN_VOID();
}
