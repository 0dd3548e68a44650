/*
 * response.h
 *		Rows of net._http_response on their way into the table.
 */
#ifndef PGNET_RESPONSE_H
#define PGNET_RESPONSE_H

#include "outcome.h"

/* What the queue row of an outcome holds for the response row. */
typedef struct QueueRow
{
	int64 id;    /* the hash key */
	int outcome; /* index of the outcome that it belongs to, -1 while none does */
	Datum method;
	Datum url;
	Datum owner;
	int32 body_length;
} QueueRow;

/* The columns of the insert, in its order. */
enum
{
	RESPONSE_ID,
	RESPONSE_STATUS_CODE,
	RESPONSE_CONTENT_TYPE,
	RESPONSE_HEADERS,
	RESPONSE_CONTENT,
	RESPONSE_BODY,
	RESPONSE_TIMED_OUT,
	RESPONSE_ERROR_MSG,
	RESPONSE_CREATED,
	RESPONSE_DURATION,
	RESPONSE_METHOD,
	RESPONSE_URL,
	RESPONSE_OWNER,
	RESPONSE_COLUMN_COUNT
};

/* A value of each row for each column. */
typedef struct Columns
{
	Datum *values[RESPONSE_COLUMN_COUNT];
	bool *nulls[RESPONSE_COLUMN_COUNT];
	int count;
} Columns;

extern void pgnet_responses_begin(Columns *columns, int capacity);
extern void pgnet_responses_add(Columns *columns, const Outcome *outcome, const QueueRow *row);
extern void pgnet_responses_insert(Columns *columns);

#endif /* PGNET_RESPONSE_H */
