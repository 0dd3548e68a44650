/*
 * request_check.h
 *		What a row of the queue must be like.
 */
#ifndef PGNET_REQUEST_CHECK_H
#define PGNET_REQUEST_CHECK_H

#include "postgres.h"
#include "utils/jsonb.h"

/* What of a row says what is sent, but for its body, which may be anything; NULL and 0 for null. */
typedef struct Request
{
	text *method;
	text *url;
	Jsonb *headers;
	int32 timeout_milliseconds;
	Oid owner;
} Request;

extern void pgnet_check_request(const Request *request);

#endif /* PGNET_REQUEST_CHECK_H */
