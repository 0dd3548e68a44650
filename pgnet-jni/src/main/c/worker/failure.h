/*
 * failure.h
 *		A worker that cannot start, or did not end as it should: says why once, and waits.
 */
#ifndef PGNET_FAILURE_H
#define PGNET_FAILURE_H

#include "shared/compat.h"
#include "shared/slot.h"

/* a start that failed is likely to fail again, until somebody mends its cause */
#define PGNET_FAILED_START_PAUSE_MILLIS (60 * 1000L)

extern void pgnet_pause_after_crash(WorkerSlot *slot);
extern void pgnet_note_end(WorkerSlot *slot, const char *failure, long pause_millis);
extern void pgnet_note_failed_start(WorkerSlot *slot, const char *failure);
extern void pgnet_note_start(WorkerSlot *slot);
pg_noreturn extern void pgnet_start_failed(WorkerSlot *slot, const char *failure, const char *hint);

#endif /* PGNET_FAILURE_H */
