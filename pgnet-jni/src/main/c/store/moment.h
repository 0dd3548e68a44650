/*
 * moment.h
 *		Moments as Java has them, in microseconds since 1970, and as PostgreSQL does. The two ends of time stay ends.
 */
#ifndef PGNET_MOMENT_H
#define PGNET_MOMENT_H

#include "postgres.h"
#include "datatype/timestamp.h"

#define MICROS_FROM_1970_TO_2000 ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* Of a timestamp; the smallest and the largest number for -infinity and infinity. */
static inline int64
pgnet_unix_micros(TimestampTz moment)
{
	return TIMESTAMP_NOT_FINITE(moment) ? moment : moment + MICROS_FROM_1970_TO_2000;
}

/* The timestamp of such a number. */
static inline TimestampTz
pgnet_timestamp_of(int64 unix_micros)
{
	return TIMESTAMP_NOT_FINITE(unix_micros) ? unix_micros : unix_micros - MICROS_FROM_1970_TO_2000;
}

#endif /* PGNET_MOMENT_H */
