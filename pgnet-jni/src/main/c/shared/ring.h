/*
 * ring.h
 *		The ring of a worker: ids that were committed and that it has not taken yet.
 */
#ifndef PGNET_RING_H
#define PGNET_RING_H

#include "postgres.h"

/* Request ids from first to last, both included; not every id in it need have a row. */
typedef struct IdRange
{
	int64 first;
	int64 last;
} IdRange;

#define ALL_IDS ((IdRange){PG_INT64_MIN, PG_INT64_MAX})

#define PGNET_RING_SIZE 1024

/* In the worker's slot, under the lock of the slots. */
typedef struct Ring
{
	int head; /* the oldest entry */
	int count;
	IdRange ranges[PGNET_RING_SIZE];
} Ring;

extern void pgnet_ring_push(Ring *ring, IdRange range);
extern int pgnet_ring_take(Ring *ring, IdRange *ranges);
extern void pgnet_ring_restart(Ring *ring);

#endif /* PGNET_RING_H */
