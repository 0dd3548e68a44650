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

/*
 * net._is_sent(request_id bigint): whether the worker has begun the request and not recorded its outcome. The places are 32
 * kB or less in the middle of a page cache, read as they are: the worker stores the state of a place behind its id.
 */
Datum
pgnet_is_sent(PG_FUNCTION_ARGS)
{
	int64 id = PG_GETARG_INT64(0);
	int first = (int) (id & (PGNET_JOURNAL_PLACES - 1));
	int count = Min(PGNET_JOURNAL_NEIGHBOURS, PGNET_JOURNAL_PLACES - first);
	bool *runs = fcinfo->flinfo->fn_extra;

	if (pgnet_shared == NULL)
		PG_RETURN_BOOL(false);
	if (runs == NULL)
	{
		runs = fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(bool));
		*runs = worker_runs() && open_journal() && is_known();
	}
	PG_RETURN_BOOL(*runs &&
				   (holds(id, first, count) || holds(id, 0, PGNET_JOURNAL_NEIGHBOURS - count)));
}
