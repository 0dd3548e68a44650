/*
 * enqueue.c
 *		The one way in: a trigger on the queue that checks each row and remembers its id, and the callback that hands the
 *		ids to the worker when the transaction has committed.
 */
#include "session/enqueue.h"
#include "session/delivery_check.h"
#include "session/details.h"
#include "session/hosts_change.h"
#include "session/queue_columns.h"
#include "session/replication.h"
#include "session/schedule.h"
#include "session/served.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "session/request_check.h"
#include "shared/hosts_table.h"
#include "shared/memory.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "shared/slot.h"

PG_FUNCTION_INFO_V1(pgnet_queue_request);
PG_FUNCTION_INFO_V1(pgnet_requester);
PG_FUNCTION_INFO_V1(pgnet_requests_removed);

#define MAX_REMEMBERED 64

/*
 * The ids of this transaction, as ranges, and whose they are. Those of a savepoint that is rolled back stay: an id without a
 * row is skipped by the worker. When there are too many ranges, the last widens.
 */
static Committed remembered[MAX_REMEMBERED];
static int remembered_count = 0;
static bool remembers_keyed = false; /* some of them have order keys */

/* Those of this transaction that are not due yet, as one range, and when the first is. */
static IdRange scheduled = {PG_INT64_MAX, PG_INT64_MIN};
static TimestampTz first_due = DT_NOEND;

/*
 * What this transaction took out of the queue: statements whose rows nobody counted, which wake everybody who waits; whether it
 * changed requests, which the worker may hold as they were; and the requests that it cancelled, in its memory.
 */
static int removals = 0;
static bool is_any_changed = false;
static int64 *cancelled = NULL;
static int cancelled_count = 0;
static int cancelled_room = 0;

static bool cancelling = false; /* the next removal is that of net.cancel */

static bool committed = false; /* and not handed over yet */
static bool will_hand_over = false;

static ProcessUtility_hook_type previous_process_utility_hook;

/* Begins anew: the transaction has ended. */
static void
forget(void)
{
	remembered_count = 0;
	remembers_keyed = false;
	scheduled = (IdRange){PG_INT64_MAX, PG_INT64_MIN};
	first_due = DT_NOEND;
	removals = 0;
	is_any_changed = false;
	cancelled = NULL;
	cancelled_count = 0;
	cancelled_room = 0;
	committed = false;
}

/* The order of ids, for qsort(). */
static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return (left > right) - (left < right);
}

/*
 * Tells the worker when the scheduled requests are due. When the first moment has passed already, the worker may have looked
 * for what was due before it could see these rows: then it is told of the ids.
 */
static void
hand_over_scheduled(void)
{
	Committed passed = MIXED_IDS(scheduled);

	pgnet_hand_over_due(first_due);
	if (first_due <= GetCurrentTimestamp())
		pgnet_hand_over(&passed, 1, false);
}

/*
 * Runs when other sessions see the rows, and also what the transaction did to the catalogue: they are told of that only
 * after the commit's own callback. A worker that was woken there could find its tables as they were before CREATE EXTENSION
 * or ALTER EXTENSION UPDATE, and nothing would wake it again.
 */
static void
hand_over(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void *arg)
{
	if (!committed || !is_top_level || phase != RESOURCE_RELEASE_AFTER_LOCKS)
		return;
	/* first the moment: a worker that is told of ids knows then that some may wait for one */
	if (!TIMESTAMP_IS_NOEND(first_due))
		hand_over_scheduled();
	if (remembered_count > 0)
		pgnet_hand_over(remembered, remembered_count, remembers_keyed);
	if (removals > 0 || cancelled_count > 0 || is_any_changed)
		pgnet_hand_over_removal();
	if (removals > 0)
		pgnet_wake_waiters_of_range(ALL_IDS);
	else if (cancelled_count > 0)
	{
		qsort(cancelled, cancelled_count, sizeof(int64), compare_ids);
		pgnet_wake_waiters_of_ids(cancelled, cancelled_count, false);
	}
	forget();
}

/* Once in a backend, not once in each transaction: the list of callbacks never shrinks. */
static void
prepare_to_hand_over(void)
{
	if (will_hand_over)
		return;
	RegisterResourceReleaseCallback(hand_over, NULL);
	will_hand_over = true;
}

/* Remembers what is to be handed to the worker at commit. */
static void
remember(Committed committed)
{
	Committed *last = &remembered[remembered_count - 1];

	prepare_to_hand_over();
	pgnet_learn_own_database();
	if (remembered_count > 0 && pgnet_committed_extend(last, &committed))
		return;
	if (remembered_count == MAX_REMEMBERED)
		pgnet_committed_widen(last, &committed);
	else
		remembered[remembered_count++] = committed;
}

/* Remembers ids to be handed to the worker at commit. */
void
pgnet_remember(IdRange range)
{
	remember(MIXED_IDS(range));
}

/* Some of the requests of this transaction have order keys: the worker looks beside the queue. */
void
pgnet_remember_keyed(void)
{
	remembers_keyed = true;
}

/* A request with this order key is none of it any more: the worker looks at the commit which is the first now. */
void
pgnet_remember_key(Oid owner, int64 key)
{
	remember((Committed){.ids = {key, key}, .owner = owner, .lane = LANE_KEY});
	remembers_keyed = true;
}

/*
 * A request of this transaction is not due yet: the worker is told of the moment, not of the id. In the middle of a range the
 * id stays; the worker then finds that it is not due.
 */
void
pgnet_remember_scheduled(int64 id, TimestampTz due)
{
	prepare_to_hand_over();
	scheduled = (IdRange){Min(scheduled.first, id), Max(scheduled.last, id)};
	first_due = Min(first_due, due);
	for (int i = 0; i < remembered_count; i++)
	{
		IdRange *range = &remembered[i].ids;

		if (remembered[i].lane == LANE_KEY)
			continue;
		if (range->first == id && range->last == id)
			remembered[i] = remembered[--remembered_count];
		else if (range->first == id)
			range->first++;
		else if (range->last == id)
			range->last--;
	}
}

/* Has the worker read the whole queue at the commit, and whoever waits look whether a response can still come. */
static void
remember_anything(void)
{
	pgnet_remember((IdRange) ALL_IDS);
	removals++;
}

/*
 * In a prepared transaction the rows stay invisible until COMMIT PREPARED, which process_utility() sees, or which the process
 * that applies the changes of a publisher does by itself.
 */
static void
note_end_of_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (pgnet_may_have_committed_prepared())
			{
				remember_anything();
				pgnet_note_hosts_change();
			}
			break;
		case XACT_EVENT_COMMIT:
			committed = remembered_count > 0 || !TIMESTAMP_IS_NOEND(first_due) || removals > 0 ||
						cancelled_count > 0;
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			forget();
			break;
		default:
			break;
	}
}

/* Remembers the id of a row, and whose it is. A trigger of the owner's may change that yet: the worker goes by the row. */
static void
remember_request(int64 id, HeapTuple row, TupleDesc descriptor, const AttrNumber *attributes)
{
	Committed committed = {.ids = {id, id}};
	NullableDatum priority;
	bool isnull;
	Datum value = heap_getattr(row, attributes[COLUMN_OWNER], descriptor, &isnull);

	if (!isnull)
		committed.owner = DatumGetObjectId(value);
	priority.value = heap_getattr(row, attributes[COLUMN_PRIORITY], descriptor, &priority.isnull);
	committed.lane = pgnet_lane(priority);
	/* those with order keys are looked at in the order of their ids, with all that nobody knows */
	if (!heap_attisnull(row, attributes[COLUMN_ORDER_KEY], descriptor))
		committed = MIXED_IDS(committed.ids);
	remember(committed);
}

/* Remembers the id of a row like one that was let in, of this owner and lane, without an order key. */
void
pgnet_remember_admitted(int64 id, Oid owner, Lane lane)
{
	remember((Committed){.ids = {id, id}, .owner = owner, .lane = lane});
}

/* What a row of the queue says of what is sent. */
static Request
request_of(HeapTuple row, TupleDesc descriptor, const AttrNumber *attributes)
{
	Request request;
	Datum value;
	bool isnull;

	value = heap_getattr(row, attributes[COLUMN_METHOD], descriptor, &isnull);
	request.method = isnull ? NULL : DatumGetTextPP(value);
	value = heap_getattr(row, attributes[COLUMN_URL], descriptor, &isnull);
	request.url = isnull ? NULL : DatumGetTextPP(value);
	value = heap_getattr(row, attributes[COLUMN_HEADERS], descriptor, &isnull);
	request.headers = isnull ? NULL : DatumGetJsonbP(value);
	value = heap_getattr(row, attributes[COLUMN_TIMEOUT], descriptor, &isnull);
	request.timeout_milliseconds = isnull ? 0 : DatumGetInt32(value);
	value = heap_getattr(row, attributes[COLUMN_OWNER], descriptor, &isnull);
	request.owner = isnull ? InvalidOid : DatumGetObjectId(value);
	return request;
}

/* The first request of a transaction that will not be sent, as things are, gets a WARNING. */
static void
warn_if_unserved(void)
{
	Unserved unserved;

	if (remembered_count == 0 && pgnet_is_unserved(&unserved))
		ereport(WARNING, (errmsg("the request will not be sent: %s", unserved.reason),
						  errhint("%s", unserved.hint)));
}

/*
 * Lets a row into the queue, by whatever way it comes: an error unless it can be sent, and its id is remembered. Returns the row
 * as it is to be stored.
 */
HeapTuple
pgnet_admit(HeapTuple row, TupleDesc descriptor, const AttrNumber *attributes)
{
	Request request = request_of(row, descriptor, attributes);
	Datum id;
	bool isnull;

	pgnet_check_request(&request);
	row = pgnet_check_delivery(row, descriptor, attributes);
	warn_if_unserved();
	id = heap_getattr(row, attributes[COLUMN_ID], descriptor, &isnull);
	if (!isnull)
		remember_request(DatumGetInt64(id), row, descriptor, attributes);
	return row;
}

/*
 * BEFORE INSERT OR UPDATE FOR EACH ROW on net.http_request_queue: an updated request is a new one of the same id. A row that
 * a publisher has sent is not let in.
 */
Datum
pgnet_queue_request(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(
			ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg(
				 "net._queue_request() must be called as the trigger of net.http_request_queue")));
	if (pgnet_is_replicated_row())
		return PointerGetDatum(NULL);
	pgnet_require_preloaded();
	is_any_changed |= TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	return PointerGetDatum(pgnet_admit(
		TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple,
		RelationGetDescr(trigger->tg_relation), pgnet_queue_attributes(trigger->tg_relation)));
}

/*
 * AFTER DELETE OR TRUNCATE FOR EACH STATEMENT on net.http_request_queue: whoever waits for a response looks, at commit,
 * whether it can still come. The worker deletes what it has recorded, and wakes those who wait for just that.
 */
Datum
pgnet_requests_removed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(
			ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg(
				 "net._requests_removed() must be called as a trigger of net.http_request_queue")));
	pgnet_require_preloaded();
	if (TRIGGER_FIRED_BY_TRUNCATE(((TriggerData *) fcinfo->context)->tg_event))
		pgnet_forget_all_delivery();
	if (pgnet_my_slot == NULL)
	{
		prepare_to_hand_over();
		removals++;
		/* nobody knows which rows: the first one of an order key may be among them */
		if (!cancelling && pgnet_is_any_keyed())
			pgnet_remember(ALL_IDS);
		cancelling = false;
	}
	return PointerGetDatum(NULL);
}

/* Whether the next statement that removes a request is that of net.cancel, which knows which. */
void
pgnet_note_cancelling(bool begins)
{
	cancelling = begins;
}

/* How often the trigger above has run in this transaction. */
int
pgnet_removals(void)
{
	return removals;
}

/*
 * Notes that this transaction has cancelled a request, and what pgnet_removals() was before. Only those who wait for the
 * request are woken, unless a trigger of the owner's took out others meanwhile.
 */
void
pgnet_remember_cancelled(int64 id, int removals_before)
{
	if (removals > removals_before + 1)
		return;
	prepare_to_hand_over();
	if (cancelled_count == cancelled_room)
	{
		int room = Max(16, cancelled_room * 2);

		cancelled = cancelled == NULL
						? MemoryContextAlloc(TopTransactionContext, room * sizeof(int64))
						: repalloc(cancelled, room * sizeof(int64));
		cancelled_room = room;
	}
	cancelled[cancelled_count++] = id;
	removals = removals_before;
}

/* net._requester(): the OID of current_user, the default of the column owner. */
Datum
pgnet_requester(PG_FUNCTION_ARGS)
{
	PG_RETURN_OID(GetUserId());
}

/*
 * COMMIT PREPARED shows rows whose ids nobody remembers any more, since the transaction may have been prepared by
 * another session: the worker reads the whole queue, and whoever waits looks whether a response can still come.
 */
static void
process_utility(PlannedStmt *statement, const char *query, bool read_only,
				ProcessUtilityContext context, ParamListInfo parameters,
				QueryEnvironment *environment, DestReceiver *receiver, QueryCompletion *completion)
{
	bool commit_prepared =
		IsA(statement->utilityStmt, TransactionStmt) &&
		((TransactionStmt *) statement->utilityStmt)->kind == TRANS_STMT_COMMIT_PREPARED;
	const char *subscription = pgnet_changed_subscription(statement->utilityStmt);

	if (commit_prepared)
		pgnet_learn_own_database();
	if (previous_process_utility_hook)
		previous_process_utility_hook(statement, query, read_only, context, parameters, environment,
									  receiver, completion);
	else
		standard_ProcessUtility(statement, query, read_only, context, parameters, environment,
								receiver, completion);
	if (commit_prepared)
	{
		pgnet_hosts_changed();
		pgnet_hand_over_all();
		pgnet_wake_waiters_of_range(ALL_IDS);
	}
	pgnet_keep_owner_of_details(statement->utilityStmt);
	pgnet_note_altered_hosts(statement->utilityStmt);
	if (subscription != NULL)
		pgnet_stay_out_of_subscription(subscription);
}

/* Installs what sees the end of transactions, and utility statements. Called from _PG_init: every process inherits it. */
void
pgnet_install_enqueue_hook(void)
{
	RegisterXactCallback(note_end_of_transaction, NULL);
	previous_process_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
