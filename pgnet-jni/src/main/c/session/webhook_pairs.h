/*
 * webhook_pairs.h
 *		The rows that set a webhook off: each as it was, and as it is.
 */
#ifndef PGNET_WEBHOOK_PAIRS_H
#define PGNET_WEBHOOK_PAIRS_H

#include "postgres.h"

#include "access/htup.h"
#include "commands/trigger.h"

/* One row; NULL where there is none, as before an INSERT, or where it is not known. */
typedef struct RowPair
{
	MinimalTuple old_row;
	MinimalTuple new_row;
} RowPair;

typedef struct RowPairs RowPairs;

extern RowPairs *pgnet_row_pairs_begin(TriggerData *trigger);
extern int pgnet_row_pairs_next(RowPairs *pairs, RowPair *rows, int most, MemoryContext memory);

#endif /* PGNET_WEBHOOK_PAIRS_H */
