/*
 * record.c
 *		Records outcomes: the queue rows go and the response rows come, in one transaction.
 */
#include "session.h"
#include "store.h"
#include "worker.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* One outcome as OutcomeWriter packs it. The texts are UTF-8 and NUL-terminated; NULL stands for none. */
typedef struct Outcome
{
	int64 id;
	Oid table_oid;
	TransactionId xmin;
	int64 completed_micros; /* since 1970 */
	int64 duration_micros;
	int32 status; /* 0 for a failure */
	bool timed_out;
	const char *body;
	int64 body_length;
	const char *content_type;
	const char *charset;
	const char *headers;
	const char *error;
} Outcome;

/* What the queue row of an outcome holds for the response row. */
typedef struct QueueRow
{
	int64 id;    /* the hash key */
	int outcome; /* index of the outcome that it belongs to, -1 while none does */
	Datum method;
	Datum url;
	Datum owner;
	int32 body_length;
} QueueRow;

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

/* A response of the same id can be there when somebody restarted the queue's sequence: the newer one replaces it. */
static Statement insert_statement = {
	.text =
		"INSERT INTO net._http_response (id, status_code, content_type, headers, content, body, "
		"timed_out, error_msg, "
		"created, attempts, duration, method, url, owner) "
		"SELECT r.id, r.status_code, r.content_type, r.headers::jsonb, r.content, r.body, "
		"r.timed_out, r.error_msg, "
		"r.created, 1, r.duration, r.method, r.url, r.owner "
		"FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS r(id, status_code, "
		"content_type, headers, "
		"content, body, timed_out, error_msg, created, duration, method, url, owner) "
		"ON CONFLICT (id) DO UPDATE SET status_code = excluded.status_code, content_type = "
		"excluded.content_type, "
		"headers = excluded.headers, content = excluded.content, body = excluded.body, timed_out = "
		"excluded.timed_out, "
		"error_msg = excluded.error_msg, created = excluded.created, attempts = excluded.attempts, "
		"duration = excluded.duration, method = excluded.method, url = excluded.url, owner = "
		"excluded.owner",
	.argument_count = 13,
	.argument_types = {INT8ARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
					   BYTEAARRAYOID, BOOLARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID,
					   INTERVALARRAYOID, TEXTARRAYOID, TEXTARRAYOID, OIDARRAYOID},
};

static void
take(const char **in, void *value, int size)
{
	memcpy(value, *in, size);
	*in += size;
}

/* An int32 length, -1 for none, the bytes and a NUL. */
static const char *
take_text(const char **in)
{
	int32 length;
	const char *string;

	take(in, &length, sizeof(length));
	if (length < 0)
		return NULL;
	string = *in;
	*in += length + 1;
	return string;
}

static Outcome *
unpack(const char *in, int count)
{
	Outcome *outcomes = palloc(sizeof(Outcome) * count);

	for (int i = 0; i < count; i++)
	{
		Outcome *outcome = &outcomes[i];
		int64 body_address;
		int32 timed_out;

		take(&in, &outcome->id, sizeof(int64));
		take(&in, &outcome->table_oid, sizeof(int32));
		take(&in, &outcome->xmin, sizeof(int32));
		take(&in, &outcome->completed_micros, sizeof(int64));
		take(&in, &outcome->duration_micros, sizeof(int64));
		take(&in, &outcome->status, sizeof(int32));
		take(&in, &timed_out, sizeof(int32));
		take(&in, &body_address, sizeof(int64));
		take(&in, &outcome->body_length, sizeof(int64));
		outcome->timed_out = timed_out != 0;
		outcome->body = (const char *) (intptr_t) body_address;
		outcome->content_type = take_text(&in);
		outcome->charset = take_text(&in);
		outcome->headers = take_text(&in);
		outcome->error = take_text(&in);
	}
	return outcomes;
}

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

/* The columns of insert_statement, in its order. */
enum
{
	ID,
	STATUS_CODE,
	CONTENT_TYPE,
	HEADERS,
	CONTENT,
	BODY,
	TIMED_OUT,
	ERROR_MSG,
	CREATED,
	DURATION,
	METHOD,
	URL,
	OWNER,
	COLUMN_COUNT
};

static const struct
{
	Oid type;
	int length;
	bool by_value;
	char alignment;
} column_types[COLUMN_COUNT] = {
	[ID] = {INT8OID, 8, true, TYPALIGN_DOUBLE},
	[STATUS_CODE] = {INT4OID, 4, true, TYPALIGN_INT},
	[CONTENT_TYPE] = {TEXTOID, -1, false, TYPALIGN_INT},
	[HEADERS] = {TEXTOID, -1, false, TYPALIGN_INT},
	[CONTENT] = {TEXTOID, -1, false, TYPALIGN_INT},
	[BODY] = {BYTEAOID, -1, false, TYPALIGN_INT},
	[TIMED_OUT] = {BOOLOID, 1, true, TYPALIGN_CHAR},
	[ERROR_MSG] = {TEXTOID, -1, false, TYPALIGN_INT},
	[CREATED] = {TIMESTAMPTZOID, 8, true, TYPALIGN_DOUBLE},
	[DURATION] = {INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE},
	[METHOD] = {TEXTOID, -1, false, TYPALIGN_INT},
	[URL] = {TEXTOID, -1, false, TYPALIGN_INT},
	[OWNER] = {OIDOID, 4, true, TYPALIGN_INT},
};

typedef struct Columns
{
	Datum *values[COLUMN_COUNT];
	bool *nulls[COLUMN_COUNT];
	int count;
} Columns;

static void
set(Columns *columns, int column, Datum value)
{
	columns->values[column][columns->count] = value;
	columns->nulls[column][columns->count] = false;
}

/* Text that came from the network, as the database can hold it; characters that it lacks become question marks. */
static void
set_text(Columns *columns, int column, const char *utf8)
{
	char *server_text;

	if (utf8 == NULL)
		return;
	server_text = pgnet_utf8_to_server(utf8, strlen(utf8));
	if (server_text == NULL)
	{
		server_text = pstrdup(utf8);
		for (char *c = server_text; *c != '\0'; c++)
			if (IS_HIGHBIT_SET(*c))
				*c = '?';
	}
	set(columns, column, CStringGetTextDatum(server_text));
}

/* Text in the database's encoding goes to content, anything else unchanged to body; an empty body is null in both. */
static void
set_content(Columns *columns, const Outcome *outcome)
{
	text *content;

	if (outcome->body_length == 0)
		return;
	content = pgnet_content(outcome->body, outcome->body_length,
							outcome->charset == NULL ? "" : outcome->charset);
	if (content != NULL)
		set(columns, CONTENT, PointerGetDatum(content));
	else
		set(columns, BODY,
			PointerGetDatum(cstring_to_text_with_len(outcome->body, outcome->body_length)));
}

static void
add_row(Columns *columns, const Outcome *outcome, const QueueRow *row)
{
	Interval *duration = palloc0(sizeof(Interval));

	for (int i = 0; i < COLUMN_COUNT; i++)
		columns->nulls[i][columns->count] = true;
	duration->time = outcome->duration_micros;
	set(columns, ID, Int64GetDatum(outcome->id));
	set(columns, TIMED_OUT, BoolGetDatum(outcome->timed_out));
	set(columns, CREATED,
		TimestampTzGetDatum(outcome->completed_micros -
							(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY));
	set(columns, DURATION, IntervalPGetDatum(duration));
	set(columns, METHOD, row->method);
	set(columns, URL, row->url);
	set(columns, OWNER, row->owner);
	set_text(columns, ERROR_MSG, outcome->error);
	if (outcome->status != 0)
	{
		set(columns, STATUS_CODE, Int32GetDatum(outcome->status));
		set_text(columns, CONTENT_TYPE, outcome->content_type);
		set_text(columns, HEADERS, outcome->headers);
		set_content(columns, outcome);
	}
	columns->count++;
}

static void
insert_responses(Columns *columns)
{
	Datum arrays[COLUMN_COUNT];
	int dimension = columns->count;
	int lower_bound = 1;

	for (int i = 0; i < COLUMN_COUNT; i++)
		arrays[i] = PointerGetDatum(
			construct_md_array(columns->values[i], columns->nulls[i], 1, &dimension, &lower_bound,
							   column_types[i].type, column_types[i].length,
							   column_types[i].by_value, column_types[i].alignment));
	pgnet_execute(&insert_statement, arrays, NULL, SPI_OK_INSERT);
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
	Columns columns = {.count = 0};
	int64 bytes_out = 0;
	Datum ids;

	memset(dispositions, DISPOSITION_GONE, count);
	if (!pgnet_session_begin(without_triggers))
		return;
	rows = lock_rows(outcomes, count);
	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		columns.values[i] = palloc0(sizeof(Datum) * count);
		columns.nulls[i] = palloc(sizeof(bool) * count);
	}
	hash_seq_init(&scan, rows);
	while ((row = hash_seq_search(&scan)) != NULL)
		if (row->outcome >= 0)
		{
			add_row(&columns, &outcomes[row->outcome], row);
			dispositions[row->outcome] = DISPOSITION_RECORDED;
			bytes_out += row->body_length;
		}
	if (columns.count > 0)
	{
		ids = ids_of_rows(rows);
		pgnet_execute(&delete_statement, &ids, NULL, SPI_OK_DELETE);
		insert_responses(&columns);
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
	Outcome *outcomes = unpack(packed, count);

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
