/*
 * response.c
 *		The row of net._http_response of an outcome.
 */
#include "store/response.h"
#include "shared/compat.h"
#include "store/large_body.h"
#include "store/response_headers.h"
#include "store/response_rows.h"
#include "store/store.h"

#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* the values of one row */
static MemoryContext row_context;

/* Begins a set of rows, in the current memory context. */
void
pgnet_responses_begin(void)
{
	pgnet_response_rows_begin();
	pgnet_response_headers_begin();
	pgnet_large_bodies_begin();
	row_context =
		AllocSetContextCreate(CurrentMemoryContext, "pg_net response", ALLOCSET_DEFAULT_SIZES);
}

/* A value that is not null. */
static void
set(ResponseRow *row, ResponseColumn column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* A value of the queue row. */
static void
copy(ResponseRow *row, ResponseColumn column, NullableDatum value)
{
	row->values[column] = value.value;
	row->nulls[column] = value.isnull;
}

/* A text of the network, null for NULL. */
static void
set_string(ResponseRow *row, ResponseColumn column, const char *utf8)
{
	if (utf8 != NULL)
		set(row, column, CStringGetTextDatum(pgnet_server_text(utf8, strlen(utf8))));
}

/* A body in one of the two columns for it. */
static void
set_body(ResponseRow *row, ResponseColumn column, text *body, const Outcome *outcome)
{
	set(row, column,
		VARSIZE(body) >= PGNET_LARGE_BODY ? pgnet_large_body(body, column, outcome)
										  : PointerGetDatum(body));
}

/* Text in the database's encoding goes to content, anything else unchanged to body; an empty body is null in both. */
static void
set_content(ResponseRow *row, const Outcome *outcome)
{
	text *content;

	if (outcome->body_length == 0)
		return;
	content = pgnet_content(outcome->body, outcome->body_length,
							outcome->charset == NULL ? "" : outcome->charset,
							outcome->content_type == NULL ? "" : outcome->content_type);
	if (content != NULL)
		set_body(row, RESPONSE_CONTENT, content, outcome);
	else
		set_body(row, RESPONSE_BODY, pgnet_varlena_of(outcome->body, outcome->body_length),
				 outcome);
}

/* What only a response has. */
static void
set_response(ResponseRow *row, const Outcome *outcome)
{
	set(row, RESPONSE_STATUS_CODE, Int32GetDatum(outcome->status));
	set_string(row, RESPONSE_CONTENT_TYPE, outcome->content_type);
	if (outcome->headers != NULL)
		set(row, RESPONSE_HEADERS,
			pgnet_response_headers(outcome->headers, outcome->headers_length));
	set_content(row, outcome);
}

/* Adds the row of an outcome, with what its queue row holds. */
void
pgnet_responses_add(const Outcome *outcome, const QueueRow *queue_row)
{
	MemoryContext caller = MemoryContextSwitchTo(row_context);
	Interval duration = {.time = outcome->duration_micros};
	TimestampTz created =
		outcome->completed_micros - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	ResponseRow row;

	memset(row.nulls, true, sizeof(row.nulls));
	set(&row, RESPONSE_ID, Int64GetDatum(outcome->id));
	set(&row, RESPONSE_TIMED_OUT, BoolGetDatum(outcome->timed_out));
	set(&row, RESPONSE_CREATED, TimestampTzGetDatum(created));
	pgnet_expiry_note(created);
	set(&row, RESPONSE_ATTEMPTS, Int32GetDatum(outcome->attempts));
	set(&row, RESPONSE_DURATION, IntervalPGetDatum(&duration));
	if (!outcome->bare)
	{
		copy(&row, RESPONSE_METHOD, queue_row->method);
		copy(&row, RESPONSE_URL, queue_row->url);
	}
	copy(&row, RESPONSE_OWNER, queue_row->owner);
	set_string(&row, RESPONSE_ERROR_MSG, outcome->error);
	if (outcome->status != 0)
		set_response(&row, outcome);
	pgnet_response_rows_add(&row);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(row_context);
}

/* Inserts the rows that were added. When none may replace another of the same id, such a one is an error. */
void
pgnet_responses_insert(bool replace)
{
	pgnet_response_rows_insert(replace);
}
