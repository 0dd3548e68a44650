/*
 * failure.c
 *		The postmaster starts an ended worker again after a second. A worker whose last start failed waits for the rest of
 *		a minute before it tries again, so that the log gets a line a minute.
 */
#include "failure.h"
#include "process.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#define PAUSE_MILLIS (60 * 1000L)

/* Sleeps for the rest of the minute after a failed start. A reload ends the pause: the cause may be mended. */
void
pgnet_pause_after_failure(WorkerSlot *slot)
{
	while (slot->failure[0] != '\0' && !pgnet_end_requested())
	{
		long left =
			PAUSE_MILLIS - TimestampDifferenceMilliseconds(slot->failed_at, GetCurrentTimestamp());
		int events;

		if (left <= 0 || left > PAUSE_MILLIS)
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

/* Keeps why this start fails, for the next start and for net.check_worker_is_up(). An empty text: it has not failed. */
void
pgnet_note_failure(WorkerSlot *slot, const char *failure)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	strlcpy(slot->failure, failure, sizeof(slot->failure));
	slot->failed_at = GetCurrentTimestamp();
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Ends the worker, with one error in the log. */
void
pgnet_start_failed(WorkerSlot *slot, const char *failure, const char *hint)
{
	pgnet_note_failure(slot, failure);
	ereport(
		FATAL,
		(errcode(ERRCODE_CONFIG_FILE_ERROR), errmsg("pg_net worker cannot start: %s", failure),
		 hint != NULL
			 ? errhint("%s The server runs on without the worker, which tries again in a minute.",
					   hint)
			 : 0));
	pg_unreachable();
}
