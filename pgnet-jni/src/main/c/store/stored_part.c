/*
 * stored_part.c
 *		How much of its response a request wants to have stored.
 */
#include "store/stored_part.h"

#include "utils/builtins.h"

/* What is stored of a response with this status, 0 for none, when its request or its host says this; null is all of it. */
StoredPart
pgnet_stored_part(NullableDatum store, int32 status)
{
	char *wanted;

	if (store.isnull)
		return STORED_WHOLE;
	wanted = TextDatumGetCString(store.value);
	if (strcmp(wanted, "status") == 0)
		return STORED_STATUS;
	if (strcmp(wanted, "failures") == 0 && status / 100 == 2)
		return STORED_NOTHING;
	return STORED_WHOLE;
}

/* The outcome without what its server sent but the status and the type of its content. */
Outcome
pgnet_status_alone(const Outcome *outcome)
{
	Outcome bare = *outcome;

	bare.headers = NULL;
	bare.headers_length = 0;
	bare.body_length = 0;
	return bare;
}
