/*
 * tables.h
 *		The extension's tables: where they are, and whether they are as the worker's statements read and fill them.
 */
#ifndef PGNET_TABLES_H
#define PGNET_TABLES_H

#include "postgres.h"
#include "executor/spi.h"

/* OIDs of the tables, as last found; of the queue InvalidOid when there are none that the worker can serve */
extern Oid pgnet_queue_oid;
extern Oid pgnet_responses_oid;
extern Oid pgnet_details_oid;

/* whether the extension was not there, so that its tables and their rows are no more */
extern bool pgnet_extension_dropped;

extern const char *pgnet_find_tables(void);
extern uint64 pgnet_table_changes(void);

#endif /* PGNET_TABLES_H */
