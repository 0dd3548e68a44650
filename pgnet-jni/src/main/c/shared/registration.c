/*
 * registration.c
 *		The background workers as the postmaster knows them: a launcher from the server's start on, and the workers that it
 *		asks for, one for each database that is served.
 */
#include "shared/registration.h"

#include "miscadmin.h"
#include "postmaster/bgworker_internals.h"
#include "shared/compat.h"
#include "utils/memutils.h"

#define LAUNCHER "pgnet_launcher_main"

/* Whether the postmaster took the launcher. Every process inherits it. */
static bool launcher_registered = false;

/* RegisterBackgroundWorker() tells only the log that max_worker_processes leaves no room. */
static bool
is_launcher_registered(void)
{
	pgnet_worker_iter iterator;

	pgnet_foreach_worker(iterator)
	{
		if (strcmp(pgnet_worker_of(iterator)->rw_worker.bgw_function_name, LAUNCHER) == 0)
			return true;
	}
	return false;
}

/*
 * Has the postmaster run the launcher. Its names are without pg_net: who looks for that in pg_stat_activity looks for a
 * worker. Its flag of a database connection lets the postmaster tell it of its workers' ends; it makes none. Called from
 * _PG_init.
 */
void
pgnet_register_launcher(void)
{
	BackgroundWorker launcher = {
		.bgw_name = "net launcher",
		.bgw_type = "net launcher",
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = 1,
		.bgw_library_name = "pg_net",
		.bgw_function_name = LAUNCHER,
	};

	RegisterBackgroundWorker(&launcher);
	launcher_registered = is_launcher_registered();
}

/* Whether the server had room for the launcher. */
bool
pgnet_has_launcher(void)
{
	return launcher_registered;
}

/* Asks for a process. Returns a handle that lives on, NULL when max_worker_processes leaves no room. */
static BackgroundWorkerHandle *
ask_for(BackgroundWorker *worker)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	BackgroundWorkerHandle *handle = NULL;
	bool taken = RegisterDynamicBackgroundWorker(worker, &handle);

	MemoryContextSwitchTo(caller);
	return taken ? handle : NULL;
}

/*
 * Asks for one process of the worker of a slot; NULL when max_worker_processes leaves no room. The launcher starts it anew,
 * not the postmaster, which would do so after a crash too, when nobody knows any more which slot is whose.
 */
BackgroundWorkerHandle *
pgnet_register_worker(int slot_number, const char *database, uint32 launch)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "pg_net",
		.bgw_function_name = "pgnet_worker_main",
		.bgw_type = "pg_net worker",
		.bgw_main_arg = Int32GetDatum(slot_number),
		.bgw_notify_pid = MyProcPid,
	};

	snprintf(worker.bgw_name, BGW_MAXLEN, "pg_net worker for database %s", database);
	memcpy(worker.bgw_extra, &launch, sizeof(launch));
	return ask_for(&worker);
}

/* The number that this process, a worker's, was asked for with. */
uint32
pgnet_my_launch(void)
{
	uint32 launch;

	memcpy(&launch, MyBgworkerEntry->bgw_extra, sizeof(launch));
	return launch;
}

/* Asks for a scout that connects to a database; NULL when max_worker_processes leaves no room. */
BackgroundWorkerHandle *
pgnet_register_scout(const char *database)
{
	BackgroundWorker scout = {
		.bgw_name = "net scout",
		.bgw_type = "net scout",
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "pg_net",
		.bgw_function_name = "pgnet_scout_main",
		.bgw_notify_pid = MyProcPid,
	};

	strlcpy(scout.bgw_extra, database, sizeof(scout.bgw_extra));
	return ask_for(&scout);
}

/* Asks for a process that calls callbacks, for an entry and a database; NULL when max_worker_processes leaves no room. */
BackgroundWorkerHandle *
pgnet_register_callback_process(int number, Oid database)
{
	BackgroundWorker process = {
		.bgw_name = "net callback",
		.bgw_type = "net callback",
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "pg_net",
		.bgw_function_name = "pgnet_callback_main",
		.bgw_main_arg = Int32GetDatum(number),
		.bgw_notify_pid = MyProcPid,
	};

	memcpy(process.bgw_extra, &database, sizeof(database));
	return ask_for(&process);
}
