/*
 * stored_part.h
 *		How much of its response a request wants to have stored.
 */
#ifndef PGNET_STORED_PART_H
#define PGNET_STORED_PART_H

#include "store/outcome.h"

typedef enum StoredPart
{
	STORED_WHOLE,
	STORED_STATUS, /* without headers and content */
	STORED_NOTHING
} StoredPart;

extern StoredPart pgnet_stored_part(NullableDatum store, int32 status);
extern Outcome pgnet_status_alone(const Outcome *outcome);

#endif /* PGNET_STORED_PART_H */
