/*
 * session.c
 *		Whose session this is. A process connects without a role, since the one whose functions it will call is not known yet,
 *		may not log in (the roles of SET ROLE often may not) or not connect to the database; then its session becomes that
 *		role's, for good: session_user and current_user are the same, and there is no other to go back to.
 */
#include "callback/session.h"
#include "callback/callback_transaction.h"
#include "store/owner_search_path.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_db_role_setting.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/*
 * What the database and the role have been given of these would keep callbacks from being counted and taken, or have a process
 * wait for ever: as ALTER ROLE does, any role can set them for itself. These come after, and stay.
 */
static void
set_session_defaults(void)
{
	static const char *const settings[][2] = {
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
#if PG_VERSION_NUM >= 170000
		{"transaction_timeout", "0"},
#endif
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"row_security", "on"},
		{"exit_on_error", "off"},
	};

	for (int i = 0; i < lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
}

/* Connects to a database. */
void
pgnet_session_connect(Oid database)
{
	pgnet_note_configured_search_path();
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	pgnet_note_search_path_of_session();
	set_session_defaults();
}

/* Applies what ALTER ROLE has set, as the login of the role does; the settings of the database are there already. */
static void
apply_settings(Oid role)
{
	Relation settings = table_open(DbRoleSettingRelationId, AccessShareLock);
	Snapshot snapshot = RegisterSnapshot(GetCatalogSnapshot(DbRoleSettingRelationId));

	ApplySetting(snapshot, InvalidOid, role, settings, PGC_S_DATABASE_USER);
	ApplySetting(snapshot, MyDatabaseId, role, settings, PGC_S_DATABASE_USER);
	UnregisterSnapshot(snapshot);
	table_close(settings, AccessShareLock);
}

/* Makes the session that of a role. Returns why that cannot be, NULL when it is. */
const char *
pgnet_session_become(Oid owner)
{
	MemoryContext caller = CurrentMemoryContext;
	const char *reason = NULL;
	char *name;

	if (!pgnet_callback_transaction_begin())
		return "the extension is not installed any more";
	name = GetUserNameFromId(owner, true);
	if (name == NULL)
		reason = "the role that made the request does not exist any more";
	else if (!pgnet_tables_may_act_as(owner))
		reason =
			"the owner of the tables of pg_net does not have the rights of the role that made the "
			"request";
	if (name != NULL)
		name = MemoryContextStrdup(caller, name);
	pgnet_callback_transaction_end();
	if (reason != NULL)
		return reason;

	StartTransactionCommand();
	apply_settings(owner);
	SetConfigOption("session_authorization", name, PGC_BACKEND, PGC_S_OVERRIDE);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
	return NULL;
}
