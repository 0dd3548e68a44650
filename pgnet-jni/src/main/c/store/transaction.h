/*
 * transaction.h
 *		A transaction of the worker on the extension's tables.
 */
#ifndef PGNET_TRANSACTION_H
#define PGNET_TRANSACTION_H

#include "postgres.h"
#include "shared/statement.h"

/* OIDs of the tables, as found when the transaction began */
extern Oid pgnet_queue_oid;
extern Oid pgnet_responses_oid;

/* whether the extension was not there, so that its tables and their rows are no more */
extern bool pgnet_extension_dropped;

extern bool pgnet_transaction_begin(bool without_triggers);
extern void pgnet_transaction_end(void);
extern void pgnet_set_for_transaction(const char *name, const char *value);

#endif /* PGNET_TRANSACTION_H */
