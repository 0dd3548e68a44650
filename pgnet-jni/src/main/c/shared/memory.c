/*
 * shared.c
 *		The shared memory: slots, rings and waiters.
 */
#include "shared/shared.h"
#include "shared/compat.h"

#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

PgNetShared *pgnet_shared = NULL;

static int requested_slots;
static shmem_request_hook_type previous_shmem_request_hook;
static shmem_startup_hook_type previous_shmem_startup_hook;

/* One place for each PGPROC that can run SQL: sessions, workers and the auxiliary processes before them. */
static int
count_waiters(void)
{
	return MaxBackends + NUM_AUXILIARY_PROCS;
}

static Size
slots_size(void)
{
	return MAXALIGN(
		add_size(offsetof(PgNetShared, slots), mul_size(sizeof(WorkerSlot), requested_slots)));
}

static Size
shared_size(void)
{
	return add_size(slots_size(), mul_size(sizeof(Waiter), count_waiters()));
}

static Waiter *
waiters(void)
{
	return (Waiter *) ((char *) pgnet_shared +
					   MAXALIGN(offsetof(PgNetShared, slots) +
								sizeof(WorkerSlot) * pgnet_shared->slot_count));
}

static void
request_shared_memory(void)
{
	if (previous_shmem_request_hook)
		previous_shmem_request_hook();
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("pg_net", 2);
}

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
		pgnet_shared->slot_count = requested_slots;
		pgnet_shared->waiter_count = count_waiters();
		for (int i = 0; i < requested_slots; i++)
			for (int j = 0; j < COUNTER_COUNT; j++)
				pg_atomic_init_u64(&pgnet_shared->slots[i].counters[j], 0);
	}
	LWLockRelease(AddinShmemInitLock);
}

/* Asks for the shared memory, with a slot for each of slot_count workers. Called from _PG_init. */
void
pgnet_install_shared_memory_hooks(int slot_count)
{
	requested_slots = slot_count;
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
						errmsg("pg_net must be loaded via shared_preload_libraries"),
						errhint("Add pg_net to shared_preload_libraries in postgresql.conf and "
								"restart the server.")));
}

/* The slot of the worker that serves a database, NULL for none. A slot is never taken away, so no lock is held. */
WorkerSlot *
pgnet_slot_of_database(Oid database)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (pgnet_shared->slots[i].database == database)
			return &pgnet_shared->slots[i];
	return NULL;
}

/*
 * Makes the running worker known as the one of a database and empties its ring: sessions that commit from now on hand
 * their ids over. The caller then reads the whole queue, with a snapshot taken after this call, so that no id is
 * missed. False when another running worker serves the database.
 */
bool
pgnet_slot_publish(WorkerSlot *slot, Oid database)
{
	bool free = true;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *other = &pgnet_shared->slots[i];

		if (other == slot || other->database != database)
			continue;
		if (other->pid != 0)
			free = false;
		else
			other->database = InvalidOid;
	}
	if (free)
	{
		slot->database = database;
		slot->connected = true;
		slot->connected_at = GetCurrentTimestamp();
		slot->restart_requested_at = 0;
		slot->ring_head = 0;
		slot->ring_count = 1;
		slot->ring[0] = ALL_IDS;
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return free;
}

static void
push_one(WorkerSlot *slot, IdRange range)
{
	IdRange *newest =
		&slot->ring[(slot->ring_head + slot->ring_count + PGNET_RING_SIZE - 1) % PGNET_RING_SIZE];

	if (slot->ring_count > 0 && range.first == newest->last + 1 && newest->last != PG_INT64_MAX)
		newest->last = range.last;
	else if (slot->ring_count == PGNET_RING_SIZE)
	{
		newest->first = Min(newest->first, range.first);
		newest->last = Max(newest->last, range.last);
	}
	else
	{
		slot->ring[(slot->ring_head + slot->ring_count) % PGNET_RING_SIZE] = range;
		slot->ring_count++;
	}
}

/*
 * Hands committed ids to the worker of this database, if there is one, and wakes it. A full ring widens its newest
 * entry: nothing is lost, the worker only reads more. Runs after the commit, so it must not fail.
 */
void
pgnet_ring_push(const IdRange *ranges, int count)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL)
	{
		for (int i = 0; i < count; i++)
			push_one(slot, ranges[i]);
		if (slot->latch != NULL)
			SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Moves the ring's content to ranges, which has room for PGNET_RING_SIZE entries. Returns how many there were. */
int
pgnet_ring_take(WorkerSlot *slot, IdRange *ranges)
{
	int count;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	count = slot->ring_count;
	for (int i = 0; i < count; i++)
		ranges[i] = slot->ring[(slot->ring_head + i) % PGNET_RING_SIZE];
	slot->ring_head = 0;
	slot->ring_count = 0;
	LWLockRelease(pgnet_shared->slots_lock);
	return count;
}

/*
 * Notes that this session waits for an id. Whoever waits looks at the tables after this call and before each sleep; the
 * worker commits before it looks at the waiters: so no wake-up is lost.
 */
void
pgnet_waiter_set(int64 id)
{
	Waiter *mine = &waiters()[pgnet_my_proc_number()];

	LWLockAcquire(pgnet_shared->waiters_lock, LW_EXCLUSIVE);
	mine->database = MyDatabaseId;
	mine->id = id;
	mine->latch = MyLatch;
	LWLockRelease(pgnet_shared->waiters_lock);
}

/*
 * Notes that this session waits no more. A session that ends while it waits leaves its entry: the latch in it stays
 * valid memory, and a needless wake-up is harmless.
 */
void
pgnet_waiter_clear(void)
{
	LWLockAcquire(pgnet_shared->waiters_lock, LW_EXCLUSIVE);
	waiters()[pgnet_my_proc_number()].latch = NULL;
	LWLockRelease(pgnet_shared->waiters_lock);
}

/* Wakes the sessions of this database that wait for an id in the range. */
void
pgnet_wake_waiters_of_range(IdRange range)
{
	LWLockAcquire(pgnet_shared->waiters_lock, LW_SHARED);
	for (int i = 0; i < pgnet_shared->waiter_count; i++)
	{
		Waiter *waiter = &waiters()[i];

		if (waiter->latch != NULL && waiter->database == MyDatabaseId &&
			waiter->id >= range.first && waiter->id <= range.last)
			SetLatch(waiter->latch);
	}
	LWLockRelease(pgnet_shared->waiters_lock);
}

static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return (left > right) - (left < right);
}

/* Wakes the sessions of this database that wait for one of the ids, given in ascending order. */
void
pgnet_wake_waiters_of_ids(const int64 *sorted_ids, int count)
{
	LWLockAcquire(pgnet_shared->waiters_lock, LW_SHARED);
	for (int i = 0; i < pgnet_shared->waiter_count; i++)
	{
		Waiter *waiter = &waiters()[i];

		if (waiter->latch != NULL && waiter->database == MyDatabaseId &&
			bsearch(&waiter->id, sorted_ids, count, sizeof(int64), compare_ids) != NULL)
			SetLatch(waiter->latch);
	}
	LWLockRelease(pgnet_shared->waiters_lock);
}
