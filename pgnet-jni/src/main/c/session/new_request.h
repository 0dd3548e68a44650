/*
 * new_request.h
 *		A request on its way into the queue.
 */
#ifndef PGNET_NEW_REQUEST_H
#define PGNET_NEW_REQUEST_H

#include "postgres.h"

#include "session/queue_columns.h"

/*
 * How many of the columns a function gives, the first ones: whoever may insert no others can call it. The rest take what the
 * table gives them.
 */
typedef enum GivenColumns
{
	GIVEN_WITHOUT_BODY = COLUMN_TIMEOUT + 1,
	GIVEN_WITH_BODY = COLUMN_BODY + 1,
	GIVEN_ALL = COLUMN_STORE + 1
} GivenColumns;

typedef struct NewRequest
{
	GivenColumns given;
	NullableDatum values[GIVEN_ALL]; /* those that are not given are null */
} NewRequest;

extern void pgnet_new_request(NewRequest *request, GivenColumns given);
extern NullableDatum pgnet_insert_request(const NewRequest *request);

#endif /* PGNET_NEW_REQUEST_H */
