/*
 * registration.c
 *		The background workers as the postmaster knows them: one for each database that is served, if it has room.
 */
#include "shared/registration.h"

#include "postmaster/bgworker_internals.h"
#include "shared/compat.h"

/* For each slot whether the postmaster took its worker. Every process inherits it. */
static bool *registered = NULL;
static int registered_count = 0;

/* Has the postmaster start the worker of a slot, and start it anew whenever it ends. */
static void
register_worker(int slot_number, const char *database)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = 1,
		.bgw_library_name = "pg_net",
		.bgw_function_name = "pgnet_worker_main",
		.bgw_type = "pg_net worker",
		.bgw_main_arg = Int32GetDatum(slot_number),
	};

	snprintf(worker.bgw_name, BGW_MAXLEN, "pg_net worker for database %s", database);
	RegisterBackgroundWorker(&worker);
}

/* Notes which workers were taken: RegisterBackgroundWorker() tells only the log that max_worker_processes leaves no room. */
static void
look_for_workers(void)
{
	pgnet_worker_iter iterator;

	pgnet_foreach_worker(iterator)
	{
		BackgroundWorker *worker = &pgnet_worker_of(iterator)->rw_worker;

		if (strcmp(worker->bgw_library_name, "pg_net") == 0)
			registered[DatumGetInt32(worker->bgw_main_arg)] = true;
	}
}

/* Registers a worker for each of the databases. Called from _PG_init. */
void
pgnet_register_workers(List *databases)
{
	registered_count = list_length(databases);
	registered = MemoryContextAllocZero(TopMemoryContext, registered_count + 1);
	for (int i = 0; i < registered_count; i++)
		register_worker(i, list_nth(databases, i));
	look_for_workers();
}

/* Whether the server had room for the worker of the slot with this number. */
bool
pgnet_is_registered(int slot_number)
{
	return slot_number < registered_count && registered[slot_number];
}
