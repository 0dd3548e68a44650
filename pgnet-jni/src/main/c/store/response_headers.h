/*
 * response_headers.h
 *		A response's headers as jsonb.
 */
#ifndef PGNET_RESPONSE_HEADERS_H
#define PGNET_RESPONSE_HEADERS_H

#include "postgres.h"

extern void pgnet_response_headers_begin(void);
extern Datum pgnet_response_headers(const char *json, int64 length);

#endif /* PGNET_RESPONSE_HEADERS_H */
