/*
 * health.c
 *		net._health: how the worker of this database is, for net.doctor(). It raises no error, whatever is missing.
 */
#include "session/served.h"
#include "shared/journal_file.h"
#include "shared/memory.h"

#include <fcntl.h>
#include <unistd.h>

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

PG_FUNCTION_INFO_V1(pgnet_health);

/* the columns, in the order of pg_net.sql */
enum
{
	COLUMN_PRELOADED,
	COLUMN_STANDBY,
	COLUMN_STATE,
	COLUMN_REASON,
	COLUMN_SINCE,
	COLUMN_ENDS,
	COLUMN_FIRST_END,
	COLUMN_LAST_END,
	COLUMN_LAST_REASON,
	COLUMN_WITHOUT_ROOM,
	COLUMN_COUNT
};

/* The names of states, as SQL has them. */
static const char *
name_of(WorkerState state)
{
	switch (state)
	{
		case WORKER_NONE:
			return "none";
		case WORKER_WITHOUT_ROOM:
			return "no room";
		case WORKER_FAILED:
			return "failed";
		case WORKER_STARTING:
			return "starting";
		case WORKER_HALTED:
			return "halted";
		case WORKER_RESTING:
			return "resting";
		case WORKER_RUNNING:
			return "running";
	}
	return NULL;
}

/* Since when the worker of this database sends nothing, or could not start; 0 when it does. */
static TimestampTz
trouble_since(WorkerState state)
{
	WorkerSlot *slot = pgnet_lock_my_slot(LW_SHARED);
	TimestampTz since = 0;

	if (slot == NULL)
		return 0;
	if (state == WORKER_FAILED)
		since = slot->failed_at;
	for (int i = 0; state == WORKER_HALTED && i < HALT_COUNT; i++)
		if (slot->halts[i][0] != '\0')
			since = slot->halted_since[i];
	LWLockRelease(pgnet_shared->slots_lock);
	return since;
}

/* The databases whose workers have no room, as a name[]. */
static Datum
without_room(void)
{
	Datum *names = palloc(sizeof(Datum) * pgnet_shared->slot_count);
	int count = 0;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (pgnet_shared->slots[i].name[0] != '\0' && pgnet_shared->slots[i].no_room)
		{
			Name name = palloc(sizeof(NameData));

			namestrcpy(name, pgnet_shared->slots[i].name);
			names[count++] = NameGetDatum(name);
		}
	LWLockRelease(pgnet_shared->slots_lock);
	return PointerGetDatum(
		construct_array(names, count, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}

/* Reads what is before the requests in the worker's journal; false when it is not there. */
static bool
read_journal(Journal *journal)
{
	int fd = OpenTransientFile(pgnet_journal_path(MyDatabaseId), O_RDONLY | PG_BINARY);
	ssize_t length;

	if (fd < 0)
		return false;
	length = read(fd, journal, offsetof(Journal, requests));
	CloseTransientFile(fd);
	return length == offsetof(Journal, requests) && journal->magic == PGNET_JOURNAL_MAGIC;
}

/* The columns about abnormal ends that follow each other. */
static void
add_ends(Datum *values, bool *nulls)
{
	Journal *journal = palloc(offsetof(Journal, requests));

	if (!read_journal(journal) || journal->ends_in_a_row == 0)
		return;
	values[COLUMN_ENDS] = Int32GetDatum(journal->ends_in_a_row);
	values[COLUMN_FIRST_END] = TimestampTzGetDatum(journal->first_end);
	values[COLUMN_LAST_END] = TimestampTzGetDatum(journal->last_end);
	values[COLUMN_LAST_REASON] = CStringGetTextDatum(
		journal->last_reason[0] == '\0' ? "it was killed or crashed" : journal->last_reason);
	nulls[COLUMN_ENDS] = nulls[COLUMN_FIRST_END] = nulls[COLUMN_LAST_END] =
		nulls[COLUMN_LAST_REASON] = false;
}

/* The columns about the worker. */
static void
add_worker(Datum *values, bool *nulls)
{
	char reason[PGNET_MAX_FAILURE_LENGTH];
	WorkerState state = pgnet_worker_state_here(reason);
	TimestampTz since = trouble_since(state);

	values[COLUMN_STATE] = CStringGetTextDatum(name_of(state));
	values[COLUMN_REASON] = CStringGetTextDatum(reason);
	values[COLUMN_SINCE] = TimestampTzGetDatum(since);
	values[COLUMN_WITHOUT_ROOM] = without_room();
	nulls[COLUMN_STATE] = nulls[COLUMN_WITHOUT_ROOM] = false;
	nulls[COLUMN_REASON] = reason[0] == '\0';
	nulls[COLUMN_SINCE] = since == 0;
}

/* net._health() */
Datum
pgnet_health(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor;
	Datum values[COLUMN_COUNT];
	bool nulls[COLUMN_COUNT];

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "net._health() returns a row");
	memset(nulls, true, sizeof(nulls));
	values[COLUMN_PRELOADED] = BoolGetDatum(pgnet_shared != NULL);
	values[COLUMN_STANDBY] = BoolGetDatum(RecoveryInProgress());
	nulls[COLUMN_PRELOADED] = nulls[COLUMN_STANDBY] = false;
	if (pgnet_shared != NULL)
	{
		add_worker(values, nulls);
		add_ends(values, nulls);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}
