/*
 * response_rows.h
 *		The rows of net._http_response that one transaction inserts.
 */
#ifndef PGNET_RESPONSE_ROWS_H
#define PGNET_RESPONSE_ROWS_H

#include "store/row_set.h"

typedef enum ResponseColumn
{
	RESPONSE_ID,
	RESPONSE_STATUS_CODE,
	RESPONSE_CONTENT_TYPE,
	RESPONSE_HEADERS,
	RESPONSE_CONTENT,
	RESPONSE_TIMED_OUT,
	RESPONSE_ERROR_MSG,
	RESPONSE_CREATED
} ResponseColumn;

extern const RowColumn pgnet_response_columns[ROW_COLUMNS];

extern void pgnet_response_rows_begin(bool replace);
extern void pgnet_response_rows_add(Row *row);
extern void pgnet_response_rows_insert(void);

#endif /* PGNET_RESPONSE_ROWS_H */
