/*
 * flow_board.c
 *		What requests to hosts do now: asked of a worker, which writes it here, for the session that wants to know. While nobody
 *		asks, nothing is written.
 */
#include "shared/flow_board.h"
#include "shared/memory.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* Nothing is on the board. */
void
pgnet_flow_board_init(FlowBoard *board)
{
	ConditionVariableInit(&board->answered);
}

/* Whether somebody wants this worker's figures; true once. */
bool
pgnet_flows_wanted(void)
{
	if (!pgnet_my_slot->flows_wanted)
		return false;
	pgnet_my_slot->flows_wanted = false;
	return true;
}

/* Writes the figures of this worker's database. */
void
pgnet_answer_flows(const Flow *flows, int count)
{
	FlowBoard *board = &pgnet_shared->flow_board;

	LWLockAcquire(pgnet_shared->flows_lock, LW_EXCLUSIVE);
	board->database = MyDatabaseId;
	board->number++;
	board->count = Min(count, PGNET_MOST_FLOWS);
	memcpy(board->flows, flows, sizeof(Flow) * board->count);
	LWLockRelease(pgnet_shared->flows_lock);
	ConditionVariableBroadcast(&board->answered);
}

/* Asks the worker of this database; false when none runs. */
static bool
ask(void)
{
	WorkerSlot *slot;
	bool runs;

	LWLockAcquire(pgnet_shared->slots_lock, LW_SHARED);
	slot = pgnet_slot_of_database(MyDatabaseId);
	runs = slot != NULL && slot->latch != NULL && slot->connected;
	if (runs)
	{
		slot->flows_wanted = true;
		SetLatch(slot->latch);
	}
	LWLockRelease(pgnet_shared->slots_lock);
	return runs;
}

/* Takes what is on the board if it is newer than an answer of this number and of this database; NULL otherwise. */
static Flow *
take_newer(uint64 *number, bool *is_newer, int *count)
{
	FlowBoard *board = &pgnet_shared->flow_board;
	Flow *flows = NULL;

	LWLockAcquire(pgnet_shared->flows_lock, LW_SHARED);
	*is_newer = board->number > *number;
	*number = board->number;
	if (*is_newer && board->database == MyDatabaseId)
	{
		*count = board->count;
		flows = palloc(sizeof(Flow) * Max(1, board->count));
		memcpy(flows, board->flows, sizeof(Flow) * board->count);
	}
	LWLockRelease(pgnet_shared->flows_lock);
	return flows;
}

/*
 * The figures of this database's worker, palloc'd; NULL when none runs, or it does not answer in time: it may be in the middle
 * of a statement.
 */
Flow *
pgnet_ask_for_flows(int patience_millis, int *count)
{
	FlowBoard *board = &pgnet_shared->flow_board;
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), patience_millis);
	uint64 number = PG_UINT64_MAX;
	bool is_newer;
	Flow *flows;

	*count = 0;
	flows = take_newer(&number, &is_newer, count); /* learns the number */
	if (!ask())
		return NULL;
	ConditionVariablePrepareToSleep(&board->answered);
	while ((flows = take_newer(&number, &is_newer, count)) == NULL)
	{
		long millis = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);

		/* an answer for another database has taken the place of ours */
		if (millis <= 0 || (is_newer && !ask()))
			break;
		(void) ConditionVariableTimedSleep(&board->answered, millis, PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	return flows;
}

/* Whether the role in force is told of a flow: of the requests of roles whose rights it has, or of all. */
bool
pgnet_may_see_flow(const Flow *flow)
{
	return has_privs_of_role(GetUserId(), flow->owner) ||
		   has_privs_of_role(GetUserId(), ROLE_PG_MONITOR);
}
