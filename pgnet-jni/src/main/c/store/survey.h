/*
 * survey.h
 *		Which requests of a range are due, by their narrow columns alone.
 */
#ifndef PGNET_SURVEY_H
#define PGNET_SURVEY_H

#include "postgres.h"
#include "datatype/timestamp.h"

/* A request that is due, and what is kept of it beside the queue. */
typedef struct DueKey
{
	int64 id;
	int64 version;
	Oid owner;
	bool has_delivery;
	int32 attempts;
	int32 counted;
	TimestampTz first_due;
} DueKey;

typedef struct Survey
{
	DueKey *due; /* in the order of their ids */
	int count;
	int64 last;    /* the last id that was looked at */
	bool complete; /* whether nothing is behind it in the range */
} Survey;

extern Survey pgnet_survey(int64 first, int64 last, int limit);
extern Datum pgnet_survey_ids(const Survey *survey);

#endif /* PGNET_SURVEY_H */
