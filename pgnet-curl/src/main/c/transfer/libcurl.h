/*
 * libcurl.h
 *	  libcurl's functions, by pointer, so that no libcurl is linked.
 */
#ifndef PGNET_LIBCURL_H
#define PGNET_LIBCURL_H

#include <stddef.h>

/* From curl/curl.h and curl/multi.h, so that they are not needed to build */
#define CURLINFO_RESPONSE_CODE (0x200000 + 2)

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

/* From openssl/ssl.h, likewise */
typedef void (*pgnet_openssl_msg_callback)(int is_written, int version, int kind,
										   const void *content, size_t length, void *ssl,
										   void *userdata);

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
	long (*openssl_control)(void *ssl, int command, long number,
							void *pointer); /* SSL_ctrl(3), likewise */
	void (*openssl_ctx_set_msg_callback)(
		void *ctx, pgnet_openssl_msg_callback callback); /* SSL_CTX_set_msg_callback(3), likewise */
	size_t (*gnutls_pending)(
		void *session); /* gnutls_record_check_pending(3); NULL when libcurl has no GnuTLS */
} pgnet_libcurl;

#endif /* PGNET_LIBCURL_H */
