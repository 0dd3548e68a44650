/*
 * response.c
 *		The row of net._http_response of an outcome, and that of net._response_detail beside it.
 */
#include "store/response.h"
#include "shared/compat.h"
#include "store/detail_rows.h"
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

/* where values last as long as the set */
static MemoryContext set_context;

/* The type of the last response's content, which most of a server's responses share. */
static struct
{
	const char *utf8; /* NULL for none */
	Datum value;
} last_type;

/* Begins a set of rows, in the current memory context. When none may replace another of the same id, such a one is an error. */
void
pgnet_responses_begin(bool replace)
{
	pgnet_response_rows_begin(replace);
	pgnet_detail_rows_begin(replace);
	pgnet_response_headers_begin();
	pgnet_large_bodies_begin();
	set_context = CurrentMemoryContext;
	last_type.utf8 = NULL;
	row_context =
		AllocSetContextCreate(CurrentMemoryContext, "pg_net response", ALLOCSET_DEFAULT_SIZES);
}

/* A value that is not null. */
static void
set(Row *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* A value of the queue row. */
static void
copy(Row *row, int column, NullableDatum value)
{
	row->values[column] = value.value;
	row->nulls[column] = value.isnull;
}

/* A text of the network, null for NULL. */
static void
set_string(Row *row, int column, const char *utf8)
{
	if (utf8 != NULL)
		set(row, column, CStringGetTextDatum(pgnet_server_text(utf8, strlen(utf8))));
}

/* The type of a response's content, null for NULL. */
static void
set_content_type(Row *row, const char *utf8)
{
	if (utf8 != NULL && utf8 != last_type.utf8)
	{
		const char *type = pgnet_server_text(utf8, strlen(utf8));
		MemoryContext caller;

		if (last_type.utf8 != NULL)
			pfree(DatumGetPointer(last_type.value));
		last_type.utf8 = NULL;
		caller = MemoryContextSwitchTo(set_context);
		last_type.value = CStringGetTextDatum(type);
		MemoryContextSwitchTo(caller);
		last_type.utf8 = utf8;
	}
	if (utf8 != NULL)
		set(row, RESPONSE_CONTENT_TYPE, last_type.value);
}

/* A body as the column for it holds it. */
static Datum
body_value(text *body, BodyPlace place, const Outcome *outcome)
{
	return VARSIZE(body) >= PGNET_LARGE_BODY ? pgnet_large_body(body, place, outcome)
											 : PointerGetDatum(body);
}

/* Text in the database's encoding goes to content, anything else unchanged to body; an empty body is null in both. */
static void
set_content(Row *row, Row *detail, const Outcome *outcome)
{
	text *content;

	if (outcome->body_length == 0)
		return;
	content = pgnet_content(outcome->body, outcome->body_length,
							outcome->charset == NULL ? "" : outcome->charset,
							outcome->content_type == NULL ? "" : outcome->content_type);
	if (content != NULL)
		set(row, RESPONSE_CONTENT, body_value(content, BODY_IN_CONTENT, outcome));
	else
		set(detail, DETAIL_BODY,
			body_value(pgnet_varlena_of(outcome->body, outcome->body_length), BODY_IN_DETAIL,
					   outcome));
}

/* What only a response has. */
static void
set_response(Row *row, Row *detail, const Outcome *outcome)
{
	set(row, RESPONSE_STATUS_CODE, Int32GetDatum(outcome->status));
	set_content_type(row, outcome->content_type);
	if (outcome->headers != NULL)
		set(row, RESPONSE_HEADERS,
			pgnet_response_headers(outcome->headers, outcome->headers_length));
	set_content(row, detail, outcome);
}

/* What is known of a request beside its response. */
static void
set_detail(Row *detail, const Outcome *outcome, const QueueRow *queue_row, Interval *duration)
{
	set(detail, DETAIL_ID, Int64GetDatum(outcome->id));
	copy(detail, DETAIL_OWNER, queue_row->owner);
	set(detail, DETAIL_ATTEMPTS, Int32GetDatum(outcome->attempts));
	set(detail, DETAIL_DURATION, IntervalPGetDatum(duration));
	if (!outcome->bare)
	{
		copy(detail, DETAIL_METHOD, queue_row->method);
		copy(detail, DETAIL_URL, queue_row->url);
	}
	copy(detail, DETAIL_CONTEXT, queue_row->context);
}

/* Adds the rows of an outcome, with what its queue row holds. */
void
pgnet_responses_add(const Outcome *outcome, const QueueRow *queue_row)
{
	MemoryContext caller = MemoryContextSwitchTo(row_context);
	Interval duration = {.time = outcome->duration_micros};
	TimestampTz created =
		outcome->completed_micros - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	Row row;
	Row detail;

	memset(row.nulls, true, sizeof(row.nulls));
	memset(detail.nulls, true, sizeof(detail.nulls));
	set(&row, RESPONSE_ID, Int64GetDatum(outcome->id));
	set(&row, RESPONSE_TIMED_OUT, BoolGetDatum(outcome->timed_out));
	set(&row, RESPONSE_CREATED, TimestampTzGetDatum(created));
	pgnet_expiry_note(created);
	set_detail(&detail, outcome, queue_row, &duration);
	set_string(&row, RESPONSE_ERROR_MSG, outcome->error);
	if (outcome->status != 0)
		set_response(&row, &detail, outcome);
	MemoryContextSwitchTo(caller);
	pgnet_detail_rows_add(&detail);
	pgnet_response_rows_add(&row);
	MemoryContextReset(row_context);
}

/* Inserts the rows that were added: the details first, so that an owner's trigger on the responses finds them. */
void
pgnet_responses_insert(void)
{
	pgnet_detail_rows_insert();
	pgnet_response_rows_insert();
}
