/*
 * ring.c
 *		The ring of a worker: ids that were committed and that it has not taken yet.
 */
#include "shared/ring.h"
#include "shared/memory.h"

#include "miscadmin.h"

/* Adds a range: to the newest entry when it follows that one or the ring is full, else behind it. */
static void
push_one(Ring *ring, IdRange range)
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

/*
 * Hands committed ids to the worker of this database, if there is one, and wakes it. A full ring widens its newest
 * entry: nothing is lost, the worker only reads more. Runs after the commit, so it must not fail.
 */
void
pgnet_ring_push(const IdRange *ranges, int count)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL)
	{
		for (int i = 0; i < count; i++)
			push_one(&slot->ring, ranges[i]);
		if (slot->latch != NULL)
			SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Moves the ring's content to ranges, which has room for PGNET_RING_SIZE entries. Returns how many there were. */
int
pgnet_ring_take(WorkerSlot *slot, IdRange *ranges)
{
	Ring *ring = &slot->ring;
	int count;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	count = ring->count;
	for (int i = 0; i < count; i++)
		ranges[i] = ring->ranges[(ring->head + i) % PGNET_RING_SIZE];
	ring->head = 0;
	ring->count = 0;
	LWLockRelease(pgnet_shared->slots_lock);
	return count;
}

/* Makes the ring that of a worker which starts, and has to read everything. The caller holds the lock of the slots. */
void
pgnet_ring_restart(Ring *ring)
{
	ring->head = 0;
	ring->count = 1;
	ring->ranges[0] = ALL_IDS;
}
