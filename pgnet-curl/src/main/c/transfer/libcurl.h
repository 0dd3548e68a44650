/*
 * libcurl.h
 *	  libcurl's functions, by pointer, so that no libcurl is linked.
 */
#ifndef PGNET_LIBCURL_H
#define PGNET_LIBCURL_H

#include <stddef.h>

/* From curl/multi.h, so that it is not needed to build */
typedef struct pgnet_curl_message
{
	int message; /* CURLMSG_DONE is the only one there is */
	void *easy;
	union
	{
		void *whatever;
		int result;
	} data;
} pgnet_curl_message;

/* Java fills this in (org.pgnet.curl.LibCurl) */
typedef struct pgnet_libcurl
{
	void (*easy_reset)(void *easy);
	int (*easy_setopt)(void *easy, int option, ...);
	int (*easy_getinfo)(void *easy, int info, ...);
	int (*multi_remove_handle)(void *multi, void *easy);
	int (*multi_perform)(void *multi, int *running);
	pgnet_curl_message *(*multi_info_read)(void *multi, int *left);
	int (*openssl_pending)(
		const void *ssl); /* SSL_has_pending(3); NULL when libcurl has no OpenSSL */
	size_t (*gnutls_pending)(void *session); /* gnutls_record_check_pending(3), likewise */
} pgnet_libcurl;

#endif /* PGNET_LIBCURL_H */
