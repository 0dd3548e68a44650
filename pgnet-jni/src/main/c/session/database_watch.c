/*
 * database_watch.c
 *		Statements about databases and roles that concern the workers: one that could not connect tries again as soon as what
 *		it missed is there, and what is kept for a database goes with it.
 */
#include "postgres.h"

#include "session/database_watch.h"

#include "session/mark_upkeep.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "nodes/parsenodes.h"
#include "shared/journal_file.h"
#include "shared/memory.h"
#include "shared/settings.h"
#include "tcop/utility.h"

static bool concerned = false;    /* what this transaction does may let a worker connect */
static bool marks_change = false; /* or change what * in pg_net.database_name stands for */
static ProcessUtility_hook_type previous_process_utility_hook;

/* Whether pg_net.database_name names a database. */
static bool
is_served(const char *database)
{
	bool all;
	ListCell *cell;

	foreach (cell, pgnet_database_names(&all))
		if (strcmp(lfirst(cell), database) == 0)
			return true;
	return all;
}

/* Whether the workers connect as this role. */
static bool
is_of_workers(const char *role)
{
	return role != NULL && strcmp(role, pgnet_username) == 0;
}

/* Whether a worker may be able to connect once this statement's effects are seen, and was not before. */
static bool
may_let_connect(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreatedbStmt:
			return is_served(((CreatedbStmt *) statement)->dbname);
		case T_AlterDatabaseStmt:
			return is_served(((AlterDatabaseStmt *) statement)->dbname);
		case T_GrantStmt:
			return ((GrantStmt *) statement)->objtype == OBJECT_DATABASE;
		case T_RenameStmt:
		{
			RenameStmt *rename = (RenameStmt *) statement;

			return (rename->renameType == OBJECT_DATABASE && is_served(rename->newname)) ||
				   (rename->renameType == OBJECT_ROLE && is_of_workers(rename->newname));
		}
		case T_CreateRoleStmt:
			return is_of_workers(((CreateRoleStmt *) statement)->role);
		case T_AlterRoleStmt:
			return is_of_workers(((AlterRoleStmt *) statement)->role->rolename);
		default:
			return false;
	}
}

/* Has workers that could not connect try again, when others see what the transaction did. */
static void
have_workers_try_again(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	if (event == XACT_EVENT_COMMIT && (concerned || marks_change))
	{
		LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
		for (int i = 0; i < pgnet_shared->slot_count; i++)
			if (concerned && pgnet_shared->slots[i].start_failed)
				pgnet_slot_end_pause(&pgnet_shared->slots[i]);
		if (marks_change)
			pgnet_shared->marks_version++;
		pgnet_wake_launcher();
		LWLockRelease(pgnet_shared->slots_lock);
	}
	concerned = false;
	marks_change = false;
}

/* Remembers, until the transaction ends, how a statement concerns the workers. */
static void
remember(bool lets_connect, bool changes_marks)
{
	static bool registered = false;

	if (!registered)
		RegisterXactCallback(have_workers_try_again, NULL);
	registered = true;
	concerned |= lets_connect;
	marks_change |= changes_marks;
}

/* The database that a statement drops; InvalidOid for none. */
static Oid
database_dropped_by(Node *statement)
{
	return IsA(statement, DropdbStmt) ? get_database_oid(((DropdbStmt *) statement)->dbname, true)
									  : InvalidOid;
}

/* The hook on utility statements. */
static void
process_utility(PlannedStmt *statement, const char *query, bool read_only,
				ProcessUtilityContext context, ParamListInfo parameters,
				QueryEnvironment *environment, DestReceiver *receiver, QueryCompletion *completion)
{
	Oid dropped = database_dropped_by(statement->utilityStmt);
	bool lets_connect = may_let_connect(statement->utilityStmt);
	bool may_drop = pgnet_may_drop_extension(statement->utilityStmt);
	bool changes_marks;

	if (previous_process_utility_hook)
		previous_process_utility_hook(statement, query, read_only, context, parameters, environment,
									  receiver, completion);
	else
		standard_ProcessUtility(statement, query, read_only, context, parameters, environment,
								receiver, completion);
	changes_marks = pgnet_keep_mark(statement->utilityStmt, may_drop);
	if (OidIsValid(dropped))
		pgnet_journal_remove(dropped);
	/* DROP DATABASE IF EXISTS may have dropped none */
	changes_marks |= OidIsValid(dropped);
	if (lets_connect || changes_marks)
		remember(lets_connect, changes_marks);
}

/* Installs the hook on utility statements. Called from _PG_init. */
void
pgnet_install_database_watch(void)
{
	previous_process_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
