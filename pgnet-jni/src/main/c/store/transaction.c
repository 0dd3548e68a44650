/*
 * transaction.c
 *		Begins and ends the worker's transactions: as the owner of the tables, in a security-restricted operation, with the
 *		owner's search_path, so that what an owner's trigger does is done as in a session of the owner's, with its rights and no
 *		more.
 */
#include "store/transaction.h"
#include "shared/hosts_table.h"
#include "shared/memory.h"
#include "shared/table_owner.h"
#include "store/interruption.h"
#include "store/owner_search_path.h"
#include "store/session_state.h"
#include "store/user_code.h"

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

static Oid session_user;
static int session_security;
static int guc_level;

/*
 * Says why the database is not served; once, until the reason changes. Empty: it is served, and ids that came while it was
 * not are looked for again, as is what the tables say.
 */
static void
explain_idleness(const char *reason)
{
	static char explained[256] = "";
	pgnet_my_slot->looks++;
	if (strncmp(explained, reason, sizeof(explained) - 1) == 0)
		return;
	strlcpy(explained, reason, sizeof(explained));
	pgnet_slot_halt(pgnet_my_slot, HALT_OF_TABLES, reason);
	if (reason[0] == '\0')
	{
		pgnet_hosts_changed();
		pgnet_hand_over_all();
	}
	else
		ereport(WARNING, (errmsg("pg_net worker is idle in database \"%s\": %s",
								 get_database_name(MyDatabaseId), reason)));
}

/* Sets something for the worker's statements; the end of the transaction takes it back. */
void
pgnet_set_for_transaction(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

/*
 * Has statements go along indexes from here on, in a transaction that only reads: a part of a table in the order of its ids,
 * with what is beside each row. Whatever reads or sorts more than that part is never better.
 */
void
pgnet_plan_by_index(void)
{
	pgnet_set_for_transaction("enable_bitmapscan", "off");
	pgnet_set_for_transaction("enable_hashjoin", "off");
	pgnet_set_for_transaction("enable_mergejoin", "off");
	pgnet_set_for_transaction("enable_sort", "off");
}

/*
 * What is deferred would run at the commit, with the rights of the worker's own role: PostgreSQL refuses to defer anything in
 * a security-restricted operation. So it runs with its statement, as the owner, in the owner's tables too.
 */
void
pgnet_defer_nothing(void)
{
	static ConstraintsSetStmt all_immediate = {.type = T_ConstraintsSetStmt};

	AfterTriggerSetState(&all_immediate);
}

/*
 * Begins a transaction with a snapshot, an SPI connection and the rights of the tables' owner. False, with no
 * transaction left open, when there are no tables to work on.
 */
bool
pgnet_transaction_begin(bool without_triggers)
{
	Oid owner;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	pgnet_statement_begins();
	explain_idleness(pgnet_find_tables());
	if (!OidIsValid(pgnet_queue_oid))
	{
		pgnet_statement_ends();
		CommitTransactionCommand();
		return false;
	}
	/* the queue before what is beside it, as whoever locks all tables does */
	LockRelationOid(pgnet_queue_oid, AccessShareLock);
	PushActiveSnapshot(GetTransactionSnapshot());

	owner = pgnet_table_owner(pgnet_queue_oid);
	pgnet_use_search_path_of(owner);
	GetUserIdAndSecContext(&session_user, &session_security);
	SetUserIdAndSecContext(owner, session_security | SECURITY_RESTRICTED_OPERATION);
	guc_level = NewGUCNestLevel();
	/* plans are cached: one made while the queue was short must not read all of a long one */
	pgnet_set_for_transaction("enable_seqscan", "off");
	if (without_triggers)
		pgnet_set_for_transaction("session_replication_role", "replica");
	pgnet_defer_nothing();
	SPI_connect();
	return true;
}

/* Ends what pgnet_transaction_begin() began and commits. */
void
pgnet_transaction_end(void)
{
	SPI_finish();
	AtEOXact_GUC(false, guc_level);
	SetUserIdAndSecContext(session_user, session_security);
	if (pgnet_user_code_may_have_run())
	{
		pgnet_forget_session_state();
		pgnet_drop_temporary_objects();
	}
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgnet_statement_ends();
	pgstat_report_stat(false);
}
