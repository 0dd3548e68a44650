/*
 * memory.c
 *		Asks for the shared memory and sets it up.
 */
#include "shared/memory.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

PgNetShared *pgnet_shared = NULL;

/* Slots are of databases, and outlive their workers' processes; with one for each process beside there is always one free. */
#define SLOTS_BESIDE_PROCESSES 64

static shmem_request_hook_type previous_shmem_request_hook;
static shmem_startup_hook_type previous_shmem_startup_hook;

/* How many slots there are. */
static int
slot_count(void)
{
	return max_worker_processes + SLOTS_BESIDE_PROCESSES;
}

/* The bytes before the waiters. */
static Size
slots_size(void)
{
	return MAXALIGN(
		add_size(offsetof(PgNetShared, slots), mul_size(sizeof(WorkerSlot), slot_count())));
}

/* All bytes. */
static Size
shared_size(void)
{
	return add_size(slots_size(), mul_size(sizeof(Waiter), pgnet_waiter_count()));
}

/* The server asks how much memory is wanted. */
static void
request_shared_memory(void)
{
	if (previous_shmem_request_hook)
		previous_shmem_request_hook();
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("pg_net", 4);
}

/* The server has the memory: it is set up, at each start and after each crash. */
static void
start_shared_memory(void)
{
	bool found;

	if (previous_shmem_startup_hook)
		previous_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	pgnet_shared = ShmemInitStruct("pg_net", shared_size(), &found);
	if (!found)
	{
		LWLockPadded *locks = GetNamedLWLockTranche("pg_net");

		memset(pgnet_shared, 0, shared_size());
		pgnet_shared->slots_lock = &locks[0].lock;
		pgnet_shared->waiters_lock = &locks[1].lock;
		pgnet_shared->flows_lock = &locks[2].lock;
		pgnet_shared->latencies_lock = &locks[3].lock;
		pgnet_flow_board_init(&pgnet_shared->flow_board);
		pgnet_latency_board_init(&pgnet_shared->latency_board);
		pgnet_shared->slot_count = slot_count();
		pg_atomic_init_u64(&pgnet_shared->hosts_version, 1);
		pgnet_shared->waiters = (Waiter *) ((char *) pgnet_shared + slots_size());
		pgnet_shared->waiter_count = pgnet_waiter_count();
		for (int i = 0; i < pgnet_shared->slot_count; i++)
			for (int j = 0; j < COUNTER_COUNT; j++)
				pg_atomic_init_u64(&pgnet_shared->slots[i].counters[j], 0);
	}
	LWLockRelease(AddinShmemInitLock);
}

/* Asks for the shared memory. Called from _PG_init. */
void
pgnet_install_shared_memory_hooks(void)
{
	previous_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
}

/* Raises an error unless the library was preloaded. */
void
pgnet_require_preloaded(void)
{
	if (pgnet_shared == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("pg_net is not in shared_preload_libraries"),
						errhint("Add pg_net to the shared_preload_libraries configuration variable "
								"in postgresql.conf and restart the server.")));
}
