/*
 * delivery_check.h
 *		What a row of the queue may say of how it is delivered.
 */
#ifndef PGNET_DELIVERY_CHECK_H
#define PGNET_DELIVERY_CHECK_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"

extern HeapTuple pgnet_check_delivery(HeapTuple row, TupleDesc descriptor,
									  const AttrNumber *attributes);

#endif /* PGNET_DELIVERY_CHECK_H */
