/*
 * mark_upkeep.c
 *		Keeps the marks of databases as they should be, where CREATE EXTENSION and pg_dump do not: a copy of a database has its
 *		extension and gets its mark, and DROP EXTENSION takes the mark away. A mark too many costs a worker that finds nothing
 *		to do; one too few is made up for by the first request.
 */
#include "session/mark_upkeep.h"
#include "shared/mark.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/snapmgr.h"

/* Sets or resets the mark of a database, as whoever may: the statement that has this effect was allowed already. */
static void
set_mark(Oid database, bool marked)
{
	VariableSetStmt *setting = makeNode(VariableSetStmt);
	Oid user;
	int security;

	setting->kind = marked ? VAR_SET_VALUE : VAR_RESET;
	setting->name = PGNET_MARK;
	if (marked)
	{
		A_Const *on = makeNode(A_Const);

		on->val.sval = *makeString("on");
		setting->args = list_make1(on);
	}
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
	AlterSetting(database, InvalidOid, setting);
	SetUserIdAndSecContext(user, security);
}

/* The database that is copied. */
static const char *
template_of(CreatedbStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
	{
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return "template1";
}

/* Gives a database that was just made the mark of the one that it is a copy of. Whether that has one. */
static bool
copy_mark(CreatedbStmt *statement)
{
	Oid original = get_database_oid(template_of(statement), true);
	bool marked;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	marked = OidIsValid(original) && pgnet_has_mark(original);
	if (marked)
		set_mark(get_database_oid(statement->dbname, false), true);
	PopActiveSnapshot();
	return marked;
}

/*
 * To be called before a statement: whether it may drop the extension, which is there. pg_upgrade drops one that is not, IF
 * EXISTS, when the database has its mark already.
 */
bool
pgnet_may_drop_extension(Node *statement)
{
	return (IsA(statement, DropStmt) || IsA(statement, DropOwnedStmt)) &&
		   OidIsValid(get_extension_oid("pg_net", true));
}

/*
 * To be called after a statement, with what pgnet_may_drop_extension() said before. Whether what * stands for may have changed by
 * it.
 */
bool
pgnet_keep_mark(Node *statement, bool may_have_dropped)
{
	if (may_have_dropped && !OidIsValid(get_extension_oid("pg_net", true)))
		set_mark(MyDatabaseId, false);
	switch (nodeTag(statement))
	{
		case T_CreatedbStmt:
			return copy_mark((CreatedbStmt *) statement);
		case T_AlterDatabaseSetStmt:
		{
			const char *name = ((AlterDatabaseSetStmt *) statement)->setstmt->name;

			return name == NULL || pg_strcasecmp(name, PGNET_MARK) == 0;
		}
		case T_RenameStmt:
			return ((RenameStmt *) statement)->renameType == OBJECT_DATABASE;
		case T_AlterDatabaseStmt:
			return true;
		default:
			return false;
	}
}
