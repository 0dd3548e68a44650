/*
 * served.h
 *		Whether a worker serves this session's database.
 */
#ifndef PGNET_SERVED_H
#define PGNET_SERVED_H

#include "shared/slot.h"
#include "storage/lwlock.h"

/* How the worker of a database is. */
typedef enum WorkerState
{
	WORKER_NONE,         /* pg_net.database_name does not ask for one */
	WORKER_WITHOUT_ROOM, /* max_worker_processes leaves it none */
	WORKER_FAILED,       /* it could not start, and is not about to try again */
	WORKER_STARTING,
	WORKER_HALTED,  /* it runs and sends nothing */
	WORKER_RESTING, /* it ended for being idle; a request starts it */
	WORKER_RUNNING
} WorkerState;

/* Why no worker serves this database: words that can follow a colon, and what to do. */
typedef struct Unserved
{
	const char *reason;
	const char *hint;
} Unserved;

extern WorkerSlot *pgnet_lock_my_slot(LWLockMode mode);
extern WorkerState pgnet_worker_state_here(char *reason);
extern bool pgnet_is_unserved(Unserved *why);
extern const char *pgnet_sentence(const char *words);

#endif /* PGNET_SERVED_H */
