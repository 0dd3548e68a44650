/*
 * request_check.c
 *		Refuses at call time what could never be sent.
 */
#include "request_check.h"

#include "headers.h"
#include "libcurl.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* CONNECT and TRACE are no requests for a resource; that a method is a token is checked by its domain. */
void
pgnet_check_method(text *method)
{
	char *name = text_to_cstring(method);

	if (pg_strcasecmp(name, "CONNECT") == 0 || pg_strcasecmp(name, "TRACE") == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("HTTP method %s is not supported", name)));
	pfree(name);
}

/* Whether the URL names one of the two schemes that are sent. */
static bool
has_http_scheme(const char *url)
{
	return pg_strncasecmp(url, "http:", 5) == 0 || pg_strncasecmp(url, "https:", 6) == 0;
}

/* A relative reference, which has no scheme that could be an unsupported one (RFC 3986, section 4.2). */
static bool
is_relative_reference(const char *url)
{
	return *url == '\0' || strchr("/?#", *url) != NULL;
}

/* Parses the URL with the parser that will send it, so that the two cannot disagree. */
void
pgnet_check_url(text *url)
{
	const LibCurl *curl = pgnet_libcurl();
	char *server_text = text_to_cstring(url);
	char *utf8 = pg_server_to_any(server_text, strlen(server_text), PG_UTF8);
	void *handle = curl->url();
	int code;

	if (handle == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	code = curl->url_set(handle, PGNET_CURLUPART_URL, utf8, PGNET_CURLU_NON_SUPPORT_SCHEME);
	curl->url_cleanup(handle);

	if (!has_http_scheme(utf8) && !is_relative_reference(utf8))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("Unsupported URL scheme"),
						errhint("A URL begins with http:// or https://.")));
	if (code != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid URL \"%s\": %s", server_text, curl->url_strerror(code)),
						errhint("A URL begins with http:// or https://.")));
	if (utf8 != server_text)
		pfree(utf8);
	pfree(server_text);
}

static bool
has_line_end(const char *string, int length)
{
	return memchr(string, '\r', length) != NULL || memchr(string, '\n', length) != NULL;
}

/* Header names that are not empty, and no line ends: they would start a header of their own (RFC 9110, 5.5). */
void
pgnet_check_headers(Jsonb *headers)
{
	JsonbMembers members;

	pgnet_members_begin(&members, headers, "headers");
	while (pgnet_members_next(&members))
	{
		JsonbValue *key = &members.key;
		JsonbValue *value = &members.value;
		bool bad;

		if (key->val.string.len == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a header must have a name")));
		bad = has_line_end(key->val.string.val, key->val.string.len);
		if (value->type == jbvString)
			bad = bad || has_line_end(value->val.string.val, value->val.string.len);
		else if (value->type == jbvBinary)
		{
			JsonbIterator *iterator = JsonbIteratorInit(value->val.binary.data);
			JsonbValue member;
			JsonbIteratorToken token;

			while ((token = JsonbIteratorNext(&iterator, &member, false)) != WJB_DONE)
				if (token == WJB_ELEM && member.type == jbvString)
					bad = bad || has_line_end(member.val.string.val, member.val.string.len);
		}
		if (bad)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("header \"%s\" must not contain a line end",
								   pnstrdup(key->val.string.val, key->val.string.len))));
	}
}

void
pgnet_check_timeout(int32 timeout_milliseconds)
{
	if (timeout_milliseconds < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("timeout_milliseconds must not be negative"),
						errhint("0 means no timeout.")));
}
