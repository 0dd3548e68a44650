/*
 * http_functions.c
 *		pg_net's request functions: net.http_get, net.http_post and net.http_delete.
 */
#include "postgres.h"

#include "session/body.h"
#include "session/headers.h"
#include "session/new_request.h"
#include "session/urlencode.h"

#include "fmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_http_get);
PG_FUNCTION_INFO_V1(pgnet_http_post);
PG_FUNCTION_INFO_V1(pgnet_http_delete);

#define JSON_TYPE "application/json"

/* Begins with what each of them has; headers are not given yet. */
static void
begin(NewRequest *request, GivenColumns given, const char *method, NullableDatum url,
	  NullableDatum params, NullableDatum timeout_milliseconds)
{
	pgnet_new_request(request, given);
	request->values[COLUMN_METHOD] = (NullableDatum){.value = CStringGetTextDatum(method)};
	request->values[COLUMN_URL] = pgnet_with_params(url, params, &pgnet_no_secrets);
	request->values[COLUMN_TIMEOUT] = timeout_milliseconds;
}

/* Queues the request, and returns its id. */
static Datum
queue(FunctionCallInfo fcinfo, const NewRequest *request)
{
	NullableDatum id = pgnet_insert_request(request);

	fcinfo->isnull = id.isnull;
	return id.value;
}

/* net.http_get(url text, params jsonb, headers jsonb, timeout_milliseconds integer). */
Datum
pgnet_http_get(PG_FUNCTION_ARGS)
{
	NewRequest request;

	begin(&request, GIVEN_WITHOUT_BODY, "GET", fcinfo->args[0], fcinfo->args[1], fcinfo->args[3]);
	request.values[COLUMN_HEADERS] = fcinfo->args[2];
	return queue(fcinfo, &request);
}

/* net.http_post(url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds integer). */
Datum
pgnet_http_post(PG_FUNCTION_ARGS)
{
	NullableDatum headers = pgnet_with_content_type(fcinfo->args[3], JSON_TYPE);
	NewRequest request;

	if (!pgnet_has_content_type(headers, JSON_TYPE))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("Content-Type header must be \"" JSON_TYPE "\""),
						errhint("net.request sends bodies of any type.")));
	begin(&request, GIVEN_WITH_BODY, "POST", fcinfo->args[0], fcinfo->args[2], fcinfo->args[4]);
	request.values[COLUMN_HEADERS] = headers;
	request.values[COLUMN_BODY] = pgnet_json_body(fcinfo->args[1]);
	return queue(fcinfo, &request);
}

/* net.http_delete(url text, params jsonb, headers jsonb, timeout_milliseconds integer, body jsonb). */
Datum
pgnet_http_delete(PG_FUNCTION_ARGS)
{
	NullableDatum headers = fcinfo->args[2];
	NewRequest request;

	if (!fcinfo->args[4].isnull)
		headers = pgnet_with_content_type(headers, JSON_TYPE);
	begin(&request, GIVEN_WITH_BODY, "DELETE", fcinfo->args[0], fcinfo->args[1], fcinfo->args[3]);
	request.values[COLUMN_HEADERS] = headers;
	request.values[COLUMN_BODY] = pgnet_json_body(fcinfo->args[4]);
	return queue(fcinfo, &request);
}
