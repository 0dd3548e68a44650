/*
 * request_function.c
 *		net.request: its arguments as columns of the queue.
 */
#include "postgres.h"

#include "guard/ascii.h"
#include "session/body.h"
#include "session/headers.h"
#include "session/new_request.h"
#include "session/urlencode.h"
#include "shared/compat.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_request);

/* its arguments, in their order */
typedef enum Argument
{
	ARGUMENT_URL,
	ARGUMENT_BODY,
	ARGUMENT_METHOD,
	ARGUMENT_HEADERS,
	ARGUMENT_PARAMS,
	ARGUMENT_TIMEOUT,
	ARGUMENT_POLICY,
	ARGUMENT_DELAY,
	ARGUMENT_EXPIRES_AFTER,
	ARGUMENT_PRIORITY,
	ARGUMENT_ORDER_KEY,
	ARGUMENT_ON_RESPONSE,
	ARGUMENT_CONTEXT,
	ARGUMENT_SECRETS,
	ARGUMENT_SIGN_WITH,
	ARGUMENT_STORE,
	ARGUMENT_BODY_TEXT,
	ARGUMENT_BODY_BYTES,
	ARGUMENT_FORM
} Argument;

/* those that are columns as they are */
static const struct
{
	QueueColumn column;
	Argument argument;
} plain_arguments[] = {
	{COLUMN_POLICY, ARGUMENT_POLICY},
	{COLUMN_ORDER_KEY, ARGUMENT_ORDER_KEY},
	{COLUMN_ON_RESPONSE, ARGUMENT_ON_RESPONSE},
	{COLUMN_CONTEXT, ARGUMENT_CONTEXT},
	{COLUMN_SECRETS, ARGUMENT_SECRETS},
	{COLUMN_SIGN_WITH, ARGUMENT_SIGN_WITH},
	{COLUMN_STORE, ARGUMENT_STORE},
};

/* in any case they are these */
static const char *const standard_methods[] = {"GET",   "HEAD",   "POST",   "PUT",
											   "PATCH", "DELETE", "OPTIONS"};

static void
refuse(const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem)));
}

/* How two intervals compare: less than, equal to or greater than 0. */
static int
compare(Datum left, Datum right)
{
	return DatumGetInt32(DirectFunctionCall2(interval_cmp, left, right));
}

/* How an interval compares with none. */
static int
sign_of(Datum interval)
{
	Interval none = {0};

	return compare(interval, IntervalPGetDatum(&none));
}

static bool
is_finite(Datum interval)
{
	return DatumGetBool(DirectFunctionCall1(interval_finite, interval));
}

/* The milliseconds of the timeout, rounded up; null, for that of the host, when there is none. */
static NullableDatum
milliseconds(NullableDatum timeout)
{
	Datum seconds;
	Datum exact;
	Datum none = NumericGetDatum(int64_to_numeric(0));
	Datum most = NumericGetDatum(int64_to_numeric(PG_INT32_MAX));

	if (timeout.isnull)
		return timeout;
	seconds = DirectFunctionCall2(extract_interval, CStringGetTextDatum("epoch"), timeout.value);
	exact = DirectFunctionCall2(numeric_mul, seconds, NumericGetDatum(int64_to_numeric(1000)));
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, exact, none)) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, exact, most)))
		refuse("timeout must be from 0, for none, to 24 days");
	return (NullableDatum){
		.value = DirectFunctionCall1(numeric_int4, DirectFunctionCall1(numeric_ceil, exact))};
}

/* At most one of the four. */
static void
check_bodies(const NullableDatum *arguments)
{
	int bodies = !arguments[ARGUMENT_BODY].isnull + !arguments[ARGUMENT_BODY_TEXT].isnull +
				 !arguments[ARGUMENT_BODY_BYTES].isnull + !arguments[ARGUMENT_FORM].isnull;

	if (bodies > 1)
		refuse("a request can have only one of body, body_text, body_bytes and form");
}

/* When it may be sent. */
static void
check_times(NullableDatum delay, NullableDatum expires_after)
{
	if (!delay.isnull && (sign_of(delay.value) < 0 || !is_finite(delay.value)))
		refuse("delay must be 0 or longer, and finite");
	if (expires_after.isnull)
		return;
	if (sign_of(expires_after.value) <= 0 || !is_finite(expires_after.value))
		refuse("expires_after must be longer than 0, and finite");
	if (!delay.isnull && compare(expires_after.value, delay.value) <= 0)
		refuse("expires_after must be longer than delay: the request would never be sent");
}

/* The body, and the Content-Type that says what it is, NULL without a body. */
static NullableDatum
body_of(const NullableDatum *arguments, const SecretNames *secrets, const char **type)
{
	if (!arguments[ARGUMENT_BODY].isnull)
	{
		*type = "application/json";
		return pgnet_json_body(arguments[ARGUMENT_BODY]);
	}
	if (!arguments[ARGUMENT_BODY_TEXT].isnull)
	{
		*type = "text/plain; charset=utf-8";
		return pgnet_text_body(arguments[ARGUMENT_BODY_TEXT].value);
	}
	if (!arguments[ARGUMENT_FORM].isnull)
	{
		*type = "application/x-www-form-urlencoded";
		return pgnet_text_body(PointerGetDatum(
			pgnet_form_of(DatumGetJsonbP(arguments[ARGUMENT_FORM].value), secrets)));
	}
	*type = arguments[ARGUMENT_BODY_BYTES].isnull ? NULL : "application/octet-stream";
	return arguments[ARGUMENT_BODY_BYTES];
}

/* Whether a name is this one but for the case of ASCII letters. */
static bool
is_same_name(const text *name, const char *standard)
{
	size_t length = strlen(standard);

	return VARSIZE_ANY_EXHDR(name) == length &&
		   pgnet_ascii_equal(VARDATA_ANY(name), standard, length);
}

/* The method: the standard ones in any case; without one the body decides. */
static NullableDatum
method_of(NullableDatum method, bool has_body)
{
	text *name;

	if (method.isnull)
		return (NullableDatum){.value = CStringGetTextDatum(has_body ? "POST" : "GET")};
	name = DatumGetTextPP(method.value);
	for (int i = 0; i < lengthof(standard_methods); i++)
		if (is_same_name(name, standard_methods[i]))
			return (NullableDatum){.value = CStringGetTextDatum(standard_methods[i])};
	return method;
}

/* The priority, null for the one that all have. */
static NullableDatum
priority_of(NullableDatum priority)
{
	if (!priority.isnull && strcmp(TextDatumGetCString(priority.value), "normal") == 0)
		return (NullableDatum){.isnull = true};
	return priority;
}

/* A moment after the call, null for null. */
static NullableDatum
after(TimestampTz called, NullableDatum interval)
{
	if (interval.isnull)
		return interval;
	return (NullableDatum){.value =
							   DirectFunctionCall2(timestamptz_pl_interval,
												   TimestampTzGetDatum(called), interval.value)};
}

/* Whether it has anything that pg_net's columns have no place for. */
static bool
needs_more_columns(const NewRequest *request)
{
	for (int i = GIVEN_WITH_BODY; i < GIVEN_ALL; i++)
		if (!request->values[i].isnull)
			return true;
	return false;
}

/* What is sent. */
static void
give_content(NewRequest *request, const NullableDatum *arguments)
{
	SecretNames secrets = pgnet_secret_names(arguments[ARGUMENT_SECRETS]);
	const char *type;

	request->values[COLUMN_BODY] = body_of(arguments, &secrets, &type);
	request->values[COLUMN_HEADERS] =
		type == NULL ? arguments[ARGUMENT_HEADERS]
					 : pgnet_with_content_type(arguments[ARGUMENT_HEADERS], type);
	request->values[COLUMN_METHOD] = method_of(arguments[ARGUMENT_METHOD], type != NULL);
	request->values[COLUMN_URL] =
		pgnet_with_params(arguments[ARGUMENT_URL], arguments[ARGUMENT_PARAMS], &secrets);
}

/* How it is delivered. */
static void
give_delivery(NewRequest *request, const NullableDatum *arguments, TimestampTz called)
{
	for (int i = 0; i < lengthof(plain_arguments); i++)
		request->values[plain_arguments[i].column] = arguments[plain_arguments[i].argument];
	request->values[COLUMN_PRIORITY] = priority_of(arguments[ARGUMENT_PRIORITY]);
	request->values[COLUMN_NOT_BEFORE] = after(called, arguments[ARGUMENT_DELAY]);
	request->values[COLUMN_EXPIRES] = after(called, arguments[ARGUMENT_EXPIRES_AFTER]);
}

/* net.request(url text, ...). */
Datum
pgnet_request(PG_FUNCTION_ARGS)
{
	TimestampTz called = GetCurrentTimestamp();
	const NullableDatum *arguments = fcinfo->args;
	NewRequest request;
	NullableDatum id;

	pgnet_new_request(&request, GIVEN_ALL);
	check_bodies(arguments);
	request.values[COLUMN_TIMEOUT] = milliseconds(arguments[ARGUMENT_TIMEOUT]);
	check_times(arguments[ARGUMENT_DELAY], arguments[ARGUMENT_EXPIRES_AFTER]);
	give_content(&request, arguments);
	give_delivery(&request, arguments, called);
	/* Whoever may insert pg_net's columns only makes requests that need no others. */
	if (!needs_more_columns(&request))
		request.given = GIVEN_WITH_BODY;
	id = pgnet_insert_request(&request);
	fcinfo->isnull = id.isnull;
	return id.value;
}
