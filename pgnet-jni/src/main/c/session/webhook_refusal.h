/*
 * webhook_refusal.h
 *		Rows for which a webhook could not be evaluated.
 */
#ifndef PGNET_WEBHOOK_REFUSAL_H
#define PGNET_WEBHOOK_REFUSAL_H

#include "postgres.h"

#include "session/webhook_rows.h"

extern void pgnet_keep_refused(const Webhook *webhook, Oid owner, bytea *body, const char *reason);

#endif /* PGNET_WEBHOOK_REFUSAL_H */
