/*
 * waiters.c
 *		Which session waits for which response.
 */
#include "shared/waiters.h"
#include "shared/compat.h"
#include "shared/memory.h"

/* One place for each PGPROC that can run SQL: sessions, workers and the auxiliary processes before them. */
int
pgnet_waiter_count(void)
{
	return MaxBackends + NUM_AUXILIARY_PROCS;
}

/*
 * Notes that this session waits for an id. Whoever waits looks at the tables after this call and before each sleep; the
 * worker commits before it looks at the waiters: so no wake-up is lost.
 */
void
pgnet_waiter_set(int64 id)
{
	Waiter *mine = &pgnet_shared->waiters[pgnet_my_proc_number()];

	LWLockAcquire(pgnet_shared->waiters_lock, LW_EXCLUSIVE);
	mine->database = MyDatabaseId;
	mine->id = id;
	mine->latch = MyLatch;
	mine->recorded = false;
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
	pgnet_shared->waiters[pgnet_my_proc_number()].latch = NULL;
	LWLockRelease(pgnet_shared->waiters_lock);
}

/* Whether the worker has said meanwhile that the request has ended. */
bool
pgnet_waiter_is_recorded(void)
{
	bool recorded;

	LWLockAcquire(pgnet_shared->waiters_lock, LW_SHARED);
	recorded = pgnet_shared->waiters[pgnet_my_proc_number()].recorded;
	LWLockRelease(pgnet_shared->waiters_lock);
	return recorded;
}

/* Wakes the sessions of this database that wait for an id in the range. */
void
pgnet_wake_waiters_of_range(IdRange range)
{
	LWLockAcquire(pgnet_shared->waiters_lock, LW_SHARED);
	for (int i = 0; i < pgnet_shared->waiter_count; i++)
	{
		Waiter *waiter = &pgnet_shared->waiters[i];

		if (waiter->latch != NULL && waiter->database == MyDatabaseId &&
			waiter->id >= range.first && waiter->id <= range.last)
			SetLatch(waiter->latch);
	}
	LWLockRelease(pgnet_shared->waiters_lock);
}

/* For bsearch(). */
static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return (left > right) - (left < right);
}

/*
 * Wakes the sessions of this database that wait for one of the ids, given in ascending order. The worker, which alone says
 * that requests have ended, needs no more than a shared lock for it.
 */
void
pgnet_wake_waiters_of_ids(const int64 *sorted_ids, int count, bool recorded)
{
	LWLockAcquire(pgnet_shared->waiters_lock, LW_SHARED);
	for (int i = 0; i < pgnet_shared->waiter_count; i++)
	{
		Waiter *waiter = &pgnet_shared->waiters[i];

		if (waiter->latch != NULL && waiter->database == MyDatabaseId &&
			bsearch(&waiter->id, sorted_ids, count, sizeof(int64), compare_ids) != NULL)
		{
			waiter->recorded = waiter->recorded || recorded;
			SetLatch(waiter->latch);
		}
	}
	LWLockRelease(pgnet_shared->waiters_lock);
}
