/*
 * request_check.c
 *		Refuses at call time what could never be sent.
 */
#include "session/request_check.h"

#include "session/header_check.h"
#include "session/host_roles.h"
#include "session/utf8.h"
#include "guard/hosts.h"
#include "shared/libcurl.h"
#include "shared/request_limits.h"
#include "mb/pg_wchar.h"
#include "shared/settings.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* CONNECT and TRACE are no requests for a resource; that a method is a token is checked by its domain. */
static void
check_method(text *method)
{
	char *name;

	if (VARSIZE_ANY_EXHDR(method) > PGNET_MAX_METHOD_BYTES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the HTTP method is longer than %d bytes", PGNET_MAX_METHOD_BYTES),
						errhint("A method is a word like GET or PROPFIND.")));
	name = text_to_cstring(method);
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

/* The port of a URL, also when it does not name it; 0 when libcurl cannot tell. */
static int
port_of(const LibCurl *curl, void *url_handle)
{
	char *digits;
	int port;

	if (curl->url_get(url_handle, PGNET_CURLUPART_PORT, &digits, PGNET_CURLU_DEFAULT_PORT) != 0)
		return 0;
	port = atoi(digits);
	curl->free(digits);
	return port;
}

/* Refuses a host that net.hosts keeps for some roles. The worker checks again. One that cannot be read is like any. */
static void
check_roles(const char *host, int port, Oid owner)
{
	const char *refusing = pgnet_host_roles_refusing(host == NULL ? "" : host, port, owner);
	const char *role = GetUserNameFromId(owner, true);

	if (refusing != NULL)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" may not call host \"%s\"",
							   role == NULL ? psprintf("%u", owner) : role,
							   host == NULL ? "?" : pg_any_to_server(host, strlen(host), PG_UTF8)),
						errdetail("Row \"%s\" of net.hosts names the roles that may.", refusing),
						errhint("Be granted one of these roles, or have yours added there.")));
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

/* The bytes of a URL as it is sent, where each byte of other than ASCII characters is percent-encoded. */
static int64
sent_bytes(const char *utf8, int length)
{
	int64 bytes = length;

	for (int i = 0; i < length; i++)
		if (IS_HIGHBIT_SET(utf8[i]))
			bytes += 2;
	return bytes;
}

/* Parses the URL with the parser that will send it, so that the two cannot disagree. */
static void
parse_url(const char *utf8, const char *server_text, Oid owner)
{
	const LibCurl *curl = pgnet_libcurl();
	bool any_host = strcmp(pgnet_allowed_hosts, "*") == 0;
	bool any_role = !pgnet_hosts_have_roles();
	void *handle = curl->url();
	char *host = NULL;
	int port = 0;
	int code;

	if (handle == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	code = curl->url_set(handle, PGNET_CURLUPART_URL, utf8, PGNET_CURLU_NON_SUPPORT_SCHEME);
	if (code == 0 && !(any_host && any_role))
	{
		host = host_of(curl, handle);
		port = port_of(curl, handle);
	}
	curl->url_cleanup(handle);

	if (!has_http_scheme(utf8) && !is_relative_reference(utf8))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid URL \"%s\": Unsupported URL scheme", quotable(server_text)),
						errhint("A URL begins with http:// or https://.")));
	if (code != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid URL \"%s\": %s", quotable(server_text), curl->url_strerror(code)),
				 errhint("A URL begins with http:// or https://.")));
	if (!any_host)
		check_host(host);
	if (!any_role && OidIsValid(owner))
		check_roles(host, port, owner);
}

/* Returns how many bytes the URL has when it is sent. */
static int64
check_url(text *url, Oid owner)
{
	char *server_text = text_to_cstring(url);
	int length;
	const char *utf8;
	int64 bytes;

	utf8 = pgnet_utf8(server_text, VARSIZE_ANY_EXHDR(url), &length, "the URL");
	bytes = sent_bytes(utf8, length);
	if (bytes > PGNET_MAX_URL_BYTES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the URL is longer than %d bytes", PGNET_MAX_URL_BYTES),
						errdetail("With its parameters, percent-encoded, it has %lld bytes.",
								  (long long) bytes),
						errhint("Send large values in the body.")));
	parse_url(utf8, server_text, owner);
	if (utf8 != server_text)
		pfree(unconstify(char *, utf8));
	pfree(server_text);
	return bytes;
}

/* No negative timeout. */
static void
check_timeout(int32 timeout_milliseconds)
{
	if (timeout_milliseconds < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("timeout_milliseconds must not be negative"),
						errhint("0 means no timeout.")));
}

/* Raises an error unless the request can be sent. What is null is left to the constraints of the table. */
void
pgnet_check_request(const Request *request)
{
	int64 url_bytes = 0;

	if (request->method != NULL)
		check_method(request->method);
	if (request->url != NULL)
		url_bytes = check_url(request->url, request->owner);
	if (request->headers != NULL)
		(void) pgnet_check_headers(request->headers, PGNET_MAX_HEAD_BYTES - 2 * url_bytes);
	check_timeout(request->timeout_milliseconds);
}
