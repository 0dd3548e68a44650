/*
 * control.c
 *		What SQL may ask of the worker: net.wake, net.worker_restart, net._worker_state and net._check_installation.
 */
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

/*
 * net.worker_restart(): the worker of this database begins no more requests and ends when those in flight are done, after
 * 5 s at the latest; the postmaster starts a new one a second later.
 */
Datum
pgnet_worker_restart(PG_FUNCTION_ARGS)
{
	WorkerSlot *slot;
	bool running = false;

	pgnet_require_preloaded();
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL && slot->latch != NULL)
	{
		running = true;
		if (slot->restart_requested_at == 0) /* calling again puts nothing off */
		{
			slot->restart_requested_at = GetCurrentTimestamp();
			slot->restart_of = slot->pid;
		}
		SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
	if (running && kill(PostmasterPid, SIGHUP) !=
					   0) /* the new worker inherits the configuration as it is now */
		ereport(WARNING, (errmsg("could not send a signal to the postmaster: %m")));
	PG_RETURN_BOOL(running);
}

/* Whether the worker serves its database and is not to be started anew. */
static bool
is_running(const WorkerSlot *slot)
{
	bool running;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	running = slot->connected && slot->restart_requested_at == 0;
	LWLockRelease(pgnet_shared->slots_lock);
	return running;
}

/* net._worker_state(): 'running', 'starting', or 'none' when no worker will run here as things are. */
Datum
pgnet_worker_state(PG_FUNCTION_ARGS)
{
	Unserved unserved;

	pgnet_require_preloaded();
	if (pgnet_is_unserved(&unserved))
		PG_RETURN_TEXT_P(cstring_to_text("none"));
	PG_RETURN_TEXT_P(
		cstring_to_text(is_running(pgnet_slot_of_this_database()) ? "running" : "starting"));
}

/* The reason of the last start that failed, palloc'd; empty for none. */
static char *
failure_of(const WorkerSlot *slot)
{
	char *failure = palloc(PGNET_MAX_FAILURE_LENGTH);

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	strlcpy(failure, slot->failure, PGNET_MAX_FAILURE_LENGTH);
	LWLockRelease(pgnet_shared->slots_lock);
	return failure;
}

/* net._worker_failure(): why the last start of this database's worker failed, null when it did not. */
Datum
pgnet_worker_failure(PG_FUNCTION_ARGS)
{
	WorkerSlot *slot;
	char *failure;

	pgnet_require_preloaded();
	slot = pgnet_slot_of_this_database();
	failure = slot == NULL ? "" : failure_of(slot);
	if (failure[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(failure));
}

/* The error of net.check_worker_is_up(). */
static void
not_up(const char *detail, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("the pg_net background worker is not up"), errdetail("%s", detail),
					errhint("%s", hint)));
}

/* net.check_worker_is_up(): an error unless the worker of this database runs. */
Datum
pgnet_check_worker_is_up(PG_FUNCTION_ARGS)
{
	Unserved unserved;
	WorkerSlot *slot;
	char *failure;

	pgnet_require_preloaded();
	if (pgnet_is_unserved(&unserved))
		not_up(pgnet_sentence(unserved.reason), unserved.hint);
	slot = pgnet_slot_of_this_database();
	if (is_running(slot))
		PG_RETURN_VOID();
	failure = failure_of(slot);
	if (failure[0] != '\0')
		not_up(failure, "The server's log says more.");
	not_up("the pg_net background worker is down due to an internal error and cannot process "
		   "requests",
		   "make sure that you didn't modify any of pg_net internal tables");
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
	slot = pgnet_slot_of_this_database();
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
	PG_RETURN_VOID();
}
