/*
 * expire_attempts.c
 *		Deletes the old history of attempts.
 */
#include "store/store.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* the shortest wait for the next attempt to be old */
#define PAUSE_MICROS USECS_PER_SEC

static Statement delete_statement = {
	.text =
		"DELETE FROM net.attempts WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT ctid FROM "
		"net.attempts WHERE started OPERATOR(pg_catalog.<) $1 ORDER BY started LIMIT $2 "
		"FOR UPDATE SKIP LOCKED))",
	.argument_count = 2,
	.argument_types = {TIMESTAMPTZOID, INT8OID},
};

static Statement oldest_statement = {
	.text = "SELECT started FROM net.attempts WHERE started OPERATOR(pg_catalog.>=) $1 ORDER BY "
			"started "
			"LIMIT 1",
	.argument_count = 1,
	.argument_types = {TIMESTAMPTZOID},
};

static const Oid oldest_types[] = {TIMESTAMPTZOID};

/* Deletes at most limit attempts. Returns the microseconds to wait: 0 at the limit, the ttl when none is left. */
int64
pgnet_expire_attempts(int64 ttl_micros, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Datum values[] = {TimestampTzGetDatum(now - ttl_micros), Int64GetDatum(limit)};
	int64 wait_micros = ttl_micros;
	bool isnull;

	if (!pgnet_transaction_begin(false))
		return ttl_micros;
	pgnet_execute(&delete_statement, values, NULL, SPI_OK_DELETE);
	if (SPI_processed == (uint64) limit)
		wait_micros = 0;
	else
	{
		pgnet_execute(&oldest_statement, values, NULL, SPI_OK_SELECT);
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
