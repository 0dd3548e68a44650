/*
 * taken_rows.h
 *		Takes rows out of the queue.
 */
#ifndef PGNET_TAKEN_ROWS_H
#define PGNET_TAKEN_ROWS_H

#include "postgres.h"

/* A row that is taken. Its values last until the next one. */
typedef struct TakenRow
{
	int64 id;
	int64 version; /* see pgnet_row_version() */
	NullableDatum method;
	NullableDatum url;
	NullableDatum owner;
	NullableDatum function;
	NullableDatum context;
	NullableDatum created;
	NullableDatum store;
} TakenRow;

typedef void (*TakeRow)(const TakenRow *row, void *state);

extern void pgnet_take_rows(Datum ids, bool trustful, TakeRow take, void *state);

#endif /* PGNET_TAKEN_ROWS_H */
