/*
 * due.c
 *		Requests whose time has come, and the rows beside the queue that say when it does.
 *
 * The table is walked along its index from the moment that the last look has reached: an empty look does not step over the
 * dead entries of what was sent before, which an old transaction of anybody's may keep. Rows with an earlier moment are known
 * otherwise: the session that commits one hands its id over, and the worker has written the others.
 */
#include "store/due.h"
#include "shared/row_version.h"
#include "shared/slot.h"
#include "store/ids.h"
#include "store/orphans.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* whether there may be a row; while there is none, requests are read without a look at the table */
static bool expected = true;

/* No EXISTS: for that PostgreSQL may read the whole queue, to have its ids at hand. */
static Statement due_statement = {
	.text = "SELECT d.request_id, d.due, (SELECT q.id FROM net.http_request_queue q "
			"WHERE q.id OPERATOR(pg_catalog.=) d.request_id) IS NOT NULL FROM net._delivery d "
			"WHERE (d.due, d.request_id) OPERATOR(pg_catalog.>) ($1, $2) "
			"AND d.due OPERATOR(pg_catalog.<=) $3 ORDER BY d.due, d.request_id LIMIT $4",
	.argument_count = 4,
	.argument_types = {TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT8OID},
};

static Statement next_statement = {
	.text =
		"SELECT due FROM net._delivery WHERE due OPERATOR(pg_catalog.>) $1 ORDER BY due LIMIT 1",
	.argument_count = 1,
	.argument_types = {TIMESTAMPTZOID},
};

static Statement any_statement = {.text = "SELECT FROM net._delivery LIMIT 1"};

/* The queue is what counts: a rewrite of it gives its rows other versions, and an owner may have deleted the rows here. */
static Statement anew_statement = {
	.text = "INSERT INTO net._delivery (request_id, version, owner, due, first_due, key) "
			"SELECT q.id, " PGNET_ROW_VERSION_SQL ", q.owner, "
			"coalesce(q.not_before, '-infinity'), greatest(q.created, q.not_before), "
			"CASE WHEN k.key OPERATOR(pg_catalog.<>) 0 THEN k.key END "
			"FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) k (id, key), "
			"net.http_request_queue q WHERE q.id OPERATOR(pg_catalog.=) k.id "
			"AND (q.not_before IS NOT NULL OR k.key OPERATOR(pg_catalog.<>) 0) "
			"ON CONFLICT (request_id) DO UPDATE SET version = excluded.version, owner = "
			"excluded.owner, "
			"due = excluded.due, attempts = 0, counted = 0, first_due = excluded.first_due, "
			"last_status = NULL, last_error = NULL, left_alone_until = NULL, key = excluded.key",
	.argument_count = 2,
	.argument_types = {INT8ARRAYOID, INT8ARRAYOID},
};

static const Oid due_types[] = {INT8OID, TIMESTAMPTZOID, BOOLOID};
static const Oid next_types[] = {TIMESTAMPTZOID};

/* Whether there may be a row beside the queue. */
bool
pgnet_is_delivery_expected(void)
{
	return expected;
}

/* There may be a row from now on. */
void
pgnet_expect_delivery(void)
{
	expected = true;
}

/* Takes the rows that the statement found, and deletes those whose requests are not there any more. */
static void
take_due(DueRequests *due)
{
	int found = SPI_processed;
	Datum *orphans = palloc(sizeof(Datum) * (found + 1));
	int orphan_count = 0;

	due->ids = palloc(sizeof(int64) * (found + 1));
	for (int i = 0; i < found; i++)
	{
		due->reached_id = DatumGetInt64(pgnet_result_value(i, 1));
		due->reached = DatumGetTimestampTz(pgnet_result_value(i, 2));
		if (DatumGetBool(pgnet_result_value(i, 3)))
			due->ids[due->count++] = due->reached_id;
		else
			orphans[orphan_count++] = pgnet_result_value(i, 1);
	}
	if (orphan_count > 0)
		(void) pgnet_delete_orphans(orphans, orphan_count);
}

/* The first moment after this one; DT_NOEND when there is none. */
static TimestampTz
next_after(TimestampTz now)
{
	Datum value = TimestampTzGetDatum(now);

	pgnet_execute(&next_statement, &value, NULL, SPI_OK_SELECT);
	pgnet_check_result(next_types, lengthof(next_types));
	if (SPI_processed > 0)
		return DatumGetTimestampTz(pgnet_result_value(0, 1));
	pgnet_execute(&any_statement, NULL, NULL, SPI_OK_SELECT);
	expected = SPI_processed > 0;
	return DT_NOEND;
}

/* Finds the next requests that are due now, at most limit, behind the place that was reached. In palloc'd memory. */
DueRequests
pgnet_find_due(TimestampTz reached, int64 reached_id, int limit)
{
	/* before the snapshot: who commits a moment that it does not see finds the moment passed, and hands over the id */
	TimestampTz now = GetCurrentTimestamp();
	/* those without a moment are found by their order keys */
	int64 behind = TIMESTAMP_IS_NOBEGIN(reached) ? PG_INT64_MAX : reached_id;
	Datum values[] = {TimestampTzGetDatum(reached), Int64GetDatum(behind), TimestampTzGetDatum(now),
					  Int64GetDatum(limit)};
	DueRequests due = {.reached = reached, .reached_id = reached_id, .next = DT_NOEND};
	MemoryContext caller = CurrentMemoryContext;

	if (!pgnet_transaction_begin(false))
		return due;
	pgnet_plan_by_index();
	pgnet_execute(&due_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(due_types, lengthof(due_types));
	due.next = SPI_processed == (uint64) limit ? now : DT_NOEND;
	MemoryContextSwitchTo(caller);
	take_due(&due);
	if (TIMESTAMP_IS_NOEND(due.next))
		due.next = next_after(now);
	pgnet_transaction_end();
	return due;
}

/*
 * Writes the rows of requests anew, by what the queue says: of scheduled ones, and of those with order keys, which are 0 for
 * none. These have to be looked at again. Within a transaction.
 */
void
pgnet_schedule_anew(Datum *ids, Datum *keys, int count)
{
	Datum values[] = {pgnet_id_array(ids, count), pgnet_id_array(keys, count)};
	Committed again = MIXED_IDS(((IdRange){DatumGetInt64(ids[0]), DatumGetInt64(ids[count - 1])}));
	bool keyed = false;

	pgnet_execute(&anew_statement, values, NULL, SPI_OK_INSERT);
	/* this process looks again when it has done what it does now */
	pgnet_hand_over_due(DT_NOBEGIN);
	for (int i = 0; i < count; i++)
		keyed = keyed || DatumGetInt64(keys[i]) != 0;
	if (keyed)
		pgnet_hand_over(&again, 1, true);
}
