/*
 * ring.h
 *		The ring of a worker: ids that were committed and that it has not taken yet.
 */
#ifndef PGNET_RING_H
#define PGNET_RING_H

#include "postgres.h"
#include "shared/lane.h"

/* Request ids from first to last, both included; not every id in it need have a row. */
typedef struct IdRange
{
	int64 first;
	int64 last;
} IdRange;

#define ALL_IDS ((IdRange){PG_INT64_MIN, PG_INT64_MAX})

/* Ids that were committed, and whose they are: of one owner and lane, or mixed. Of a key, which is first and last, the owner. */
typedef struct Committed
{
	IdRange ids;
	Oid owner; /* InvalidOid when mixed */
	Lane lane;
} Committed;

#define MIXED_IDS(range) ((Committed){.ids = (range), .lane = LANE_MIXED})

#define PGNET_RING_SIZE 1024

/* In the worker's slot, under the lock of the slots. */
typedef struct Ring
{
	int head; /* the oldest entry */
	int count;
	bool keyed; /* there may be requests with order keys among them */
	Committed entries[PGNET_RING_SIZE];
} Ring;

extern bool pgnet_committed_extend(Committed *newest, const Committed *next);
extern void pgnet_committed_widen(Committed *newest, const Committed *next);
extern void pgnet_ring_push(Ring *ring, const Committed *committed);
extern int pgnet_ring_take(Ring *ring, Committed *entries, bool *keyed);
extern void pgnet_ring_restart(Ring *ring);

#endif /* PGNET_RING_H */
