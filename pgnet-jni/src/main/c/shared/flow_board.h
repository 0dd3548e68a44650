/*
 * flow_board.h
 *		What requests to hosts do now: asked of a worker, which writes it here, for the session that wants to know.
 */
#ifndef PGNET_FLOW_BOARD_H
#define PGNET_FLOW_BOARD_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "storage/condition_variable.h"

#define PGNET_MOST_FLOWS 200

/* how many texts the Java side has of a flow, numbers included */
#define PGNET_FLOW_TEXTS 17

/* What keeps requests that wait from starting, as in the enum Hindrance: the last two are only the turns of others. */
#define PGNET_HINDRANCES(NAME) \
	NAME(NOTHING)              \
	NAME(PAUSED)               \
	NAME(BREAKER)              \
	NAME(ASKED_TO_WAIT)        \
	NAME(RATE)                 \
	NAME(MAX_IN_FLIGHT)        \
	NAME(CONNECTIONS)          \
	NAME(SLOTS)

#define HINDRANCE_OF_NAME(name) HINDERED_BY_##name,

typedef enum Hindrance
{
	PGNET_HINDRANCES(HINDRANCE_OF_NAME) HINDRANCE_COUNT
} Hindrance;

/* What is done for one owner's requests to one origin, or for the messages to an endpoint of their own. The texts are in UTF-8. */
typedef struct Flow
{
	char origin[312];
	char sender[96]; /* whose messages; empty for requests to the origin */
	char reason[160];
	char breaker[16]; /* empty for none */
	char last_error[224];
	Oid owner;
	int64 number; /* of where they go, as the class OriginNumber has it */
	int64 waiting;
	int64 in_flight;
	double tokens;            /* less than 0 for none */
	TimestampTz paused_until; /* DT_NOBEGIN when it is not */
	TimestampTz broken_since; /* when the breaker opened; DT_NOBEGIN when it is closed */
	TimestampTz last_failed;  /* the attempt that last_error is of; DT_NOBEGIN for none */
	Hindrance hindrance;
	int64 started; /* this and the next since the worker started */
	int64 failed;
	int64 retried;
} Flow;

/* One answer at a time is enough: who finds that of another database asks again. */
typedef struct FlowBoard
{
	Oid database;
	uint64 number; /* of the answer */
	int count;
	Flow flows[PGNET_MOST_FLOWS];
	ConditionVariable answered;
} FlowBoard;

extern void pgnet_flow_board_init(FlowBoard *board);
extern bool pgnet_flows_wanted(void);
extern void pgnet_answer_flows(const Flow *flows, int count);
extern Flow *pgnet_ask_for_flows(int patience_millis, int *count);
extern bool pgnet_may_see_flow(const Flow *flow);

#endif /* PGNET_FLOW_BOARD_H */
