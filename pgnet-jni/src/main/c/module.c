/*
 * module.c
 *		What happens when the server loads the library.
 */
#include "postgres.h"

#include "session/enqueue.h"
#include "fmgr.h"
#include "shared/libcurl.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "shared/settings.h"
#include "shared/memory.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

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

/*
 * Does nothing unless the server preloads its libraries: then every function that needs the shared memory says so. In
 * binary-upgrade mode no worker is registered: pg_upgrade must not send requests.
 */
void
_PG_init(void)
{
	List *names;

	if (!process_shared_preload_libraries_in_progress)
		return;
	pgnet_define_settings();
	names = pgnet_database_names();
	pgnet_install_shared_memory_hooks(list_length(names));
	pgnet_install_enqueue_hook();
	pgnet_libcurl_open();
	if (!IsBinaryUpgrade)
		for (int i = 0; i < list_length(names); i++)
			register_worker(i, list_nth(names, i));
}
