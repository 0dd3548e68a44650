/*
 * served.c
 *		Whether a worker serves this session's database, and how it is.
 */
#include "session/served.h"
#include "shared/memory.h"
#include "shared/registration.h"
#include "shared/settings.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Whether pg_net.database_name names this database; all tells whether * stands for it. */
static bool
is_named(bool *all)
{
	const char *database = get_database_name(MyDatabaseId);
	ListCell *cell;

	foreach (cell, pgnet_database_names(all))
		if (strcmp(lfirst(cell), database) == 0)
			return true;
	*all = *all && !pgnet_is_template();
	return false;
}

/* The slot for this database, which is known by this name too before its worker's first connection; NULL for none. */
static WorkerSlot *
find_slot(const char *name)
{
	WorkerSlot *slot = pgnet_slot_of_database(MyDatabaseId);

	if (slot == NULL && name != NULL)
		slot = pgnet_slot_of_name(name);
	return slot == NULL || slot->dismissed ? NULL : slot;
}

/*
 * The slot of the worker that serves this database, or will, with the lock of the slots held; NULL, and no lock, when there
 * is none. Names are read from the catalogue, without the lock, only when they are needed.
 */
WorkerSlot *
pgnet_lock_my_slot(LWLockMode mode)
{
	const char *name = NULL;

	for (int i = 0; i < 2; i++)
	{
		WorkerSlot *slot;

		LWLockAcquire(pgnet_shared->slots_lock, mode);
		slot = find_slot(name);
		if (slot != NULL)
			return slot;
		LWLockRelease(pgnet_shared->slots_lock);
		name = get_database_name(MyDatabaseId);
	}
	return NULL;
}

/* Whether the last start of the worker failed, and it is not tried again now: not since the configuration was reloaded. */
static bool
has_failed(const WorkerSlot *slot)
{
	return slot->pid == 0 && slot->failure[0] != '\0' && slot->start_failed &&
		   slot->retry_at > GetCurrentTimestamp() && PgReloadTime < slot->failed_at;
}

/* How the worker of a slot is; under the lock of the slots. */
static WorkerState
state_of(const WorkerSlot *slot)
{
	if (slot->no_room)
		return WORKER_WITHOUT_ROOM;
	if (has_failed(slot))
		return WORKER_FAILED;
	if (slot->resting)
		return WORKER_RESTING;
	if (!slot->serving || slot->restart_requested_at != 0)
		return WORKER_STARTING;
	for (int i = 0; i < HALT_COUNT; i++)
		if (slot->halts[i][0] != '\0')
			return WORKER_HALTED;
	return WORKER_RUNNING;
}

/* Why the worker of a slot is as it is; an empty text when nothing is known. */
static void
copy_reason(const WorkerSlot *slot, WorkerState state, char *reason)
{
	strlcpy(reason, slot->failure, PGNET_MAX_FAILURE_LENGTH);
	for (int i = 0; state == WORKER_HALTED && i < HALT_COUNT; i++)
		if (slot->halts[i][0] != '\0')
			strlcpy(reason, slot->halts[i], PGNET_MAX_FAILURE_LENGTH);
}

/*
 * How the worker of this database is when it has no slot: the launcher is about to read the list that this session has read, or
 * the first request gets a slot.
 */
static WorkerState
state_without_slot(void)
{
	bool all;

	if (is_named(&all))
		return pgnet_shared->names_without_slot ? WORKER_WITHOUT_ROOM : WORKER_STARTING;
	return all ? WORKER_RESTING : WORKER_NONE;
}

/*
 * How the worker of this database is. Puts into reason, which has PGNET_MAX_FAILURE_LENGTH bytes, why it is not otherwise, or
 * an empty text.
 */
WorkerState
pgnet_worker_state_here(char *reason)
{
	WorkerSlot *slot;
	WorkerState state;

	reason[0] = '\0';
	if (!pgnet_has_launcher())
		return WORKER_WITHOUT_ROOM;
	slot = pgnet_lock_my_slot(LW_SHARED);
	if (slot == NULL)
		return state_without_slot();
	state = state_of(slot);
	copy_reason(slot, state, reason);
	LWLockRelease(pgnet_shared->slots_lock);
	return state;
}

/*
 * Whether requests of this database will not be sent, as things are, and why. A worker that is away for a while will send
 * them; a standby's will when it is promoted, but its sessions make none before.
 */
bool
pgnet_is_unserved(Unserved *why)
{
	char ignored[PGNET_MAX_FAILURE_LENGTH];

	if (RecoveryInProgress())
	{
		*why = (Unserved){"a standby sends no requests", "Connect to the primary."};
		return true;
	}
	switch (pgnet_worker_state_here(ignored))
	{
		case WORKER_NONE:
			*why = (Unserved){
				"no pg_net worker serves this database",
				psprintf("add \"%s\" to pg_net.database_name", get_database_name(MyDatabaseId))};
			return true;
		case WORKER_WITHOUT_ROOM:
			*why = (Unserved){
				psprintf("the server has no room for a pg_net worker: max_worker_processes is %d",
						 max_worker_processes),
				"Raise max_worker_processes and restart the server."};
			return true;
		default:
			return false;
	}
}

/* Words as the sentence that a DETAIL is. */
const char *
pgnet_sentence(const char *words)
{
	return psprintf("%c%s.", pg_ascii_toupper(words[0]), words + 1);
}
