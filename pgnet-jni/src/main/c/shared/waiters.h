/*
 * waiters.h
 *		Which session waits for which response.
 */
#ifndef PGNET_WAITERS_H
#define PGNET_WAITERS_H

#include "postgres.h"
#include "shared/ring.h"
#include "storage/latch.h"

/* One session's place in the array of those who wait, at the index of its PGPROC. */
typedef struct Waiter
{
	Latch *latch; /* NULL when it does not wait */
	Oid database;
	int64 id;
	bool recorded; /* the worker says that the request has ended */
} Waiter;

extern int pgnet_waiter_count(void);

extern void pgnet_waiter_set(int64 id);
extern void pgnet_waiter_clear(void);
extern bool pgnet_waiter_is_recorded(void);
extern void pgnet_wake_waiters_of_range(IdRange range);
extern void pgnet_wake_waiters_of_ids(const int64 *sorted_ids, int count, bool recorded);

#endif /* PGNET_WAITERS_H */
