/*
 * libcurl.c
 *		Opens libcurl with dlopen, so that a missing or old one is a clear error and not a server that does not start.
 */
#include "shared/libcurl.h"

#include <dlfcn.h>

#include "lib/stringinfo.h"

#define LIBCURL_NAME "libcurl.so.4"
#define LIBCURL_OLDEST 0x075700 /* 7.87.0, as in CURL_VERSION_BITS */

/* the beginning of curl_version_info_data, unchanged since libcurl 7.10 (curl/curl.h) */
typedef struct VersionInfo
{
	int age;
	const char *version;
	unsigned int version_num;
} VersionInfo;

static LibCurl functions;
static bool opened = false;
static char failure[512];

/* The address of a function, NULL with the failure noted when the library has none. */
static void *
find(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	if (symbol == NULL && failure[0] == '\0')
		snprintf(failure, sizeof(failure), "%s has no function %s", LIBCURL_NAME, name);
	return symbol;
}

/*
 * Opens libcurl. Called while the server preloads its libraries, so that sessions inherit it; what fails is told when
 * libcurl is first needed.
 */
void
pgnet_libcurl_open(void)
{
	void *library = dlopen(LIBCURL_NAME, RTLD_NOW | RTLD_LOCAL);
	VersionInfo *(*version_info)(int);

	failure[0] = '\0';
	if (library == NULL)
	{
		snprintf(failure, sizeof(failure), "%s", dlerror());
		return;
	}
	version_info = find(library, "curl_version_info");
	if (version_info != NULL && version_info(0)->version_num < LIBCURL_OLDEST)
		snprintf(failure, sizeof(failure), "libcurl %s is too old, pg_net needs 7.87.0 or later",
				 version_info(0)->version);
	functions.url = find(library, "curl_url");
	functions.url_cleanup = find(library, "curl_url_cleanup");
	functions.url_set = find(library, "curl_url_set");
	functions.url_get = find(library, "curl_url_get");
	functions.url_strerror = find(library, "curl_url_strerror");
	functions.easy_escape = find(library, "curl_easy_escape");
	functions.free = find(library, "curl_free");
	opened = failure[0] == '\0';
}

/* Why libcurl cannot be used, NULL when it can. */
const char *
pgnet_libcurl_failure(void)
{
	if (!opened)
		pgnet_libcurl_open();
	return opened ? NULL : failure;
}

/* The functions, or an error that says why libcurl cannot be used. */
const LibCurl *
pgnet_libcurl(void)
{
	if (pgnet_libcurl_failure() != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("pg_net cannot use libcurl: %s", failure), errhint(PGNET_LIBCURL_HINT)));
	return &functions;
}

/* A part of the URL that a handle has parsed, palloc'd; NULL when libcurl cannot tell, or there is no memory. */
char *
pgnet_url_part(void *url_handle, int part, unsigned int flags)
{
	const LibCurl *curl = pgnet_libcurl();
	char *value;
	char *copy;

	if (curl->url_get(url_handle, part, &value, flags) != 0)
		return NULL;
	copy = MemoryContextAllocExtended(CurrentMemoryContext, strlen(value) + 1, MCXT_ALLOC_NO_OOM);
	if (copy != NULL)
		strcpy(copy, value);
	curl->free(value);
	return copy;
}
