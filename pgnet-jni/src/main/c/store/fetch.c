/*
 * fetch.c
 *		Reads committed requests, in the order of their ids, for the Java side.
 */
#include "store/transaction.h"
#include "store/request.h"
#include "store/store.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

static Statement fetch_statement = {
	.text = "SELECT id, xmin, method::text, url, headers, body, timeout_milliseconds, owner FROM "
			"net.http_request_queue "
			"WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

/* A read ends when it has packed so much, whatever its limit. */
#define MAX_PACKED_BYTES (4 * 1024 * 1024)

/* the copies of bodies that this read has made, to be freed when it fails */
static List *bodies;

enum
{
	COLUMN_ID = 1,
	COLUMN_XMIN,
	COLUMN_METHOD,
	COLUMN_URL,
	COLUMN_HEADERS,
	COLUMN_BODY,
	COLUMN_TIMEOUT,
	COLUMN_OWNER
};

/* of the columns */
static const Oid types[] = {INT8OID, XIDOID, TEXTOID, TEXTOID, JSONBOID, BYTEAOID, INT4OID, OIDOID};

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

/* Adds the headers as JSON, if there are any. Returns their length. */
static int32
put_headers(StringInfo out, HeapTuple row)
{
	bool isnull;
	Datum headers = value_of(row, COLUMN_HEADERS, &isnull);
	Jsonb *object;
	char *json;
	int32 length;

	if (isnull || JB_ROOT_COUNT(DatumGetJsonbP(headers)) == 0)
		return 0;
	object = DatumGetJsonbP(headers);
	json = JsonbToCString(NULL, &object->root, VARSIZE(object));
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

/* Adds a row. Returns the length of its body. */
static int64
put_row(StringInfo out, HeapTuple row)
{
	int begin = out->len;
	PackedRequest request = {0};
	bool isnull;

	request.id = DatumGetInt64(value_of(row, COLUMN_ID, &isnull));
	request.version = pgnet_row_version(pgnet_queue_oid,
										DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	request.owner = (int32) DatumGetObjectId(value_of(row, COLUMN_OWNER, &isnull));
	request.timeout_millis = DatumGetInt32(value_of(row, COLUMN_TIMEOUT, &isnull));
	appendBinaryStringInfo(out, (const char *) &request, sizeof(request));
	request.method_bytes = put_column(out, row, COLUMN_METHOD);
	request.url_bytes = put_column(out, row, COLUMN_URL);
	request.headers_bytes = put_headers(out, row);
	copy_body(row, &request);
	align(out);
	request.record_bytes = out->len - begin;
	memcpy(out->data + begin, &request, sizeof(request));
	return request.body_length;
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

/*
 * The rows with ids from first to last, at most limit of them, none behind one with which the bodies exceed
 * max_body_bytes, as request.h lays them out. RequestReader reads it.
 */
StringInfo
pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes)
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
		fetch_rows(rows, values, limit, max_body_bytes);
	}
	PG_CATCH();
	{
		ListCell *cell;

		foreach (cell, bodies)
			free(lfirst(cell));
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgnet_transaction_end();
	return rows;
}
