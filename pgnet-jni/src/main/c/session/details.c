/*
 * details.c
 *		Keeps net._response_detail as it goes with net._http_response: what is deleted or truncated here goes there. And the
 *		owner of one of pg_net's two tables is that of what stands beside it.
 */
#include "session/details.h"
#include "shared/as_owner.h"
#include "shared/statement.h"
#include "shared/table_owner.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "commands/tablecmds.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(pgnet_responses_deleted);
PG_FUNCTION_INFO_V1(pgnet_responses_truncated);

#define QUEUE "http_request_queue"
#define RESPONSES "_http_response"
#define DETAILS "_response_detail"

/* An array: the plan, which is kept, goes along the key however few or many there are. */
static Statement delete_statement = {
	.text = "DELETE FROM net._response_detail WHERE id OPERATOR(pg_catalog.=) ANY "
			"(ARRAY(SELECT id FROM deleted))",
};

static Statement truncate_responses = {.text = "TRUNCATE net._http_response"};
static Statement truncate_details = {.text = "TRUNCATE net._response_detail"};

/* The data of the trigger that calls. */
static TriggerData *
trigger_data(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("this function must be called as a trigger")));
	return (TriggerData *) fcinfo->context;
}

/* Executes a statement that sees the trigger's rows, as the owner of a table. */
static void
execute_as_owner(Statement *statement, Oid table, TriggerData *trigger, int expected)
{
	AsOwner caller = pgnet_as_owner_begin(table);

	SPI_connect();
	if (SPI_register_trigger_data(trigger) < 0)
		elog(ERROR, "could not register the rows of a trigger");
	pgnet_execute(statement, NULL, NULL, expected);
	SPI_finish();
	pgnet_as_owner_end(caller);
}

/* net._responses_deleted(), after DELETE on net._http_response: deletes what stands beside these rows. */
Datum
pgnet_responses_deleted(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo);
	Oid details = get_relname_relid(DETAILS, RelationGetNamespace(trigger->tg_relation));

	if (OidIsValid(details))
		execute_as_owner(&delete_statement, details, trigger, SPI_OK_DELETE);
	return PointerGetDatum(NULL);
}

/* Whether there is anything in a table. */
static bool
holds_anything(Oid oid)
{
	Relation table = table_open(oid, AccessShareLock);
	bool result = RelationGetNumberOfBlocks(table) > 0;

	table_close(table, NoLock);
	return result;
}

/*
 * net._responses_truncated(), after TRUNCATE on one of the two tables: truncates the other. Not the one that was truncated
 * first, whose trigger waits for that of the other.
 */
Datum
pgnet_responses_truncated(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo);
	bool of_details = strcmp(RelationGetRelationName(trigger->tg_relation), DETAILS) == 0;
	Oid other = get_relname_relid(of_details ? RESPONSES : DETAILS,
								  RelationGetNamespace(trigger->tg_relation));

	if (OidIsValid(other) && holds_anything(other))
		execute_as_owner(of_details ? &truncate_responses : &truncate_details, other, trigger,
						 SPI_OK_UTILITY);
	return PointerGetDatum(NULL);
}

/* Whether a statement gives a table to another owner. */
static bool
changes_owner(Node *statement)
{
	ListCell *cell;

	if (!IsA(statement, AlterTableStmt))
		return false;
	foreach (cell, ((AlterTableStmt *) statement)->cmds)
		if (((AlterTableCmd *) lfirst(cell))->subtype == AT_ChangeOwner)
			return true;
	return false;
}

/* Whether a table is the extension's. */
static bool
is_of_extension(Oid table)
{
	Oid extension = get_extension_oid("pg_net", true);

	return OidIsValid(extension) && getExtensionOfObject(RelationRelationId, table) == extension;
}

/*
 * Gives what stands beside a table to the table's owner. Not what only has its name: the owner may have moved the table to
 * another schema.
 */
static void
give_to_owner_of(Oid table, const char *beside)
{
	Oid other = get_relname_relid(beside, get_rel_namespace(table));
	Oid owner = pgnet_table_owner(table);

	if (OidIsValid(other) && is_of_extension(other) && pgnet_table_owner(other) != owner)
		ATExecChangeOwner(other, owner, true, AccessExclusiveLock);
}

/*
 * To be called after a statement: who was given one of pg_net's two tables has what stands beside it, too. Programs that know
 * these two alter them alone.
 */
void
pgnet_keep_owner_of_details(Node *statement)
{
	Oid table;
	const char *name;

	if (!changes_owner(statement))
		return;
	name = ((AlterTableStmt *) statement)->relation->relname;
	if (strcmp(name, RESPONSES) != 0 && strcmp(name, QUEUE) != 0)
		return;
	CommandCounterIncrement();
	table = RangeVarGetRelid(((AlterTableStmt *) statement)->relation, NoLock, true);
	if (!OidIsValid(table) || !is_of_extension(table))
		return;
	if (strcmp(name, RESPONSES) == 0)
		give_to_owner_of(table, DETAILS);
	else
	{
		give_to_owner_of(table, "_delivery");
		give_to_owner_of(table, "attempts");
		give_to_owner_of(table, "dead_letters");
	}
}
