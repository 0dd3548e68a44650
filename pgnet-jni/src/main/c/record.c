/*
 * record.c
 *		Records outcomes: the queue rows go and the response rows come, in one transaction.
 */
#include "outcome.h"
#include "response.h"
#include "session.h"
#include "store.h"
#include "process.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

static Statement lock_statement = {
	.text = "SELECT id, xmin, method::text, url, owner, coalesce(octet_length(body), 0) FROM "
			"net.http_request_queue WHERE id = ANY "
			"($1) FOR UPDATE SKIP LOCKED",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Statement locked_statement = {
	.text = "SELECT id, xmin FROM net.http_request_queue WHERE id = ANY ($1)",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Statement delete_statement = {
	.text = "DELETE FROM net.http_request_queue WHERE id = ANY ($1)",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Datum
ids_of_rows(HTAB *rows)
{
	Datum *ids = palloc(sizeof(Datum) * (hash_get_num_entries(rows) + 1));
	HASH_SEQ_STATUS scan;
	QueueRow *row;
	int count = 0;

	hash_seq_init(&scan, rows);
	while ((row = hash_seq_search(&scan)) != NULL)
		if (row->outcome >= 0)
			ids[count++] = Int64GetDatum(row->id);
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

static Datum
ids_of_outcomes(const Outcome *outcomes, int count)
{
	Datum *ids = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		ids[i] = Int64GetDatum(outcomes[i].id);
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

/* Locks the queue rows of these outcomes and keeps what the responses need of them. Rows that are locked are left out. */
static HTAB *
lock_rows(const Outcome *outcomes, int count)
{
	HASHCTL control = {
		.keysize = sizeof(int64), .entrysize = sizeof(QueueRow), .hcxt = CurrentMemoryContext};
	HTAB *rows =
		hash_create("pg_net queue rows", count, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	Datum ids = ids_of_outcomes(outcomes, count);
	TransactionId *xmins = palloc(sizeof(TransactionId) * count);
	int found = 0;
	bool isnull;

	pgnet_execute(&lock_statement, &ids, NULL, SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		TupleDesc descriptor = SPI_tuptable->tupdesc;
		int64 id = DatumGetInt64(SPI_getbinval(tuple, descriptor, 1, &isnull));
		QueueRow *row = hash_search(rows, &id, HASH_ENTER, NULL);

		xmins[found] = DatumGetTransactionId(SPI_getbinval(tuple, descriptor, 2, &isnull));
		row->outcome = -1 - found; /* until the outcome of this version of the row is seen */
		row->method = SPI_getbinval(tuple, descriptor, 3, &isnull);
		row->url = SPI_getbinval(tuple, descriptor, 4, &isnull);
		row->owner = SPI_getbinval(tuple, descriptor, 5, &isnull);
		row->body_length = DatumGetInt32(SPI_getbinval(tuple, descriptor, 6, &isnull));
		found++;
	}
	for (int i = 0; i < count; i++)
	{
		QueueRow *row = hash_search(rows, &outcomes[i].id, HASH_FIND, NULL);

		if (row != NULL && row->outcome < 0 && outcomes[i].table_oid == pgnet_queue_oid &&
			TransactionIdEquals(xmins[-1 - row->outcome], outcomes[i].xmin))
			row->outcome = i;
	}
	return rows;
}

/* Tells rows that somebody holds locked from rows that are not there any more. */
static void
find_locked(const Outcome *outcomes, int count, char *dispositions)
{
	Datum ids = ids_of_outcomes(outcomes, count);
	bool isnull;

	pgnet_execute(&locked_statement, &ids, NULL, SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		int64 id = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
		TransactionId xmin =
			DatumGetTransactionId(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));

		for (int j = 0; j < count; j++)
			if (dispositions[j] == DISPOSITION_GONE && outcomes[j].id == id &&
				outcomes[j].xmin == xmin && outcomes[j].table_oid == pgnet_queue_oid)
				dispositions[j] = DISPOSITION_LOCKED;
	}
}

/* Adds what was recorded to the counters of net.stats. */
static void
count_recorded(const Outcome *outcomes, int count, const char *dispositions, int64 bytes_out)
{
	uint64 added[COUNTER_COUNT] = {0};

	added[COUNTER_BYTES_OUT] = bytes_out;
	for (int i = 0; i < count; i++)
	{
		if (dispositions[i] != DISPOSITION_RECORDED)
			continue;
		added[outcomes[i].status != 0 ? COUNTER_DONE : COUNTER_FAILED]++;
		added[COUNTER_TIMED_OUT] += outcomes[i].timed_out;
		added[COUNTER_BYTES_IN] += outcomes[i].body_length;
	}
	for (int i = COUNTER_DONE; i < COUNTER_COUNT; i++)
		pg_atomic_fetch_add_u64(&pgnet_my_slot->counters[i], added[i]);
}

static void
record_all(const Outcome *outcomes, int count, char *dispositions, bool without_triggers)
{
	HTAB *rows;
	HASH_SEQ_STATUS scan;
	QueueRow *row;
	Columns columns;
	int64 bytes_out = 0;
	Datum ids;

	memset(dispositions, DISPOSITION_GONE, count);
	if (!pgnet_session_begin(without_triggers))
		return;
	rows = lock_rows(outcomes, count);
	pgnet_responses_begin(&columns, count);
	hash_seq_init(&scan, rows);
	while ((row = hash_seq_search(&scan)) != NULL)
		if (row->outcome >= 0)
		{
			pgnet_responses_add(&columns, &outcomes[row->outcome], row);
			dispositions[row->outcome] = DISPOSITION_RECORDED;
			bytes_out += row->body_length;
		}
	if (columns.count > 0)
	{
		ids = ids_of_rows(rows);
		pgnet_execute(&delete_statement, &ids, NULL, SPI_OK_DELETE);
		pgnet_responses_insert(&columns);
	}
	if (columns.count < count)
		find_locked(outcomes, count, dispositions);
	pgnet_session_end();
	count_recorded(outcomes, count, dispositions, bytes_out);
}

/* Errors that a second try without the owner's triggers cannot mend. */
static bool
is_not_of_a_trigger(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:           /* 53 */
		case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE: /* 55 */
		case ERRCODE_OPERATOR_INTERVENTION:            /* 57 */
		case ERRCODE_SYSTEM_ERROR:                     /* 58 */
		case ERRCODE_TRANSACTION_ROLLBACK:             /* 40 */
			return true;
		default:
			return false;
	}
}

/*
 * Records the outcomes in one transaction and says what became of each. When an owner's trigger may have raised an error,
 * the outcomes are recorded once more without triggers: a response is worth more than what a trigger does with it.
 */
void
pgnet_record(const char *packed, int count, char *dispositions)
{
	MemoryContext context = CurrentMemoryContext;
	Outcome *outcomes = pgnet_unpack_outcomes(packed, count);

	PG_TRY();
	{
		record_all(outcomes, count, dispositions, false);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (is_not_of_a_trigger(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(context);
		record_all(outcomes, count, dispositions, true);
		ereport(WARNING,
				(errmsg("pg_net worker recorded %d responses without the triggers of its tables",
						count),
				 errdetail("With them: %s", error->message)));
	}
	PG_END_TRY();
}
