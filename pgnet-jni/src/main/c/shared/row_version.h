/*
 * row_version.h
 *		What tells a row of the queue from others of its id.
 */
#ifndef PGNET_ROW_VERSION_H
#define PGNET_ROW_VERSION_H

#include "postgres.h"

/*
 * What tells a row of the queue from others of the same id, before it or after it: the table's OID and the transaction that
 * wrote the row.
 */
static inline int64
pgnet_row_version(Oid table, TransactionId xmin)
{
	return (int64) (((uint64) xmin << 32) | table);
}

/* The same in SQL, of a row of the queue that is called q. */
#define PGNET_ROW_VERSION_SQL                                                                      \
	"(q.xmin::pg_catalog.text::pg_catalog.int8 OPERATOR(pg_catalog.<<) 32 OPERATOR(pg_catalog.|) " \
	"q.tableoid::pg_catalog.int8)"

/*
 * Whether a row of net._delivery, called d, is of the request q. A rewrite of the queue gives its rows other versions, and
 * changes nothing of the requests: then owner and first moment tell. Whoever updates a request has the row beside it deleted.
 */
#define PGNET_SAME_REQUEST_SQL                                                           \
	"(d.version OPERATOR(pg_catalog.=) " PGNET_ROW_VERSION_SQL                           \
	" OR d.owner OPERATOR(pg_catalog.=) q.owner AND d.first_due OPERATOR(pg_catalog.=) " \
	"greatest(q.created, q.not_before))"

#endif /* PGNET_ROW_VERSION_H */
