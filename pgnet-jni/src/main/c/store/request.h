/*
 * request.h
 *		One request of the queue, as fetch.c packs it for the Java side.
 */
#ifndef PGNET_REQUEST_H
#define PGNET_REQUEST_H

#include "shared/layout.h"

/* in the place of a timeout, of a request that names none; HttpRequest has it too */
#define PGNET_TIMEOUT_OF_HOST (-1)

/*
 * In the machine's byte order. Behind it are the bytes of method, url, headers, refusal, policy, names of secrets, sign_with and webhook in UTF-8, without anything between them. The body has memory of malloc(3), which the Java side frees.
 */
#define PGNET_REQUEST_FIELDS(FIELD)                                                       \
	FIELD(PackedRequest, int64, id)                                                       \
	FIELD(PackedRequest, int64, version) /* see pgnet_row_version() */                    \
	FIELD(PackedRequest, int64, body_address)                                             \
	FIELD(PackedRequest, int64, body_length)                                              \
	FIELD(PackedRequest, int64, context_bytes)    /* of the JSON that stays in the row */ \
	FIELD(PackedRequest, int64, created_micros)   /* since 1970, as the next two */       \
	FIELD(PackedRequest, int64, expires_micros)   /* INT64_MAX for never */               \
	FIELD(PackedRequest, int64, first_due_micros) /* of its first attempt */              \
	FIELD(PackedRequest, int64, order_key)        /* its number; 0 for none */            \
	FIELD(PackedRequest, int64, owner)            /* the role, an Oid */                  \
	FIELD(PackedRequest, int64, lane)             /* see lane.h */                        \
	FIELD(PackedRequest, int64, timeout_millis)                                           \
	FIELD(PackedRequest, int64, method_bytes)                                             \
	FIELD(PackedRequest, int64, url_bytes)                                                \
	FIELD(PackedRequest, int64, headers_bytes) /* of a JSON object; 0 for none */         \
	FIELD(PackedRequest, int64, refusal_bytes) /* why it cannot be read; 0 if it was */   \
	FIELD(PackedRequest, int64, policy_bytes)  /* 0 for none */                           \
	FIELD(PackedRequest, int64, secrets_bytes) /* names with blanks between them */       \
	FIELD(PackedRequest, int64, sign_with_bytes)                                          \
	FIELD(PackedRequest, int64, webhook_bytes)                                            \
	FIELD(PackedRequest, int64, attempts)     /* that have failed */                      \
	FIELD(PackedRequest, int64, counted)      /* of them, towards the most */             \
	FIELD(PackedRequest, int64, has_delivery) /* 1 with a row beside the queue */         \
	FIELD(PackedRequest, int64, record_bytes) /* from its begin to that of the next */

typedef struct PackedRequest
{
	PGNET_REQUEST_FIELDS(PGNET_MEMBER)
} PackedRequest;

/* What is before the first request. */
#define PGNET_REQUESTS_FIELDS(FIELD)                                                        \
	FIELD(PackedRequests, int64, last)     /* the last id that was looked at */             \
	FIELD(PackedRequests, int32, complete) /* 1 when the range holds no further ones now */ \
	FIELD(PackedRequests, int32, count)

typedef struct PackedRequests
{
	PGNET_REQUESTS_FIELDS(PGNET_MEMBER)
} PackedRequests;

#endif /* PGNET_REQUEST_H */
