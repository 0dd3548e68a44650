/*
 * webhook_body.h
 *		What a webhook sends.
 */
#ifndef PGNET_WEBHOOK_BODY_H
#define PGNET_WEBHOOK_BODY_H

#include "postgres.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"

/* What has happened, and where. */
typedef struct WebhookEvent
{
	const char *name;      /* insert, update, delete or truncate */
	const char *operation; /* the same in capitals */
	const char *schema;
	const char *table;
	TimestampTz moment;
} WebhookEvent;

typedef struct WebhookForm WebhookForm;

extern WebhookEvent pgnet_webhook_event_of(const char *name, const char *operation, Oid table);
extern WebhookEvent pgnet_webhook_event(TriggerEvent event, Oid table);
extern WebhookForm *pgnet_webhook_form(const WebhookEvent *event, bool is_supabase,
									   TupleDesc descriptor);
extern bytea *pgnet_webhook_body(WebhookForm *form, TupleTableSlot *old_row,
								 TupleTableSlot *new_row);

#endif /* PGNET_WEBHOOK_BODY_H */
