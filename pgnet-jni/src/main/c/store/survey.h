/*
 * survey.h
 *		Which requests are due, by their narrow columns alone.
 */
#ifndef PGNET_SURVEY_H
#define PGNET_SURVEY_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "shared/lane.h"

/* A request that may be sent, and what is kept of it beside the queue. */
typedef struct DueKey
{
	int64 id;
	int64 version;
	Oid owner;
	Lane lane;
	int64 order_key; /* 0 for none */
	int64 origin;    /* of the endpoint; see shared/origin.h */
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
	int rows;      /* how many were looked at */
} Survey;

extern Survey pgnet_survey(int64 first, int64 last, int limit);
extern Survey pgnet_survey_of(Datum ids, int count);
extern Survey pgnet_survey_far(int64 first, int64 last);
extern Datum pgnet_survey_ids(const Survey *survey);

/* So many follow each other in the queue, of one owner, to one origin, in one lane. */
typedef struct Run
{
	int64 first;
	int64 last;
	Oid owner;
	int64 origin;
	Lane lane;
	int count;
} Run;

typedef struct Runs
{
	Run *runs;
	int count;
	int64 last;    /* the last id that was looked at */
	bool complete; /* whether nothing is behind it in the range */
	int rows;      /* how many were looked at */
} Runs;

extern Runs pgnet_survey_runs(int64 first, int64 last);

#endif /* PGNET_SURVEY_H */
