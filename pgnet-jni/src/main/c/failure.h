/*
 * failure.h
 *		A worker that cannot start: says why, once a minute.
 */
#ifndef PGNET_FAILURE_H
#define PGNET_FAILURE_H

#include "compat.h"
#include "shared.h"

extern void pgnet_pause_after_failure(WorkerSlot *slot);
extern void pgnet_note_failure(WorkerSlot *slot, const char *failure);
pg_noreturn extern void pgnet_start_failed(WorkerSlot *slot, const char *failure, const char *hint);

#endif /* PGNET_FAILURE_H */
