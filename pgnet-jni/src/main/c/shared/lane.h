/*
 * lane.h
 *		Which requests of an owner and an origin go before others.
 */
#ifndef PGNET_LANE_H
#define PGNET_LANE_H

#include "postgres.h"
#include "fmgr.h"
#include "shared/compat.h"

/* The priorities, as in the enum Priority, and what else committed ids can be, as in org.pgnet.jni.Lane. */
#define PGNET_LANES(NAME)                                         \
	NAME(URGENT)                                                  \
	NAME(NORMAL)                                                  \
	NAME(BULK)                                                    \
	NAME(MIXED) /* of several owners or lanes, or nobody knows */ \
	NAME(KEY)   /* no ids: an order key whose first one has gone */

#define LANE_OF_NAME(name) LANE_##name,

typedef enum Lane
{
	PGNET_LANES(LANE_OF_NAME)
} Lane;

/* The lane of a priority; MIXED for a word that is none. */
static inline Lane
pgnet_lane_of(const char *priority, size_t length)
{
	if (length == 6 && strncmp(priority, "normal", 6) == 0)
		return LANE_NORMAL;
	if (length == 6 && strncmp(priority, "urgent", 6) == 0)
		return LANE_URGENT;
	if (length == 4 && strncmp(priority, "bulk", 4) == 0)
		return LANE_BULK;
	return LANE_MIXED;
}

/* The lane of a row with this priority, a text. */
static inline Lane
pgnet_lane(NullableDatum priority)
{
	text *word = priority.isnull ? NULL : DatumGetTextPP(priority.value);

	return word == NULL ? LANE_NORMAL : pgnet_lane_of(VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
}

#endif /* PGNET_LANE_H */
