/*
 * direct_rows.h
 *		Rows that are stored without a statement, as COPY does it, in a table on which there is nothing but its key.
 */
#ifndef PGNET_DIRECT_ROWS_H
#define PGNET_DIRECT_ROWS_H

#include "store/row_set.h"

extern bool pgnet_direct_rows_begin(Oid table, const RowColumn *columns);
extern void pgnet_direct_rows_add(Row *row);
extern void pgnet_direct_rows_end(void);

#endif /* PGNET_DIRECT_ROWS_H */
