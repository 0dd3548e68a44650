/*
 * fetch.c
 *		Reads committed requests, in the order of their ids, for the Java side.
 */
#include "store/transaction.h"
#include "shared/compat.h"
#include "shared/request_limits.h"
#include "shared/order_key.h"
#include "shared/secret_names.h"
#include "store/due.h"
#include "store/ids.h"
#include "store/moment.h"
#include "store/orphans.h"
#include "store/request.h"
#include "store/store.h"
#include "store/survey.h"

#include "access/detoast.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

static Statement fetch_statement = {
	.text =
		"SELECT id, xmin, owner, method::pg_catalog.text, url, headers, body, "
		"timeout_milliseconds, created, policy, not_before, expires, priority, order_key, secrets, "
		"sign_with, webhook, context FROM "
		"net.http_request_queue "
		"WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2 ORDER BY id "
		"LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

/* The same of chosen ones. */
static Statement pick_statement = {
	.text =
		"SELECT id, xmin, owner, method::pg_catalog.text, url, headers, body, "
		"timeout_milliseconds, created, policy, not_before, expires, priority, order_key, secrets, "
		"sign_with, webhook, context FROM "
		"net.http_request_queue "
		"WHERE id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY id",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* Headers of so few bytes are no more than some MB as JSON, whatever numbers they hold. */
#define SMALL_HEADERS 1024

/* So much of an error tells why a row cannot be read. */
#define MAX_REFUSAL_BYTES 500

/* A read ends when it has packed so much, whatever its limit. */
#define MAX_PACKED_BYTES (4 * 1024 * 1024)

/* What a read is about: a range of ids, and the most rows; or chosen ids, a bigint[], and how many they are. */
typedef struct Wanted
{
	Datum ids;
	int64 first;
	int64 last;
	int limit;
} Wanted;

/* the copies of bodies that this read has made, to be freed when it fails */
static List *bodies;

enum
{
	COLUMN_ID,
	COLUMN_XMIN,
	COLUMN_OWNER,
	COLUMN_METHOD,
	COLUMN_URL,
	COLUMN_HEADERS,
	COLUMN_BODY,
	COLUMN_TIMEOUT,
	COLUMN_CREATED,
	COLUMN_POLICY,
	COLUMN_NOT_BEFORE,
	COLUMN_EXPIRES,
	COLUMN_PRIORITY,
	COLUMN_ORDER_KEY,
	COLUMN_SECRETS,
	COLUMN_SIGN_WITH,
	COLUMN_WEBHOOK,
	COLUMN_CONTEXT,
	COLUMN_COUNT
};

/* of the columns */
static const Oid types[COLUMN_COUNT] = {
	INT8OID,  XIDOID,  OIDOID,         TEXTOID, TEXTOID,        JSONBOID,
	BYTEAOID, INT4OID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
	TEXTOID,  TEXTOID, TEXTARRAYOID,   TEXTOID, TEXTOID,        JSONBOID};

/* A row of the queue, as the statements return it. */
typedef struct QueuedRow
{
	Datum values[COLUMN_COUNT];
	bool nulls[COLUMN_COUNT];
} QueuedRow;

/* Adds a text in UTF-8. Returns its length. */
static int32
put_text(StringInfo out, const char *server_text, int length)
{
	char *utf8 = pg_server_to_any(server_text, length, PG_UTF8);
	int utf8_length = utf8 == server_text ? length : strlen(utf8);

	appendBinaryStringInfo(out, utf8, utf8_length);
	return utf8_length;
}

/* One of the rows that the statement returned. Each column by itself would be looked for from the row's begin. */
static QueuedRow
row_at(uint64 index)
{
	QueuedRow row;

	heap_deform_tuple(SPI_tuptable->vals[index], SPI_tuptable->tupdesc, row.values, row.nulls);
	return row;
}

/* A column of a row. */
static Datum
value_of(const QueuedRow *row, int column, bool *isnull)
{
	*isnull = row->nulls[column];
	return row->values[column];
}

/* Adds a column of type text, none for a null. Returns its length. */
static int32
put_column(StringInfo out, const QueuedRow *row, int column)
{
	bool isnull;
	Datum value = value_of(row, column, &isnull);
	text *string;

	if (isnull) /* the owner may have dropped the constraint */
		return 0;
	string = DatumGetTextPP(value);
	return put_text(out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
}

/* Adds the names in a column of type text[], with blanks between them. Returns their length. */
static int32
put_names(StringInfo out, const QueuedRow *row, int column)
{
	bool isnull;
	Datum value = value_of(row, column, &isnull);
	int begin = out->len;
	Datum *names;
	bool *nulls;
	int count;

	if (isnull)
		return 0;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls,
					  &count);
	if (count > PGNET_MAX_SECRETS_OF_REQUEST)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("its list of secrets has %d names, more than the %d that are read",
							   count, PGNET_MAX_SECRETS_OF_REQUEST)));
	for (int i = 0; i < count; i++)
	{
		text *name = nulls[i] ? NULL : DatumGetTextPP(names[i]);

		if (i > 0)
			appendStringInfoChar(out, ' ');
		if (name != NULL)
			(void) put_text(out, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	return out->len - begin;
}

/* Raises an error when something of a request is longer than what can be sent. */
static void
check_bytes(const char *what, Size bytes, Size most)
{
	if (bytes > most)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("its %s has %zu bytes, more than the %zu that are read", what, bytes,
							   most)));
}

/* The same for a column. Only its length is looked at: there may not be the memory to read it. */
static void
check_column(const QueuedRow *row, int column, const char *what, Size most)
{
	bool isnull;
	Datum value = value_of(row, column, &isnull);

	if (!isnull)
		check_bytes(what, toast_raw_datum_size(value) - VARHDRSZ, most);
}

/* Raises an error when headers are too long as JSON: a number of a few bytes may have 131,072 digits. */
static void
check_json_length(Jsonb *headers)
{
	JsonbIterator *iterator = JsonbIteratorInit(&headers->root);
	JsonbIteratorToken token;
	JsonbValue value;
	Size bytes = 0;

	if (VARSIZE(headers) <= SMALL_HEADERS)
		return;
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token != WJB_KEY && token != WJB_VALUE && token != WJB_ELEM)
			continue;
		if (value.type == jbvString)
			bytes += value.val.string.len;
		else if (value.type == jbvNumeric)
		{
			char *digits = DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));

			bytes += strlen(digits);
			pfree(digits);
		}
		check_bytes("set of headers", bytes, PGNET_MAX_HEADERS_JSON_BYTES);
	}
}

/* Adds the headers as JSON, if there are any. Returns their length. */
static int32
put_headers(StringInfo out, const QueuedRow *row)
{
	bool isnull;
	Datum headers = value_of(row, COLUMN_HEADERS, &isnull);
	Jsonb *object = isnull ? NULL : DatumGetJsonbP(headers);
	char *json;
	int32 length;

	if (isnull || JB_ROOT_COUNT(object) == 0)
		return 0;
	check_json_length(object);
	json = JsonbToCString(NULL, &object->root, VARSIZE(object));
	check_bytes("set of headers", strlen(json), PGNET_MAX_HEADERS_JSON_BYTES);
	length = put_text(out, json, strlen(json));
	pfree(json);
	return length;
}

/* Copies the body into memory of malloc(3), which the Java side frees; an empty one has none. */
static void
copy_body(const QueuedRow *row, PackedRequest *request)
{
	bool isnull;
	Datum body = value_of(row, COLUMN_BODY, &isnull);
	bytea *bytes = isnull ? NULL : DatumGetByteaPP(body);
	size_t length = isnull ? 0 : VARSIZE_ANY_EXHDR(bytes);
	char *copy = NULL;

	if (length > 0)
	{
		copy = malloc(length);
		if (copy == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory for a request's body")));
		memcpy(copy, VARDATA_ANY(bytes), length);
		bodies = lappend(bodies, copy);
	}
	request->body_address = (int64) (intptr_t) copy;
	request->body_length = length;
	if (bytes != NULL && (Pointer) bytes != DatumGetPointer(body))
		pfree(bytes);
}

/* Fills up to where the next record may begin. */
static void
align(StringInfo out)
{
	static const char zeros[PGNET_RECORD_ALIGNMENT] = {0};
	int excess = out->len % PGNET_RECORD_ALIGNMENT;

	if (excess != 0)
		appendBinaryStringInfo(out, zeros, PGNET_RECORD_ALIGNMENT - excess);
}

/* A moment, or another one when there is none. */
static TimestampTz
moment_of(const QueuedRow *row, int column, TimestampTz otherwise)
{
	bool isnull;
	Datum value = value_of(row, column, &isnull);

	return isnull ? otherwise : DatumGetTimestampTz(value);
}

/* The lane of a row. */
static Lane
lane_of(const QueuedRow *row)
{
	NullableDatum priority;

	priority.value = value_of(row, COLUMN_PRIORITY, &priority.isnull);
	return pgnet_lane(priority);
}

/* The number of its order key, 0 for none. */
static int64
order_key_of(const QueuedRow *row)
{
	bool isnull;
	Datum key = value_of(row, COLUMN_ORDER_KEY, &isnull);

	return isnull ? 0 : pgnet_order_key(key);
}

/* What identifies a row, and when it was due first if nothing beside the queue says so. */
static PackedRequest
request_of(const QueuedRow *row)
{
	PackedRequest request = {0};
	bool isnull;
	TimestampTz created = moment_of(row, COLUMN_CREATED, DT_NOBEGIN);
	TimestampTz not_before = moment_of(row, COLUMN_NOT_BEFORE, DT_NOBEGIN);

	request.id = DatumGetInt64(value_of(row, COLUMN_ID, &isnull));
	request.version = pgnet_row_version(pgnet_queue_oid,
										DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	request.owner = DatumGetObjectId(value_of(row, COLUMN_OWNER, &isnull));
	request.first_due_micros = pgnet_unix_micros(Max(created, not_before));
	request.has_delivery = !TIMESTAMP_IS_NOBEGIN(not_before);
	request.lane = lane_of(row);
	request.order_key = order_key_of(row);
	return request;
}

/* The same of a row that has been surveyed. */
static PackedRequest
request_of_key(const DueKey *key)
{
	PackedRequest request = {0};

	request.id = key->id;
	request.version = key->version;
	request.owner = key->owner;
	request.has_delivery = key->has_delivery;
	request.lane = key->lane;
	request.order_key = key->order_key;
	request.expires_micros = DT_NOEND;
	return request;
}

/* Ends a request that begins there, with its texts behind it. */
static void
finish_request(StringInfo out, int begin, PackedRequest *request)
{
	align(out);
	request->record_bytes = out->len - begin;
	memcpy(out->data + begin, request, sizeof(*request));
}

/* How long the context is, which stays where it is until it is copied to the response. */
static int64
context_bytes(const QueuedRow *row)
{
	bool isnull;
	Datum context = value_of(row, COLUMN_CONTEXT, &isnull);

	return isnull ? 0 : (int64) toast_raw_datum_size(context) - VARHDRSZ;
}

/* Adds a row, with what is kept beside it; NULL when nothing is. Returns the length of its body and its context. */
static int64
put_row(StringInfo out, const QueuedRow *row, const DueKey *key)
{
	int begin = out->len;
	PackedRequest request = request_of(row);
	bool isnull;

	check_column(row, COLUMN_METHOD, "method", PGNET_MAX_METHOD_BYTES);
	check_column(row, COLUMN_URL, "URL", PGNET_MAX_URL_BYTES);
	check_column(row, COLUMN_HEADERS, "set of headers", PGNET_MAX_HEADERS_JSON_BYTES);
	check_column(row, COLUMN_POLICY, "policy", NAMEDATALEN * MAX_MULTIBYTE_CHAR_LEN);
	check_column(row, COLUMN_SECRETS, "list of secrets", PGNET_MAX_URL_BYTES);
	check_column(row, COLUMN_SIGN_WITH, "sign_with", NAMEDATALEN * MAX_MULTIBYTE_CHAR_LEN);
	check_column(row, COLUMN_WEBHOOK, "webhook", NAMEDATALEN * MAX_MULTIBYTE_CHAR_LEN);
	request.timeout_millis = DatumGetInt32(value_of(row, COLUMN_TIMEOUT, &isnull));
	if (isnull)
		request.timeout_millis = PGNET_TIMEOUT_OF_HOST;
	request.created_micros = pgnet_unix_micros(moment_of(row, COLUMN_CREATED, DT_NOBEGIN));
	request.expires_micros = pgnet_unix_micros(moment_of(row, COLUMN_EXPIRES, DT_NOEND));
	if (key != NULL)
		request.has_delivery = key->has_delivery;
	if (key != NULL && key->has_delivery)
	{
		request.attempts = key->attempts;
		request.counted = key->counted;
		request.first_due_micros = pgnet_unix_micros(key->first_due);
	}
	appendBinaryStringInfo(out, (const char *) &request, sizeof(request));
	request.method_bytes = put_column(out, row, COLUMN_METHOD);
	request.url_bytes = put_column(out, row, COLUMN_URL);
	request.headers_bytes = put_headers(out, row);
	request.policy_bytes = put_column(out, row, COLUMN_POLICY);
	request.secrets_bytes = put_names(out, row, COLUMN_SECRETS);
	request.sign_with_bytes = put_column(out, row, COLUMN_SIGN_WITH);
	request.webhook_bytes = put_column(out, row, COLUMN_WEBHOOK);
	request.context_bytes = context_bytes(row);
	copy_body(row, &request);
	finish_request(out, begin, &request);
	return request.body_length + request.context_bytes;
}

/* Adds a row of which nothing but the key is known, and why, in ASCII. */
static void
put_refusal(StringInfo out, PackedRequest request, const char *reason)
{
	int begin = out->len;

	appendBinaryStringInfo(out, (const char *) &request, sizeof(request));
	request.refusal_bytes = strlen(reason);
	appendBinaryStringInfo(out, reason, request.refusal_bytes);
	finish_request(out, begin, &request);
}

/* Frees the copies of bodies beyond so many. */
static void
free_bodies(int kept)
{
	for (int i = kept; i < list_length(bodies); i++)
		free(list_nth(bodies, i));
	bodies = list_truncate(bodies, kept);
}

/* Whether so much has been packed that a read ends. */
static bool
is_full(StringInfo out, int64 body_bytes, int64 max_body_bytes)
{
	return body_bytes > max_body_bytes || out->len > MAX_PACKED_BYTES;
}

/*
 * Packs the rows that a statement returned into out, when no request is known to wait for a time or another one. One that does
 * wait for a time is left out nevertheless: whoever commits it will say so. False when one has an order key: then nobody has
 * said so yet, and all must be read with a look beside the queue.
 */
static bool
pack_rows(StringInfo out, PackedRequests *head, int64 max_body_bytes)
{
	TimestampTz now = GetCurrentTimestamp();
	int64 body_bytes = 0;
	uint64 i = 0;
	bool isnull;

	pgnet_check_result(types, lengthof(types));
	for (; i < SPI_processed && !is_full(out, body_bytes, max_body_bytes); i++)
	{
		QueuedRow row = row_at(i);

		if (order_key_of(&row) != 0)
			return false;
		head->last = DatumGetInt64(value_of(&row, COLUMN_ID, &isnull));
		if (moment_of(&row, COLUMN_NOT_BEFORE, DT_NOBEGIN) > now)
			continue;
		body_bytes += put_row(out, &row, NULL);
		head->count++;
	}
	head->complete = i == SPI_processed;
	return true;
}

/*
 * The chosen ids as a range, if they are all of one: then nothing is to be sorted, nor each looked for by itself. One that is
 * chosen twice is not all there is between its neighbours.
 */
static bool
is_range(Datum ids, Wanted *range)
{
	ArrayType *array = DatumGetArrayTypeP(ids);
	const int64 *values = (const int64 *) ARR_DATA_PTR(array);
	int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (count == 0)
		return false;
	for (int i = 1; i < count; i++)
		if (values[i] - values[i - 1] != 1)
			return false;
	*range = (Wanted){.first = values[0], .last = values[count - 1], .limit = count};
	return true;
}

/* Executes the statement that reads what is wanted. */
static void
execute_fetch(const Wanted *wanted)
{
	Wanted range = *wanted;

	if (wanted->ids == (Datum) 0 || is_range(wanted->ids, &range))
	{
		Datum values[] = {Int64GetDatum(range.first), Int64GetDatum(range.last),
						  Int64GetDatum(range.limit)};

		pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
	}
	else
		pgnet_execute(&pick_statement, &range.ids, NULL, SPI_OK_SELECT);
}

/* Reads the rows of a range, at most limit, or the chosen ones. */
static bool
fetch_rows(StringInfo out, const Wanted *wanted, int64 max_body_bytes)
{
	PackedRequests head = {0};

	execute_fetch(wanted);
	if (!pack_rows(out, &head, max_body_bytes))
		return false;
	if (wanted->ids == (Datum) 0 && head.complete)
		head.complete = SPI_processed < wanted->limit;
	memcpy(out->data, &head, sizeof(head));
	return true;
}

/* Reads the rows that were found to be due. One that is another now comes by the commit that made it so. */
static void
fetch_due(StringInfo out, const Survey *survey, int64 max_body_bytes)
{
	Datum ids = pgnet_survey_ids(survey);
	int64 body_bytes = 0;
	int key = 0;
	uint64 i = 0;
	PackedRequests head = {.complete = survey->complete, .last = survey->last};

	pgnet_execute(&pick_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, lengthof(types));
	for (; i < SPI_processed && !is_full(out, body_bytes, max_body_bytes); i++)
	{
		QueuedRow row = row_at(i);
		PackedRequest request = request_of(&row);

		while (key < survey->count && survey->due[key].id < request.id)
			key++;
		head.last = request.id;
		if (key == survey->count || survey->due[key].version != request.version)
			continue;
		body_bytes += put_row(out, &row, &survey->due[key]);
		head.count++;
	}
	if (i < SPI_processed)
		head.complete = false;
	else
		head.last = survey->last;
	memcpy(out->data, &head, sizeof(head));
}

/* Why a row cannot be read, palloc'd. An error that was raised to end the process is raised again. */
static char *
refusal_of(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (category == ERRCODE_TO_CATEGORY(ERRCODE_QUERY_CANCELED))
		ReThrowError(unconstify(ErrorData *, error));
	return pgnet_to_ascii(pnstrdup(error->message, strnlen(error->message, MAX_REFUSAL_BYTES)));
}

/* Reads the row of a key in a subtransaction, so that its error is its own. */
static void
fetch_one(StringInfo out, const DueKey *key, int64 *body_bytes)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Datum values[] = {Int64GetDatum(key->id), Int64GetDatum(key->id), Int64GetDatum(1)};
	int begin = out->len;
	int kept_bodies = list_length(bodies);

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
		pgnet_check_result(types, lengthof(types));
		if (SPI_processed == 0)
			put_refusal(out, request_of_key(key),
						"it was deleted"); /* which recording will find too */
		else
		{
			QueuedRow row = row_at(0);

			*body_bytes += put_row(out, &row, key);
		}
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		out->len = begin;
		free_bodies(kept_bodies);
		put_refusal(out, request_of_key(key), refusal_of(error));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

/* Reads the rows that were found to be due, each by itself, or nothing but their keys. */
static void
fetch_each(StringInfo out, const Survey *survey, int64 max_body_bytes, Reading reading)
{
	int64 body_bytes = 0;
	int i = 0;
	PackedRequests head = {.complete = survey->complete, .last = survey->last};

	for (; i < survey->count && !is_full(out, body_bytes, max_body_bytes); i++)
		if (reading == ONE_BY_ONE)
			fetch_one(out, &survey->due[i], &body_bytes);
		else
			put_refusal(out, request_of_key(&survey->due[i]), "");
	head.count = i;
	if (i < survey->count)
	{
		head.complete = false;
		head.last = survey->due[i - 1].id;
	}
	memcpy(out->data, &head, sizeof(head));
}

/* Looks which of the wanted ones may be sent. */
static Survey
survey(const Wanted *wanted)
{
	return wanted->ids == (Datum) 0 ? pgnet_survey(wanted->first, wanted->last, wanted->limit)
									: pgnet_survey_of(wanted->ids, wanted->limit);
}

/* Reads the rows in this manner. */
static void
fetch(StringInfo out, const Wanted *wanted, int64 max_body_bytes, Reading reading)
{
	int begin = out->len;
	Survey found;

	if (reading == ALL_AT_ONCE && !pgnet_is_delivery_expected())
	{
		if (fetch_rows(out, wanted, max_body_bytes))
			return;
		out->len = begin;
		free_bodies(0);
		pgnet_expect_delivery();
	}
	found = survey(wanted);
	if (wanted->ids == (Datum) 0 && wanted->last == PG_INT64_MAX)
		pgnet_delete_keyed_orphans(wanted->first, found.complete ? wanted->last : found.last);
	if (reading == ALL_AT_ONCE)
		fetch_due(out, &found, max_body_bytes);
	else
		fetch_each(out, &found, max_body_bytes, reading);
}

/* Reads what is wanted in a transaction. */
static StringInfo
fetch_wanted(const Wanted *wanted, int64 max_body_bytes, Reading reading)
{
	StringInfo rows = makeStringInfo(); /* in the caller's context: it outlives the transaction */
	PackedRequests nothing = {.complete = 1};

	appendBinaryStringInfo(rows, (const char *) &nothing, sizeof(nothing));
	if (!pgnet_transaction_begin(false))
		return rows;
	bodies = NIL;
	PG_TRY();
	{
		fetch(rows, wanted, max_body_bytes, reading);
	}
	PG_CATCH();
	{
		free_bodies(0);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgnet_transaction_end();
	return rows;
}

/*
 * The rows with ids from first to last, at most limit of them, none behind one with which the bodies exceed
 * max_body_bytes, as request.h lays them out. RequestReader reads it.
 */
StringInfo
pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes, Reading reading)
{
	Wanted wanted = {.first = first, .last = last, .limit = limit};

	return fetch_wanted(&wanted, max_body_bytes, reading);
}

/* The same of chosen ids, which are in ascending order. */
StringInfo
pgnet_fetch_chosen(Datum *ids, int count, int64 max_body_bytes, Reading reading)
{
	Wanted wanted = {.ids = pgnet_id_array(ids, count), .limit = count};

	return fetch_wanted(&wanted, max_body_bytes, reading);
}
