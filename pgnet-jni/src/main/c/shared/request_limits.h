/*
 * request_limits.h
 *		What a request may have at most. The call refuses more; so does the worker where rows came past the call.
 */
#ifndef PGNET_REQUEST_LIMITS_H
#define PGNET_REQUEST_LIMITS_H

/* longer than any method that is registered, and than any server takes */
#define PGNET_MAX_METHOD_BYTES 64

/* as many as the most generous servers take; most take 8 kB */
#define PGNET_MAX_URL_BYTES (64 * 1024)

/*
 * libcurl sends no request whose line and headers take more than 1 MB. Of that it needs some for headers of its own, and the
 * URL may be in it twice: in the request line and in Host, or as credentials in Authorization.
 */
#define PGNET_MAX_HEAD_BYTES (1024 * 1024 - 8 * 1024)

/* Headers as JSON, where what is sent may be escaped, and names stand beside nulls. The worker reads no more. */
#define PGNET_MAX_HEADERS_JSON_BYTES (4 * 1024 * 1024)

#endif /* PGNET_REQUEST_LIMITS_H */
