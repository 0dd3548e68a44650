/*
 * fetch.c
 *		Reads committed requests, in the order of their ids, for the Java side.
 */
#include "store/transaction.h"
#include "store/store.h"

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

/*
 * Address and length of a copy in memory of malloc(3), which the Java side frees; zeros for an empty body. Returns the
 * length.
 */
static int64
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
		bodies = lappend(bodies, copy);
	}
	put_int64(out, (int64) (intptr_t) copy);
	put_int64(out, length);
	if (bytes != NULL && (Pointer) bytes != DatumGetPointer(body))
		pfree(bytes);
	return length;
}

static Datum
value_of(HeapTuple row, int column, bool *isnull)
{
	return SPI_getbinval(row, SPI_tuptable->tupdesc, column, isnull);
}

/* Returns the length of the body. */
static int64
put_row(StringInfo out, HeapTuple row)
{
	bool isnull;
	text *string;
	Datum headers;
	Datum body;

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
	body = value_of(row, COLUMN_BODY, &isnull);
	return put_body(out, body, isnull);
}

/* Reads the rows into out. */
static void
fetch_rows(StringInfo out, Datum *values, int limit, int64 max_body_bytes)
{
	int64 body_bytes = 0;
	uint64 i = 0;

	pgnet_execute(&fetch_statement, values, NULL, SPI_OK_SELECT);
	while (i < SPI_processed && body_bytes <= max_body_bytes && out->len <= MAX_PACKED_BYTES)
		body_bytes += put_row(out, SPI_tuptable->vals[i++]);
	*(int32 *) out->data = i == SPI_processed && SPI_processed < limit;
}

/*
 * The rows with ids from first to last, at most limit of them, none behind one with which the bodies exceed
 * max_body_bytes. In the machine's byte order: int32 whether these are all there are now; then for each row id int64,
 * table OID int32, xmin int32, timeout int32, then method, url and headers, each an int32 length and UTF-8 bytes, then the
 * body's address int64 and length int64. RequestReader reads it.
 */
StringInfo
pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes)
{
	StringInfo rows = makeStringInfo(); /* in the caller's context: it outlives the transaction */
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last), Int64GetDatum(limit)};

	put_int32(rows, 1);
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
