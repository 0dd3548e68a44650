/*
 * slot.c
 *		The slots of the workers: which serves which database.
 */
#include "shared/slot.h"
#include "shared/memory.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

WorkerSlot *pgnet_my_slot = NULL;

/* Whether so much time has passed since then. When the clock was set back behind that, nobody knows: it has. */
bool
pgnet_has_passed(TimestampTz since, int millis)
{
	TimestampTz now = GetCurrentTimestamp();

	return now < since || TimestampDifferenceExceeds(since, now, millis);
}

/* The slot of the worker that serves a database, NULL for none. A slot is never taken away, so no lock is held. */
WorkerSlot *
pgnet_slot_of_database(Oid database)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (pgnet_shared->slots[i].database == database)
			return &pgnet_shared->slots[i];
	return NULL;
}

/*
 * Makes the running worker known as the one of a database and empties its ring: sessions that commit from now on hand
 * their ids over. The caller then reads the whole queue, with a snapshot taken after this call, so that no id is
 * missed. False when another running worker serves the database.
 */
bool
pgnet_slot_publish(WorkerSlot *slot, Oid database)
{
	bool free = true;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *other = &pgnet_shared->slots[i];

		if (other == slot || other->database != database)
			continue;
		if (other->pid != 0)
			free = false;
		else
			other->database = InvalidOid;
	}
	if (free)
	{
		slot->database = database;
		slot->connected = true;
		/* a call that came while this process started wants one that starts later */
		if (slot->restart_of != MyProcPid)
			slot->restart_requested_at = 0;
		pgnet_ring_restart(&slot->ring);
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return free;
}

/*
 * Hands committed ids to the worker of this database, if there is one, and wakes it. Runs after the commit, so it must not
 * fail.
 */
void
pgnet_hand_over(const IdRange *ranges, int count)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL)
	{
		for (int i = 0; i < count; i++)
			pgnet_ring_push(&slot->ring, ranges[i]);
		if (slot->latch != NULL)
			SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Takes what was handed over to this worker; ranges has room for PGNET_RING_SIZE entries. Returns how many there were. */
int
pgnet_take_over(IdRange *ranges)
{
	int count;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	count = pgnet_ring_take(&pgnet_my_slot->ring, ranges);
	LWLockRelease(pgnet_shared->slots_lock);
	return count;
}
