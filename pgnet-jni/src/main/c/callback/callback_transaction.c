/*
 * callback_transaction.c
 *		A transaction on the callbacks that wait, with the rights of their table's owner; in it the process can become the role
 *		whose function is called, and then remains that role to the end: after a user's code comes nothing but the commit.
 *
 * Everything runs in a security-restricted operation, as an owner's code does in VACUUM: PostgreSQL refuses SET ROLE and SET
 * SESSION AUTHORIZATION there, and all that would be done later or remain, such as deferred triggers, LISTEN, cursors WITH
 * HOLD and temporary tables.
 */
#include "callback/callback_transaction.h"
#include "shared/own_table.h"
#include "shared/table_owner.h"
#include "store/owner_search_path.h"
#include "store/transaction.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/*
 * A row that somebody has locked holds up nobody for longer. By default shorter than deadlock_timeout: DROP EXTENSION, which
 * takes its locks in another order, is not the one that fails.
 */
#define LOCK_TIMEOUT "500ms"

static Oid session_user;
static int session_security;
static Oid callbacks_table;
static bool connected = false; /* to SPI */
static int guc_level;

/* The extension's table of a name, locked against being dropped or renamed; InvalidOid for none. */
static Oid
lock_table(const char *name)
{
	Oid schema = get_namespace_oid("net", true);
	Oid extension = get_extension_oid("pg_net", true);
	Oid table = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;

	if (!OidIsValid(table) || !OidIsValid(extension))
		return InvalidOid;
	LockRelationOid(table, RowExclusiveLock);
	/* What anybody calls so decides nothing: the rows say as whom a function is called. */
	if (get_relname_relid(name, schema) != table ||
		getExtensionOfObject(RelationRelationId, table) != extension)
		return InvalidOid;
	return table;
}

/*
 * The extension's table of a name, locked; InvalidOid when it is none. Of a view of that name the functions would run with the
 * rights of the callbacks' owner: whoever was given the table alone could put one in its place.
 */
static Oid
lock_plain_table(const char *name)
{
	Oid table = lock_table(name);

	return OidIsValid(table) && get_rel_relkind(table) == RELKIND_RELATION ? table : InvalidOid;
}

/* Whether net._http_response is the extension's table. It is locked then. */
bool
pgnet_responses_can_be_read(void)
{
	return OidIsValid(lock_plain_table("_http_response"));
}

/*
 * Whether the owner of the callbacks may read what stands beside the responses. If not, row-level security still keeps it to
 * the responses of its own.
 */
bool
pgnet_details_can_be_read(void)
{
	Oid details = lock_plain_table("_response_detail");

	return OidIsValid(details) && pg_class_aclcheck(details, pgnet_table_owner(callbacks_table),
													ACL_SELECT) == ACLCHECK_OK;
}

/*
 * Whether a table of the extension can be written by the owner of the callbacks, who lends its rights to what the table's
 * owner has put on it.
 */
static bool
can_be_written(const char *name)
{
	Oid table = lock_plain_table(name);
	Oid writer = pgnet_table_owner(callbacks_table);

	return OidIsValid(table) && has_privs_of_role(writer, pgnet_table_owner(table)) &&
		   has_privs_of_role(pgnet_table_owner(table), writer);
}

/* Whether the responses can be deleted and changed. */
bool
pgnet_responses_can_be_written(void)
{
	return can_be_written("_http_response") && can_be_written("_response_detail");
}

/* Whether a callback can become a dead letter. */
bool
pgnet_dead_letters_can_be_written(void)
{
	return pgnet_responses_can_be_written() && can_be_written("dead_letters");
}

/* Whether a table's owner has the rights of a role, and so gains nothing by what it could write into the table. */
static bool
owner_may_act_as(Oid table, Oid role)
{
	return OidIsValid(table) && has_privs_of_role(pgnet_table_owner(table), role);
}

/*
 * Whether the owners of the tables, which could write any role into their rows, have the rights of this one. Within a
 * transaction.
 */
bool
pgnet_tables_may_act_as(Oid role)
{
	return owner_may_act_as(callbacks_table, role) &&
		   owner_may_act_as(pgnet_get_table("http_request_queue"), role);
}

/* Begins it, with a snapshot and an SPI connection. False, with no transaction left open, when the extension is not there. */
bool
pgnet_callback_transaction_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	callbacks_table = lock_table("_callbacks");
	if (!OidIsValid(callbacks_table))
	{
		CommitTransactionCommand();
		return false;
	}
	PushActiveSnapshot(GetTransactionSnapshot());
	GetUserIdAndSecContext(&session_user, &session_security);
	SetUserIdAndSecContext(pgnet_table_owner(callbacks_table), SECURITY_RESTRICTED_OPERATION);
	guc_level = NewGUCNestLevel();
	pgnet_set_for_transaction("search_path", "pg_catalog, pg_temp");
	pgnet_set_for_transaction("enable_seqscan", "off");
	pgnet_set_for_transaction("lock_timeout", LOCK_TIMEOUT);
	pgnet_set_for_transaction("synchronous_commit", "local");
	pgnet_defer_nothing();
	SPI_connect();
	connected = true;
	return true;
}

/* From here on the transaction is a role's, with its search_path and the settings of the session. */
void
pgnet_callback_transaction_become(Oid role)
{
	SPI_finish();
	connected = false;
	AtEOXact_GUC(false, guc_level);
	PopActiveSnapshot();
	pgnet_use_search_path_of(role);
	SetUserIdAndSecContext(role, SECURITY_RESTRICTED_OPERATION);
	guc_level = NewGUCNestLevel();
	pgnet_defer_nothing();
	PushActiveSnapshot(GetTransactionSnapshot());
}

/* Commits; as the role that it has become, if it has. What a function has set is not set any more. */
void
pgnet_callback_transaction_end(void)
{
	if (connected)
		SPI_finish();
	else
		AtEOXact_GUC(false, guc_level);
	connected = false;
	PopActiveSnapshot();
	CommitTransactionCommand();
	SetUserIdAndSecContext(session_user, session_security);
	pgstat_report_stat(false);
}

/* Rolls back after an error. */
void
pgnet_callback_transaction_abort(void)
{
	connected = false;
	AbortCurrentTransaction();
}
