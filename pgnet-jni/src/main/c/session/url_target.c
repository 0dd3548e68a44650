/*
 * url_target.c
 *		Where a URL leads, by the parser that will send it, so that the two cannot disagree.
 */
#include "session/url_target.h"
#include "shared/libcurl.h"

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

/*
 * Parses a URL, which is given as it is sent and as its caller wrote it; an error unless it can be sent. Host and port are found
 * if they are wanted.
 */
UrlTarget
pgnet_url_target(const char *utf8, const char *server_text, bool wanted)
{
	const LibCurl *curl = pgnet_libcurl();
	void *handle = curl->url();
	UrlTarget target = {0};
	int code;

	if (handle == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	code = curl->url_set(handle, PGNET_CURLUPART_URL, utf8, PGNET_CURLU_NON_SUPPORT_SCHEME);
	if (code == 0 && wanted)
	{
		char *port = pgnet_url_part(handle, PGNET_CURLUPART_PORT, PGNET_CURLU_DEFAULT_PORT);

		target.host = pgnet_url_part(handle, PGNET_CURLUPART_HOST, PGNET_CURLU_PUNYCODE);
		target.port = port == NULL ? 0 : atoi(port);
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
	return target;
}
