/*
 * failed.c
 *		Requests for whose last attempt nothing was there, and that are due when their endpoint works again.
 *
 * The rows beside the queue are looked at in portions of their ids, so that no statement is longer than its limit says,
 * however many others wait there. What its server has asked with Retry-After holds all the same.
 */
#include "store/failed.h"
#include "store/ids.h"
#include "store/transaction.h"

#include "utils/timestamp.h"

/* Of a URL so much is of interest as Origins.LONGEST_READ says. */
static Statement failed_statement = {
	.text =
		"SELECT d.request_id, pg_catalog.left(q.url, 2048), "
		"(q.webhook IS NOT NULL OR q.sign_with IS NOT NULL)::pg_catalog.int4::pg_catalog.int8 "
		"FROM (SELECT w.* FROM net._delivery w WHERE w.request_id OPERATOR(pg_catalog.>) $2 "
		"ORDER BY w.request_id LIMIT $3) d LEFT JOIN LATERAL (SELECT r.url, r.webhook, r.sign_with "
		"FROM net.http_request_queue r WHERE r.id OPERATOR(pg_catalog.=) d.request_id "
		"AND d.owner OPERATOR(pg_catalog.=) $1 AND d.attempts OPERATOR(pg_catalog.>) 0 "
		"AND d.due OPERATOR(pg_catalog.>) greatest($4, d.left_alone_until) "
		"AND coalesce(d.last_status, 503) OPERATOR(pg_catalog.=) ANY ('{502,503,504}') OFFSET 0) q "
		"ON true ORDER BY d.request_id",
	.argument_count = 4,
	.argument_types = {OIDOID, INT8OID, INT8OID, TIMESTAMPTZOID},
};

/* Not one that somebody has: it is just retried or cancelled. */
static Statement hasten_statement = {
	.text = "UPDATE net._delivery SET due = greatest($2, left_alone_until) "
			"WHERE request_id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT d.request_id FROM "
			"net._delivery d "
			"WHERE d.request_id OPERATOR(pg_catalog.=) ANY ($1) "
			"AND d.due OPERATOR(pg_catalog.>) greatest($2, d.left_alone_until) "
			"FOR UPDATE SKIP LOCKED))",
	.argument_count = 2,
	.argument_types = {INT8ARRAYOID, TIMESTAMPTZOID},
};

static const Oid failed_types[] = {INT8OID, TEXTOID, INT8OID};

/* Finds those of an owner among the next rows behind an id, at most limit. In palloc'd memory. */
FailedRequests
pgnet_find_failed(Oid owner, int64 after, int limit)
{
	Datum values[] = {ObjectIdGetDatum(owner), Int64GetDatum(after), Int64GetDatum(limit),
					  TimestampTzGetDatum(GetCurrentTimestamp())};
	FailedRequests failed = {.reached = after, .complete = true};
	MemoryContext caller = CurrentMemoryContext;

	if (!pgnet_transaction_begin(false))
		return failed;
	pgnet_execute(&failed_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(failed_types, lengthof(failed_types));
	failed.complete = SPI_processed < (uint64) limit;
	failed.ids = MemoryContextAlloc(caller, sizeof(int64) * (SPI_processed + 1));
	failed.urls = MemoryContextAlloc(caller, sizeof(char *) * (SPI_processed + 1));
	failed.messages = MemoryContextAlloc(caller, sizeof(int64) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		char *url = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);

		failed.reached =
			DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		if (url != NULL)
		{
			failed.ids[failed.count] = failed.reached;
			failed.messages[failed.count] = DatumGetInt64(
				SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 3, &isnull));
			failed.urls[failed.count++] = MemoryContextStrdup(caller, url);
		}
	}
	pgnet_transaction_end();
	return failed;
}

/* Makes requests due now that wait for a time. */
void
pgnet_hasten(const int64 *ids, int count)
{
	Datum *elements = palloc(sizeof(Datum) * count);
	Datum values[2];

	for (int i = 0; i < count; i++)
		elements[i] = Int64GetDatum(ids[i]);
	values[0] = pgnet_id_array(elements, count);
	values[1] = TimestampTzGetDatum(GetCurrentTimestamp());
	if (!pgnet_transaction_begin(false))
		return;
	pgnet_execute(&hasten_statement, values, NULL, SPI_OK_UPDATE);
	pgnet_transaction_end();
}
