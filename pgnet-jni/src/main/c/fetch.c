/*
 * fetch.c
 *		Reads committed requests, in the order of their ids, for the Java side.
 */
#include "session.h"
#include "store.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

static Statement fetch_statement = {
	.text = "SELECT id, xmin, method, url, headers, body, timeout_milliseconds FROM "
			"net.http_request_queue "
			"WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

enum
{
	COLUMN_ID = 1,
	COLUMN_XMIN,
	COLUMN_METHOD,
	COLUMN_URL,
	COLUMN_HEADERS,
	COLUMN_BODY,
	COLUMN_TIMEOUT
};

static void
put(StringInfo out, const void *value, int size)
{
	appendBinaryStringInfo(out, value, size);
}

static void
put_int32(StringInfo out, int32 value)
{
	put(out, &value, sizeof(value));
}

static void
put_int64(StringInfo out, int64 value)
{
	put(out, &value, sizeof(value));
}

/* A length and the text in UTF-8. */
static void
put_text(StringInfo out, const char *server_text, int length)
{
	char *utf8 = pg_server_to_any(server_text, length, PG_UTF8);
	int utf8_length = utf8 == server_text ? length : strlen(utf8);

	put_int32(out, utf8_length);
	put(out, utf8, utf8_length);
}

/* Address and length of a copy in memory of malloc(3), which the Java side frees; zeros for an empty body. */
static void
put_body(StringInfo out, Datum body, bool isnull)
{
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
	}
	put_int64(out, (int64) (intptr_t) copy);
	put_int64(out, length);
	if (bytes != NULL && (Pointer) bytes != DatumGetPointer(body))
		pfree(bytes);
}

static Datum
value_of(HeapTuple row, int column, bool *isnull)
{
	return SPI_getbinval(row, SPI_tuptable->tupdesc, column, isnull);
}

static void
put_row(StringInfo out, HeapTuple row)
{
	bool isnull;
	text *string;
	Datum headers;

	put_int64(out, DatumGetInt64(value_of(row, COLUMN_ID, &isnull)));
	put_int32(out, (int32) pgnet_queue_oid);
	put_int32(out, (int32) DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	put_int32(out, DatumGetInt32(value_of(row, COLUMN_TIMEOUT, &isnull)));
	string = DatumGetTextPP(value_of(row, COLUMN_METHOD, &isnull));
	put_text(out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	string = DatumGetTextPP(value_of(row, COLUMN_URL, &isnull));
	put_text(out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));

	headers = value_of(row, COLUMN_HEADERS, &isnull);
	if (isnull || JB_ROOT_COUNT(DatumGetJsonbP(headers)) == 0)
		put_int32(out, 0);
	else
	{
		Jsonb *object = DatumGetJsonbP(headers);
		char *json = JsonbToCString(NULL, &object->root, VARSIZE(object));

		put_text(out, json, strlen(json));
		pfree(json);
	}
	headers = value_of(row, COLUMN_BODY, &isnull);
	put_body(out, headers, isnull);
}

/*
 * The rows with ids from first to last, at most limit of them. For each, in the machine's byte order: id int64, table
 * OID int32, xmin int32, timeout int32, then method, url and headers, each an int32 length and UTF-8 bytes, then the
 * body's address int64 and length int64. RequestReader reads it.
 */
StringInfo
pgnet_fetch(int64 first, int64 last, int limit)
{
	StringInfo rows = makeStringInfo(); /* in the caller's context: it outlives the transaction */
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last), Int64GetDatum(limit)};

	if (!pgnet_session_begin(false))
		return rows;
	pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
		put_row(rows, SPI_tuptable->vals[i]);
	pgnet_session_end();
	return rows;
}
