/*
 * due.h
 *		Requests whose time has come, and the rows beside the queue that say when it does.
 */
#ifndef PGNET_DUE_H
#define PGNET_DUE_H

#include "postgres.h"
#include "datatype/timestamp.h"

/* What became of a look for requests that are due. */
typedef struct DueRequests
{
	int count;
	int64 *ids;          /* in the order of their moments */
	TimestampTz reached; /* the moment of the last one, and its id: where the next look goes on */
	int64 reached_id;
	TimestampTz next; /* when the next look finds something, DT_NOEND for never */
} DueRequests;

extern bool pgnet_is_delivery_expected(void);
extern void pgnet_expect_delivery(void);
extern DueRequests pgnet_find_due(TimestampTz reached, int64 reached_id, int limit);
extern void pgnet_schedule_anew(Datum *ids, Datum *keys, int count);

#endif /* PGNET_DUE_H */
