/*
 * enqueue.h
 *		From a row of the queue to an id in the worker's ring.
 */
#ifndef PGNET_ENQUEUE_H
#define PGNET_ENQUEUE_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "shared/ring.h"

/* the trigger of the queue, and the default of its column owner */
extern PGDLLEXPORT Datum pgnet_queue_request(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pgnet_requester(PG_FUNCTION_ARGS);

extern HeapTuple pgnet_admit(HeapTuple row, TupleDesc descriptor, const AttrNumber *attributes);
extern void pgnet_remember(IdRange range);
extern void pgnet_remember_admitted(int64 id, Oid owner, Lane lane);
extern void pgnet_remember_keyed(void);
extern void pgnet_remember_key(Oid owner, int64 key);
extern void pgnet_remember_scheduled(int64 id, TimestampTz due);
extern int pgnet_removals(void);
extern void pgnet_note_cancelling(bool begins);
extern void pgnet_remember_cancelled(int64 id, int removals_before);
extern void pgnet_install_enqueue_hook(void);

#endif /* PGNET_ENQUEUE_H */
