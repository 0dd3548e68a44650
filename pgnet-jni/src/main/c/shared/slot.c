/*
 * slot.c
 *		The slots of the workers: which serves which database.
 */
#include "shared/slot.h"
#include "shared/memory.h"
#include "shared/settings.h"

#include "access/htup_details.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* where pg_net.idle_stop says nothing else */
#define IDLE_STOP_WITH_ASTERISK_MILLIS (5 * 60 * 1000L)

WorkerSlot *pgnet_my_slot = NULL;

/* Whether so much time has passed since then. When the clock was set back behind that, nobody knows: it has. */
bool
pgnet_has_passed(TimestampTz since, int millis)
{
	TimestampTz now = GetCurrentTimestamp();

	return now < since || TimestampDifferenceExceeds(since, now, millis);
}

/* The slot of the worker that serves a database, or has served it; NULL for none. */
WorkerSlot *
pgnet_slot_of_database(Oid database)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (pgnet_shared->slots[i].database == database)
			return &pgnet_shared->slots[i];
	return NULL;
}

/* The slot for the database of this name, which need not exist; NULL for none. An empty name: one that is free. */
WorkerSlot *
pgnet_slot_of_name(const char *name)
{
	for (int i = 0; i < pgnet_shared->slot_count; i++)
		if (strcmp(pgnet_shared->slots[i].name, name) == 0)
			return &pgnet_shared->slots[i];
	return NULL;
}

/* Whether a worker that rests is to be started. */
bool
pgnet_slot_is_wanted(const WorkerSlot *slot)
{
	return slot->woken || slot->ring.count > 0 || !TIMESTAMP_IS_NOEND(slot->next_due) ||
		   pgnet_slot_idle_millis(slot) < 0;
}

/* Counting begins anew. */
static void
reset_counters(WorkerSlot *slot)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		pg_atomic_write_u64(&slot->counters[i], 0);
	pgnet_histogram_clear(&slot->latency);
	slot->counting_since = GetCurrentTimestamp();
}

/* Gives a slot, which has no process any more, back. */
void
pgnet_slot_free(WorkerSlot *slot)
{
	slot->name[0] = '\0';
	slot->database = InvalidOid;
}

/*
 * The slot that rests for longest, of a database that * stands for, given back; NULL when none rests. What it has counted is
 * lost, and it is as any database that has the mark: the next request in it finds it a slot.
 */
static WorkerSlot *
free_resting_slot(void)
{
	WorkerSlot *longest = NULL;

	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *slot = &pgnet_shared->slots[i];

		if (slot->resting && !slot->named && slot->pid == 0 && !pgnet_slot_is_wanted(slot) &&
			(longest == NULL || slot->ended_at < longest->ended_at))
			longest = slot;
	}
	if (longest != NULL)
		pgnet_slot_free(longest);
	return longest;
}

/* Makes a free slot that of a database. */
static void
take(WorkerSlot *slot, const char *name)
{
	strlcpy(slot->name, name, sizeof(slot->name));
	slot->database = InvalidOid;
	slot->named = false;
	slot->no_room = false;
	slot->ended_at = 0;
	slot->resting = false;
	slot->failure[0] = '\0';
	slot->ring.count = 0;
	slot->callbacks_due = 0;
	slot->flows_wanted = false;
	slot->last_callback_owner = InvalidOid;
	slot->next_due = DT_NOEND;
	reset_counters(slot);
}

/*
 * Has a database served. Its OID is InvalidOid when only its name is known; the worker finds it out. Returns its slot, NULL
 * when none is free.
 */
WorkerSlot *
pgnet_slot_assign(const char *name, Oid database)
{
	WorkerSlot *slot = pgnet_slot_of_name(name);

	if (slot == NULL)
	{
		slot = pgnet_slot_of_name("");
		if (slot == NULL)
			slot = free_resting_slot();
		if (slot == NULL)
			return NULL;
		take(slot, name);
	}
	if (OidIsValid(database) && slot->pid == 0)
		slot->database = database;
	slot->dismissed = false;
	return slot;
}

/* A database that * stands for has this name now. What failed under another one is tried again. */
void
pgnet_slot_rename(WorkerSlot *slot, const char *name)
{
	if (strcmp(slot->name, name) == 0)
		return;
	strlcpy(slot->name, name, sizeof(slot->name));
	pgnet_slot_end_pause(slot);
	pgnet_wake_launcher();
}

/* Has a worker that rests, if it does, started. */
void
pgnet_slot_wake(WorkerSlot *slot)
{
	slot->woken = true;
	pgnet_wake_launcher();
}

/* So many milliseconds a worker stays when it has nothing to do; -1 for ever. */
long
pgnet_slot_idle_millis(const WorkerSlot *slot)
{
	if (pgnet_idle_stop == IDLE_STOP_BY_LIST)
		return slot->named ? -1 : IDLE_STOP_WITH_ASTERISK_MILLIS;
	return pgnet_idle_stop == 0 ? -1 : pgnet_idle_stop * 1000L;
}

/* Has the launcher look at the slots. */
void
pgnet_wake_launcher(void)
{
	if (pgnet_shared->launcher_latch != NULL)
		SetLatch(pgnet_shared->launcher_latch);
}

/* A worker whose last start failed need not wait any longer: the cause may be mended. */
void
pgnet_slot_end_pause(WorkerSlot *slot)
{
	slot->retry_at = 0;
}

/*
 * Has the workers read the configuration again. SIGHUP does not reach a process that is just being made: PostgreSQL has it
 * ignored until the process says otherwise.
 */
void
pgnet_slots_reload(void)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *slot = &pgnet_shared->slots[i];

		slot->reload_wanted = true;
		if (slot->latch != NULL)
			SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/*
 * Makes the running worker known as the one of a database and empties its ring: sessions that commit from now on hand
 * their ids over. The caller then reads the whole queue, with a snapshot taken after this call, so that no id is
 * missed. False when another running worker serves the database.
 */
bool
pgnet_slot_publish(WorkerSlot *slot, Oid database)
{
	bool free = true;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *other = &pgnet_shared->slots[i];

		if (other == slot || other->database != database)
			continue;
		if (other->pid != 0)
			free = false;
		else
			other->database = InvalidOid;
	}
	if (free)
	{
		if (slot->database != database)
			reset_counters(slot); /* they were of a database that had this name */
		slot->database = database;
		slot->connected = true;
		/* a call that came while this process started wants one that starts later */
		if (slot->restart_of != MyProcPid)
			slot->restart_requested_at = 0;
		pgnet_ring_restart(&slot->ring);
		slot->next_due = DT_NOBEGIN;
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return free;
}

/* Shows why the running worker sends nothing. An empty text: it does, as far as that is concerned. */
void
pgnet_slot_halt(WorkerSlot *slot, Halt halt, const char *reason)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	if (strcmp(slot->halts[halt], reason) != 0)
		slot->halted_since[halt] = GetCurrentTimestamp();
	strlcpy(slot->halts[halt], reason, PGNET_MAX_HALT_LENGTH);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* This session's database, as it is known before a commit: after that no catalogue can be read. Empty for a template. */
static char own_name[NAMEDATALEN];
static bool own_name_known = false;

/*
 * Learns what pgnet_hand_over() may need. Within a transaction. The name stays as it is while anybody is connected; and a
 * template is served only when it is named, since a worker's connection keeps CREATE DATABASE from copying it.
 */
void
pgnet_learn_own_database(void)
{
	HeapTuple tuple;

	if (own_name_known)
		return;
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	if (!HeapTupleIsValid(tuple))
		return;
	if (!((Form_pg_database) GETSTRUCT(tuple))->datistemplate)
		strlcpy(own_name, NameStr(((Form_pg_database) GETSTRUCT(tuple))->datname),
				sizeof(own_name));
	own_name_known = true;
	ReleaseSysCache(tuple);
}

/* Whether this session's database is a template. Within a transaction. */
bool
pgnet_is_template(void)
{
	pgnet_learn_own_database();
	return own_name[0] == '\0';
}

/*
 * The slot of this database. One that * stands for gets one when it needs it, and is known by its name of today: a scout, which
 * looks after ALTER DATABASE, may be on its way only.
 */
static WorkerSlot *
slot_for_requests(void)
{
	WorkerSlot *slot = pgnet_slot_of_database(MyDatabaseId);

	if (own_name[0] == '\0')
		return slot;
	if (slot == NULL && pgnet_shared->serves_all)
	{
		slot = pgnet_slot_assign(own_name, MyDatabaseId);
		pgnet_wake_launcher();
	}
	else if (slot != NULL && !slot->named)
		pgnet_slot_rename(slot, own_name);
	return slot;
}

/* Wakes a worker to which something was handed over. */
static void
tell_of_work(WorkerSlot *slot)
{
	if (slot->latch != NULL)
		SetLatch(slot->latch);
	else if (slot->resting)
		pgnet_wake_launcher();
}

/*
 * Hands committed ids to the worker of this database, if there is one, and wakes it; and whether some of them have order keys.
 * Runs after the commit, so it must not fail.
 */
void
pgnet_hand_over(const Committed *committed, int count, bool keyed)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = slot_for_requests();
	if (slot != NULL)
	{
		for (int i = 0; i < count; i++)
		{
			pgnet_ring_push(&slot->ring, &committed[i]);
			/* among all requests there may be scheduled ones that nobody remembers */
			if (committed[i].lane == LANE_MIXED && committed[i].ids.first == ALL_IDS.first)
				slot->next_due = DT_NOBEGIN;
		}
		slot->ring.keyed |= keyed;
		tell_of_work(slot);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* The same of all ids: whoever hands over does not know which. */
void
pgnet_hand_over_all(void)
{
	Committed all = MIXED_IDS(ALL_IDS);

	pgnet_hand_over(&all, 1, false);
	pgnet_hand_over_removal();
}

/*
 * Tells the running worker of this database that requests were removed or changed, which it may hold. Runs after the commit, so
 * it must not fail.
 */
void
pgnet_hand_over_removal(void)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL)
	{
		slot->removals++;
		if (slot->latch != NULL)
			SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/* How often that was, for the worker. */
uint64
pgnet_removals_so_far(void)
{
	uint64 removals;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	removals = pgnet_my_slot->removals;
	LWLockRelease(pgnet_shared->slots_lock);
	return removals;
}

/*
 * Tells the worker of this database, if there is one, of the moment at which a request is due, and wakes it to note that.
 * Runs after the commit, so it must not fail.
 */
void
pgnet_hand_over_due(TimestampTz due)
{
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	slot = slot_for_requests();
	if (slot != NULL)
	{
		slot->next_due = Min(slot->next_due, due);
		tell_of_work(slot);
	}
	LWLockRelease(pgnet_shared->slots_lock);
}

/*
 * Takes what was handed over to this worker: ids, for which there is room for PGNET_RING_SIZE entries, whether there may be
 * requests with order keys among them, and the next moment, DT_NOEND for none. Returns how many entries there were.
 */
int
pgnet_take_over(Committed *entries, bool *keyed, TimestampTz *next_due)
{
	int count;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	count = pgnet_ring_take(&pgnet_my_slot->ring, entries, keyed);
	*next_due = pgnet_my_slot->next_due;
	pgnet_my_slot->next_due = DT_NOEND;
	LWLockRelease(pgnet_shared->slots_lock);
	return count;
}
