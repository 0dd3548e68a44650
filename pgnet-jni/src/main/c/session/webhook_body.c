/*
 * webhook_body.c
 *		What a webhook sends: the row, in the form of Standard Webhooks or of Supabase.
 */
#include "session/webhook_body.h"
#include "shared/compat.h"
#include "session/body.h"
#include "session/webhook_json.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* An event of these names. */
WebhookEvent
pgnet_webhook_event_of(const char *name, const char *operation, Oid table)
{
	return (WebhookEvent){.name = name,
						  .operation = operation,
						  .schema = get_namespace_name(get_rel_namespace(table)),
						  .table = get_rel_name(table),
						  .moment = GetCurrentStatementStartTimestamp()};
}

/* What has happened to a table. */
WebhookEvent
pgnet_webhook_event(TriggerEvent event, Oid table)
{
	if (TRIGGER_FIRED_BY_INSERT(event))
		return pgnet_webhook_event_of("insert", "INSERT", table);
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return pgnet_webhook_event_of("update", "UPDATE", table);
	if (TRIGGER_FIRED_BY_DELETE(event))
		return pgnet_webhook_event_of("delete", "DELETE", table);
	return pgnet_webhook_event_of("truncate", "TRUNCATE", table);
}

/* What is the same in all bodies of a statement. */
struct WebhookForm
{
	StringInfoData begin; /* up to the new row */
	const char *end;      /* behind the old one */
	RowJson *json;        /* NULL when there are no rows */
};

/* The form that Supabase's database webhooks have. */
static void
begin_supabase(WebhookForm *form, const WebhookEvent *event)
{
	appendStringInfo(&form->begin, "{\"type\": \"%s\", \"table\": ", event->operation);
	escape_json(&form->begin, event->table);
	appendStringInfoString(&form->begin, ", \"schema\": ");
	escape_json(&form->begin, event->schema);
	appendStringInfoString(&form->begin, ", \"record\": ");
	form->end = "}";
}

/* The form of Standard Webhooks. */
static void
begin_standard(WebhookForm *form, const WebhookEvent *event)
{
	const int utc = 0;
	char moment[MAXDATELEN + 1];

	JsonEncodeDateTime(moment, TimestampTzGetDatum(event->moment), TIMESTAMPTZOID, &utc);
	appendStringInfoString(&form->begin, "{\"type\": ");
	escape_json(&form->begin, psprintf("%s.%s.%s", event->schema, event->table, event->name));
	appendStringInfo(&form->begin, ", \"timestamp\": \"%s\", \"data\": {\"record\": ", moment);
	form->end = "}}";
}

/* The form of the bodies for an event and rows of these columns, NULL without rows; in the current memory context. */
WebhookForm *
pgnet_webhook_form(const WebhookEvent *event, bool is_supabase, TupleDesc descriptor)
{
	WebhookForm *form = palloc0(sizeof(WebhookForm));

	initStringInfo(&form->begin);
	if (is_supabase)
		begin_supabase(form, event);
	else
		begin_standard(form, event);
	if (descriptor != NULL)
		form->json = pgnet_row_json(descriptor);
	return form;
}

/* The body for a row as it was and as it is, in UTF-8, in the current memory context; NULL or empty where there is none. */
bytea *
pgnet_webhook_body(WebhookForm *form, TupleTableSlot *old_row, TupleTableSlot *new_row)
{
	StringInfoData out;
	bytea *body;

	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ); /* for the header */
	appendBinaryStringInfo(&out, form->begin.data, form->begin.len);
	pgnet_append_row_json(&out, form->json, new_row);
	appendStringInfoString(&out, ", \"old_record\": ");
	pgnet_append_row_json(&out, form->json, old_row);
	appendStringInfoString(&out, form->end);
	body = (bytea *) out.data;
	SET_VARSIZE(body, out.len);
	if (GetDatabaseEncoding() == PG_UTF8)
		return body;
	/* a text looks like a bytea */
	return DatumGetByteaP(pgnet_text_body(PointerGetDatum(body)).value);
}
