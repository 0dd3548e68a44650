/*
 * owner_search_path.c
 *		The search_path of the worker's session: the one that the tables' owner has in this database, so that code of the
 *		owner's finds what it names without a schema. The worker's own statements qualify every name and operator.
 */
#include "store/owner_search_path.h"
#include "shared/stored_setting.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/sinval.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#define NAME "search_path"

/* instead of one that the server refuses */
#define NOTHING_BUT_POSTGRES "pg_catalog, pg_temp"

/* what the configuration says, while the session's own default is another: that of pg_net.username or of the database */
static char *configured = NULL;

/* what was set for the owner, NULL for nothing; when it was looked for, as the number of changes that other sessions had told of */
static char *path_of_owner = NULL;
static Oid known_owner = InvalidOid;
static uint64 known_at = 0;

/* Called before the worker connects: then the settings of its role and its database take the place of the configuration's. */
void
pgnet_note_configured_search_path(void)
{
	configured = MemoryContextStrdup(TopMemoryContext, GetConfigOption(NAME, false, false));
}

/* Called when the worker has connected: a default that is still the configuration's follows it when it is read again. */
void
pgnet_note_search_path_of_session(void)
{
	if (strcmp(configured, GetConfigOption(NAME, false, false)) == 0)
		configured = NULL;
}

/* What the configuration says; when something else hides it, what it said when the worker started. */
static const char *
configured_path(void)
{
	return configured != NULL ? configured : GetConfigOptionResetString(NAME);
}

/* What is set for the owner in this database, in the order in which a session that begins looks; palloc'd, NULL for nothing. */
static char *
find_path_of(Oid owner)
{
	char *path = pgnet_stored_setting(MyDatabaseId, owner, NAME);

	if (path == NULL)
		path = pgnet_stored_setting(InvalidOid, owner, NAME);
	if (path == NULL)
		path = pgnet_stored_setting(MyDatabaseId, InvalidOid, NAME);
	if (path == NULL)
		path = pgnet_stored_setting(InvalidOid, InvalidOid, NAME);
	return path;
}

/*
 * Looks again when another session has changed anything in a catalogue: PostgreSQL tells of a change of these settings by
 * no callback, but counts it.
 */
static void
look_again(Oid owner)
{
	uint64 now = SharedInvalidMessageCounter;
	char *path;

	if (owner == known_owner && now == known_at)
		return;
	path = find_path_of(owner);
	if (path_of_owner != NULL)
		pfree(path_of_owner);
	path_of_owner = path == NULL ? NULL : MemoryContextStrdup(TopMemoryContext, path);
	known_owner = owner;
	known_at = now;
}

/* Sets it for the session. False, with a WARNING, when the server refuses it. */
static bool
set_path(const char *path)
{
	return set_config_option(NAME, path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true, WARNING,
							 false) > 0;
}

/*
 * Makes the owner's search_path that of the session. Within a transaction, whose abort takes it back: so it is compared with
 * what is in force, each time.
 */
void
pgnet_use_search_path_of(Oid owner)
{
	const char *path;

	look_again(owner);
	path = path_of_owner == NULL ? configured_path() : path_of_owner;
	if (strcmp(path, namespace_search_path) == 0 || set_path(path))
		return;
	if (path_of_owner != NULL)
		pfree(path_of_owner);
	path_of_owner = MemoryContextStrdup(TopMemoryContext, NOTHING_BUT_POSTGRES);
	(void) set_path(path_of_owner);
}
