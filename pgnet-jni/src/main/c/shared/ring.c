/*
 * ring.c
 *		The ring of a worker: ids that were committed and that it has not taken yet. Whoever calls holds the lock of the slots.
 */
#include "shared/ring.h"

/*
 * Adds a range: to the newest entry when it follows that one or the ring is full, else behind it. A full ring widens its
 * newest entry: nothing is lost, the worker only reads more.
 */
void
pgnet_ring_push(Ring *ring, IdRange range)
{
	IdRange *newest =
		&ring->ranges[(ring->head + ring->count + PGNET_RING_SIZE - 1) % PGNET_RING_SIZE];

	if (ring->count > 0 && range.first == newest->last + 1 && newest->last != PG_INT64_MAX)
		newest->last = range.last;
	else if (ring->count == PGNET_RING_SIZE)
	{
		newest->first = Min(newest->first, range.first);
		newest->last = Max(newest->last, range.last);
	}
	else
	{
		ring->ranges[(ring->head + ring->count) % PGNET_RING_SIZE] = range;
		ring->count++;
	}
}

/* Moves the ring's content to ranges, which has room for PGNET_RING_SIZE entries. Returns how many there were. */
int
pgnet_ring_take(Ring *ring, IdRange *ranges)
{
	int count = ring->count;

	for (int i = 0; i < count; i++)
		ranges[i] = ring->ranges[(ring->head + i) % PGNET_RING_SIZE];
	ring->head = 0;
	ring->count = 0;
	return count;
}

/* Makes the ring that of a worker which starts, and has to read everything. */
void
pgnet_ring_restart(Ring *ring)
{
	ring->head = 0;
	ring->count = 1;
	ring->ranges[0] = ALL_IDS;
}
