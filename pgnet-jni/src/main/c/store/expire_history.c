/*
 * expire_history.c
 *		Deletes what is kept of requests beside their responses: the old history of attempts, and old dead letters.
 */
#include "store/store.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* the shortest wait for the next row to be old */
#define PAUSE_MICROS USECS_PER_SEC

/* The statements for a table, each with an index on the moment. */
typedef struct History
{
	Statement delete;
	Statement oldest;
} History;

#define HISTORY(table, moment)                                                                   \
	{                                                                                            \
		.delete = {.text = "DELETE FROM " table " WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(" \
						   "SELECT ctid FROM " table " WHERE " moment                            \
						   " OPERATOR(pg_catalog.<) $1 ORDER BY " moment " LIMIT $2 "            \
						   "FOR UPDATE SKIP LOCKED))",                                           \
				   .argument_count = 2,                                                          \
				   .argument_types = {TIMESTAMPTZOID, INT8OID}},                                 \
		.oldest = {.text = "SELECT " moment " FROM " table " WHERE " moment                      \
						   " OPERATOR(pg_catalog.>=) $1 ORDER BY " moment " LIMIT 1",            \
				   .argument_count = 1,                                                          \
				   .argument_types = {TIMESTAMPTZOID}},                                          \
	}

static History attempts = HISTORY("net.attempts", "started");
static History dead_letters = HISTORY("net.dead_letters", "died");

static const Oid oldest_types[] = {TIMESTAMPTZOID};

/* Deletes at most limit rows. Returns the microseconds to wait: 0 at the limit, the ttl when none is left. */
static int64
expire(History *history, int64 ttl_micros, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Datum values[] = {TimestampTzGetDatum(now - ttl_micros), Int64GetDatum(limit)};
	int64 wait_micros = ttl_micros;
	bool isnull;

	if (!pgnet_transaction_begin(false))
		return ttl_micros;
	pgnet_execute(&history->delete, values, NULL, SPI_OK_DELETE);
	if (SPI_processed == (uint64) limit)
		wait_micros = 0;
	else
	{
		pgnet_execute(&history->oldest, values, NULL, SPI_OK_SELECT);
		pgnet_check_result(oldest_types, lengthof(oldest_types));
		if (SPI_processed > 0)
			wait_micros = Max(DatumGetTimestampTz(SPI_getbinval(
								  SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) +
								  ttl_micros - now,
							  PAUSE_MICROS);
	}
	pgnet_transaction_end();
	return wait_micros;
}

/* Deletes attempts, as said above. */
int64
pgnet_expire_attempts(int64 ttl_micros, int limit)
{
	return expire(&attempts, ttl_micros, limit);
}

/* Deletes dead letters, as said above. */
int64
pgnet_expire_dead(int64 ttl_micros, int limit)
{
	return expire(&dead_letters, ttl_micros, limit);
}
