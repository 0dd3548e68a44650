/*
 * response.h
 *		Rows of net._http_response and net._response_detail on their way into the tables.
 */
#ifndef PGNET_RESPONSE_H
#define PGNET_RESPONSE_H

#include "store/outcome.h"

/* What the queue row of an outcome holds for the row of detail. */
typedef struct QueueRow
{
	NullableDatum method;
	NullableDatum url;
	NullableDatum owner;
	NullableDatum context;
} QueueRow;

/* All but begin need the SPI connection that was open when it was called. */
extern void pgnet_responses_begin(bool replace);
extern void pgnet_responses_add(const Outcome *outcome, const QueueRow *row);
extern void pgnet_responses_insert(void);

#endif /* PGNET_RESPONSE_H */
