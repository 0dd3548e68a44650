/*
 * transaction.h
 *		A transaction of the worker on the extension's tables.
 */
#ifndef PGNET_TRANSACTION_H
#define PGNET_TRANSACTION_H

#include "postgres.h"
#include "shared/statement.h"
#include "store/tables.h"

extern bool pgnet_transaction_begin(bool without_triggers);
extern void pgnet_transaction_end(void);
extern void pgnet_plan_by_index(void);
extern void pgnet_defer_nothing(void);
extern void pgnet_set_for_transaction(const char *name, const char *value);

#endif /* PGNET_TRANSACTION_H */
