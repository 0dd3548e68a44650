/*
 * slot.h
 *		The slots of the workers.
 */
#ifndef PGNET_SLOT_H
#define PGNET_SLOT_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "shared/counters.h"
#include "shared/ring.h"
#include "storage/latch.h"

#define PGNET_MAX_FAILURE_LENGTH 1024

/* One worker, for one name in pg_net.database_name. It outlives the worker's process. */
typedef struct WorkerSlot
{
	Oid database;                     /* served, InvalidOid before the first connection */
	pid_t pid;                        /* of the running worker, 0 for none */
	Latch *latch;                     /* of the running worker, NULL for none */
	bool connected;                   /* the running worker serves its database */
	TimestampTz restart_requested_at; /* 0 for no request */
	pid_t restart_of;                 /* the process that was asked to end */

	/* since the server started, and now; written by the worker alone */
	pg_atomic_uint64 counters[COUNTER_COUNT];

	/* why the worker is away and until when, empty when it is not; see failure.c */
	char failure[PGNET_MAX_FAILURE_LENGTH];
	TimestampTz retry_at;
	TimestampTz configured_at; /* when the failed process had read the configuration */

	Ring ring;
} WorkerSlot;

/* the slot of this process, NULL in any that is not a worker */
extern WorkerSlot *pgnet_my_slot;

extern WorkerSlot *pgnet_slot_of_database(Oid database);
extern bool pgnet_has_passed(TimestampTz since, int millis);
extern bool pgnet_slot_publish(WorkerSlot *slot, Oid database);
extern void pgnet_hand_over(const IdRange *ranges, int count);
extern int pgnet_take_over(IdRange *ranges);

#endif /* PGNET_SLOT_H */
