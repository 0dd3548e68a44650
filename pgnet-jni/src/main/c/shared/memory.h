/*
 * shared.h
 *		What sessions and workers share: for each worker a slot with the ring of committed ids, and for each session the
 *		id that it waits for.
 */
#ifndef PGNET_SHARED_H
#define PGNET_SHARED_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"

/* Request ids from first to last, both included; not every id in it need have a row. */
typedef struct IdRange
{
	int64 first;
	int64 last;
} IdRange;

#define ALL_IDS ((IdRange){PG_INT64_MIN, PG_INT64_MAX})

#define PGNET_RING_SIZE 1024
#define PGNET_MAX_FAILURE_LENGTH 1024

/* What net.stats shows of a worker, in the order of net._worker_counters. */
typedef enum Counter
{
	COUNTER_IN_FLIGHT,
	COUNTER_DONE,
	COUNTER_FAILED,
	COUNTER_TIMED_OUT,
	COUNTER_BYTES_IN,
	COUNTER_BYTES_OUT,
	COUNTER_COUNT
} Counter;

/* One worker, for one name in pg_net.database_name. It outlives the worker's process. */
typedef struct WorkerSlot
{
	Oid database;   /* served, InvalidOid before the first connection */
	pid_t pid;      /* of the running worker, 0 for none */
	Latch *latch;   /* of the running worker, NULL for none */
	bool connected; /* the running worker serves its database */
	TimestampTz connected_at;
	TimestampTz restart_requested_at; /* 0 for no request */

	/* since the server started, and now; written by the worker alone */
	pg_atomic_uint64 counters[COUNTER_COUNT];

	/* why the worker is away and until when, empty when it is not; see failure.c */
	char failure[PGNET_MAX_FAILURE_LENGTH];
	TimestampTz retry_at;

	/* ids that were committed and that the worker has not taken yet */
	int ring_head; /* the oldest entry */
	int ring_count;
	IdRange ring[PGNET_RING_SIZE];
} WorkerSlot;

/* One session's place in the array of those who wait, at the index of its PGPROC. */
typedef struct Waiter
{
	Latch *latch; /* NULL when it does not wait */
	Oid database;
	int64 id;
} Waiter;

typedef struct PgNetShared
{
	LWLock *slots_lock;   /* protects the slots */
	LWLock *waiters_lock; /* protects the waiters */
	int waiter_count;     /* length of the array of waiters */
	int slot_count;
	WorkerSlot slots[FLEXIBLE_ARRAY_MEMBER];
} PgNetShared;

/* NULL when the library was not preloaded */
extern PgNetShared *pgnet_shared;

extern void pgnet_install_shared_memory_hooks(int slot_count);
extern void pgnet_require_preloaded(void);

extern WorkerSlot *pgnet_slot_of_database(Oid database);
extern bool pgnet_slot_publish(WorkerSlot *slot, Oid database);
extern void pgnet_ring_push(const IdRange *ranges, int count);
extern int pgnet_ring_take(WorkerSlot *slot, IdRange *ranges);

extern void pgnet_waiter_set(int64 id);
extern void pgnet_waiter_clear(void);
extern void pgnet_wake_waiters_of_range(IdRange range);
extern void pgnet_wake_waiters_of_ids(const int64 *sorted_ids, int count);

#endif /* PGNET_SHARED_H */
