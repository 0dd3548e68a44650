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

/* The slot of the worker that serves a database, or has served it; NULL for none. */
WorkerSlot *
pgnet_slot_of_database(Oid database)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (pgnet_shared->slots[i].database == database)
			return &pgnet_shared->slots[i];
	return NULL;
}

/* The slot for the database of this name, which need not exist; NULL for none. An empty name: one that is free. */
WorkerSlot *
pgnet_slot_of_name(const char *name)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (strcmp(pgnet_shared->slots[i].name, name) == 0)
			return &pgnet_shared->slots[i];
	return NULL;
}

/* Counting begins anew. */
static void
reset_counters(WorkerSlot *slot)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		pg_atomic_write_u64(&slot->counters[i], 0);
}

/* Gives a slot, which has no process any more, back. */
void
pgnet_slot_free(WorkerSlot *slot)
{
	slot->name[0] = '\0';
	slot->database = InvalidOid;
}

/* Has a database of this name served. Returns its slot, NULL when none is free. */
WorkerSlot *
pgnet_slot_assign(const char *name)
{
	WorkerSlot *slot = pgnet_slot_of_name(name);

	if (slot == NULL && (slot = pgnet_slot_of_name("")) != NULL)
	{
		strlcpy(slot->name, name, sizeof(slot->name));
		slot->database = InvalidOid;
		slot->no_room = false;
		slot->ended_at = 0;
		slot->ring.count = 0;
		slot->failure[0] = '\0';
		reset_counters(slot);
	}
	if (slot != NULL)
		slot->dismissed = false;
	return slot;
}

/* Has the launcher look at the slots. */
void
pgnet_wake_launcher(void)
{
	if (pgnet_shared->launcher_latch != NULL)
		SetLatch(pgnet_shared->launcher_latch);
}

/* A worker whose last start failed need not wait any longer: the cause may be mended. */
void
pgnet_slot_end_pause(WorkerSlot *slot)
{
	slot->retry_at = 0;
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
		if (slot->database != database)
			reset_counters(slot); /* they were of a database that had this name */
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

/* Shows why the running worker sends nothing. An empty text: it does, as far as that is concerned. */
void
pgnet_slot_halt(WorkerSlot *slot, Halt halt, const char *reason)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	strlcpy(slot->halts[halt], reason, PGNET_MAX_HALT_LENGTH);
	LWLockRelease(pgnet_shared->slots_lock);
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
