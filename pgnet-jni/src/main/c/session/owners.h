/*
 * owners.h
 *		Whose responses are: what net._response_detail says, read ahead for queries that go through many.
 */
#ifndef PGNET_OWNERS_H
#define PGNET_OWNERS_H

#include "postgres.h"
#include "utils/snapshot.h"

/* an index page has more, a query that stops early reads so many for nothing */
#define PGNET_MOST_OWNERS 256

/* What is known of the responses in a range of ids: nothing stands beside those that are not among the ids. */
typedef struct Owners
{
	int64 first;
	int64 last;
	int count;
	int64 ids[PGNET_MOST_OWNERS]; /* ascending */
	Oid owners[PGNET_MOST_OWNERS];
	Oid table_owner;
	int ahead; /* how many were to be read; 0: nothing is known */

	/* the snapshot that they were read with */
	TransactionId xmin;
	TransactionId xmax;
	uint32 running;
	int32 running_subtransactions;
	CommandId command;
	SubTransactionId subtransaction;
} Owners;

extern Oid pgnet_owner_of(Owners *known, int64 id, Snapshot snapshot);

#endif /* PGNET_OWNERS_H */
