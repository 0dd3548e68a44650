/*
 * request_check.c
 *		Refuses at call time what could never be sent.
 */
#include "session/request_check.h"

#include "session/headers.h"
#include "guard/hosts.h"
#include "shared/libcurl.h"
#include "mb/pg_wchar.h"
#include "shared/settings.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

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

/* The host that libcurl would call, palloc'd; NULL when it cannot tell. */
static char *
host_of(const LibCurl *curl, void *url_handle)
{
	char *host;
	char *copy;

	if (curl->url_get(url_handle, PGNET_CURLUPART_HOST, &host, PGNET_CURLU_PUNYCODE) != 0)
		return NULL;
	copy = MemoryContextAllocExtended(CurrentMemoryContext, strlen(host) + 1, MCXT_ALLOC_NO_OOM);
	if (copy != NULL)
		strcpy(copy, host);
	curl->free(host);
	return copy;
}

/* Refuses a host outside pg_net.allowed_hosts. The worker checks again, since the setting may change meanwhile. */
static void
check_host(const char *host)
{
	if (host != NULL && pgnet_hosts_allow(pgnet_allowed_hosts, host))
		return;
	if (host == NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("a host that cannot be read is not allowed by pg_net.allowed_hosts"),
			 errhint("Write a name of other than ASCII characters in Punycode, as in xn--...")));
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("host \"%s\" is not allowed by pg_net.allowed_hosts",
						   pg_any_to_server(host, strlen(host), PG_UTF8)),
					errhint("A superuser can add the host to the setting.")));
}

/*
 * A URL as an error may quote it, and the server's log with it: without user and password, and without what follows the
 * path, where tokens are.
 */
static const char *
quotable(const char *url)
{
	size_t length = strcspn(url, "?#");
	const char *after_user = url + length;
	const char *host = strstr(url, "//");

	host = host == NULL || host > after_user ? url : host + 2;
	while (after_user > host && after_user[-1] != '@')
		after_user--;
	return psprintf("%.*s%s%.*s%s", (int) (host - url), url, after_user > host ? "...@" : "",
					(int) (url + length - after_user), after_user,
					url[length] == '\0' ? "" : "?...");
}

/* Parses the URL with the parser that will send it, so that the two cannot disagree. */
void
pgnet_check_url(text *url)
{
	const LibCurl *curl = pgnet_libcurl();
	char *server_text = text_to_cstring(url);
	char *utf8 = pg_server_to_any(server_text, strlen(server_text), PG_UTF8);
	void *handle = curl->url();
	char *host = NULL;
	bool any_host = strcmp(pgnet_allowed_hosts, "*") == 0;
	int code;

	if (handle == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	code = curl->url_set(handle, PGNET_CURLUPART_URL, utf8, PGNET_CURLU_NON_SUPPORT_SCHEME);
	if (code == 0 && !any_host)
		host = host_of(curl, handle);
	curl->url_cleanup(handle);

	if (!has_http_scheme(utf8) && !is_relative_reference(utf8))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("Unsupported URL scheme"),
						errhint("A URL begins with http:// or https://.")));
	if (code != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid URL \"%s\": %s", quotable(server_text), curl->url_strerror(code)),
				 errhint("A URL begins with http:// or https://.")));
	if (!any_host)
		check_host(host);
	if (utf8 != server_text)
		pfree(utf8);
	pfree(server_text);
}

/* Whether the bytes hold a CR or an LF. */
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

/* No negative timeout. */
void
pgnet_check_timeout(int32 timeout_milliseconds)
{
	if (timeout_milliseconds < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("timeout_milliseconds must not be negative"),
						errhint("0 means no timeout.")));
}
