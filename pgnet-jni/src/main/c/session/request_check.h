/*
 * request_check.h
 *		What a row of the queue must be like.
 */
#ifndef PGNET_REQUEST_CHECK_H
#define PGNET_REQUEST_CHECK_H

#include "postgres.h"
#include "utils/jsonb.h"

extern void pgnet_check_method(text *method);
extern void pgnet_check_url(text *url);
extern void pgnet_check_headers(Jsonb *headers);
extern void pgnet_check_timeout(int32 timeout_milliseconds);

#endif /* PGNET_REQUEST_CHECK_H */
