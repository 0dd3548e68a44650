/*
 * libcurl.h
 *		The few functions of libcurl that sessions need, opened at run time: the same libcurl.so.4 that the worker uses.
 */
#ifndef PGNET_LIBCURL_H
#define PGNET_LIBCURL_H

#include "postgres.h"

/* from curl/urlapi.h */
#define PGNET_CURLUPART_URL 0
#define PGNET_CURLUPART_SCHEME 1
#define PGNET_CURLUPART_HOST 5
#define PGNET_CURLUPART_PORT 6
#define PGNET_CURLU_DEFAULT_PORT (1 << 0)
#define PGNET_CURLU_NON_SUPPORT_SCHEME (1 << 3)
#define PGNET_CURLU_PUNYCODE (1 << 12) /* since 7.88.0; 7.87 ignores it */

#define PGNET_LIBCURL_HINT \
	"Install libcurl 7.87.0 or later (on Debian the package libcurl4) and restart the server."

typedef struct LibCurl
{
	void *(*url)(void);
	void (*url_cleanup)(void *url);
	int (*url_set)(void *url, int part, const char *content, unsigned int flags);
	int (*url_get)(void *url, int part, char **content, unsigned int flags);
	const char *(*url_strerror)(int code);
	char *(*easy_escape)(void *unused, const char *string, int length);
	void (*free)(void *memory);
} LibCurl;

extern void pgnet_libcurl_open(void);
extern const char *pgnet_libcurl_failure(void);
extern const LibCurl *pgnet_libcurl(void);
extern char *pgnet_url_part(void *url_handle, int part, unsigned int flags);

#endif /* PGNET_LIBCURL_H */
