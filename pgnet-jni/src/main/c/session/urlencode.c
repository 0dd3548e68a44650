/*
 * urlencode.c
 *		Parameters of a URL: net._urlencode_string, net._encode_url_with_params_array and net._url_with_params; and of a form,
 *		net._form.
 */
#include "session/urlencode.h"
#include "shared/compat.h"
#include "shared/libcurl.h"
#include "session/headers.h"
#include "session/utf8.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

PG_FUNCTION_INFO_V1(pgnet_urlencode_string);
PG_FUNCTION_INFO_V1(pgnet_encode_url_with_params_array);
PG_FUNCTION_INFO_V1(pgnet_url_with_params);
PG_FUNCTION_INFO_V1(pgnet_form);

/* Appends a string of the database's encoding, percent-encoded as UTF-8 (RFC 3986, unreserved characters stay). */
static void
append_encoded(StringInfo out, const char *string, int length)
{
	const LibCurl *curl = pgnet_libcurl();
	int utf8_length;
	const char *utf8 = pgnet_utf8(string, length, &utf8_length, "a parameter of the URL");
	char *encoded;

	if (utf8_length == 0)
		return; /* curl_easy_escape takes 0 for "measure it" */
	encoded = curl->easy_escape(NULL, utf8, utf8_length);
	if (encoded == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	appendStringInfoString(out, encoded);
	curl->free(encoded);
}

/* net._urlencode_string(string varchar). */
Datum
pgnet_urlencode_string(PG_FUNCTION_ARGS)
{
	text *string = PG_GETARG_TEXT_PP(0);
	StringInfoData out;

	initStringInfo(&out);
	append_encoded(&out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* A URL that grows parameters: they go behind the query that is there and before the fragment. */
typedef struct UrlWithParams
{
	StringInfoData url;
	const char *fragment; /* in the original text, or NULL */
	int fragment_length;
	bool separator_needed;
	char separator;
} UrlWithParams;

/* Begins with the URL up to its fragment. */
static void
begin_params(UrlWithParams *out, text *url)
{
	const char *begin = VARDATA_ANY(url);
	int length = VARSIZE_ANY_EXHDR(url);
	const char *fragment = memchr(begin, '#', length);
	int head = fragment ? fragment - begin : length;
	bool has_query = memchr(begin, '?', head) != NULL;

	initStringInfo(&out->url);
	appendBinaryStringInfo(&out->url, begin, head);
	out->fragment = fragment;
	out->fragment_length = length - head;
	out->separator = has_query ? '&' : '?';
	out->separator_needed = !(has_query && (begin[head - 1] == '?' || begin[head - 1] == '&'));
}

/* Writes what separates a parameter from what is before it. */
static void
begin_param(UrlWithParams *out)
{
	if (out->separator_needed)
		appendStringInfoChar(&out->url, out->separator);
	out->separator = '&';
	out->separator_needed = true;
}

/* Ends with the fragment. Returns the URL. */
static text *
end_params(UrlWithParams *out)
{
	if (out->fragment)
		appendBinaryStringInfo(&out->url, out->fragment, out->fragment_length);
	return cstring_to_text_with_len(out->url.data, out->url.len);
}

/* net._encode_url_with_params_array(url text, params_array text[]). */
Datum
pgnet_encode_url_with_params_array(PG_FUNCTION_ARGS)
{
	ArrayType *params = PG_GETARG_ARRAYTYPE_P(1);
	Datum *elements;
	bool *nulls;
	int count;
	UrlWithParams out;

	deconstruct_array(params, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	begin_params(&out, PG_GETARG_TEXT_PP(0));
	for (int i = 0; i < count; i++)
	{
		text *element;

		if (nulls[i])
			continue;
		element = DatumGetTextPP(elements[i]);
		begin_param(&out);
		appendBinaryStringInfo(&out.url, VARDATA_ANY(element), VARSIZE_ANY_EXHDR(element));
	}
	PG_RETURN_TEXT_P(end_params(&out));
}

/* Appends a value, encoded but for {{name}} of secrets: what is put in for it is encoded when it is sent. */
static void
append_value(StringInfo out, const char *value, int length, const SecretNames *secrets)
{
	const char *end = value + length;

	while (value < end)
	{
		int placeholder_length;
		const char *placeholder =
			pgnet_next_placeholder(value, end - value, secrets, &placeholder_length);

		append_encoded(out, value, placeholder - value);
		appendBinaryStringInfo(out, placeholder, placeholder_length);
		value = placeholder + placeholder_length;
	}
}

/* Writes the members of an object that are not null. */
static void
append_members(UrlWithParams *out, Jsonb *object, const char *argument, const SecretNames *secrets)
{
	JsonbMembers members;

	pgnet_members_begin(&members, object, argument);
	while (pgnet_members_next(&members))
	{
		StringInfoData value;

		if (members.value.type == jbvNull)
			continue;
		initStringInfo(&value);
		pgnet_append_json_value(&value, &members.value);
		begin_param(out);
		append_encoded(&out->url, members.key.val.string.val, members.key.val.string.len);
		appendStringInfoChar(&out->url, '=');
		append_value(&out->url, value.data, value.len, secrets);
	}
}

/*
 * The URL with parameters added to its query: null and {} add nothing, null members are skipped. What names one of the secrets
 * stays as it is.
 */
NullableDatum
pgnet_with_params(NullableDatum url, NullableDatum params, const SecretNames *secrets)
{
	UrlWithParams out;
	Jsonb *members;

	if (url.isnull || params.isnull)
		return url;
	members = DatumGetJsonbP(params.value);
	if (JB_ROOT_IS_OBJECT(members) && JB_ROOT_COUNT(members) == 0)
		return url;
	begin_params(&out, DatumGetTextPP(url.value));
	append_members(&out, members, "params", secrets);
	return (NullableDatum){.value = PointerGetDatum(end_params(&out))};
}

/* net._url_with_params(url text, params jsonb). */
Datum
pgnet_url_with_params(PG_FUNCTION_ARGS)
{
	NullableDatum url = pgnet_with_params(fcinfo->args[0], fcinfo->args[1], &pgnet_no_secrets);

	if (url.isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(url.value);
}

/* An object as a form. What names one of the secrets stays as it is. */
text *
pgnet_form_of(Jsonb *form, const SecretNames *secrets)
{
	UrlWithParams out = {.separator = '&'};

	initStringInfo(&out.url);
	append_members(&out, form, "form", secrets);
	return end_params(&out);
}

/* net._form(form jsonb). */
Datum
pgnet_form(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(pgnet_form_of(PG_GETARG_JSONB_P(0), &pgnet_no_secrets));
}
