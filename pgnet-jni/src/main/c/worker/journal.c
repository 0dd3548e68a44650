/*
 * journal.c
 *		What is known of a worker after its process was killed: whether it was running, how often in a row it ended so, and
 *		which requests were in flight.
 *
 * The crash of a process makes the postmaster throw the shared memory away, so this is a file of each worker that is
 * mapped: what is written is plain stores, and the pages outlive the process, the postmaster and a restart. They need not
 * outlive the machine: a machine that stops is no fault of the worker, and what was on its disk is then a mixture.
 *
 * The file is in pg_stat_tmp, which pg_basebackup and pg_rewind leave out: a copy of the cluster has ended nothing.
 * Without a file the worker works as well, and forgets.
 */
#include "worker/journal.h"
#include "shared/journal_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* at a worker that ran so long, counting begins anew */
#define LONG_RUN_MILLIS (5 * 60 * 1000)

#define FIRST_PAUSE_MILLIS 1000L
#define LONGEST_PAUSE_MILLIS (60 * 1000L)

StaticAssertDecl(offsetof(Journal, requests) % 8 == 0, "the Java side stores 8 bytes at a time");

static Journal *journal = NULL;

/* Reads what names this run of the machine; empty when it cannot be read. */
static void
read_boot_id(char *boot_id, int size)
{
	int fd = OpenTransientFile("/proc/sys/kernel/random/boot_id", O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, boot_id, size - 1);

	boot_id[Max(length, 0)] = '\0';
	if (fd >= 0)
		CloseTransientFile(fd);
}

/* Whether the file is a journal that this run of the machine wrote. */
static bool
is_valid(int fd, const char *boot_id)
{
	struct stat status;
	uint64 magic;
	char written_by[sizeof(journal->boot_id)];

	return fstat(fd, &status) == 0 && status.st_size == sizeof(Journal) &&
		   pread(fd, &magic, sizeof(magic), offsetof(Journal, magic)) == sizeof(magic) &&
		   magic == PGNET_JOURNAL_MAGIC &&
		   pread(fd, written_by, sizeof(written_by), offsetof(Journal, boot_id)) ==
			   sizeof(written_by) &&
		   strncmp(written_by, boot_id, sizeof(written_by)) == 0;
}

/* Fills the file with zeros. Its blocks are reserved: on a full disk a store to a mapped hole would be a SIGBUS. */
static bool
make_empty(int fd)
{
	if (ftruncate(fd, 0) != 0)
		return false;
	errno = posix_fallocate(fd, 0, sizeof(Journal));
	return errno == 0;
}

/* Maps the file; NULL, with errno set, when that is not possible. */
static Journal *
map_file(const char *path, const char *boot_id)
{
	int fd = OpenTransientFile(path, O_RDWR | O_CREAT | O_CLOEXEC);
	void *mapped = MAP_FAILED;
	int save_errno;

	if (fd < 0)
		return NULL;
	if (is_valid(fd, boot_id) || make_empty(fd))
		mapped = mmap(NULL, sizeof(Journal), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	save_errno = errno;
	CloseTransientFile(fd);
	if (mapped == MAP_FAILED)
		unlink(path);
	errno = save_errno;
	return mapped == MAP_FAILED ? NULL : mapped;
}

/* Opens the journal of a database's worker, and notes the abnormal end that it may tell of. */
void
pgnet_journal_open(Oid database)
{
	char *path = pgnet_journal_path(database);
	char boot_id[sizeof(journal->boot_id)] = "";

	read_boot_id(boot_id, sizeof(boot_id));
	journal = map_file(path, boot_id);
	if (journal == NULL)
	{
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("pg_net worker could not create file \"%s\": %m", path),
				 errdetail("If it is killed, it will not know which requests were in flight.")));
		journal = MemoryContextAllocZero(TopMemoryContext, sizeof(Journal));
	}
	journal->magic = PGNET_JOURNAL_MAGIC;
	memcpy(journal->boot_id, boot_id, sizeof(boot_id));
	if (journal->state == RUNNING)
		(void) pgnet_journal_ended_abnormally();
}

/* The worker runs from here on: unless it says otherwise, its end is abnormal. */
void
pgnet_journal_running(void)
{
	journal->running_since = GetCurrentTimestamp();
	journal->state = RUNNING;
}

/* The process ends, and it is not its fault. Called by signal handlers too. */
void
pgnet_journal_ended_in_order(void)
{
	if (journal != NULL)
		journal->state = ENDED_IN_ORDER;
}

/* The process ended, or ends, as it should not. Returns the milliseconds until the next one may run. */
long
pgnet_journal_ended_abnormally(void)
{
	TimestampTz now = GetCurrentTimestamp();
	long pause;

	if (TimestampDifferenceExceeds(journal->running_since, now, LONG_RUN_MILLIS))
		journal->ends_in_a_row = 0;
	if (journal->ends_in_a_row == 0)
		journal->first_end = now;
	journal->last_end = now;
	journal->last_reason[0] = '\0';
	pause = FIRST_PAUSE_MILLIS << Min(journal->ends_in_a_row, 10);
	pause = Min(pause, LONGEST_PAUSE_MILLIS);
	journal->ends_in_a_row++;
	journal->abnormal_end = 1;
	journal->pause_until = TimestampTzPlusMilliseconds(now, pause);
	journal->state = PAUSING;
	return pause;
}

/* Why it ended so, if it could say it. */
void
pgnet_journal_reason(const char *reason)
{
	if (journal != NULL)
		strlcpy(journal->last_reason, reason, sizeof(journal->last_reason));
}

/* The worker gets on: the next abnormal end is the first of a row. */
void
pgnet_journal_progress(void)
{
	journal->ends_in_a_row = 0;
}

/* The milliseconds that are left of the pause after an abnormal end; 0 without one. */
long
pgnet_journal_pause_millis(void)
{
	long left;

	if (journal->state != PAUSING)
		return 0;
	left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), journal->pause_until);
	return left > LONGEST_PAUSE_MILLIS ? 0 : left; /* the clock was set back */
}

/* How many ends in a row were abnormal. */
int
pgnet_journal_ends_in_a_row(void)
{
	return journal->ends_in_a_row;
}

/* The memory for the requests in flight, PGNET_JOURNAL_REQUESTS_BYTES, at a multiple of 8; zeros when it is new. */
void *
pgnet_journal_requests(void)
{
	return journal->requests;
}

/* Whether the last process ended abnormally, so that what it had in flight was so at an abnormal end; true once. */
bool
pgnet_journal_take_abnormal_end(void)
{
	bool taken = journal->abnormal_end != 0;

	journal->abnormal_end = 0;
	return taken;
}
