/*
 * response.c
 *		Inserts the rows of net._http_response, many in one statement.
 */
#include "store/response.h"
#include "store/compress.h"
#include "store/transaction.h"
#include "store/store.h"
#include "shared/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "access/tupdesc.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

/* The rows are a relation that only these statements see: parsing an array for each column took as long as the insert. */
#define ROWS "pgnet_responses"

#define INSERT                                                                                \
	"INSERT INTO net._http_response (id, status_code, content_type, headers, content, body, " \
	"timed_out, error_msg, created, attempts, duration, method, url, owner) "                 \
	"SELECT id, status_code, content_type, headers, content, body, "                          \
	"timed_out, error_msg, created, attempts, duration, method, url, owner FROM " ROWS

static Statement insert_statement = {.text = INSERT};

/* A response of the same id can be there when somebody restarted the queue's sequence: the newer one replaces it. */
static Statement replace_statement = {
	.text = INSERT
	" ON CONFLICT (id) DO UPDATE SET status_code = excluded.status_code, "
	"content_type = excluded.content_type, headers = excluded.headers, content = excluded.content, "
	"body = excluded.body, timed_out = excluded.timed_out, error_msg = excluded.error_msg, "
	"created = excluded.created, attempts = excluded.attempts, duration = excluded.duration, "
	"method = excluded.method, url = excluded.url, owner = excluded.owner",
};

/* The rows' columns. */
enum
{
	RESPONSE_ID,
	RESPONSE_STATUS_CODE,
	RESPONSE_CONTENT_TYPE,
	RESPONSE_HEADERS,
	RESPONSE_CONTENT,
	RESPONSE_BODY,
	RESPONSE_TIMED_OUT,
	RESPONSE_ERROR_MSG,
	RESPONSE_CREATED,
	RESPONSE_ATTEMPTS,
	RESPONSE_DURATION,
	RESPONSE_METHOD,
	RESPONSE_URL,
	RESPONSE_OWNER,
	RESPONSE_COLUMN_COUNT
};

static const struct
{
	const char *name;
	Oid type;
} columns[RESPONSE_COLUMN_COUNT] = {
	[RESPONSE_ID] = {"id", INT8OID},
	[RESPONSE_STATUS_CODE] = {"status_code", INT4OID},
	[RESPONSE_CONTENT_TYPE] = {"content_type", TEXTOID},
	[RESPONSE_HEADERS] = {"headers", JSONBOID},
	[RESPONSE_CONTENT] = {"content", TEXTOID},
	[RESPONSE_BODY] = {"body", BYTEAOID},
	[RESPONSE_TIMED_OUT] = {"timed_out", BOOLOID},
	[RESPONSE_ERROR_MSG] = {"error_msg", TEXTOID},
	[RESPONSE_CREATED] = {"created", TIMESTAMPTZOID},
	[RESPONSE_ATTEMPTS] = {"attempts", INT4OID},
	[RESPONSE_DURATION] = {"duration", INTERVALOID},
	[RESPONSE_METHOD] = {"method", TEXTOID},
	[RESPONSE_URL] = {"url", TEXTOID},
	[RESPONSE_OWNER] = {"owner", OIDOID},
};

/* More than the Java side hands over at a time: rows go to a temporary file only when one that holds no pointer is larger. */
#define MAX_ROWS_KILOBYTES (64 * 1024)

/*
 * A body of so many bytes is compressed before the statement sees it, which copies each row twice; and then it copies a
 * pointer to what came of it.
 */
#define LARGE_BODY (64 * 1024)

#define INDIRECT_POINTER_SIZE (VARHDRSZ_EXTERNAL + sizeof(varatt_indirect))

/* the rows of this transaction */
static EphemeralNamedRelation rows;

/* where the rows' large values are, and the values of one row */
static MemoryContext rows_context;
static MemoryContext row_context;

/* whether a row may hold a pointer to a large value; see may_hold_pointers() */
static enum
{
	UNKNOWN,
	ALLOWED,
	NOT_ALLOWED
} pointers;

/*
 * The headers of the last response of this batch. Those of one server are mostly the same for a second, that of the header
 * Date, and to parse them takes as long as to insert the row.
 */
static struct
{
	const char *json; /* NULL for none */
	int64 length;
	Datum value;
} last_headers;

/* Headers that are longer are not kept. */
#define MAX_KEPT_HEADERS (4 * 1024)

typedef struct Row
{
	Datum values[RESPONSE_COLUMN_COUNT];
	bool nulls[RESPONSE_COLUMN_COUNT];
} Row;

static TupleDesc
describe_rows(void)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(RESPONSE_COLUMN_COUNT);

	for (int i = 0; i < RESPONSE_COLUMN_COUNT; i++)
		TupleDescInitEntry(descriptor, i + 1, columns[i].name, columns[i].type, -1, 0);
	return descriptor;
}

/* Begins a set of rows, in the current memory context. */
void
pgnet_responses_begin(void)
{
	int result;

	rows = palloc0(sizeof(EphemeralNamedRelationData));
	rows->md.name = ROWS;
	rows->md.reliddesc = InvalidOid;
	rows->md.tupdesc = describe_rows();
	rows->md.enrtype = ENR_NAMED_TUPLESTORE;
	rows->reldata = tuplestore_begin_heap(false, false, MAX_ROWS_KILOBYTES);
	rows_context = CurrentMemoryContext;
	last_headers.json = NULL;
	pointers = UNKNOWN;
	row_context = AllocSetContextCreate(rows_context, "pg_net response", ALLOCSET_DEFAULT_SIZES);
	result = SPI_register_relation(rows);
	if (result != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the responses: %s", SPI_result_code_string(result));
}

static void
set(Row *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* Text that came from the network, as the database can hold it; characters that it lacks become question marks. */
static char *
server_text(const char *utf8, int64 length)
{
	char *text = pgnet_utf8_to_server(utf8, length);

	return text == NULL ? pgnet_to_ascii(pnstrdup(utf8, length)) : text;
}

static void
set_string(Row *row, int column, const char *utf8)
{
	if (utf8 != NULL)
		set(row, column, CStringGetTextDatum(server_text(utf8, strlen(utf8))));
}

/* Keeps headers that were read for the next response, unless they are long. */
static void
keep_headers(const Outcome *outcome, Datum value)
{
	MemoryContext caller;

	if (last_headers.json != NULL)
		pfree(DatumGetPointer(last_headers.value));
	last_headers.json = NULL;
	if (outcome->headers_length > MAX_KEPT_HEADERS)
		return;
	caller = MemoryContextSwitchTo(rows_context);
	last_headers.value = datumCopy(value, false, -1);
	MemoryContextSwitchTo(caller);
	last_headers.json = outcome->headers;
	last_headers.length = outcome->headers_length;
}

/* The headers; those that equal the last ones are not parsed again. */
static void
set_headers(Row *row, const Outcome *outcome)
{
	char *json;
	Datum value;

	if (outcome->headers == NULL)
		return;
	if (last_headers.json != NULL && outcome->headers_length == last_headers.length &&
		memcmp(outcome->headers, last_headers.json, last_headers.length) == 0)
	{
		set(row, RESPONSE_HEADERS, last_headers.value);
		return;
	}
	json = server_text(outcome->headers, outcome->headers_length);
	value = DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
	set(row, RESPONSE_HEADERS, value);
	keep_headers(outcome, value);
}

/*
 * A large body as the table would compress it, where the table's owner has not said otherwise; else the body. What was
 * compressed already is used if the table wants it so.
 */
static Datum
compressed(text *body, const char *column, const Outcome *outcome)
{
	HeapTuple tuple = SearchSysCacheAttName(pgnet_responses_oid, column);
	Datum result = PointerGetDatum(NULL);
	char method;
	bool extended;

	if (!HeapTupleIsValid(tuple))
		return PointerGetDatum(body); /* the statement will say so */
	extended = ((Form_pg_attribute) GETSTRUCT(tuple))->attstorage == TYPSTORAGE_EXTENDED;
	method = ((Form_pg_attribute) GETSTRUCT(tuple))->attcompression;
	ReleaseSysCache(tuple);
	if (!CompressionMethodIsValid(method))
		method = default_toast_compression;

	if (extended && method == TOAST_LZ4_COMPRESSION && outcome->compressed != NULL &&
		VARDATA(body) == outcome->body)
		return PointerGetDatum(pgnet_compressed_varlena(
			outcome->compressed, outcome->compressed_length, outcome->body_length));
	if (extended)
		result = toast_compress_datum(PointerGetDatum(body), method);
	if (DatumGetPointer(result) == NULL)
		return PointerGetDatum(body);
	return PointerGetDatum(repalloc(DatumGetPointer(result), VARSIZE(DatumGetPointer(result))));
}

/* Whether an index of the table computes something, by functions that may be a user's. */
static bool
has_computed_index(Relation table)
{
	List *indexes = RelationGetIndexList(table);
	bool computed = false;
	ListCell *cell;

	foreach (cell, indexes)
	{
		HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));

		if (!HeapTupleIsValid(tuple))
			continue;
		computed |= !heap_attisnull(tuple, Anum_pg_index_indexprs, NULL) ||
					!heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
		ReleaseSysCache(tuple);
	}
	list_free(indexes);
	return computed;
}

/*
 * Whether nothing but the statement itself looks at the rows that are inserted. What a user has put on the table could hand
 * a pointer to another process, by a parallel query, which would follow it there.
 */
static bool
may_hold_pointers(void)
{
	if (pointers == UNKNOWN)
	{
		Relation table = table_open(pgnet_responses_oid, RowExclusiveLock);

		pointers = ALLOWED;
		if (table->rd_rel->relkind != RELKIND_RELATION || table->rd_rel->relhastriggers ||
			table->rd_rel->relhasrules || table->rd_rel->relforcerowsecurity ||
			table->rd_rel->relchecks > 0 || has_computed_index(table) ||
			(table->rd_att->constr != NULL && table->rd_att->constr->has_generated_stored))
			pointers = NOT_ALLOWED;
		table_close(table, NoLock); /* the statement needs the same lock */
	}
	return pointers == ALLOWED;
}

/* A value that stays where it is, as a pointer that a row can hold. */
static Datum
pointer_to(Datum value)
{
	struct varlena *pointer = palloc(INDIRECT_POINTER_SIZE);
	varatt_indirect indirect = {.pointer = (struct varlena *) DatumGetPointer(value)};

	SET_VARTAG_EXTERNAL(pointer, VARTAG_INDIRECT);
	memcpy(VARDATA_EXTERNAL(pointer), &indirect, sizeof(indirect));
	return PointerGetDatum(pointer);
}

/* A body in one of the two columns for it. */
static void
set_body(Row *row, int column, text *body, const Outcome *outcome)
{
	Datum value = PointerGetDatum(body);
	MemoryContext caller;

	if (VARSIZE(body) >= LARGE_BODY)
	{
		caller = MemoryContextSwitchTo(rows_context);
		value = compressed(body, columns[column].name, outcome);
		MemoryContextSwitchTo(caller);
		/* of a text that was converted, the memory does not last as long as the statement */
		if (may_hold_pointers() &&
			(DatumGetPointer(value) != (Pointer) body || VARDATA(body) == outcome->body))
			value = pointer_to(value);
	}
	set(row, column, value);
}

/* Text in the database's encoding goes to content, anything else unchanged to body; an empty body is null in both. */
static void
set_content(Row *row, const Outcome *outcome)
{
	text *content;

	if (outcome->body_length == 0)
		return;
	content = pgnet_content(outcome->body, outcome->body_length,
							outcome->charset == NULL ? "" : outcome->charset);
	if (content != NULL)
		set_body(row, RESPONSE_CONTENT, content, outcome);
	else
		set_body(row, RESPONSE_BODY, pgnet_varlena_of(outcome->body, outcome->body_length),
				 outcome);
}

static void
set_response(Row *row, const Outcome *outcome)
{
	set(row, RESPONSE_STATUS_CODE, Int32GetDatum(outcome->status));
	set_string(row, RESPONSE_CONTENT_TYPE, outcome->content_type);
	set_headers(row, outcome);
	set_content(row, outcome);
}

/* Adds the row of an outcome, with what its queue row holds. */
void
pgnet_responses_add(const Outcome *outcome, const QueueRow *queue_row)
{
	MemoryContext caller = MemoryContextSwitchTo(row_context);
	Interval duration = {.time = outcome->duration_micros};
	Row row;

	memset(row.nulls, true, sizeof(row.nulls));
	set(&row, RESPONSE_ID, Int64GetDatum(outcome->id));
	set(&row, RESPONSE_TIMED_OUT, BoolGetDatum(outcome->timed_out));
	set(&row, RESPONSE_CREATED,
		TimestampTzGetDatum(outcome->completed_micros -
							(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY));
	set(&row, RESPONSE_ATTEMPTS, Int32GetDatum(1));
	set(&row, RESPONSE_DURATION, IntervalPGetDatum(&duration));
	set(&row, RESPONSE_METHOD, queue_row->method);
	set(&row, RESPONSE_URL, queue_row->url);
	set(&row, RESPONSE_OWNER, queue_row->owner);
	set_string(&row, RESPONSE_ERROR_MSG, outcome->error);
	if (outcome->status != 0)
		set_response(&row, outcome);
	tuplestore_putvalues(rows->reldata, rows->md.tupdesc, row.values, row.nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(row_context);
}

/* Inserts the rows that were added. When none may replace another of the same id, such a one is an error. */
void
pgnet_responses_insert(bool replace)
{
	rows->md.enrtuples = tuplestore_tuple_count(rows->reldata);
	pgnet_execute(replace ? &replace_statement : &insert_statement, NULL, NULL, SPI_OK_INSERT);
}
