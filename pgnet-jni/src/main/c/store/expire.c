/*
 * expire.c
 *		Deletes old responses.
 */
#include "store/transaction.h"
#include "store/store.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* when only rows that somebody holds locked are left */
#define PAUSE_MICROS USECS_PER_SEC

static Statement delete_statement = {
	.text = "DELETE FROM net._http_response WHERE id = ANY (ARRAY(SELECT id FROM "
			"net._http_response WHERE created < $1 "
			"ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED))",
	.argument_count = 2,
	.argument_types = {TIMESTAMPTZOID, INT8OID},
};

static const Oid oldest_types[] = {TIMESTAMPTZOID};

static Statement oldest_statement = {
	.text = "SELECT created FROM net._http_response ORDER BY created LIMIT 1",
};

/*
 * Deletes at most limit responses that are older than ttl. Returns the microseconds until there is more to do: 0 when
 * the limit was reached, the ttl when no response is left.
 */
int64
pgnet_expire(int64 ttl_micros, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Datum values[] = {TimestampTzGetDatum(now - ttl_micros), Int64GetDatum(limit)};
	int64 wait = ttl_micros;
	bool isnull;

	if (!pgnet_transaction_begin(false))
		return wait;
	pgnet_execute(&delete_statement, values, NULL, SPI_OK_DELETE);
	if (SPI_processed >= limit)
		wait = 0;
	else
	{
		pgnet_execute(&oldest_statement, NULL, NULL, SPI_OK_SELECT);
		pgnet_check_result(oldest_types, lengthof(oldest_types));
		if (SPI_processed > 0)
		{
			TimestampTz oldest = DatumGetTimestampTz(
				SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));

			wait = Max(oldest + ttl_micros - now, PAUSE_MICROS);
		}
	}
	pgnet_transaction_end();
	return wait;
}
