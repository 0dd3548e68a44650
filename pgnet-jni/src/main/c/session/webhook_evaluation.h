/*
 * webhook_evaluation.h
 *		What one webhook makes of the rows of a statement.
 */
#ifndef PGNET_WEBHOOK_EVALUATION_H
#define PGNET_WEBHOOK_EVALUATION_H

#include "postgres.h"

#include "session/webhook_body.h"
#include "session/webhook_pairs.h"
#include "session/webhook_rows.h"

typedef struct Evaluation Evaluation;

extern Evaluation *pgnet_webhook_evaluation(const Webhook *webhook, Oid owner, Relation table,
											const WebhookEvent *event);
extern void pgnet_webhook_evaluate(Evaluation *evaluation, const RowPair *rows, int count);
extern void pgnet_webhook_warn(const Evaluation *evaluation);

#endif /* PGNET_WEBHOOK_EVALUATION_H */
