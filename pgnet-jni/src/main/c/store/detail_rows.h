/*
 * detail_rows.h
 *		The rows of net._response_detail that one transaction inserts: what is known of responses beyond pg_net's columns.
 */
#ifndef PGNET_DETAIL_ROWS_H
#define PGNET_DETAIL_ROWS_H

#include "store/row_set.h"

typedef enum DetailColumn
{
	DETAIL_ID,
	DETAIL_OWNER,
	DETAIL_ATTEMPTS,
	DETAIL_DURATION,
	DETAIL_METHOD,
	DETAIL_URL,
	DETAIL_BODY,
	DETAIL_CONTEXT
} DetailColumn;

extern const RowColumn pgnet_detail_columns[ROW_COLUMNS];

extern void pgnet_detail_rows_begin(bool replace);
extern void pgnet_detail_rows_add(Row *row);
extern void pgnet_detail_rows_insert(void);

#endif /* PGNET_DETAIL_ROWS_H */
