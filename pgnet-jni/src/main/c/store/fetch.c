/*
 * fetch.c
 *		Reads committed requests, in the order of their ids, for the Java side.
 */
#include "store/transaction.h"
#include "shared/request_limits.h"
#include "store/request.h"
#include "store/store.h"

#include "access/detoast.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/resowner.h"

static Statement fetch_statement = {
	.text = "SELECT id, xmin, owner, method::pg_catalog.text, url, headers, body, "
			"timeout_milliseconds FROM "
			"net.http_request_queue "
			"WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2 ORDER BY id "
			"LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

static Statement keys_statement = {
	.text = "SELECT id, xmin, owner FROM net.http_request_queue "
			"WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2 ORDER BY id "
			"LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

#define KEY_COLUMNS 3

/* Headers of so few bytes are no more than some MB as JSON, whatever numbers they hold. */
#define SMALL_HEADERS 1024

/* So much of an error tells why a row cannot be read. */
#define MAX_REFUSAL_BYTES 500

/* A read ends when it has packed so much, whatever its limit. */
#define MAX_PACKED_BYTES (4 * 1024 * 1024)

/* the copies of bodies that this read has made, to be freed when it fails */
static List *bodies;

enum
{
	COLUMN_ID = 1,
	COLUMN_XMIN,
	COLUMN_OWNER,
	COLUMN_METHOD,
	COLUMN_URL,
	COLUMN_HEADERS,
	COLUMN_BODY,
	COLUMN_TIMEOUT
};

/* of the columns; the first three are those of a key */
static const Oid types[] = {INT8OID, XIDOID, OIDOID, TEXTOID, TEXTOID, JSONBOID, BYTEAOID, INT4OID};

/* Adds a text in UTF-8. Returns its length. */
static int32
put_text(StringInfo out, const char *server_text, int length)
{
	char *utf8 = pg_server_to_any(server_text, length, PG_UTF8);
	int utf8_length = utf8 == server_text ? length : strlen(utf8);

	appendBinaryStringInfo(out, utf8, utf8_length);
	return utf8_length;
}

/* A column of a row that the statement returned. */
static Datum
value_of(HeapTuple row, int column, bool *isnull)
{
	return SPI_getbinval(row, SPI_tuptable->tupdesc, column, isnull);
}

/* Adds a column of type text, none for a null. Returns its length. */
static int32
put_column(StringInfo out, HeapTuple row, int column)
{
	bool isnull;
	Datum value = value_of(row, column, &isnull);
	text *string;

	if (isnull) /* the owner may have dropped the constraint */
		return 0;
	string = DatumGetTextPP(value);
	return put_text(out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
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
check_column(HeapTuple row, int column, const char *what, Size most)
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
put_headers(StringInfo out, HeapTuple row)
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
copy_body(HeapTuple row, PackedRequest *request)
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
	while (out->len % PGNET_RECORD_ALIGNMENT != 0)
		appendStringInfoChar(out, 0);
}

/* What identifies a row whose first columns are those of a key. */
static PackedRequest
request_of(HeapTuple row)
{
	PackedRequest request = {0};
	bool isnull;

	request.id = DatumGetInt64(value_of(row, COLUMN_ID, &isnull));
	request.version = pgnet_row_version(pgnet_queue_oid,
										DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	request.owner = (int32) DatumGetObjectId(value_of(row, COLUMN_OWNER, &isnull));
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

/* Adds a row. Returns the length of its body. */
static int64
put_row(StringInfo out, HeapTuple row)
{
	int begin = out->len;
	PackedRequest request = request_of(row);
	bool isnull;

	check_column(row, COLUMN_METHOD, "method", PGNET_MAX_METHOD_BYTES);
	check_column(row, COLUMN_URL, "URL", PGNET_MAX_URL_BYTES);
	check_column(row, COLUMN_HEADERS, "set of headers", PGNET_MAX_HEADERS_JSON_BYTES);
	request.timeout_millis = DatumGetInt32(value_of(row, COLUMN_TIMEOUT, &isnull));
	appendBinaryStringInfo(out, (const char *) &request, sizeof(request));
	request.method_bytes = put_column(out, row, COLUMN_METHOD);
	request.url_bytes = put_column(out, row, COLUMN_URL);
	request.headers_bytes = put_headers(out, row);
	copy_body(row, &request);
	finish_request(out, begin, &request);
	return request.body_length;
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

/* Reads the rows into out. */
static void
fetch_rows(StringInfo out, Datum *values, int limit, int64 max_body_bytes)
{
	int64 body_bytes = 0;
	uint64 i = 0;
	PackedRequests head;

	pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, lengthof(types));
	while (i < SPI_processed && body_bytes <= max_body_bytes && out->len <= MAX_PACKED_BYTES)
		body_bytes += put_row(out, SPI_tuptable->vals[i++]);
	head.complete = i == SPI_processed && SPI_processed < limit;
	head.count = i;
	memcpy(out->data, &head, sizeof(head));
}

/* Reads the keys of the rows, palloc'd. */
static PackedRequest *
fetch_keys(Datum *values, int *count)
{
	PackedRequest *keys;

	pgnet_execute(&keys_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, KEY_COLUMNS);
	keys = palloc(sizeof(PackedRequest) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
		keys[i] = request_of(SPI_tuptable->vals[i]);
	*count = SPI_processed;
	return keys;
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
fetch_one(StringInfo out, PackedRequest key, int64 *body_bytes)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Datum values[] = {Int64GetDatum(key.id), Int64GetDatum(key.id), Int64GetDatum(1)};
	int begin = out->len;
	int kept_bodies = list_length(bodies);

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
		pgnet_check_result(types, lengthof(types));
		if (SPI_processed == 0)
			put_refusal(out, key, "it was deleted"); /* which recording will find too */
		else
			*body_bytes += put_row(out, SPI_tuptable->vals[0]);
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
		put_refusal(out, key, refusal_of(error));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

/* Reads the rows into out, each by itself, or nothing but their keys. */
static void
fetch_each(StringInfo out, Datum *values, int limit, int64 max_body_bytes, Reading reading)
{
	int64 body_bytes = 0;
	int count;
	PackedRequest *keys = fetch_keys(values, &count);
	int i = 0;
	PackedRequests head;

	for (; i < count && body_bytes <= max_body_bytes && out->len <= MAX_PACKED_BYTES; i++)
		if (reading == ONE_BY_ONE)
			fetch_one(out, keys[i], &body_bytes);
		else
			put_refusal(out, keys[i], "");
	head.count = i;
	head.complete = i == count && count < limit;
	memcpy(out->data, &head, sizeof(head));
}

/*
 * The rows with ids from first to last, at most limit of them, none behind one with which the bodies exceed
 * max_body_bytes, as request.h lays them out. RequestReader reads it.
 */
StringInfo
pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes, Reading reading)
{
	StringInfo rows = makeStringInfo(); /* in the caller's context: it outlives the transaction */
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last), Int64GetDatum(limit)};
	PackedRequests nothing = {.complete = 1};

	appendBinaryStringInfo(rows, (const char *) &nothing, sizeof(nothing));
	if (!pgnet_transaction_begin(false))
		return rows;
	bodies = NIL;
	PG_TRY();
	{
		if (reading == ALL_AT_ONCE)
			fetch_rows(rows, values, limit, max_body_bytes);
		else
			fetch_each(rows, values, limit, max_body_bytes, reading);
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
