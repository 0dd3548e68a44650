/*
 * module.c
 *		What happens when the server loads the library.
 */
#include "postgres.h"

#include "session/database_watch.h"
#include "session/enqueue.h"
#include "fmgr.h"
#include "shared/libcurl.h"
#include "miscadmin.h"
#include "shared/registration.h"
#include "shared/settings.h"
#include "shared/memory.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/*
 * Does nothing unless the server preloads its libraries: then every function that needs the shared memory says so. In
 * binary-upgrade mode the launcher is not registered: pg_upgrade must not send requests.
 */
void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	pgnet_define_settings();
	pgnet_install_shared_memory_hooks();
	pgnet_install_enqueue_hook();
	pgnet_install_database_watch();
	pgnet_libcurl_open();
	if (!IsBinaryUpgrade)
		pgnet_register_launcher();
}
