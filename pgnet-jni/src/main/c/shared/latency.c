/*
 * latency.c
 *		How long attempts took: counted by the worker when they are recorded, read by sessions.
 *
 * There are fewer histograms than there can be pairs of role and origin. A pair that has none asks for one when it is seen for
 * the first time, and whenever it has been seen twice as often since. When none is free, the role that has most of them gives
 * the one that is least used, and of roles that have as many it is the less busy pair that has to go: so one role that calls
 * very many hosts pushes out its own. A histogram is taken from the worker of another database only by asking it: so none ever
 * has two writers.
 */
#include "shared/latency.h"
#include "shared/memory.h"
#include "shared/origin.h"

#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* of more pairs that have none the worker forgets how often it has seen them */
#define MOST_PAIRS 1000

/* So often one transaction looks who has most of them: it takes as long as to send a request. */
#define MOST_SEARCHES 64

/* What the worker knows of a pair. */
typedef struct Pair
{
	struct
	{
		int64 origin;
		int64 owner;
	} key;
	Latency *latency; /* NULL for none */
	uint32 seen;      /* without one */
} Pair;

/* An attempt of the transaction that runs. */
typedef struct Note
{
	int64 origin;
	int64 owner;
	int64 micros;
} Note;

static HTAB *pairs = NULL;
static int searches = 0; /* for this transaction */
static uint32 heard_wishes = 0;

static Note *notes = NULL;
static int note_count = 0;
static int note_room = 0;

/* None is taken. */
void
pgnet_latency_board_init(LatencyBoard *board)
{
	pg_atomic_init_u32(&board->wishes, 0);
	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
		pg_atomic_init_u32(&board->latencies[i].version, 0);
}

/* The attempts of a transaction begin. */
void
pgnet_latencies_begin(void)
{
	note_count = 0;
}

/* Notes an attempt, which counts when its transaction has committed. */
void
pgnet_latencies_note(Oid owner, Datum url, int64 micros)
{
	if (note_count == note_room)
	{
		note_room = Max(256, 2 * note_room);
		notes = notes == NULL ? MemoryContextAlloc(TopMemoryContext, sizeof(Note) * note_room)
							  : repalloc(notes, sizeof(Note) * note_room);
	}
	notes[note_count++] = (Note){pgnet_origin_number(url), owner, micros};
}

/* The minutes since 2000, by which use is told. */
static uint32
current_minute(void)
{
	return (uint32) (GetCurrentTimestamp() / (60 * USECS_PER_SEC));
}

/* How many of a histogram were lately. */
static uint32
recent_of(const Latency *latency, uint32 minute)
{
	return latency->recent >> Min(31, minute - Min(minute, latency->minute));
}

/* Whether the worker of a database has a process, which then writes. Needs the lock of the slots. */
static bool
has_writer(Oid database)
{
	WorkerSlot *slot = pgnet_slot_of_database(database);

	return slot != NULL && slot->pid != 0;
}

/* Makes a histogram one of this worker's, from 0. Needs the lock of the latencies. */
static void
take(Latency *latency, const Pair *pair)
{
	(void) pg_atomic_fetch_add_u32(&latency->version, 1);
	latency->database = MyDatabaseId;
	latency->owner = (Oid) pair->key.owner;
	latency->origin = pair->key.origin;
	latency->since = GetCurrentTimestamp();
	latency->recent = 0;
	latency->minute = 0;
	latency->wanted = false;
	pgnet_histogram_clear(&latency->histogram);
	(void) pg_atomic_fetch_add_u32(&latency->version, 1);
}

/* Forgets that a pair of this worker's has this histogram. */
static void
forget(const Latency *latency)
{
	HASH_SEQ_STATUS all;
	Pair *pair;

	hash_seq_init(&all, pairs);
	while ((pair = hash_seq_search(&all)) != NULL)
		if (pair->latency == latency)
			pair->latency = NULL;
}

static bool
is_of(const Latency *latency, Oid database, Oid owner)
{
	return latency->database == database && latency->owner == owner;
}

/* How many histograms a role of a database has. */
static int
count_of(const LatencyBoard *board, Oid database, Oid owner)
{
	int count = 0;

	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
		if (is_of(&board->latencies[i], database, owner))
			count++;
	return count;
}

/* The same for each histogram's role, which is counted once: mostly all are of one. */
static void
count_each(const LatencyBoard *board, int *counts)
{
	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
	{
		const Latency *each = &board->latencies[i];
		int first = 0;

		while (!is_of(&board->latencies[first], each->database, each->owner))
			first++;
		counts[i] = first < i ? counts[first] : count_of(board, each->database, each->owner);
	}
}

/* The one that has to go, for a pair that was seen so often; NULL when each has more use. */
static Latency *
find_victim(LatencyBoard *board, const Pair *pair, uint32 minute)
{
	int own = count_of(board, MyDatabaseId, (Oid) pair->key.owner);
	int most = 0;
	int counts[PGNET_MOST_LATENCIES];
	Latency *victim = NULL;

	count_each(board, counts);
	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
		most = Max(most, counts[i]);
	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
	{
		Latency *each = &board->latencies[i];

		if (counts[i] == most && !each->wanted &&
			(victim == NULL || recent_of(each, minute) < recent_of(victim, minute)))
			victim = each;
	}
	/* nothing would be gained by a turn the other way round */
	if (victim != NULL && own + 1 >= most && recent_of(victim, minute) >= pair->seen)
		return NULL;
	return victim;
}

/* The one that belongs to a pair already, or a free one; NULL for neither. */
static Latency *
find_own_or_free(LatencyBoard *board, const Pair *pair)
{
	Latency *free_one = NULL;

	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
	{
		Latency *each = &board->latencies[i];

		if (each->database == MyDatabaseId && each->owner == (Oid) pair->key.owner &&
			each->origin == pair->key.origin)
			return each;
		if (free_one == NULL && !OidIsValid(each->database))
			free_one = each;
	}
	if (free_one != NULL)
		take(free_one, pair);
	return free_one;
}

/* Has the worker that writes a histogram give it back. Needs the lock of the slots. */
static void
ask_for(LatencyBoard *board, Latency *latency)
{
	WorkerSlot *slot = pgnet_slot_of_database(latency->database);

	latency->wanted = true;
	(void) pg_atomic_fetch_add_u32(&board->wishes, 1);
	if (slot->latch != NULL)
		SetLatch(slot->latch);
}

/* Gives a pair a histogram, if one can be had now. */
static void
claim(Pair *pair)
{
	LatencyBoard *board = &pgnet_shared->latency_board;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	LWLockAcquire(pgnet_shared->latencies_lock, LW_EXCLUSIVE);
	pair->latency = find_own_or_free(board, pair);
	if (pair->latency == NULL && searches++ < MOST_SEARCHES)
	{
		Latency *victim = find_victim(board, pair, current_minute());

		if (victim != NULL && victim->database != MyDatabaseId && has_writer(victim->database))
			ask_for(board, victim);
		else if (victim != NULL)
		{
			forget(victim);
			take(victim, pair);
			pair->latency = victim;
		}
	}
	LWLockRelease(pgnet_shared->latencies_lock);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Forgets the pairs that have no histogram. */
static void
forget_others(void)
{
	HASH_SEQ_STATUS all;
	Pair *pair;

	hash_seq_init(&all, pairs);
	while ((pair = hash_seq_search(&all)) != NULL)
		if (pair->latency == NULL)
			(void) hash_search(pairs, &pair->key, HASH_REMOVE, NULL);
}

/* What is known of a pair. */
static Pair *
pair_of(const Note *note)
{
	Pair key = {.key = {note->origin, note->owner}};
	Pair *pair;
	bool found;

	if (pairs == NULL)
	{
		HASHCTL control = {.keysize = sizeof(key.key), .entrysize = sizeof(Pair)};

		pairs = hash_create("pg_net latencies", 256, &control, HASH_ELEM | HASH_BLOBS);
	}
	if (hash_get_num_entries(pairs) >= MOST_PAIRS + PGNET_MOST_LATENCIES)
		forget_others();
	pair = hash_search(pairs, &key.key, HASH_ENTER, &found);
	if (!found)
	{
		pair->latency = NULL;
		pair->seen = 0;
	}
	return pair;
}

/* Counts an attempt of a pair. */
static void
count(const Note *note, uint32 minute)
{
	Pair *pair = pair_of(note);

	if (pair->latency == NULL)
	{
		pair->seen++;
		if ((pair->seen & (pair->seen - 1)) == 0)
			claim(pair);
	}
	if (pair->latency != NULL)
	{
		pair->latency->recent = recent_of(pair->latency, minute) + 1;
		pair->latency->minute = minute;
		pgnet_histogram_add(&pair->latency->histogram, note->micros);
	}
}

/* Counts what was noted: its transaction has committed. */
void
pgnet_latencies_count(void)
{
	uint32 minute = note_count == 0 ? 0 : current_minute();

	searches = 0;
	for (int i = 0; i < note_count; i++)
	{
		pgnet_histogram_add(&pgnet_my_slot->latency, notes[i].micros);
		if (notes[i].origin != PGNET_UNKNOWN_ORIGIN)
			count(&notes[i], minute);
	}
	note_count = 0;
}

/* Gives back what other workers have asked for. */
void
pgnet_latencies_yield(void)
{
	LatencyBoard *board = &pgnet_shared->latency_board;
	uint32 wishes = pg_atomic_read_u32(&board->wishes);

	if (wishes == heard_wishes)
		return;
	heard_wishes = wishes;
	LWLockAcquire(pgnet_shared->latencies_lock, LW_EXCLUSIVE);
	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
	{
		Latency *each = &board->latencies[i];

		if (!each->wanted || each->database != MyDatabaseId)
			continue;
		if (pairs != NULL)
			forget(each);
		(void) pg_atomic_fetch_add_u32(&each->version, 1);
		each->database = InvalidOid;
		each->wanted = false;
		(void) pg_atomic_fetch_add_u32(&each->version, 1);
	}
	LWLockRelease(pgnet_shared->latencies_lock);
}

/* Percentiles of a copy; false when it has counted nothing. */
static bool
reckon(const Histogram *copy, uint64 total, Percentiles *out)
{
	if (total == 0)
		return false;
	out->p50 = pgnet_percentile(copy, total, 50);
	out->p90 = pgnet_percentile(copy, total, 90);
	out->p99 = pgnet_percentile(copy, total, 99);
	return true;
}

/* Copies the histogram of a pair of this database, if it is that; false when it is not, or is not any more. */
static bool
copy_if_of(Latency *latency, Oid owner, int64 origin, Histogram *copy, uint64 *total,
		   TimestampTz *since)
{
	uint32 version = pg_atomic_read_u32(&latency->version);

	pg_read_barrier();
	if (version % 2 != 0 || latency->database != MyDatabaseId || latency->owner != owner ||
		latency->origin != origin)
		return false;
	*since = latency->since;
	*total = pgnet_histogram_copy(&latency->histogram, copy);
	pg_read_barrier();
	return pg_atomic_read_u32(&latency->version) == version;
}

/* What the attempts of a role's requests to an origin took, in this database. */
bool
pgnet_percentiles_of_flow(Oid owner, int64 origin, Percentiles *out)
{
	Histogram copy;
	uint64 total;

	for (int i = 0; i < PGNET_MOST_LATENCIES; i++)
		if (copy_if_of(&pgnet_shared->latency_board.latencies[i], owner, origin, &copy, &total,
					   &out->since))
			return reckon(&copy, total, out);
	return false;
}

/* What all attempts of this database took. */
bool
pgnet_percentiles_here(Percentiles *out)
{
	Histogram copy;
	uint64 total = 0;
	WorkerSlot *slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	slot = pgnet_slot_of_database(MyDatabaseId);
	if (slot != NULL)
	{
		total = pgnet_histogram_copy(&slot->latency, &copy);
		out->since = slot->counting_since;
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return reckon(&copy, total, out);
}
