/*
 * journal_file.h
 *		Where the journal of a database's worker is, see worker/journal.c, and what is in it. Sessions read it.
 */
#ifndef PGNET_JOURNAL_FILE_H
#define PGNET_JOURNAL_FILE_H

#include "postgres.h"
#include "datatype/timestamp.h"

/* changes with the layout of all but the requests */
#define PGNET_JOURNAL_MAGIC UINT64CONST(0x70676e6574000004)

/*
 * Memory for the requests in flight, which the Java side lays out (org.pgnet.worker.recovery.Journal): room for as many as
 * pg_net.batch_size allows.
 */
#define PGNET_JOURNAL_REQUESTS_BYTES (769 * 1024)

#define PGNET_JOURNAL_REASON_BYTES 256

typedef enum JournalState
{
	ENDED_IN_ORDER, /* in a new file */
	RUNNING,        /* found in the file by the next process: the last one was killed */
	PAUSING         /* ended abnormally, and the next one has not begun to run */
} JournalState;

typedef struct Journal
{
	uint64 magic;
	char boot_id[40]; /* which run of the machine wrote this */
	volatile int32 state;
	int32 ends_in_a_row;
	int32 abnormal_end; /* 1 until the Java side has counted it for the requests in flight */
	TimestampTz running_since;
	TimestampTz pause_until;
	TimestampTz first_end; /* of those in a row */
	TimestampTz last_end;
	char
		last_reason[PGNET_JOURNAL_REASON_BYTES]; /* of the last of them; empty when it was killed */
	char requests[PGNET_JOURNAL_REQUESTS_BYTES];
} Journal;

/* One request, as the Java side stores it. A test compares this, and the numbers below, with the Java side. */
typedef struct JournalPlace
{
	int32 state;
	int16 ends;
	int16 sendings;
	int64 version;
	int64 id;
} JournalPlace;

#define PGNET_JOURNAL_IN_FLIGHT 1

/* the places: a power of two; a request has that of its id or one of the next ones */
#define PGNET_JOURNAL_PLACES 32768
#define PGNET_JOURNAL_NEIGHBOURS 16

/* behind the places, so that nobody reads another layout */
#define PGNET_JOURNAL_LAYOUT UINT64CONST(0x70676e6574000003)

extern char *pgnet_journal_path(Oid database);
extern void pgnet_journal_remove(Oid database);

#endif /* PGNET_JOURNAL_FILE_H */
