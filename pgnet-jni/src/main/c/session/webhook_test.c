/*
 * webhook_test.c
 *		net.test_webhook: sends what a webhook sends, without a row.
 */
#include "postgres.h"

#include "session/webhook_body.h"
#include "session/webhook_queue.h"
#include "session/webhook_role.h"
#include "session/webhook_rows.h"
#include "session/webhook_table.h"
#include "shared/as_owner.h"
#include "shared/memory.h"
#include "shared/table_owner.h"

#include "fmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_test_webhook);

/* The webhook of a name, and its table; an error when the role in force may not see it. */
static const Webhook *
find(const char *name, Oid *table)
{
	const Webhook *webhook = pgnet_webhook_named(pgnet_webhooks(), name);

	if (webhook != NULL)
		*table = pgnet_webhook_table(name, pgnet_webhook_owner(webhook), webhook->relation);
	if (webhook == NULL || !OidIsValid(*table) ||
		!pgnet_has_webhook_role(pgnet_table_owner(*table)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("webhook \"%s\" does not exist", name),
				 errhint("SELECT name FROM net.webhooks lists your webhooks.")));
	return webhook;
}

/* net.test_webhook(name text). */
Datum
pgnet_test_webhook(PG_FUNCTION_ARGS)
{
	Oid table;
	const Webhook *webhook = find(text_to_cstring(PG_GETARG_TEXT_PP(0)), &table);
	WebhookEvent event = pgnet_webhook_event_of("test", "TEST", table);
	bytea *body =
		pgnet_webhook_body(pgnet_webhook_form(&event, webhook->is_supabase, NULL), NULL, NULL);
	AsOwner caller;
	NullableDatum id;

	pgnet_require_preloaded();
	caller = pgnet_as_role_begin(pgnet_table_owner(table));
	id = pgnet_webhook_queue_add(pgnet_webhook_queue(webhook), &body, 1);
	pgnet_as_owner_end(caller);
	fcinfo->isnull = id.isnull;
	return id.value;
}
