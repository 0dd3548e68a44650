/*
 * callback_processes.h
 *		Which process calls whose callbacks, and in which database some are due: what the worker, the launcher and the processes
 *		that call them tell each other.
 */
#ifndef PGNET_CALLBACK_PROCESSES_H
#define PGNET_CALLBACK_PROCESSES_H

#include "postgres.h"
#include "datatype/timestamp.h"

/* the most that pg_net.callback_workers may ask for */
#define PGNET_MAX_CALLBACK_PROCESSES 64

/* A process that calls the callbacks of one owner in one database. Under the lock of the slots. */
typedef struct CallbackProcess
{
	pid_t pid; /* 0 for none */
	Oid database;
	Oid owner; /* InvalidOid while it has none */
	bool more; /* others came for this owner; it looks once more before it ends */
} CallbackProcess;

extern void pgnet_callback_came(Oid database, Oid owner);
extern void pgnet_callbacks_due_at(Oid database, TimestampTz due);

/* for the process itself */
extern bool pgnet_callback_process_enter(int number, Oid database);
extern int pgnet_owners_of_others(Oid *owners);
extern bool pgnet_callback_process_take(Oid owner);
extern Oid pgnet_last_callback_owner(void);
extern bool pgnet_callback_process_is_done(TimestampTz due, bool turn_is_over);

#endif /* PGNET_CALLBACK_PROCESSES_H */
