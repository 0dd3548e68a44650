/*
 * origin.h
 *		The number of the origin that a URL leads to.
 */
#ifndef PGNET_ORIGIN_H
#define PGNET_ORIGIN_H

#include "postgres.h"

#define PGNET_UNKNOWN_ORIGIN 0

extern int64 pgnet_origin_number(Datum url);
extern int64 pgnet_endpoint_number(Datum url);

#endif /* PGNET_ORIGIN_H */
