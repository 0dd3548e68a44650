/*
 * webhook_queue.h
 *		Requests of a webhook on their way into the queue, many at a time.
 */
#ifndef PGNET_WEBHOOK_QUEUE_H
#define PGNET_WEBHOOK_QUEUE_H

#include "postgres.h"

#include "session/webhook_rows.h"

typedef struct WebhookQueue WebhookQueue;

extern WebhookQueue *pgnet_webhook_queue(const Webhook *webhook);
extern NullableDatum pgnet_webhook_queue_add(WebhookQueue *queue, bytea **bodies, int count);

#endif /* PGNET_WEBHOOK_QUEUE_H */
