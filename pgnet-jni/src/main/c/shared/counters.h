/*
 * counters.h
 *		What net.stats shows of a worker: the columns of net._worker_counters.
 */
#ifndef PGNET_COUNTERS_H
#define PGNET_COUNTERS_H

#include "postgres.h"

/* The enum org.pgnet.jni.Counter has the same names in the same order. SQL finds them by name. */
#define PGNET_COUNTERS(NAME) \
	NAME(IN_FLIGHT)          \
	NAME(DONE)               \
	NAME(FAILED)             \
	NAME(TIMED_OUT)          \
	NAME(BYTES_IN)           \
	NAME(BYTES_OUT)          \
	NAME(SET_ASIDE)          \
	NAME(ATTEMPTS)

#define COUNTER_OF_NAME(name) COUNTER_##name,

typedef enum Counter
{
	PGNET_COUNTERS(COUNTER_OF_NAME) COUNTER_COUNT
} Counter;

#endif /* PGNET_COUNTERS_H */
