/*
 * ids.h
 *		Request ids as an argument of a statement.
 */
#ifndef PGNET_IDS_H
#define PGNET_IDS_H

#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

/* Ids as a bigint[]. */
static inline Datum
pgnet_id_array(Datum *ids, int count)
{
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

#endif /* PGNET_IDS_H */
