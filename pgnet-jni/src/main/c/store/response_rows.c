/*
 * response_rows.c
 *		The rows of net._http_response that one transaction inserts, all in one statement.
 */
#include "store/response_rows.h"
#include "store/transaction.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "utils/queryenvironment.h"
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

/* the rows of this transaction */
static EphemeralNamedRelation rows;

/* The relation's columns as the executor wants them. */
static TupleDesc
describe_rows(void)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(RESPONSE_COLUMN_COUNT);

	for (int i = 0; i < RESPONSE_COLUMN_COUNT; i++)
		TupleDescInitEntry(descriptor, i + 1, columns[i].name, columns[i].type, -1, 0);
	return descriptor;
}

/* Begins a set of rows, in the current memory context. Needs an SPI connection, as all here. */
void
pgnet_response_rows_begin(void)
{
	int result;

	rows = palloc0(sizeof(EphemeralNamedRelationData));
	rows->md.name = ROWS;
	rows->md.reliddesc = InvalidOid;
	rows->md.tupdesc = describe_rows();
	rows->md.enrtype = ENR_NAMED_TUPLESTORE;
	rows->reldata = tuplestore_begin_heap(false, false, MAX_ROWS_KILOBYTES);
	result = SPI_register_relation(rows);
	if (result != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the responses: %s", SPI_result_code_string(result));
}

/* The name of a column. */
const char *
pgnet_response_column_name(ResponseColumn column)
{
	return columns[column].name;
}

/* The type of a column. */
Oid
pgnet_response_column_type(ResponseColumn column)
{
	return columns[column].type;
}

/* Adds a copy of a row. */
void
pgnet_response_rows_add(ResponseRow *row)
{
	tuplestore_putvalues(rows->reldata, rows->md.tupdesc, row->values, row->nulls);
}

/* Inserts the rows that were added. When none may replace another of the same id, such a one is an error. */
void
pgnet_response_rows_insert(bool replace)
{
	rows->md.enrtuples = tuplestore_tuple_count(rows->reldata);
	pgnet_execute(replace ? &replace_statement : &insert_statement, NULL, NULL, SPI_OK_INSERT);
}
