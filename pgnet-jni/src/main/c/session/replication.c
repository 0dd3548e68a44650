/*
 * replication.c
 *		Logical replication at a subscriber. Requests, and who may see a response, are the business of the server that they
 *		were made on: here another worker would send them again, their ids are those of other requests, and their owners other
 *		roles. So subscriptions leave the tables of the extension out. Where one has them already, the trigger of the queue
 *		keeps the rows out, but not what the subscriber's own triggers insert.
 */
#include "session/replication.h"
#include "shared/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_subscription.h"
#include "catalog/pg_subscription_rel.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "postmaster/bgworker.h"
#include "replication/origin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/*
 * Whether this process applies the changes of another server: PostgreSQL's own workers, those that copy a table included, and
 * those of other extensions.
 */
static bool
applies_changes(void)
{
	return MyBgworkerEntry != NULL && pgnet_has_replication_origin();
}

/*
 * Whether the row that a trigger is called for comes from another server. Such rows are inserted without a statement; what
 * triggers and defaults of the subscriber's insert comes by a statement of a procedural language, and all those use SPI.
 */
bool
pgnet_is_replicated_row(void)
{
	return applies_changes() && SPI_unregister_relation("") == SPI_ERROR_UNCONNECTED;
}

/*
 * Whether the transaction that is to commit may have committed a prepared one, as such a process does without a COMMIT
 * PREPARED that a hook would see: it has written to the log, and has no transaction id of its own.
 */
bool
pgnet_may_have_committed_prepared(void)
{
	return applies_changes() && !XLogRecPtrIsInvalid(XactLastRecEnd) &&
		   !TransactionIdIsValid(GetTopTransactionIdIfAny());
}

/* The name of the subscription that a statement may add tables to, NULL for another statement. */
const char *
pgnet_changed_subscription(Node *utility_statement)
{
	if (IsA(utility_statement, CreateSubscriptionStmt))
		return ((CreateSubscriptionStmt *) utility_statement)->subname;
	if (IsA(utility_statement, AlterSubscriptionStmt))
		return ((AlterSubscriptionStmt *) utility_statement)->subname;
	return NULL;
}

/* Whether a table is the extension's, and no other process copies it just now, which would fail without its entry. */
static bool
can_be_left_out(Form_pg_subscription_rel entry, Oid extension)
{
	return (entry->srsubstate == SUBREL_STATE_INIT || entry->srsubstate == SUBREL_STATE_READY) &&
		   getExtensionOfObject(RelationRelationId, entry->srrelid) == extension;
}

/* Takes the tables of the extension out of a subscription, with a NOTICE. */
void
pgnet_stay_out_of_subscription(const char *name)
{
	Oid extension = get_extension_oid("pg_net", true);
	Oid subscription = get_subscription_oid(name, true);
	Relation entries;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	int left_out = 0;

	if (!OidIsValid(extension) || !OidIsValid(subscription))
		return;
	CommandCounterIncrement(); /* what the statement has added can be seen */
	entries = table_open(SubscriptionRelRelationId, RowExclusiveLock);
	ScanKeyInit(&key, Anum_pg_subscription_rel_srsubid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(subscription));
	scan = systable_beginscan(entries, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		if (can_be_left_out((Form_pg_subscription_rel) GETSTRUCT(tuple), extension))
		{
			CatalogTupleDelete(entries, &tuple->t_self);
			left_out++;
		}
	systable_endscan(scan);
	table_close(entries, RowExclusiveLock);
	if (left_out > 0)
		ereport(NOTICE, (errmsg("subscription \"%s\" skips the tables of pg_net", name),
						 errdetail("Requests are sent, and responses are kept, in the database "
								   "where the request was made.")));
}
