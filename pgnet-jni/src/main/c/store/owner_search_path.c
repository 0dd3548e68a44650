/*
 * owner_search_path.c
 *		The search_path of the worker's session: the one that the tables' owner has in this database, so that code of the
 *		owner's finds what it names without a schema. The worker's own statements qualify every name and operator.
 */
#include "store/owner_search_path.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/sinval.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define PREFIX "search_path="

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
	configured =
		MemoryContextStrdup(TopMemoryContext, GetConfigOption("search_path", false, false));
}

/* Called when the worker has connected: a default that is still the configuration's follows it when it is read again. */
void
pgnet_note_search_path_of_session(void)
{
	if (strcmp(configured, GetConfigOption("search_path", false, false)) == 0)
		configured = NULL;
}

/* What the configuration says; when something else hides it, what it said when the worker started. */
static const char *
configured_path(void)
{
	return configured != NULL ? configured : GetConfigOptionResetString("search_path");
}

/* The search_path among settings of the form name=value, palloc'd; NULL for none. */
static char *
path_among(Datum settings)
{
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(DatumGetArrayTypeP(settings), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *setting = nulls[i] ? "" : TextDatumGetCString(elements[i]);

		if (strncmp(setting, PREFIX, strlen(PREFIX)) == 0)
			return setting + strlen(PREFIX);
	}
	return NULL;
}

/* What ALTER DATABASE or ALTER ROLE has set for this pair, InvalidOid for any; palloc'd, NULL for nothing. */
static char *
path_set_for(Relation settings, Oid database, Oid role)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;
	char *path = NULL;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(settings, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum value = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig,
								   RelationGetDescr(settings), &isnull);

		path = isnull ? NULL : path_among(value);
	}
	systable_endscan(scan);
	return path;
}

/* What is set for the owner in this database, in the order in which a session that begins looks; palloc'd, NULL for nothing. */
static char *
find_path_of(Oid owner)
{
	Relation settings = table_open(DbRoleSettingRelationId, AccessShareLock);
	char *path = path_set_for(settings, MyDatabaseId, owner);

	if (path == NULL)
		path = path_set_for(settings, InvalidOid, owner);
	if (path == NULL)
		path = path_set_for(settings, MyDatabaseId, InvalidOid);
	if (path == NULL)
		path = path_set_for(settings, InvalidOid, InvalidOid);
	table_close(settings, AccessShareLock);
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
	return set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true,
							 WARNING, false) > 0;
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
