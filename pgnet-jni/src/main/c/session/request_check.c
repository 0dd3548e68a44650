/*
 * request_check.c
 *		Refuses at call time what could never be sent.
 */
#include "session/request_check.h"

#include "session/header_check.h"
#include "session/host_roles.h"
#include "session/url_target.h"
#include "session/utf8.h"
#include "guard/hosts.h"
#include "shared/compat.h"
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

/* Refuses a host outside pg_net.allowed_hosts. The worker checks again, since the setting may change meanwhile. */
static void
check_host(const char *host)
{
	if (host != NULL && pgnet_hosts_allow(pgnet_allowed_hosts, host))
		return;
	if (host == NULL)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("a host that cannot be read is not allowed by pg_net.allowed_hosts"),
						errhint("Write a non-ASCII name in Punycode, as in xn--...")));
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("host \"%s\" is not allowed by pg_net.allowed_hosts",
						   pg_any_to_server(host, strlen(host), PG_UTF8)),
					errhint("A superuser can add the host to the setting.")));
}

/* Refuses a host that net.hosts keeps for some roles. The worker checks again. One that cannot be read is like any. */
static void
check_roles(const char *host, int port, Oid owner)
{
	const char *refusing = pgnet_host_roles_refusing(host == NULL ? "" : host, port, owner);
	const char *role = GetUserNameFromId(owner, true);

	if (refusing != NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" may not call host \"%s\"",
					role == NULL ? psprintf("%u", owner) : role,
					host == NULL ? "?" : pg_any_to_server(host, strlen(host), PG_UTF8)),
			 errdetail("Row \"%s\" of net.hosts names the roles that may.", refusing),
			 errhint(
				 "Ask for membership in one of these roles, or to have your role added there.")));
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

/* Refuses a URL that cannot be sent, or leads where the owner of its request may not call. */
static void
check_target(const char *utf8, const char *server_text, Oid owner)
{
	bool any_host = strcmp(pgnet_allowed_hosts, "*") == 0;
	bool any_role = !pgnet_hosts_have_roles();
	UrlTarget target = pgnet_url_target(utf8, server_text, !(any_host && any_role));

	if (!any_host)
		check_host(target.host);
	if (!any_role && OidIsValid(owner))
		check_roles(target.host, target.port, owner);
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
	check_target(utf8, server_text, owner);
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
