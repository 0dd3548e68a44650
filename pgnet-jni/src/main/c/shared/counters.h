/*
 * counters.h
 *		What net.stats shows of a worker: the columns of net._worker_counters.
 */
#ifndef PGNET_COUNTERS_H
#define PGNET_COUNTERS_H

#include "postgres.h"

/* in the order of net._worker_counters */
typedef enum Counter
{
	COUNTER_IN_FLIGHT,
	COUNTER_DONE,
	COUNTER_FAILED,
	COUNTER_TIMED_OUT,
	COUNTER_BYTES_IN,
	COUNTER_BYTES_OUT,
	COUNTER_COUNT
} Counter;

#endif /* PGNET_COUNTERS_H */
