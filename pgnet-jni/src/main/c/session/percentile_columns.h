/*
 * percentile_columns.h
 *		How long attempts took, as columns.
 */
#ifndef PGNET_PERCENTILE_COLUMNS_H
#define PGNET_PERCENTILE_COLUMNS_H

#include "shared/latency.h"

#define PGNET_PERCENTILE_COLUMNS 4

extern void pgnet_percentile_columns(const Percentiles *percentiles, Datum *values, bool *nulls);

#endif /* PGNET_PERCENTILE_COLUMNS_H */
