/*
 * failed.h
 *		Requests for whose last attempt nothing was there, and that are due when their endpoint works again.
 */
#ifndef PGNET_FAILED_H
#define PGNET_FAILED_H

#include "postgres.h"

/* What was found among the rows beside the queue. */
typedef struct FailedRequests
{
	int count;
	int64 *ids;
	char **urls;     /* of each, in the database's encoding */
	int64 *messages; /* of each, 1 if it is of a webhook or signed, else 0: as Java takes them */
	int64 reached;   /* the highest id that was looked at */
	bool complete;   /* whether there is nothing behind it */
} FailedRequests;

extern FailedRequests pgnet_find_failed(Oid owner, int64 after, int limit);
extern void pgnet_hasten(const int64 *ids, int count);

#endif /* PGNET_FAILED_H */
