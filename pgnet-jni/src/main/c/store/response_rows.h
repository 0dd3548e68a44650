/*
 * response_rows.h
 *		The rows of net._http_response that one transaction inserts, all in one statement.
 */
#ifndef PGNET_RESPONSE_ROWS_H
#define PGNET_RESPONSE_ROWS_H

#include "postgres.h"

typedef enum ResponseColumn
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
	RESPONSE_ATTEMPTS,
	RESPONSE_DURATION,
	RESPONSE_METHOD,
	RESPONSE_URL,
	RESPONSE_OWNER,
	RESPONSE_COLUMN_COUNT
} ResponseColumn;

typedef struct ResponseRow
{
	Datum values[RESPONSE_COLUMN_COUNT];
	bool nulls[RESPONSE_COLUMN_COUNT];
} ResponseRow;

extern void pgnet_response_rows_begin(void);
extern const char *pgnet_response_column_name(ResponseColumn column);
extern Oid pgnet_response_column_type(ResponseColumn column);
extern void pgnet_response_rows_add(ResponseRow *row);
extern void pgnet_response_rows_insert(bool replace);

#endif /* PGNET_RESPONSE_ROWS_H */
