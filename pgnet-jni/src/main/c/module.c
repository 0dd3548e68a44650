/*
 * module.c
 *		What happens when the server loads the library.
 */
#include "postgres.h"

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
		pgnet_register_workers(names);
}
