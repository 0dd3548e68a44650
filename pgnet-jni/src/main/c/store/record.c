/*
 * record.c
 *		Records outcomes: the queue rows go and the response rows come, in one transaction. Of requests that are sent again the
 *		queue rows stay, and what changes is written beside them.
 */
#include "shared/latency.h"
#include "shared/request_limits.h"
#include "store/attempt_rows.h"
#include "store/callback_rows.h"
#include "store/dead_rows.h"
#include "store/webhook_states.h"
#include "store/delivery_rows.h"
#include "store/outcome.h"
#include "store/response.h"
#include "store/stored_part.h"
#include "store/taken_rows.h"
#include "store/transaction.h"
#include "store/store.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

/* of what these statements return */
static const Oid key_types[] = {INT8OID, XIDOID};

static Statement lock_statement = {
	.text = "SELECT id, xmin FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) ANY ($1) "
			"FOR UPDATE SKIP LOCKED",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* The same of requests that are sent again: who deletes one meanwhile, waits. */
static Statement keep_statement = {
	.text = "SELECT id, xmin, owner, url FROM net.http_request_queue "
			"WHERE id OPERATOR(pg_catalog.=) ANY ($1) FOR UPDATE SKIP LOCKED",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static const Oid keep_types[] = {INT8OID, XIDOID, OIDOID, TEXTOID};

static Statement locked_statement = {
	.text = "SELECT id, xmin FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* Of requests whose own response is not stored: one that is there is of an older request of this id. */
static Statement forget_statement = {
	.text = "DELETE FROM net._http_response WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* What a row that somebody has locked may cost the others of its batch, before it is known. */
#define TRUSTFUL_LOCK_TIMEOUT "10ms"

/* One batch. */
typedef struct Batch
{
	Outcome *outcomes;
	int count;
	int *by_id;      /* the outcomes' indexes, sorted by id */
	bool replace;    /* a response of the same id, if there is one */
	int taken;       /* how many rows were taken out of the queue */
	Datum *unstored; /* the ids of those whose responses are not stored */
	int unstored_count;
} Batch;

/* For qsort_arg(). */
static int
compare_ids(const void *left, const void *right, void *outcomes)
{
	int64 a = ((Outcome *) outcomes)[*(const int *) left].id;
	int64 b = ((Outcome *) outcomes)[*(const int *) right].id;

	return a < b ? -1 : a > b;
}

/* Fills in the indexes by id. */
static void
sort_by_id(Batch *batch)
{
	batch->by_id = palloc(sizeof(int) * batch->count);
	for (int i = 0; i < batch->count; i++)
		batch->by_id[i] = i;
	qsort_arg(batch->by_id, batch->count, sizeof(int), compare_ids, batch->outcomes);
}

/*
 * The index of the outcome that postpones this version of a queue row, or that ends it; -1 for none. A batch may also hold an
 * outcome of an older request of the same id, which was truncated away with RESTART IDENTITY.
 */
static int
outcome_of(const Batch *batch, int64 id, int64 version, bool postponed)
{
	int low = 0;
	int high = batch->count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (batch->outcomes[batch->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < batch->count && batch->outcomes[batch->by_id[low]].id == id; low++)
	{
		const Outcome *outcome = &batch->outcomes[batch->by_id[low]];

		if (outcome->version == version && pgnet_is_postponed(outcome) == postponed)
			return batch->by_id[low];
	}
	return -1;
}

/* Ids as a bigint[]. */
static Datum
to_array(Datum *ids, int count)
{
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

/* Of those that end, or of those that are postponed, in the order of the ids, in which the index is read. */
static Datum
ids_of(const Batch *batch, bool postponed)
{
	Datum *ids = palloc(sizeof(Datum) * (batch->count + 1));
	int count = 0;

	for (int i = 0; i < batch->count; i++)
	{
		const Outcome *outcome = &batch->outcomes[batch->by_id[i]];

		if (pgnet_is_postponed(outcome) == postponed)
			ids[count++] = Int64GetDatum(outcome->id);
	}
	return to_array(ids, count);
}

/* A column of a row that the last statement returned. */
static NullableDatum
column_of(uint64 row, int column)
{
	NullableDatum result;

	result.value =
		SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &result.isnull);
	return result;
}

/* One that has no nulls. */
static Datum
value_of(uint64 row, int column)
{
	return column_of(row, column).value;
}

/* The same of a row whose first columns are id and xmin. */
static int
outcome_of_row(const Batch *batch, uint64 row, bool postponed)
{
	return outcome_of(batch, DatumGetInt64(value_of(row, 1)),
					  pgnet_row_version(pgnet_queue_oid, DatumGetTransactionId(value_of(row, 2))),
					  postponed);
}

/* Locks the rows that nobody else has locked, and returns the ids of those that end. */
static Datum
lock_rows(const Batch *batch)
{
	Datum ids = ids_of(batch, false);
	Datum *locked;
	int count = 0;

	pgnet_execute(&lock_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(key_types, lengthof(key_types));
	locked = palloc(sizeof(Datum) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
		if (outcome_of_row(batch, i, false) >= 0)
			locked[count++] = value_of(i, 1);
	return to_array(locked, count);
}

/* A text of the queue row, null when it is too long to have been sent. */
static NullableDatum
sendable(NullableDatum value, Size most)
{
	if (!value.isnull && toast_raw_datum_size(value.value) - VARHDRSZ > most)
		value = (NullableDatum){.isnull = true};
	return value;
}

/* How much of a response is stored: what the queue's row says, or else what its host does; null for all of it. */
static NullableDatum
wanted_store(const Outcome *outcome, NullableDatum own)
{
	if (!own.isnull || outcome->store == NULL)
		return own;
	return (NullableDatum){.value = CStringGetTextDatum(outcome->store)};
}

/*
 * Adds the row of a response, as much of it as its request wants. A function is given all of it, so what it is called for is
 * stored whole, and made less when the function has done its work.
 */
static void
add_response(Batch *batch, const Outcome *outcome, const QueueRow *row, NullableDatum function,
			 NullableDatum store)
{
	StoredPart part = function.isnull ? pgnet_stored_part(store, outcome->status) : STORED_WHOLE;
	Outcome status_alone;

	if (part == STORED_STATUS)
	{
		status_alone = pgnet_status_alone(outcome);
		outcome = &status_alone;
	}
	if (part == STORED_NOTHING)
	{
		if (batch->unstored == NULL)
			batch->unstored = palloc(sizeof(Datum) * batch->count);
		batch->unstored[batch->unstored_count++] = Int64GetDatum(outcome->id);
	}
	else
		pgnet_responses_add(outcome, row);
}

/* Forgets what is there under the ids of responses that are not stored. */
static void
forget_unstored(const Batch *batch)
{
	Datum ids;

	if (batch->unstored_count == 0)
		return;
	ids = to_array(batch->unstored, batch->unstored_count);
	pgnet_execute(&forget_statement, &ids, NULL, SPI_OK_DELETE);
}

/* Notes how long an attempt took: one that got a response, or that its time was too short for. */
static void
note_latency(const Outcome *outcome, NullableDatum owner, NullableDatum url)
{
	if ((outcome->status != 0 || outcome->timed_out) && !owner.isnull && !url.isnull)
		pgnet_latencies_note(DatumGetObjectId(owner.value), url.value, outcome->duration_micros);
}

/* Makes the rows of the response to a request that was just taken out of the queue. */
static void
respond(const TakenRow *taken, void *state)
{
	Batch *batch = state;
	int index = outcome_of(batch, taken->id, taken->version, false);
	const Outcome *outcome;
	QueueRow row = {.method = sendable(taken->method, PGNET_MAX_METHOD_BYTES),
					.url = sendable(taken->url, PGNET_MAX_URL_BYTES),
					.owner = taken->owner,
					.context = taken->context};
	NullableDatum store;

	if (index < 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("request " INT64_FORMAT " was updated while it was sent", taken->id)));
	outcome = &batch->outcomes[index];
	if (batch->taken++ == 0)
		pgnet_responses_begin(batch->replace);
	store = wanted_store(outcome, taken->store);
	add_response(batch, outcome, &row, taken->function, store);
	pgnet_callback_rows_add(outcome, row.owner, taken->function, taken->created, store);
	pgnet_attempts_add(outcome, row.owner);
	note_latency(outcome, row.owner, row.url);
	*outcome->disposition = DISPOSITION_RECORDED;
}

/* Notes the attempts of requests that are sent again, whose rows stay. Returns how many. */
static int
postpone(const Batch *batch)
{
	Datum ids = ids_of(batch, true);
	int postponed = 0;

	pgnet_execute(&keep_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(keep_types, lengthof(keep_types));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int index = outcome_of_row(batch, i, true);

		if (index < 0)
			continue;
		pgnet_attempts_add(&batch->outcomes[index], column_of(i, 3));
		note_latency(&batch->outcomes[index], column_of(i, 3), column_of(i, 4));
		*batch->outcomes[index].disposition = DISPOSITION_RECORDED;
		postponed++;
	}
	return postponed;
}

/* Tells rows that somebody holds locked from rows that are not there any more. */
static void
find_locked(Batch *batch, bool postponed)
{
	Datum ids = ids_of(batch, postponed);

	pgnet_execute(&locked_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(key_types, lengthof(key_types));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int index = outcome_of_row(batch, i, postponed);

		if (index >= 0 && *batch->outcomes[index].disposition == DISPOSITION_GONE)
			*batch->outcomes[index].disposition = DISPOSITION_LOCKED;
	}
}

static void
dispose_of_all(const Batch *batch, Disposition disposition)
{
	for (int i = 0; i < batch->count; i++)
		*batch->outcomes[i].disposition = disposition;
}

/*
 * Records the outcomes in one transaction, and writes into each what became of it. An error leaves everything as it was.
 */
void
pgnet_record(char *packed, int count, Manner manner)
{
	Batch batch = {.outcomes = pgnet_unpack_outcomes(packed, count),
				   .count = count,
				   .replace = manner != TRUSTFUL};
	int ending = 0;

	sort_by_id(&batch);
	for (int i = 0; i < count; i++)
		ending += !pgnet_is_postponed(&batch.outcomes[i]);
	if (!pgnet_transaction_begin(manner == WITHOUT_TRIGGERS))
	{
		/* rows of tables that are only away will be there again */
		dispose_of_all(&batch,
					   pgnet_extension_dropped ? DISPOSITION_GONE : DISPOSITION_UNAVAILABLE);
		return;
	}
	dispose_of_all(&batch, DISPOSITION_GONE);
	if (manner == TRUSTFUL)
		pgnet_set_for_transaction("lock_timeout", TRUSTFUL_LOCK_TIMEOUT);
	pgnet_callback_rows_begin();
	pgnet_attempts_begin();
	pgnet_latencies_begin();
	if (ending > 0)
	{
		Datum ids = manner == TRUSTFUL ? ids_of(&batch, false) : lock_rows(&batch);

		pgnet_dead_rows_insert(batch.outcomes, count, ids);
		pgnet_disable_webhooks(batch.outcomes, count);
		/* the tables of these are locked behind the queue, in the order in which TRUNCATE of all locks them */
		pgnet_take_rows(ids, manner == TRUSTFUL, respond, &batch);
	}
	if (batch.taken > 0)
	{
		forget_unstored(&batch);
		pgnet_responses_insert();
		pgnet_callback_rows_insert();
		pgnet_delivery_ended(batch.outcomes, count);
	}
	if (batch.taken < ending && manner != TRUSTFUL)
		find_locked(&batch, false);
	if (ending < count && postpone(&batch) < count - ending)
		find_locked(&batch, true);
	pgnet_attempts_insert();
	pgnet_transaction_end();
	pgnet_latencies_count();
	pgnet_callback_rows_announce();
	if (ending > 0)
		pgnet_disabled_webhooks_announce();
}
