/*
 * ring.c
 *		The ring of a worker: ids that were committed and that it has not taken yet. Whoever calls holds the lock of the slots.
 */
#include "shared/ring.h"

/* Adds ids to those of an entry, if they are of the same and follow them. */
bool
pgnet_committed_extend(Committed *newest, const Committed *next)
{
	if (newest->lane != next->lane || newest->owner != next->owner || next->lane == LANE_KEY ||
		newest->ids.last == PG_INT64_MAX || next->ids.first != newest->ids.last + 1)
		return false;
	newest->ids.last = next->ids.last;
	return true;
}

/* Makes an entry stand for both, and for what is between them. The worker only looks at more. */
void
pgnet_committed_widen(Committed *newest, const Committed *next)
{
	if (newest->lane == LANE_KEY || next->lane == LANE_KEY)
		*newest = MIXED_IDS(ALL_IDS);
	else if (newest->lane != next->lane || newest->owner != next->owner)
		*newest = MIXED_IDS(newest->ids);
	newest->ids.first = Min(newest->ids.first, next->ids.first);
	newest->ids.last = Max(newest->ids.last, next->ids.last);
}

/*
 * Adds ids: to the newest entry when they follow that one or the ring is full, else behind it. A full ring widens its newest
 * entry: nothing is lost.
 */
void
pgnet_ring_push(Ring *ring, const Committed *committed)
{
	Committed *newest =
		&ring->entries[(ring->head + ring->count + PGNET_RING_SIZE - 1) % PGNET_RING_SIZE];

	if (ring->count > 0 && pgnet_committed_extend(newest, committed))
		return;
	if (ring->count == PGNET_RING_SIZE)
		pgnet_committed_widen(newest, committed);
	else
	{
		ring->entries[(ring->head + ring->count) % PGNET_RING_SIZE] = *committed;
		ring->count++;
	}
}

/*
 * Moves the ring's content to entries, which has room for PGNET_RING_SIZE of them. Returns how many there were, and whether
 * there may be requests with order keys among them.
 */
int
pgnet_ring_take(Ring *ring, Committed *entries, bool *keyed)
{
	int count = ring->count;

	for (int i = 0; i < count; i++)
		entries[i] = ring->entries[(ring->head + i) % PGNET_RING_SIZE];
	*keyed = ring->keyed;
	ring->head = 0;
	ring->count = 0;
	ring->keyed = false;
	return count;
}

/* Makes the ring that of a worker which starts, and has to read everything. */
void
pgnet_ring_restart(Ring *ring)
{
	ring->head = 0;
	ring->count = 1;
	ring->keyed = false;
	ring->entries[0] = MIXED_IDS(ALL_IDS);
}
