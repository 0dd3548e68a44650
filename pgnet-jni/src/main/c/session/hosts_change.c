/*
 * hosts_change.c
 *		What this session does to net.hosts, or to secrets: told to all processes when the transaction commits. They are told
 *		before the ids of its requests are handed over, so that no request is sent by rules that were changed with it.
 */
#include "session/hosts_change.h"
#include "session/hosts_dump.h"
#include "shared/hosts_table.h"
#include "shared/memory.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(pgnet_hosts_written);
PG_FUNCTION_INFO_V1(pgnet_secrets_written);

/* whether this transaction has changed the table */
static bool changed = false;

/* A prepared transaction is told of when it is committed. */
static void
tell_at_commit(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && changed)
		pgnet_hosts_changed();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		changed = false;
}

/* Remembers that this transaction changes the table. */
void
pgnet_note_hosts_change(void)
{
	static bool registered = false;

	if (!registered)
		RegisterXactCallback(tell_at_commit, NULL);
	registered = true;
	changed = true;
}

/*
 * To be called after a statement: ALTER TABLE may change rows, and pg_restore --disable-triggers, which inserts them without a
 * trigger, enables it again after that.
 */
void
pgnet_note_altered_hosts(Node *statement)
{
	if (IsA(statement, AlterTableStmt) &&
		strcmp(((AlterTableStmt *) statement)->relation->relname, "hosts") == 0)
		pgnet_note_hosts_change();
}

/* Whether this transaction has changed the table, so that nobody else sees what it sees. */
bool
pgnet_hosts_changed_here(void)
{
	return changed;
}

/* AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE FOR EACH STATEMENT on net.hosts. */
Datum
pgnet_hosts_written(PG_FUNCTION_ARGS)
{
	TriggerData *trigger;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("net._hosts_changed() is the trigger of net.hosts")));
	pgnet_require_preloaded();
	pgnet_note_hosts_change();
	trigger = (TriggerData *) fcinfo->context;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		pgnet_have_table_dumped(RelationGetRelid(trigger->tg_relation),
								TRIGGER_FIRED_BY_INSERT(trigger->tg_event));
	return PointerGetDatum(NULL);
}

/* AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE FOR EACH STATEMENT on net._secrets and net._secret_keys. */
Datum
pgnet_secrets_written(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("net._secrets_changed() is the trigger of two tables")));
	pgnet_require_preloaded();
	pgnet_note_hosts_change();
	return PointerGetDatum(NULL);
}
