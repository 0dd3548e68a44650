/*
 * callbacks.c
 *		Starts the processes that call callbacks: one for each time that a database has something due, no more at once than
 *		pg_net.callback_workers. Databases take turns. Each process finds out by itself whose callbacks it calls.
 */
#include "launcher/callbacks.h"
#include "shared/memory.h"
#include "shared/registration.h"
#include "shared/settings.h"

#include "utils/timestamp.h"

/* a database whose process found no room is looked at again after so long */
#define PAUSE_MILLIS 1000L

/* What the launcher has asked for, by entry; NULL for none, or for one that its predecessor asked for. */
static BackgroundWorkerHandle *handles[PGNET_MAX_CALLBACK_PROCESSES];

/* the slot that had the last turn */
static int last_slot = 0;

/* Whether an entry has a process, or will have one that was asked for. */
static bool
has_process(int number)
{
	pid_t pid;

	if (handles[number] != NULL && GetBackgroundWorkerPid(handles[number], &pid) == BGWH_STOPPED)
	{
		pfree(handles[number]);
		handles[number] = NULL;
	}
	return handles[number] != NULL || pgnet_shared->callback_processes[number].pid != 0;
}

/* An entry that is free, -1 when there are as many processes as there may be. */
static int
free_entry(void)
{
	int free = -1;
	int running = 0;

	for (int i = PGNET_MAX_CALLBACK_PROCESSES - 1; i >= 0; i--)
		if (has_process(i))
			running++;
		else
			free = i;
	return running < pgnet_callback_workers ? free : -1;
}

/* The milliseconds until a slot has something due, -1 for never. */
static long
millis_until_due(const WorkerSlot *slot)
{
	if (slot->name[0] == '\0' || slot->dismissed || !OidIsValid(slot->database) ||
		slot->callbacks_due == 0)
		return -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), slot->callbacks_due);
}

/*
 * The next database that has something due, which is the process's business from now on; InvalidOid for none. Then *millis is
 * the time until there is one, -1 for no such.
 */
static Oid
next_database(long *millis)
{
	*millis = -1;
	for (int i = 1; i <= pgnet_shared->slot_count; i++)
	{
		int number = (last_slot + i) % pgnet_shared->slot_count;
		WorkerSlot *slot = &pgnet_shared->slots[number];
		long left = millis_until_due(slot);

		if (left == 0)
		{
			last_slot = number;
			slot->callbacks_due = 0;
			return slot->database;
		}
		if (left > 0 && (*millis < 0 || left < *millis))
			*millis = left;
	}
	return InvalidOid;
}

/*
 * Starts what may be started. Returns the milliseconds until it is to be tried again, -1 when only an event brings that about,
 * such as the end of a process.
 */
long
pgnet_start_callback_processes(void)
{
	for (;;)
	{
		Oid database;
		long millis;
		int entry;

		LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
		entry = free_entry();
		database = entry < 0 ? InvalidOid : next_database(&millis);
		LWLockRelease(pgnet_shared->slots_lock);
		if (entry < 0)
			return -1;
		if (!OidIsValid(database))
			return millis;
		handles[entry] = pgnet_register_callback_process(entry, database);
		if (handles[entry] == NULL)
		{
			pgnet_callbacks_due_at(
				database, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MILLIS));
			return PAUSE_MILLIS;
		}
	}
}
