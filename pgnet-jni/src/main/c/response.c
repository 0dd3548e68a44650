/*
 * response.c
 *		Inserts the rows of net._http_response, many in one statement.
 */
#include "response.h"
#include "session.h"
#include "store.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

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

static const struct
{
	Oid type;
	int length;
	bool by_value;
	char alignment;
} column_types[RESPONSE_COLUMN_COUNT] = {
	[RESPONSE_ID] = {INT8OID, 8, true, TYPALIGN_DOUBLE},
	[RESPONSE_STATUS_CODE] = {INT4OID, 4, true, TYPALIGN_INT},
	[RESPONSE_CONTENT_TYPE] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_HEADERS] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_CONTENT] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_BODY] = {BYTEAOID, -1, false, TYPALIGN_INT},
	[RESPONSE_TIMED_OUT] = {BOOLOID, 1, true, TYPALIGN_CHAR},
	[RESPONSE_ERROR_MSG] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_CREATED] = {TIMESTAMPTZOID, 8, true, TYPALIGN_DOUBLE},
	[RESPONSE_DURATION] = {INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE},
	[RESPONSE_METHOD] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_URL] = {TEXTOID, -1, false, TYPALIGN_INT},
	[RESPONSE_OWNER] = {OIDOID, 4, true, TYPALIGN_INT},
};

/* Makes room for the rows of so many outcomes, in the current memory context. */
void
pgnet_responses_begin(Columns *columns, int capacity)
{
	columns->count = 0;
	for (int i = 0; i < RESPONSE_COLUMN_COUNT; i++)
	{
		columns->values[i] = palloc0(sizeof(Datum) * capacity);
		columns->nulls[i] = palloc(sizeof(bool) * capacity);
	}
}

static void
set(Columns *columns, int column, Datum value)
{
	columns->values[column][columns->count] = value;
	columns->nulls[column][columns->count] = false;
}

/* Text that came from the network, as the database can hold it; characters that it lacks become question marks. */
static void
set_text(Columns *columns, int column, const char *utf8, int64 length)
{
	char *server_text;

	if (utf8 == NULL)
		return;
	server_text = pgnet_utf8_to_server(utf8, length);
	if (server_text == NULL)
		server_text = pgnet_to_ascii(pnstrdup(utf8, length));
	set(columns, column, CStringGetTextDatum(server_text));
}

static void
set_string(Columns *columns, int column, const char *utf8)
{
	if (utf8 != NULL)
		set_text(columns, column, utf8, strlen(utf8));
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
		set(columns, RESPONSE_CONTENT, PointerGetDatum(content));
	else
		set(columns, RESPONSE_BODY,
			PointerGetDatum(cstring_to_text_with_len(outcome->body, outcome->body_length)));
}

/* Adds the row of an outcome, with what its queue row holds. */
void
pgnet_responses_add(Columns *columns, const Outcome *outcome, const QueueRow *row)
{
	Interval *duration = palloc0(sizeof(Interval));

	for (int i = 0; i < RESPONSE_COLUMN_COUNT; i++)
		columns->nulls[i][columns->count] = true;
	duration->time = outcome->duration_micros;
	set(columns, RESPONSE_ID, Int64GetDatum(outcome->id));
	set(columns, RESPONSE_TIMED_OUT, BoolGetDatum(outcome->timed_out));
	set(columns, RESPONSE_CREATED,
		TimestampTzGetDatum(outcome->completed_micros -
							(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY));
	set(columns, RESPONSE_DURATION, IntervalPGetDatum(duration));
	set(columns, RESPONSE_METHOD, row->method);
	set(columns, RESPONSE_URL, row->url);
	set(columns, RESPONSE_OWNER, row->owner);
	set_string(columns, RESPONSE_ERROR_MSG, outcome->error);
	if (outcome->status != 0)
	{
		set(columns, RESPONSE_STATUS_CODE, Int32GetDatum(outcome->status));
		set_string(columns, RESPONSE_CONTENT_TYPE, outcome->content_type);
		set_text(columns, RESPONSE_HEADERS, outcome->headers, outcome->headers_length);
		set_content(columns, outcome);
	}
	columns->count++;
}

/* Inserts the rows that were added. */
void
pgnet_responses_insert(Columns *columns)
{
	Datum arrays[RESPONSE_COLUMN_COUNT];
	int dimension = columns->count;
	int lower_bound = 1;

	for (int i = 0; i < RESPONSE_COLUMN_COUNT; i++)
		arrays[i] = PointerGetDatum(
			construct_md_array(columns->values[i], columns->nulls[i], 1, &dimension, &lower_bound,
							   column_types[i].type, column_types[i].length,
							   column_types[i].by_value, column_types[i].alignment));
	pgnet_execute(&insert_statement, arrays, NULL, SPI_OK_INSERT);
}
