/*
 * expire.c
 *		Deletes old responses, the oldest first, in passes. A pass goes on where its last call was: over the dead rows before,
 *		which an old transaction of anybody's may keep, and over those that cannot be deleted.
 */
#include "store/callback_rows.h"
#include "store/transaction.h"
#include "store/store.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/timestamp.h"

/* the shortest wait for the next response to be old */
#define PAUSE_MICROS USECS_PER_SEC

static Statement next_statement = {
	.text = "SELECT id, created FROM net._http_response WHERE (created, id) OPERATOR(pg_catalog.>) "
			"($1, $2) "
			"AND created OPERATOR(pg_catalog.<) $3 ORDER BY created, id LIMIT $4",
	.argument_count = 4,
	.argument_types = {TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT8OID},
};

static Statement delete_statement = {
	.text =
		"DELETE FROM net._http_response WHERE id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT id FROM "
		"net._http_response WHERE id OPERATOR(pg_catalog.=) ANY ($1) FOR UPDATE SKIP LOCKED))",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Statement oldest_statement = {
	.text = "SELECT created FROM net._http_response WHERE (created, id) OPERATOR(pg_catalog.>) "
			"($1, $2) "
			"ORDER BY created, id LIMIT 1",
	.argument_count = 2,
	.argument_types = {TIMESTAMPTZOID, INT8OID},
};

static const Oid next_types[] = {INT8OID, TIMESTAMPTZOID};
static const Oid oldest_types[] = {TIMESTAMPTZOID};

/* A place in the order of the deletion: behind this response. */
typedef struct Place
{
	TimestampTz created;
	int64 id;
} Place;

static const Place first_place = {DT_NOBEGIN, PG_INT64_MIN};

/* where the pass is, and where it is when the call that goes on succeeds */
static Place reached = {DT_NOBEGIN, PG_INT64_MIN};
static Place looked = {DT_NOBEGIN, PG_INT64_MIN};

/* A column of a row that the last statement returned, which is of a type passed by value. */
static Datum
value_of(uint64 row, int column)
{
	bool isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}

/* An empty bigint[]. */
static Datum
no_ids(void)
{
	return PointerGetDatum(construct_empty_array(INT8OID));
}

/* Finds the next old responses: their ids, as a bigint[]. Returns how many. */
static int
find_next(TimestampTz before, int limit, Datum *ids)
{
	Datum values[] = {TimestampTzGetDatum(reached.created), Int64GetDatum(reached.id),
					  TimestampTzGetDatum(before), Int64GetDatum(limit)};
	Datum *found;
	int count;

	pgnet_execute(&next_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(next_types, lengthof(next_types));
	count = SPI_processed;
	if (count == 0)
		return 0;
	found = palloc(sizeof(Datum) * count);
	for (int i = 0; i < count; i++)
		found[i] = value_of(i, 1);
	looked = (Place){DatumGetTimestampTz(value_of(count - 1, 2)), DatumGetInt64(found[count - 1])};
	*ids = PointerGetDatum(
		construct_array(found, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
	return count;
}

/* The microseconds until the oldest response behind the place is old, the ttl when there is none. */
static int64
wait_for_next(TimestampTz now, int64 ttl_micros)
{
	Datum values[] = {TimestampTzGetDatum(reached.created), Int64GetDatum(reached.id)};

	pgnet_execute(&oldest_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(oldest_types, lengthof(oldest_types));
	if (SPI_processed == 0)
		return ttl_micros;
	return Max(DatumGetTimestampTz(value_of(0, 1)) + ttl_micros - now, PAUSE_MICROS);
}

/* A response comes: one that belongs where the pass was already, after a long outage, has it begin anew. */
void
pgnet_expiry_note(TimestampTz created)
{
	if (created <= reached.created)
		reached = first_place;
}

/* Where the next call is to begin: with a new pass, or behind what the call before was refused. */
void
pgnet_expiry_place(bool new_pass, bool past_refused)
{
	if (past_refused)
		reached = looked;
	if (new_pass)
		reached = first_place;
}

/*
 * Deletes at most limit of the next responses that are older than ttl, and those of them that nothing keeps from it. An error
 * leaves all, and the place.
 */
Expired
pgnet_expire(int64 ttl_micros, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Expired result = {.wait_micros = ttl_micros};
	Datum ids;
	int found;

	looked = reached;
	if (!pgnet_transaction_begin(false))
		return result;
	ids = no_ids();
	found = find_next(now - ttl_micros, limit, &ids);
	result.left = found;
	ids = pgnet_callback_rows_spare(ids);
	if (found > 0)
	{
		pgnet_execute(&delete_statement, &ids, NULL, SPI_OK_DELETE);
		result.left -= SPI_processed;
		reached = looked;
	}
	result.wait_micros = found == limit ? 0 : wait_for_next(now, ttl_micros);
	pgnet_transaction_end();
	return result;
}
