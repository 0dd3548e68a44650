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
 * A process of this library, for the postmaster to run once. A type without pg_net is for whoever looks for that in
 * pg_stat_activity, and so for a worker. It may connect to a database, and is told of the ends of those that it asks for.
 */
static BackgroundWorker
process_of(const char *type, const char *function)
{
	BackgroundWorker process = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "pg_net",
		.bgw_notify_pid = MyProcPid,
	};

	strlcpy(process.bgw_name, type, sizeof(process.bgw_name));
	strlcpy(process.bgw_type, type, sizeof(process.bgw_type));
	strlcpy(process.bgw_function_name, function, sizeof(process.bgw_function_name));
	return process;
}

/* Has the postmaster run the launcher, which connects to no database unless * is served. Called from _PG_init. */
void
pgnet_register_launcher(void)
{
	BackgroundWorker launcher = process_of("net launcher", LAUNCHER);

	launcher.bgw_restart_time = 1;
	launcher.bgw_notify_pid = 0; /* nobody has asked for it */
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
	BackgroundWorker worker = process_of("pg_net worker", "pgnet_worker_main");

	worker.bgw_main_arg = Int32GetDatum(slot_number);
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
	BackgroundWorker scout = process_of("net scout", "pgnet_scout_main");

	strlcpy(scout.bgw_extra, database, sizeof(scout.bgw_extra));
	return ask_for(&scout);
}

/* Asks for a process that calls callbacks, for an entry and a database; NULL when max_worker_processes leaves no room. */
BackgroundWorkerHandle *
pgnet_register_callback_process(int number, Oid database)
{
	BackgroundWorker process = process_of("net callback", "pgnet_callback_main");

	process.bgw_main_arg = Int32GetDatum(number);
	memcpy(process.bgw_extra, &database, sizeof(database));
	return ask_for(&process);
}
