/*
 * webhook_condition.h
 *		The condition of a webhook: one SQL expression over new, old and event.
 */
#ifndef PGNET_WEBHOOK_CONDITION_H
#define PGNET_WEBHOOK_CONDITION_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/relcache.h"

extern ExprState *pgnet_webhook_condition(const char *condition, Relation table, const char *event);

#endif /* PGNET_WEBHOOK_CONDITION_H */
