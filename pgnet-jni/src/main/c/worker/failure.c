/*
 * failure.c
 *		The launcher starts an ended worker again after a second. One whose last start failed stays away for a minute; one that
 *		ended abnormally stays away longer from time to time. So neither fills the log, nor does a JVM that aborts restart the
 *		cluster without end.
 */
#include "worker/failure.h"
#include "shared/memory.h"
#include "worker/journal.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/timestamp.h"

/*
 * Ends the worker when the last one was killed or crashed not long ago. That one could say nothing, and the crash of its
 * process has emptied the shared memory, so the launcher did not know that it should wait.
 */
void
pgnet_pause_after_crash(WorkerSlot *slot)
{
	long pause = pgnet_journal_pause_millis();
	int ends = pgnet_journal_ends_in_a_row();

	if (pause <= 0)
		return;
	pgnet_note_end(slot, psprintf("it was killed or crashed, %d in a row", ends), pause);
	ereport(LOG,
			(errmsg("pg_net worker was killed or crashed (%d in a row) and starts again in %ld s",
					ends, (pause + 999) / 1000)));
	proc_exit(0);
}

/* Keeps why the worker is away, and for how long. */
static void
note(WorkerSlot *slot, const char *failure, bool start_failed, long pause_millis)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	strlcpy(slot->failure, failure, sizeof(slot->failure));
	slot->start_failed = start_failed;
	slot->failed_at = GetCurrentTimestamp();
	slot->retry_at = TimestampTzPlusMilliseconds(slot->failed_at, pause_millis);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* The worker ends, and is to be started again after a pause. */
void
pgnet_note_end(WorkerSlot *slot, const char *failure, long pause_millis)
{
	note(slot, failure, false, pause_millis);
}

/* The worker cannot start, unless pgnet_note_start() follows. */
void
pgnet_note_failed_start(WorkerSlot *slot, const char *failure)
{
	note(slot, failure, true, PGNET_FAILED_START_PAUSE_MILLIS);
}

/* The worker has started. */
void
pgnet_note_start(WorkerSlot *slot)
{
	note(slot, "", false, 0);
}

/* Ends the worker, with one error in the log. */
void
pgnet_start_failed(WorkerSlot *slot, const char *failure, const char *hint)
{
	pgnet_note_failed_start(slot, failure);
	pgnet_journal_ended_in_order();
	ereport(
		FATAL,
		(errcode(ERRCODE_CONFIG_FILE_ERROR), errmsg("pg_net worker cannot start: %s", failure),
		 hint != NULL
			 ? errhint("%s The server runs on without the worker, which tries again in a minute.",
					   hint)
			 : 0));
	pg_unreachable();
}
