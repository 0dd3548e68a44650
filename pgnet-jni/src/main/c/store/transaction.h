/*
 * transaction.h
 *		A transaction of the worker on the extension's tables.
 */
#ifndef PGNET_TRANSACTION_H
#define PGNET_TRANSACTION_H

#include "postgres.h"
#include "executor/spi.h"

/* OIDs of the tables, as found when the transaction began */
extern Oid pgnet_queue_oid;
extern Oid pgnet_responses_oid;

/* whether the extension was not there, so that its tables and their rows are no more */
extern bool pgnet_extension_dropped;

extern bool pgnet_transaction_begin(bool without_triggers);
extern void pgnet_transaction_end(void);
extern void pgnet_set_for_transaction(const char *name, const char *value);
extern Oid pgnet_table_owner(Oid table);

/* a statement that is prepared once */
typedef struct Statement
{
	const char *text;
	int argument_count;
	Oid argument_types[16];
	SPIPlanPtr plan;
} Statement;

extern void pgnet_execute(Statement *statement, Datum *values, const char *nulls, int expected);

#endif /* PGNET_TRANSACTION_H */
