/*
 * control.c
 *		What SQL may ask of the worker: net.wake, net.worker_restart, net._worker_state and net._check_installation.
 */
#include "session/control.h"
#include "session/served.h"
#include "session/enqueue.h"
#include "shared/memory.h"

#include <signal.h>

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* a look at the tables may wait for a lock, of the caller's own transaction for example */
#define LONGEST_LOOK_MILLIS 2000
#define LOOK_POLL_MILLIS 10

PG_FUNCTION_INFO_V1(pgnet_wake);
PG_FUNCTION_INFO_V1(pgnet_worker_restart);
PG_FUNCTION_INFO_V1(pgnet_worker_state);
PG_FUNCTION_INFO_V1(pgnet_worker_failure);
PG_FUNCTION_INFO_V1(pgnet_check_worker_is_up);
PG_FUNCTION_INFO_V1(pgnet_worker_counters);
PG_FUNCTION_INFO_V1(pgnet_require_preload);

/* net.wake(): the worker reads the whole queue when this transaction commits. */
Datum
pgnet_wake(PG_FUNCTION_ARGS)
{
	pgnet_require_preloaded();
	pgnet_remember(ALL_IDS);
	PG_RETURN_VOID();
}

/* Asks the running worker to end. Calling again puts nothing off. */
static void
request_restart(WorkerSlot *slot)
{
	if (slot->restart_requested_at == 0)
	{
		slot->restart_requested_at = GetCurrentTimestamp();
		slot->restart_of = slot->pid;
	}
	SetLatch(slot->latch);
}

/*
 * net.worker_restart(): the worker of this database begins no more requests and ends when those in flight are done, after
 * 5 s at the latest; a new one starts a second later. A statement that goes on for longer is cancelled after 10 s. When there is none now, one starts anyway. Either inherits the
 * configuration as it is now.
 */
Datum
pgnet_worker_restart(PG_FUNCTION_ARGS)
{
	WorkerSlot *slot;
	Unserved unserved;

	pgnet_require_preloaded();
	if (pgnet_is_unserved(&unserved))
		PG_RETURN_BOOL(false);
	slot = pgnet_lock_my_slot(LW_EXCLUSIVE);
	if (slot != NULL)
	{
		if (slot->latch != NULL)
			request_restart(slot);
		else
			pgnet_slot_wake(slot);
		LWLockRelease(pgnet_shared->slots_lock);
	}
	if (kill(PostmasterPid, SIGHUP) != 0)
		ereport(WARNING, (errmsg("could not send a signal to the postmaster: %m")));
	PG_RETURN_BOOL(true);
}

/* How often the worker has looked at its tables, when it has found none that it can serve; 0 when it has. */
static uint64
looks_in_vain(void)
{
	WorkerSlot *slot = pgnet_lock_my_slot(LW_SHARED);
	uint64 looks = 0;

	if (slot == NULL)
		return 0;
	if (slot->connected && slot->halts[HALT_OF_TABLES][0] != '\0')
		looks = slot->looks;
	LWLockRelease(pgnet_shared->slots_lock);
	return looks;
}

/* Has a worker that could not serve its tables look again, and waits for that: they may have been mended meanwhile. */
static void
have_tables_looked_at(void)
{
	uint64 looks = looks_in_vain();

	if (looks == 0)
		return;
	pgnet_hand_over_all();
	for (int waited = 0; waited < LONGEST_LOOK_MILLIS && looks_in_vain() == looks;
		 waited += LOOK_POLL_MILLIS)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, LOOK_POLL_MILLIS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * net._worker_state(): 'running', 'starting', 'halted' when it runs and sends nothing, 'resting' until there is a request,
 * or 'none' when no worker will run here as things are.
 */
Datum
pgnet_worker_state(PG_FUNCTION_ARGS)
{
	char reason[PGNET_MAX_FAILURE_LENGTH];
	Unserved unserved;
	const char *state = "none";

	pgnet_require_preloaded();
	have_tables_looked_at();
	if (!pgnet_is_unserved(&unserved))
		switch (pgnet_worker_state_here(reason))
		{
			case WORKER_NONE:
			case WORKER_WITHOUT_ROOM:
			case WORKER_FAILED:
				break;
			case WORKER_STARTING:
				state = "starting";
				break;
			case WORKER_HALTED:
				state = "halted";
				break;
			case WORKER_RESTING:
				state = "resting";
				break;
			case WORKER_RUNNING:
				state = "running";
				break;
		}
	PG_RETURN_TEXT_P(cstring_to_text(state));
}

/* net._worker_failure(): why this database's worker could not start or sends nothing, null when neither is so. */
Datum
pgnet_worker_failure(PG_FUNCTION_ARGS)
{
	char reason[PGNET_MAX_FAILURE_LENGTH];

	pgnet_require_preloaded();
	(void) pgnet_worker_state_here(reason);
	if (reason[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(reason));
}

/* The error of net.check_worker_is_up(). */
static void
not_up(const char *detail, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("the pg_net background worker is not up"), errdetail("%s", detail),
					errhint("%s", hint)));
}

/* Raises an error unless the worker of this database runs, and sends requests if it is to. */
void
pgnet_require_worker(bool that_sends)
{
	char reason[PGNET_MAX_FAILURE_LENGTH];
	Unserved unserved;
	WorkerState state;

	if (pgnet_is_unserved(&unserved))
		not_up(pgnet_sentence(unserved.reason), unserved.hint);
	have_tables_looked_at();
	state = pgnet_worker_state_here(reason);
	if (state == WORKER_RUNNING || state == WORKER_RESTING ||
		(state == WORKER_HALTED && !that_sends))
		return;
	if (state == WORKER_HALTED)
		not_up(pgnet_sentence(psprintf("the worker runs, but sends nothing: %s", reason)),
			   "Requests are kept, and sent once this is fixed.");
	if (reason[0] != '\0')
		not_up(reason, "See the log of the server.");
	not_up("the pg_net background worker is down due to an internal error and cannot process "
		   "requests",
		   "make sure that you didn't modify any of pg_net internal tables");
}

/* net.check_worker_is_up(): an error unless the worker of this database runs and sends requests. */
Datum
pgnet_check_worker_is_up(PG_FUNCTION_ARGS)
{
	pgnet_require_preloaded();
	pgnet_require_worker(true);
	PG_RETURN_VOID();
}

/* The counter that a column of net._worker_counters shows. */
static Counter
counter_of_column(const char *column)
{
#define NAME_OF_COUNTER(name) #name,
	static const char *const names[] = {PGNET_COUNTERS(NAME_OF_COUNTER)};

	for (int i = 0; i < COUNTER_COUNT; i++)
		if (pg_strcasecmp(column, names[i]) == 0)
			return i;
	elog(ERROR, "net._worker_counters() has a column \"%s\", which pg_net.so does not count",
		 column);
}

/* net._worker_counters(): its columns by name, nulls in a database that no worker has served. */
Datum
pgnet_worker_counters(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor;
	WorkerSlot *slot;
	Datum *values;
	bool *nulls;

	pgnet_require_preloaded();
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "net._worker_counters() returns a row");
	slot = pgnet_lock_my_slot(LW_SHARED);
	if (slot != NULL)
		LWLockRelease(pgnet_shared->slots_lock); /* counters are read one by one */
	values = palloc0(sizeof(Datum) * descriptor->natts);
	nulls = palloc(sizeof(bool) * descriptor->natts);
	for (int i = 0; i < descriptor->natts; i++)
	{
		Counter counter = counter_of_column(NameStr(TupleDescAttr(descriptor, i)->attname));

		nulls[i] = slot == NULL;
		if (slot != NULL)
			values[i] = Int64GetDatum(pg_atomic_read_u64(&slot->counters[counter]));
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}

/* net._require_preload(): called by CREATE EXTENSION, so that a server without the library says so at once. */
Datum
pgnet_require_preload(PG_FUNCTION_ARGS)
{
	Unserved unserved;

	pgnet_require_preloaded();
	if (pgnet_is_unserved(&unserved))
		ereport(WARNING, (errmsg("%s: requests will not be sent", unserved.reason),
						  errhint("%s", unserved.hint)));
	pgnet_remember(ALL_IDS); /* with *, it is served from the commit on */
	PG_RETURN_VOID();
}
