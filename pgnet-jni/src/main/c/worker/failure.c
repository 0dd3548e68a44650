/*
 * failure.c
 *		The postmaster starts an ended worker again after a second, and after a crash at once. A worker whose last start
 *		failed waits for the rest of a minute before it tries again; one that ended abnormally waits longer from time to
 *		time. So neither fills the log, nor does a JVM that aborts restart the cluster without end.
 */
#include "worker/failure.h"
#include "shared/memory.h"
#include "worker/journal.h"
#include "worker/process.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* A worker that was killed could say nothing, and the crash of its process has emptied the shared memory. */
static void
tell_of_crash(WorkerSlot *slot)
{
	long pause = pgnet_journal_pause_millis();
	int ends = pgnet_journal_ends_in_a_row();

	if (slot->failure[0] != '\0' || pause == 0)
		return;
	pgnet_note_failure(slot, psprintf("it was killed or crashed, %d in a row", ends), pause);
	ereport(LOG,
			(errmsg("pg_net worker was killed or crashed (%d in a row) and starts again in %ld s",
					ends, (pause + 999) / 1000)));
}

/*
 * Sleeps until the worker may start. A reload ends the pause: the cause may be mended. So does one that came when no process
 * was there to be told, in the second between two: the postmaster had read the configuration anew when it started this one.
 */
void
pgnet_pause_after_failure(WorkerSlot *slot)
{
	tell_of_crash(slot);
	if (slot->failure[0] != '\0' && PgReloadTime > slot->configured_at)
		return;
	while (slot->failure[0] != '\0' && !pgnet_end_requested())
	{
		long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), slot->retry_at);
		int events;

		if (left <= 0 || left > PGNET_FAILED_START_PAUSE_MILLIS)
			return;
		events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_POSTMASTER_DEATH, left,
						   PG_WAIT_EXTENSION);
		if (events & WL_POSTMASTER_DEATH)
			proc_exit(1);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (pgnet_reload_settings())
			return;
	}
}

/* Keeps why the worker is away, for the next start and for net.check_worker_is_up(). An empty text: it is not. */
void
pgnet_note_failure(WorkerSlot *slot, const char *failure, long pause_millis)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	strlcpy(slot->failure, failure, sizeof(slot->failure));
	slot->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pause_millis);
	slot->configured_at = PgReloadTime;
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Ends the worker, with one error in the log. */
void
pgnet_start_failed(WorkerSlot *slot, const char *failure, const char *hint)
{
	pgnet_note_failure(slot, failure, PGNET_FAILED_START_PAUSE_MILLIS);
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
