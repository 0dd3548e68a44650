/*
 * in_flight.c
 *		net._is_sent: whether a request is in flight. The worker notes that for its own sake, in a file of its database
 *		(worker/journal.c), so nobody is asked, and a request costs nothing more.
 */
#include "session/served.h"
#include "shared/journal_file.h"
#include "shared/memory.h"

#include <fcntl.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/wait_event.h"

PG_FUNCTION_INFO_V1(pgnet_is_sent);

/* a statement that asks for more requests reads all places at once */
#define MOST_ONE_BY_ONE 100

/* the open journal of this database; 0 for none, which is no file */
static File journal = 0;

/* Whether a worker serves this database now; what another one has left in its file tells nothing. */
static bool
worker_runs(void)
{
	WorkerSlot *slot;
	bool runs;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	slot = pgnet_slot_of_database(MyDatabaseId);
	runs = slot != NULL && slot->pid != 0 && slot->serving;
	LWLockRelease(pgnet_shared->slots_lock);
	return runs;
}

/* Opens the journal, if there is one. The worker never makes another file while the server runs. */
static bool
open_journal(void)
{
	if (journal <= 0)
		journal = PathNameOpenFile(pgnet_journal_path(MyDatabaseId), O_RDONLY | PG_BINARY);
	return journal > 0;
}

/* Reads a part of the journal; false when it is not there. */
static bool
read_part(void *out, Size size, off_t from)
{
	return FileRead(journal, out, size, from, PG_WAIT_EXTENSION) == (ssize_t) size;
}

/* Whether the open file is one that the worker of this release keeps. */
static bool
is_known(void)
{
	uint64 magic;
	uint64 layout;

	return read_part(&magic, sizeof(magic), offsetof(Journal, magic)) &&
		   magic == PGNET_JOURNAL_MAGIC &&
		   read_part(&layout, sizeof(layout),
					 offsetof(Journal, requests) + sizeof(JournalPlace) * PGNET_JOURNAL_PLACES) &&
		   layout == PGNET_JOURNAL_LAYOUT;
}

/* Whether some places, which follow each other, hold a request in flight. */
static bool
holds(int64 id, int first, int count)
{
	JournalPlace places[PGNET_JOURNAL_NEIGHBOURS];

	if (count == 0 || !read_part(places, sizeof(JournalPlace) * count,
								 offsetof(Journal, requests) + sizeof(JournalPlace) * first))
		return false;
	for (int i = 0; i < count; i++)
		if (places[i].id == id && places[i].state == PGNET_JOURNAL_IN_FLIGHT)
			return true;
	return false;
}

/* For qsort() and bsearch(). */
static int
compare_ids(const void *left, const void *right)
{
	int64 a = *(const int64 *) left;
	int64 b = *(const int64 *) right;

	return a < b ? -1 : a > b;
}

/* What one statement knows. */
typedef struct InFlight
{
	bool runs;  /* there is a worker, and its journal is open */
	int asked;  /* how often */
	int64 *all; /* the ids of all requests in flight, ascending; NULL when they were not read */
	int count;
} InFlight;

/* Reads all places: a statement that asks for many requests need not look for each. */
static void
read_all(InFlight *known, MemoryContext context)
{
	Size bytes = sizeof(JournalPlace) * PGNET_JOURNAL_PLACES;
	JournalPlace *places = palloc(bytes);

	known->all = MemoryContextAlloc(context, sizeof(int64) * PGNET_JOURNAL_PLACES);
	if (read_part(places, bytes, offsetof(Journal, requests)))
		for (int i = 0; i < PGNET_JOURNAL_PLACES; i++)
			if (places[i].state == PGNET_JOURNAL_IN_FLIGHT)
				known->all[known->count++] = places[i].id;
	pfree(places);
	known->all = repalloc(known->all, sizeof(int64) * (known->count + 1));
	qsort(known->all, known->count, sizeof(int64), compare_ids);
}

/* Whether a request is in flight, by the place of its id and those behind it. */
static bool
look_up(int64 id)
{
	int first = (int) (id & (PGNET_JOURNAL_PLACES - 1));
	int count = Min(PGNET_JOURNAL_NEIGHBOURS, PGNET_JOURNAL_PLACES - first);

	return holds(id, first, count) || holds(id, 0, PGNET_JOURNAL_NEIGHBOURS - count);
}

/*
 * net._is_sent(request_id bigint): whether the worker has begun the request and not recorded its outcome. A place is read while
 * the worker writes: it stores the state behind the id.
 */
Datum
pgnet_is_sent(PG_FUNCTION_ARGS)
{
	int64 id = PG_GETARG_INT64(0);
	InFlight *known = fcinfo->flinfo->fn_extra;

	if (pgnet_shared == NULL)
		PG_RETURN_BOOL(false);
	if (known == NULL)
	{
		known = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(InFlight));
		known->runs = worker_runs() && open_journal() && is_known();
	}
	if (!known->runs)
		PG_RETURN_BOOL(false);
	if (known->all == NULL && known->asked++ < MOST_ONE_BY_ONE)
		PG_RETURN_BOOL(look_up(id));
	if (known->all == NULL)
		read_all(known, fcinfo->flinfo->fn_mcxt);
	PG_RETURN_BOOL(bsearch(&id, known->all, known->count, sizeof(int64), compare_ids) != NULL);
}
