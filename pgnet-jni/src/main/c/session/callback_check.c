/*
 * callback_check.c
 *		Refuses at call time a callback that could not be called, and keeps callbacks that nobody asked for out of the table of
 *		those that wait: what is in there runs as the role that a row names.
 */
#include "session/callback_check.h"
#include "session/replication.h"
#include "shared/callback_function.h"
#include "shared/memory.h"
#include "shared/own_table.h"
#include "shared/table_owner.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_check_callback_row);

/* whether this transaction has changed rows of net._callbacks */
static bool changed = false;

/* Raises an error unless the role in force has the rights of the one that a function is called as. */
static void
check_owner(Oid owner)
{
	if (!has_privs_of_role(GetUserId(), owner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to call a function as role \"%s\"",
							   GetUserNameFromId(owner, true)),
						errhint("Only members of that role may insert such a row.")));
}

/*
 * Raises an error when the queue's owner could have functions called as a role whose rights it has not, by rows that it writes
 * itself: they would not be called.
 */
static void
check_owner_of_queue(Oid owner)
{
	Oid queue = pgnet_get_table("http_request_queue");

	if (!has_privs_of_role(pgnet_table_owner(queue), owner))
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("on_response is not available: the owner of the tables of pg_net does "
					"not have the rights of role \"%s\"",
					GetUserNameFromId(owner, true)),
			 errhint("Make a superuser the owner of net.http_request_queue and net._callbacks.")));
}

/* The whole name of the function that a request of this owner's names; an error unless it can be called. */
char *
pgnet_check_callback(const char *name, Oid owner)
{
	check_owner(owner);
	check_owner_of_queue(owner);
	return pgnet_callback_function_name(pgnet_callback_function(name, owner));
}

/* When this transaction commits, a process looks at the callbacks that it has changed: they may be due now. */
static void
have_them_looked_at(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && changed)
		pgnet_callbacks_due_at(MyDatabaseId, GetCurrentTimestamp());
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		changed = false;
}

/* Remembers that a session changes callbacks: the worker, and the processes that call them, tell of what they do themselves. */
static void
remember_change(void)
{
	static bool registered = false;

	if (MyBgworkerEntry != NULL)
		return;
	pgnet_require_preloaded();
	if (!registered)
		RegisterXactCallback(have_them_looked_at, NULL);
	registered = true;
	changed = true;
}

/* The role that a row names. */
static Oid
owner_of(HeapTuple row, TupleDesc descriptor)
{
	int column = SPI_fnumber(descriptor, "owner");
	bool isnull = true;
	Datum owner = 0;

	if (column > 0 && SPI_gettypeid(descriptor, column) == OIDOID)
		owner = SPI_getbinval(row, descriptor, column, &isnull);
	return isnull ? InvalidOid : DatumGetObjectId(owner);
}

/*
 * BEFORE INSERT OR UPDATE FOR EACH ROW on net._callbacks, always: a row that a publisher has sent names a role of another
 * server, and whoever was granted INSERT may not have functions called as others. Rows of the table's owner, who could drop
 * the trigger, are judged when they are called.
 */
Datum
pgnet_check_callback_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple row;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("net._check_callback() must be called as the trigger of net._callbacks")));
	if (pgnet_is_replicated_row())
		return PointerGetDatum(NULL);
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	if (GetUserId() != trigger->tg_relation->rd_rel->relowner)
		check_owner(owner_of(row, RelationGetDescr(trigger->tg_relation)));
	remember_change();
	return PointerGetDatum(row);
}
