/*
 * scout.c
 *		Finds the databases that * in pg_net.database_name stands for: those with the mark. The catalogue that has it can be
 *		read only by a process that is connected to some database, so one is started for that, reads, and is gone again after
 *		some milliseconds. The launcher reads nothing but names of databases.
 */
#include "launcher/scout.h"
#include "shared/mark.h"
#include "shared/memory.h"
#include "shared/registration.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

extern PGDLLEXPORT void pgnet_scout_main(Datum unused);

/* a scout that found no room or did not come back is sent again after so long */
#define PAUSE_MILLIS 5000

/* a role may change its databases as often as it likes; one scout finds out about all changes of this time */
#define SHORTEST_PAUSE_MILLIS 200

/* A database that a worker may connect to. */
typedef struct Database
{
	Oid oid;
	char *name;
	bool marked;
} Database;

static BackgroundWorkerHandle *scout = NULL;
static TimestampTz sent_at = 0;
static uint32 known_when_sent; /* what the scouts before the last one had seen */

/*
 * The databases that * may stand for, palloc'd. Not templates: a connection to one keeps CREATE DATABASE from copying it.
 * Within a transaction.
 */
static List *
databases(void)
{
	List *found = NIL;
	Relation table = table_open(DatabaseRelationId, AccessShareLock);
	TableScanDesc scan = table_beginscan_catalog(table, 0, NULL);
	HeapTuple row;

	while ((row = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(row);
		Database *one;

		if (database->datistemplate || !database->datallowconn || database->datconnlimit == -2)
			continue;
		one = palloc0(sizeof(Database));
		one->oid = database->oid;
		one->name = pstrdup(NameStr(database->datname));
		found = lappend(found, one);
	}
	table_endscan(scan);
	table_close(table, AccessShareLock);
	return found;
}

/* The name of some database, palloc'd; NULL when there is none that can be connected to. */
static char *
any_database(void)
{
	static bool connected = false;
	MemoryContext caller = CurrentMemoryContext;
	Database *first = NULL;
	char *name = NULL;
	ListCell *cell;

	if (!connected)
		BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	connected = true;
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	foreach (cell, databases())
	{
		Database *database = lfirst(cell);

		if (first == NULL || database->oid < first->oid)
			first = database;
	}
	if (first != NULL)
		name = MemoryContextStrdup(caller, first->name);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
	return name;
}

/* Whether a scout is on its way. */
static bool
is_on_its_way(void)
{
	pid_t pid;

	if (scout != NULL && GetBackgroundWorkerPid(scout, &pid) == BGWH_STOPPED)
	{
		pfree(scout);
		scout = NULL;
	}
	return scout != NULL;
}

/* Whether something may have changed that no scout has seen, and what they have seen. */
static bool
is_wanted(uint32 *known)
{
	bool wanted;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	*known = pgnet_shared->known_marks_version;
	wanted = pgnet_shared->serves_all && pgnet_shared->marks_version != *known;
	LWLockRelease(pgnet_shared->slots_lock);
	return wanted;
}

/* Sends a scout if one is wanted. Returns the milliseconds until one is to be sent, -1 when only an event brings that about. */
long
pgnet_send_scout(void)
{
	uint32 known;
	char *database;

	if (!is_wanted(&known) || is_on_its_way())
		return -1;
	if (sent_at != 0 && known == known_when_sent && !pgnet_has_passed(sent_at, PAUSE_MILLIS))
		return PAUSE_MILLIS;
	if (sent_at != 0 && !pgnet_has_passed(sent_at, SHORTEST_PAUSE_MILLIS))
		return SHORTEST_PAUSE_MILLIS;
	database = any_database();
	if (database == NULL)
		return -1;
	known_when_sent = known;
	sent_at = GetCurrentTimestamp();
	scout = pgnet_register_scout(database);
	pfree(database);
	return scout == NULL ? PAUSE_MILLIS : -1;
}

/* The database of a slot among those that were found; NULL for none. */
static Database *
database_of(const WorkerSlot *slot, List *found)
{
	ListCell *cell;

	foreach (cell, found)
	{
		Database *database = lfirst(cell);

		if (OidIsValid(slot->database) ? database->oid == slot->database
									   : strcmp(database->name, slot->name) == 0)
			return database;
	}
	return NULL;
}

/* Tells the slots what was found, when marks were of this version. A database that * stood for stays in its slot as long as it can be connected to. */
static void
report(List *found, uint32 version)
{
	ListCell *cell;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *slot = &pgnet_shared->slots[i];
		Database *database = database_of(slot, found);

		if (slot->named || slot->name[0] == '\0')
			continue;
		if (database == NULL)
			slot->dismissed = true;
		else
			pgnet_slot_rename(slot, database->name);
	}
	foreach (cell, found)
	{
		Database *database = lfirst(cell);

		/* the asterisk may have been taken back meanwhile */
		if (database->marked && pgnet_shared->serves_all)
			(void) pgnet_slot_assign(database->name, database->oid);
	}
	pgnet_shared->known_marks_version = version;
	pgnet_wake_launcher();
	LWLockRelease(pgnet_shared->slots_lock);
}

/* The version of the marks, at least, that a transaction sees which begins now. */
static uint32
marks_version(void)
{
	uint32 version;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	version = pgnet_shared->marks_version;
	LWLockRelease(pgnet_shared->slots_lock);
	return version;
}

/* What the database's owner has set could have a scout wait for a safe snapshot, for ever, or end it. */
static void
set_session_defaults(void)
{
	SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
#if PG_VERSION_NUM >= 170000
	SetConfigOption("transaction_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
#endif
}

/* The entry point of the process. Never returns. */
void
pgnet_scout_main(Datum unused)
{
	List *found;
	ListCell *cell;
	uint32 version;

	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(MyBgworkerEntry->bgw_extra, NULL, 0);
	set_session_defaults();
	version = marks_version();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	found = databases();
	foreach (cell, found)
		((Database *) lfirst(cell))->marked = pgnet_has_mark(((Database *) lfirst(cell))->oid);
	report(found, version);
	PopActiveSnapshot();
	CommitTransactionCommand();
	proc_exit(0);
}
