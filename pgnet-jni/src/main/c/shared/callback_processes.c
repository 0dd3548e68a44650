/*
 * callback_processes.c
 *		Which process calls whose callbacks, and in which database some are due.
 *
 * One owner has one process at most in a database: its callbacks are called one after the other, and what is slow in them
 * leaves the other processes to other owners.
 */
#include "shared/callback_processes.h"
#include "shared/memory.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/timestamp.h"

/* what a process that failed has left is looked at again after so long */
#define PAUSE_MILLIS 1000

/* the entry of this process, NULL in any other */
static CallbackProcess *my_process = NULL;

/* Something is due in a database at this time; under the lock. */
static void
note_due(Oid database, TimestampTz due)
{
	WorkerSlot *slot = pgnet_slot_of_database(database);

	if (slot == NULL || due == DT_NOEND)
		return;
	if (slot->callbacks_due == 0 || due < slot->callbacks_due)
		slot->callbacks_due = due;
	pgnet_wake_launcher();
}

/* The process that calls the callbacks of an owner, NULL for none; under the lock. */
static CallbackProcess *
process_of(Oid database, Oid owner)
{
	for (int i = 0; i < PGNET_MAX_CALLBACK_PROCESSES; i++)
	{
		CallbackProcess *process = &pgnet_shared->callback_processes[i];

		if (process->pid != 0 && process->database == database && process->owner == owner)
			return process;
	}
	return NULL;
}

/* Tells of a callback that is due, whose row others can see. Must not fail. */
void
pgnet_callback_came(Oid database, Oid owner)
{
	CallbackProcess *process;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	process = process_of(database, owner);
	if (process != NULL)
		process->more = true;
	else
		note_due(database, GetCurrentTimestamp());
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Has a process look at the callbacks of a database at this time; DT_NOEND for never. */
void
pgnet_callbacks_due_at(Oid database, TimestampTz due)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	note_due(database, due);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* The entry is free; under the lock. */
static void
leave(void)
{
	my_process->pid = 0;
	my_process->owner = InvalidOid;
	my_process = NULL;
	pgnet_wake_launcher();
}

/* The process ends. When it was not done, by an error for example, another one looks what is left. */
static void
leave_at_exit(int code, Datum unused)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	if (my_process != NULL)
	{
		note_due(my_process->database,
				 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MILLIS));
		leave();
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Makes this process the one of an entry; false when another one is that. */
bool
pgnet_callback_process_enter(int number, Oid database)
{
	CallbackProcess *process = &pgnet_shared->callback_processes[number];
	bool free;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	free = process->pid == 0;
	if (free)
	{
		*process = (CallbackProcess){.pid = MyProcPid, .database = database};
		my_process = process;
	}
	else
		note_due(database, GetCurrentTimestamp());
	LWLockRelease(pgnet_shared->slots_lock);
	if (free)
		before_shmem_exit(leave_at_exit, (Datum) 0);
	return free;
}

/* The owners that other processes serve in this database; room for PGNET_MAX_CALLBACK_PROCESSES. Returns how many. */
int
pgnet_owners_of_others(Oid *owners)
{
	int count = 0;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	for (int i = 0; i < PGNET_MAX_CALLBACK_PROCESSES; i++)
	{
		CallbackProcess *process = &pgnet_shared->callback_processes[i];

		if (process != my_process && process->pid != 0 && process->database == MyDatabaseId &&
			OidIsValid(process->owner))
			owners[count++] = process->owner;
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return count;
}

/* Has this process serve an owner; false when another one does. */
bool
pgnet_callback_process_take(Oid owner)
{
	bool free;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	free = process_of(MyDatabaseId, owner) == NULL;
	if (free)
	{
		WorkerSlot *slot = pgnet_slot_of_database(MyDatabaseId);

		my_process->owner = owner;
		my_process->more = false;
		if (slot != NULL)
			slot->last_callback_owner = owner;
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return free;
}

/* Whose turn was last in this database, InvalidOid for nobody's. */
Oid
pgnet_last_callback_owner(void)
{
	WorkerSlot *slot;
	Oid owner;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	slot = pgnet_slot_of_database(MyDatabaseId);
	owner = slot == NULL ? InvalidOid : slot->last_callback_owner;
	LWLockRelease(pgnet_shared->slots_lock);
	return owner;
}

/*
 * The process has nothing left to do, or its turn is over; and what it or nobody serves is due at this time again, DT_NOEND
 * for never. False when its turn is not over and more has come for its owner meanwhile, which that may not include.
 */
bool
pgnet_callback_process_is_done(TimestampTz due, bool turn_is_over)
{
	bool done;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	done = !my_process->more || turn_is_over;
	if (done)
	{
		note_due(my_process->database, my_process->more ? GetCurrentTimestamp() : due);
		leave();
	}
	else
		my_process->more = false;
	LWLockRelease(pgnet_shared->slots_lock);
	return done;
}
