/*
 * supervision.c
 *		The processes of the workers: started, ended and started again.
 */
#include "launcher/supervision.h"
#include "shared/memory.h"
#include "shared/registration.h"

#include <signal.h>

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* a worker that has ended, or found no room, stays away for so long */
#define PAUSE_MILLIS 1000L

/* a worker that was asked to end, and has not after so long, is in the midst of a statement */
#define LONGEST_END_MILLIS (10 * 1000L)

/* no pause of a worker is longer; what says so was written before the clock was set back */
#define LONGEST_PAUSE_MILLIS (60 * 1000L)

/* What the launcher itself has asked for, by slot; NULL for none, or for one that its predecessor asked for. */
static BackgroundWorkerHandle **handles = NULL;

/* The milliseconds to a time, 0 when it has come. */
static long
millis_until(TimestampTz time)
{
	long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), time);

	return left > LONGEST_PAUSE_MILLIS ? 0 : left;
}

/* Whether a slot's worker has a process, or will have one that was asked for. */
static bool
has_process(int slot_number)
{
	WorkerSlot *slot = &pgnet_shared->slots[slot_number];
	pid_t pid;

	if (handles[slot_number] != NULL &&
		GetBackgroundWorkerPid(handles[slot_number], &pid) == BGWH_STOPPED)
	{
		pfree(handles[slot_number]);
		handles[slot_number] = NULL;
		slot->ended_at = GetCurrentTimestamp(); /* some never come so far as to say so */
	}
	return handles[slot_number] != NULL || slot->pid != 0;
}

/* Asks the worker to end as net.worker_restart() does: what is in flight may finish. */
static void
ask_to_end(WorkerSlot *slot)
{
	if (slot->latch == NULL || slot->restart_requested_at != 0)
		return;
	slot->restart_requested_at = GetCurrentTimestamp();
	slot->restart_of = slot->pid;
	SetLatch(slot->latch);
}

/*
 * Cancels the statement of a worker that does not end, though it was asked to: perhaps a function of the tables' owner takes for
 * ever. Returns the milliseconds until that is looked at, -1 when nobody has asked.
 */
static long
end_statement(const WorkerSlot *slot)
{
	long left;

	if (slot->restart_requested_at == 0 || slot->pid == 0)
		return -1;
	left =
		millis_until(TimestampTzPlusMilliseconds(slot->restart_requested_at, LONGEST_END_MILLIS));
	if (left > 0)
		return left;
	(void) kill(slot->pid, SIGTERM);
	return PAUSE_MILLIS;
}

/* The milliseconds until a worker that rests has something to do, such as old responses to delete; -1 for not known. */
static long
millis_until_end_of_rest(const WorkerSlot *slot)
{
	return slot->rests_until == 0
			   ? -1
			   : TimestampDifferenceMilliseconds(GetCurrentTimestamp(), slot->rests_until);
}

/* The milliseconds until a worker without a process is to be started. */
static long
millis_until_start(const WorkerSlot *slot)
{
	long left = 0;

	if (slot->resting)
		return pgnet_slot_is_wanted(slot) ? 0 : millis_until_end_of_rest(slot);
	if (slot->ended_at != 0)
		left = millis_until(TimestampTzPlusMilliseconds(slot->ended_at, PAUSE_MILLIS));
	if (slot->failure[0] != '\0')
		left = Max(left, millis_until(slot->retry_at));
	return left;
}

/*
 * Has the worker that is idle for longest end, of those that may rest, since another one waits for its place. Not one that has
 * hardly begun: it may not have looked yet. False when none will ever make room.
 */
static bool
make_room(void)
{
	WorkerSlot *longest = NULL;
	bool some_may_rest = false;

	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *slot = &pgnet_shared->slots[i];

		if (slot->latch == NULL || pgnet_slot_idle_millis(slot) < 0)
			continue;
		some_may_rest = true;
		if (slot->idle_since != 0 && pgnet_has_passed(slot->idle_since, PAUSE_MILLIS) &&
			(longest == NULL || slot->idle_since < longest->idle_since))
			longest = slot;
	}
	if (longest != NULL)
	{
		longest->leave_room = true;
		SetLatch(longest->latch);
	}
	return some_may_rest;
}

/* Says, once, that a worker has to wait until others leave it room. */
static void
tell_of_room(const WorkerSlot *slot, bool told)
{
	if (told)
		return;
	ereport(WARNING,
			(errmsg("max_worker_processes (%d) leaves no room for the pg_net worker of database "
					"\"%s\"",
					max_worker_processes, slot->name),
			 errhint("Raise max_worker_processes and restart the server.")));
}

/* Has the postmaster start a slot's worker. Returns the milliseconds until it is to be tried again, -1 when it need not be. */
static long
start(int slot_number)
{
	WorkerSlot *slot = &pgnet_shared->slots[slot_number];
	bool told = slot->no_room;
	bool has_room;

	handles[slot_number] = pgnet_register_worker(slot_number, slot->name, ++slot->launch);
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	has_room = handles[slot_number] != NULL;
	slot->no_room = !has_room && !make_room();
	LWLockRelease(pgnet_shared->slots_lock);
	if (slot->no_room)
		tell_of_room(slot, told);
	return has_room ? -1 : PAUSE_MILLIS;
}

/* Does what a slot needs now. Returns the milliseconds until it needs something, -1 when only an event brings that about. */
static long
supervise(int slot_number)
{
	WorkerSlot *slot = &pgnet_shared->slots[slot_number];
	long left = -1;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	if (slot->name[0] == '\0')
		left = -1;
	else if (has_process(slot_number))
	{
		if (slot->dismissed)
			ask_to_end(slot);
		left = end_statement(slot);
	}
	else if (slot->dismissed)
		pgnet_slot_free(slot);
	else
		left = millis_until_start(slot);
	LWLockRelease(pgnet_shared->slots_lock);
	return left == 0 ? start(slot_number) : left;
}

/* Does what the slots need now. Returns the milliseconds until one needs something, -1 when only an event brings that about. */
long
pgnet_supervise(void)
{
	long soonest = -1;

	if (handles == NULL)
		handles =
			MemoryContextAllocZero(TopMemoryContext, sizeof(*handles) * pgnet_shared->slot_count);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		long left = supervise(i);

		if (left >= 0 && (soonest < 0 || left < soonest))
			soonest = left;
	}
	return soonest;
}
