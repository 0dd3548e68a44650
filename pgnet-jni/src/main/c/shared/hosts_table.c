/*
 * hosts_table.c
 *		The table net.hosts: where it is, and whether its rows may be others now.
 *
 * Sessions and workers keep what they have read of it for as long as its version stays the same. The version is of all
 * databases, and of secrets too: the tables change seldom, and a look too many costs one statement.
 */
#include "shared/hosts_table.h"
#include "shared/memory.h"
#include "shared/own_table.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

/* the table as last found, and how often its definition has changed since this process began */
static Oid known_table = InvalidOid;
static uint64 redefinitions = 0;

/* Something about a table has changed, or about any. One that was not there may have been made. */
static void
note_change(Datum arg, Oid table)
{
	if (table == InvalidOid || known_table == InvalidOid || table == known_table)
		redefinitions++;
}

/* Finds the table; InvalidOid when it is not there, or no plain table. Within a transaction. */
Oid
pgnet_hosts_table(void)
{
	static bool watching = false;
	Oid table = pgnet_find_table("hosts");

	if (!watching)
		CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	watching = true;
	if (OidIsValid(table) && get_rel_relkind(table) != RELKIND_RELATION)
		table = InvalidOid;
	known_table = table;
	return table;
}

/* While this stays the same, so do the rows that others have committed, and where they are. Never 0. */
uint64
pgnet_hosts_version(void)
{
	return pg_atomic_read_u64(&pgnet_shared->hosts_version) + redefinitions;
}

/* Tells all processes that the rows may be others now, and wakes the worker of this database. Must not fail: it is committed. */
void
pgnet_hosts_changed(void)
{
	WorkerSlot *slot;

	pg_atomic_fetch_add_u64(&pgnet_shared->hosts_version, 1);
	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL && slot->latch != NULL)
		SetLatch(slot->latch);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Whether an owner is a role that a row names, or has its rights. One that does not exist any more has no members. */
bool
pgnet_is_host_role(Oid owner, const char *role)
{
	Oid named = get_role_oid(role, true);

	return OidIsValid(named) && has_privs_of_role(owner, named);
}
