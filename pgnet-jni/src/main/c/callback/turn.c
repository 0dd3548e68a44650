/*
 * turn.c
 *		A process that calls the callbacks of one owner in one database, and ends: temporary objects, connections of dblink,
 *		loaded libraries and whatever else PostgreSQL or an extension keeps for a session never meet another owner's.
 *
 * Its turn is short, so that owners and databases take turns with few processes; the launcher starts the next one.
 */
#include "callback/call.h"
#include "callback/session.h"
#include "callback/callback_transaction.h"
#include "callback/waiting.h"
#include "shared/callback_dues.h"
#include "shared/callback_processes.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

extern PGDLLEXPORT void pgnet_callback_main(Datum number);

/* no function is begun when its turn has lasted so long */
#define TURN_MILLIS 1000

/* what could not be begun, since somebody has its row locked, is looked at again after so long */
#define PAUSE_MILLIS 1000

/* so many are looked for at a time */
#define BATCH 100

static TimestampTz began;
static MemoryContext batch_memory;

/* Whether other owners, and databases, may have waited for long enough. */
static bool
turn_is_over(void)
{
	return TimestampDifferenceExceeds(began, GetCurrentTimestamp(), TURN_MILLIS);
}

static bool
is_among(Oid owner, const Oid *owners, int count)
{
	for (int i = 0; i < count; i++)
		if (owners[i] == owner)
			return true;
	return false;
}

/*
 * The owner whose turn it is, of those whose callbacks are due and whom no other process serves: the next after the last one,
 * by OID. *soonest is when something of the others' is due.
 */
static Oid
next_owner(TimestampTz *soonest)
{
	Oid served[PGNET_MAX_CALLBACK_PROCESSES];
	int served_count = pgnet_owners_of_others(served);
	Oid last = pgnet_last_callback_owner();
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz due_of_next = DT_NOEND;
	Oid next = InvalidOid;
	CallbackDue *dues;
	int count;

	*soonest = DT_NOEND;
	if (!pgnet_callback_transaction_begin())
		return InvalidOid;
	dues = pgnet_callback_dues(&count);
	for (int i = 0; i < count; i++)
	{
		if (is_among(dues[i].owner, served, served_count))
			continue;
		if (dues[i].due <= now && (!OidIsValid(next) || (next <= last && dues[i].owner > last)))
		{
			*soonest = Min(*soonest, due_of_next);
			next = dues[i].owner;
			due_of_next = dues[i].due;
		}
		else
			*soonest = Min(*soonest, dues[i].due);
	}
	pgnet_callback_transaction_end();
	return next;
}

/* Takes the owner whose turn it is, and has the others looked at; InvalidOid when nothing is due. */
static Oid
take_owner(void)
{
	for (;;)
	{
		TimestampTz soonest;
		Oid owner = next_owner(&soonest);

		pgnet_callbacks_due_at(MyDatabaseId, soonest);
		if (!OidIsValid(owner) || pgnet_callback_process_take(owner))
			return owner;
	}
}

/* Calls what is due, until nothing is or the turn is over. False when something was due that could not be begun. */
static bool
serve(Oid owner)
{
	bool advanced = true;
	int count;

	do
	{
		WaitingCallback *due;

		MemoryContextReset(batch_memory);
		MemoryContextSwitchTo(batch_memory);
		due = pgnet_due_callbacks(owner, BATCH, &count);
		if (count > 0)
			advanced = false;
		for (int i = 0; i < count && !turn_is_over(); i++)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextSwitchTo(batch_memory);
			if (pgnet_call(owner, &due[i]))
				advanced = true;
		}
	} while (count > 0 && advanced && !turn_is_over());
	return advanced;
}

/* When something is due that no other process serves; the owner's own after a pause, if it could not be begun. */
static TimestampTz
next_due(Oid owner, bool advanced)
{
	TimestampTz soonest;

	MemoryContextSwitchTo(batch_memory);
	if (OidIsValid(next_owner(&soonest)))
		soonest = GetCurrentTimestamp();
	if (!advanced)
		soonest = Max(soonest, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MILLIS));
	return soonest;
}

/* An owner's turn. */
static void
serve_turn(Oid owner)
{
	const char *reason = pgnet_session_become(owner);
	bool advanced;

	if (reason != NULL)
		pgnet_give_up_callbacks(owner, reason);
	do
		advanced = reason == NULL ? serve(owner) : true;
	while (!pgnet_callback_process_is_done(next_due(owner, advanced), turn_is_over()));
}

/* The entry point of the process. Never returns. */
void
pgnet_callback_main(Datum number)
{
	Oid database;
	Oid owner;

	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(database));
	if (!pgnet_callback_process_enter(DatumGetInt32(number), database))
		proc_exit(0);
	pgnet_session_connect(database);
	began = GetCurrentTimestamp();
	batch_memory =
		AllocSetContextCreate(TopMemoryContext, "pg_net callbacks", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(batch_memory);
	owner = take_owner();
	if (OidIsValid(owner))
		serve_turn(owner);
	else
		(void) pgnet_callback_process_is_done(DT_NOEND, true);
	proc_exit(0);
}
