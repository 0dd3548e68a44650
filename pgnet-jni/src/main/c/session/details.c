/*
 * details.c
 *		Keeps net._response_detail as it goes with net._http_response: what is deleted or truncated here goes there, and the
 *		owner of one is that of the other.
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
						errmsg("this function is called by triggers alone")));
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

/* Whether a statement gives a table of this name to another owner. */
static bool
changes_owner(Node *statement, const char *table)
{
	ListCell *cell;

	if (!IsA(statement, AlterTableStmt) ||
		strcmp(((AlterTableStmt *) statement)->relation->relname, table) != 0)
		return false;
	foreach (cell, ((AlterTableStmt *) statement)->cmds)
		if (((AlterTableCmd *) lfirst(cell))->subtype == AT_ChangeOwner)
			return true;
	return false;
}

/*
 * To be called after a statement: who was given the responses has what stands beside them, too. Programs that know pg_net's
 * two tables alter these alone.
 */
void
pgnet_keep_owner_of_details(Node *statement)
{
	Oid responses;
	Oid details;
	Oid owner;

	if (!changes_owner(statement, RESPONSES))
		return;
	CommandCounterIncrement();
	responses = RangeVarGetRelid(((AlterTableStmt *) statement)->relation, NoLock, true);
	if (!OidIsValid(responses) ||
		!OidIsValid(getExtensionOfObject(RelationRelationId, responses)) ||
		getExtensionOfObject(RelationRelationId, responses) != get_extension_oid("pg_net", true))
		return;
	details = get_relname_relid(DETAILS, get_rel_namespace(responses));
	owner = pgnet_table_owner(responses);
	if (OidIsValid(details) && pgnet_table_owner(details) != owner)
		ATExecChangeOwner(details, owner, true, AccessExclusiveLock);
}
