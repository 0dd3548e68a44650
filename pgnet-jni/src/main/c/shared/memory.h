/*
 * memory.h
 *		What sessions and workers share: for each worker a slot with the ring of committed ids, and for each session the
 *		id that it waits for.
 */
#ifndef PGNET_MEMORY_H
#define PGNET_MEMORY_H

#include "postgres.h"
#include "shared/callback_processes.h"
#include "shared/flow_board.h"
#include "shared/latency.h"
#include "shared/slot.h"
#include "shared/waiters.h"
#include "storage/lwlock.h"

typedef struct PgNetShared
{
	LWLock *slots_lock;     /* protects the slots, and what is before the waiters */
	LWLock *waiters_lock;   /* protects the waiters */
	LWLock *flows_lock;     /* protects the board of flows */
	LWLock *latencies_lock; /* protects whose the latencies are; is taken after that of the slots */
	Latch *launcher_latch;  /* NULL while there is no launcher */
	bool names_without_slot;        /* there are more databases than slots */
	bool serves_all;                /* pg_net.database_name holds * */
	uint32 marks_version;           /* counts what may have changed what * stands for */
	uint32 known_marks_version;     /* what it was when the last scout looked that came back */
	pg_atomic_uint64 hosts_version; /* see hosts_table.c */
	CallbackProcess callback_processes[PGNET_MAX_CALLBACK_PROCESSES];
	FlowBoard flow_board;
	LatencyBoard latency_board;
	Waiter *waiters;
	int waiter_count;
	int slot_count;
	WorkerSlot slots[FLEXIBLE_ARRAY_MEMBER];
} PgNetShared;

/* NULL when the library was not preloaded */
extern PgNetShared *pgnet_shared;

extern void pgnet_install_shared_memory_hooks(void);
extern void pgnet_require_preloaded(void);

#endif /* PGNET_MEMORY_H */
