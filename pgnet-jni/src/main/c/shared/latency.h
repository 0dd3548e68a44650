/*
 * latency.h
 *		How long the attempts of roles took at origins, in shared memory: for 200 pairs of role and origin, of all databases.
 */
#ifndef PGNET_LATENCY_H
#define PGNET_LATENCY_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "shared/histogram.h"

#define PGNET_MOST_LATENCIES 200

/* Of one role's requests to one origin. Its database's worker writes it, and nobody else while that has a process. */
typedef struct Latency
{
	pg_atomic_uint32 version; /* odd while it changes hands */
	Oid database;             /* InvalidOid when it is free */
	Oid owner;
	int64 origin; /* see origin.h */
	TimestampTz since;
	volatile uint32 recent; /* how many lately: halved for each minute that has passed */
	volatile uint32 minute;
	bool wanted; /* the worker of another database has more use for it */
	Histogram histogram;
} Latency;

StaticAssertDecl(sizeof(Latency) < 2048, "200 of them are less than 400 kB");

typedef struct LatencyBoard
{
	pg_atomic_uint32 wishes; /* grows with each that is wanted */
	Latency latencies[PGNET_MOST_LATENCIES];
} LatencyBoard;

/* Percentiles, in microseconds. */
typedef struct Percentiles
{
	double p50;
	double p90;
	double p99;
	TimestampTz since;
} Percentiles;

extern void pgnet_latency_board_init(LatencyBoard *board);

/* the worker's */
extern void pgnet_latencies_begin(void);
extern void pgnet_latencies_note(Oid owner, Datum url, int64 micros);
extern void pgnet_latencies_count(void);
extern void pgnet_latencies_yield(void);

/* any session's; false when nothing is counted */
extern bool pgnet_percentiles_of_flow(Oid owner, int64 origin, Percentiles *out);
extern bool pgnet_percentiles_here(Percentiles *out);

#endif /* PGNET_LATENCY_H */
