/*
 * webhook_rows.h
 *		The webhooks that there are.
 */
#ifndef PGNET_WEBHOOK_ROWS_H
#define PGNET_WEBHOOK_ROWS_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* A row of net._webhooks. */
typedef struct Webhook
{
	char *name;
	char *owner_name;
	Oid owner;    /* as known when the row was stored here; InvalidOid when that role was missing */
	Oid relation; /* the table that it was made for; InvalidOid after a restore */
	char *url;
	List *columns;   /* of names; NIL for any */
	char *condition; /* NULL for none */
	Datum headers;   /* with a Content-Type */
	char *policy;
	int32 timeout_milliseconds;
	bool is_supabase;      /* its format */
	char *secret;          /* by which it is signed; NULL for none */
	NullableDatum secrets; /* a text[] of those that url and headers name */
	bool strict;
	bool enabled;
} Webhook;

extern List *pgnet_webhooks(void);
extern const Webhook *pgnet_webhook_named(List *webhooks, const char *name);
extern Oid pgnet_webhook_owner(const Webhook *webhook);

#endif /* PGNET_WEBHOOK_ROWS_H */
