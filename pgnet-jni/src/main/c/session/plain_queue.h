/*
 * plain_queue.h
 *		Whether the queue is as the extension made it, so that a row may go there without a statement.
 */
#ifndef PGNET_PLAIN_QUEUE_H
#define PGNET_PLAIN_QUEUE_H

#include "postgres.h"

#include "utils/relcache.h"

/* The queue, open until the end of the transaction. */
typedef struct PlainQueue
{
	Relation table;
	const AttrNumber *attributes;
	Oid key;      /* the index of its primary key */
	Oid sequence; /* of its ids */
} PlainQueue;

extern bool pgnet_open_plain_queue(PlainQueue *queue, int given_columns);

#endif /* PGNET_PLAIN_QUEUE_H */
