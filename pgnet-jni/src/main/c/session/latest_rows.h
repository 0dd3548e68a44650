/*
 * latest_rows.h
 *		Rows of the extension's tables that a session reads for whoever it is, and keeps.
 */
#ifndef PGNET_LATEST_ROWS_H
#define PGNET_LATEST_ROWS_H

#include "shared/statement.h"

extern void pgnet_read_latest(Statement *statement, Oid table, void (*take)(void));

#endif /* PGNET_LATEST_ROWS_H */
